// Cutting from a picture and resizing: a region and a size go in, pixel values come out.

import { emptyMap } from "./layers.js";

/**
 * Red, green, blue and alpha of each pixel, as a canvas gives them.
 * @typedef {{ width: number, height: number, data: Uint8ClampedArray }} Picture
 */
/**
 * In pixels; may be fractional and may leave the picture.
 * @typedef {{ x: number, y: number, width: number, height: number }} Region
 */
/**
 * Which pixels make a pixel of the result, `count` for each, and by which shares.
 * @typedef {{ count: number, from: Int32Array, shares: Float64Array }} Taps
 */

/** Bytes of a pixel. */
const RGBA = 4;

/**
 * The region at a size of `width` x `height`, by a triangle filter that is as wide as the picture is shrunk. Outside of the picture
 * its border pixels are repeated.
 * @param {Picture} picture
 * @param {Region} region
 * @param {number} width
 * @param {number} height
 */
export function resample(picture, region, width, height) {
    const across = taps(region.x, region.width, width, picture.width);
    const down = taps(region.y, region.height, height, picture.height);
    return shrinkDown(shrinkAcross(picture, across, width, rowsOf(down)), down, height);
}

/**
 * @param {number} start where the region starts, in pixels
 * @param {number} length
 * @param {number} size what it is to become
 * @param {number} limit pixels that there are
 * @returns {Taps}
 */
function taps(start, length, size, limit) {
    const step = length / size;
    const radius = Math.max(step, 1);
    const count = Math.ceil(2 * radius) + 1;
    const [from, shares] = [new Int32Array(size * count), new Float64Array(size * count)];
    for (let index = 0; index < size; index += 1) {
        const center = start + (index + 0.5) * step - 0.5;
        const first = Math.ceil(center - radius);
        let sum = 0;
        for (let tap = 0, at = index * count; tap < count; tap += 1, at += 1) {
            from[at] = Math.min(Math.max(first + tap, 0), limit - 1);
            shares[at] = Math.max(0, 1 - Math.abs(first + tap - center) / radius);
            sum += shares[at];
        }
        for (let at = index * count; at < (index + 1) * count; at += 1) shares[at] /= sum;
    }
    return { count, from, shares };
}

/** The rows that are read. @param {Taps} down */
function rowsOf({ from }) {
    return { first: from[0], last: from[from.length - 1] };
}

/**
 * The rows from `first` to `last`, all others black.
 * @param {Picture} picture
 * @param {Taps} taps
 * @param {number} width
 * @param {{ first: number, last: number }} rows
 */
function shrinkAcross({ data, width: stride, height }, { count, from, shares }, width, { first, last }) {
    const result = emptyMap(height, width, 3);
    for (let y = first; y <= last; y += 1) {
        for (let x = 0, to = y * width * 3; x < width; x += 1, to += 3) {
            let [red, green, blue] = [0, 0, 0];
            for (let tap = x * count; tap < (x + 1) * count; tap += 1) {
                const at = (y * stride + from[tap]) * RGBA;
                red += shares[tap] * data[at];
                green += shares[tap] * data[at + 1];
                blue += shares[tap] * data[at + 2];
            }
            result.values[to] = red;
            result.values[to + 1] = green;
            result.values[to + 2] = blue;
        }
    }
    return result;
}

/**
 * @param {import("./layers.js").FeatureMap} map
 * @param {Taps} taps
 * @param {number} height
 */
function shrinkDown({ values, width }, { count, from, shares }, height) {
    const result = emptyMap(height, width, 3);
    const row = width * 3;
    for (let y = 0; y < height; y += 1) {
        for (let tap = y * count; tap < (y + 1) * count; tap += 1) {
            const [share, start] = [shares[tap], from[tap] * row];
            for (let at = 0; at < row; at += 1) result.values[y * row + at] += share * values[start + at];
        }
    }
    return result;
}
