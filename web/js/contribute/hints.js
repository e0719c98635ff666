// Hints about a photo before anything is sent: too dark, too small, blurred, no face, two faces. All of it is found out on the
// device, and it never vetoes.

import { facesIn } from "./finder.js";

/** @typedef {"dark" | "small" | "blurred" | "no_face" | "two_faces"} Hint */

/** Longest side at which brightness and sharpness are looked at, so that they mean the same for all cameras. */
const LOOK_SIDE_PX = 320;
/** Longest side at which faces are looked for: the smallest ones found are 1/20 of it. */
const FACES_SIDE_PX = 480;
/** A picture this small has no room for a face of 48 pixels, what the net sees. */
const MIN_SIDE_PX = 200;
/** Mean luma below which faces of a lit room are hard to read. */
const MIN_LUMA = 45;
/** Variance of the Laplacian below which a picture counts as blurred. */
const MIN_SHARPNESS = 25;
/** Narrowest face that is worth sending. */
const MIN_FACE_PX = 80;

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Hint[]>}
 */
export async function hintsFor(canvas) {
    const faces = faceHints(canvas);
    return [...new Set([...pixelHints(canvas), ...(await faces)])];
}

/**
 * What the pixels say.
 * @param {HTMLCanvasElement} canvas
 * @returns {Hint[]}
 */
function pixelHints(canvas) {
    const { luma, width } = grayscale(canvas);
    if (Math.min(canvas.width, canvas.height) < MIN_SIDE_PX) return ["small"];
    if (mean(luma) < MIN_LUMA) return ["dark"];
    return sharpness(luma, width) < MIN_SHARPNESS ? ["blurred"] : [];
}

/**
 * What the faces say.
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Hint[]>}
 */
async function faceHints(canvas) {
    const { picture, scale } = smallCopy(canvas, FACES_SIDE_PX);
    const faces = await facesIn(picture);
    if (!faces) return [];
    if (faces.length !== 1) return [faces.length === 0 ? "no_face" : "two_faces"];
    return faces[0].side / scale < MIN_FACE_PX ? ["small"] : [];
}

/**
 * Luma of each pixel, 0 to 255, of a small copy.
 * @param {HTMLCanvasElement} canvas
 */
function grayscale(canvas) {
    const { data, width } = smallCopy(canvas, LOOK_SIDE_PX).picture;
    const luma = Float32Array.from({ length: data.length / 4 }, (_, pixel) => lumaAt(data, pixel * 4));
    return { luma, width };
}

/**
 * A copy whose longest side is at most `side` pixels, and how many of its pixels one of the canvas is.
 * @param {HTMLCanvasElement} canvas
 * @param {number} side
 */
function smallCopy(canvas, side) {
    const scale = Math.min(1, side / Math.max(canvas.width, canvas.height));
    const small = document.createElement("canvas");
    small.width = Math.max(1, Math.round(canvas.width * scale));
    small.height = Math.max(1, Math.round(canvas.height * scale));
    const context = small.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("no canvas");
    context.drawImage(canvas, 0, 0, small.width, small.height);
    return { picture: context.getImageData(0, 0, small.width, small.height), scale };
}

/**
 * Luma by ITU-R BT.601.
 * @param {Uint8ClampedArray} data
 * @param {number} at
 */
function lumaAt(data, at) {
    return 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
}

/** @param {Float32Array} values */
function mean(values) {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Variance of the Laplacian: high where edges are crisp.
 * @param {Float32Array} luma
 * @param {number} width
 */
function sharpness(luma, width) {
    const edges = [];
    for (let at = width + 1; at < luma.length - width - 1; at += 1) {
        const column = at % width;
        if (column === 0 || column === width - 1) continue;
        edges.push(luma[at - 1] + luma[at + 1] + luma[at - width] + luma[at + width] - 4 * luma[at]);
    }
    const laplacian = Float32Array.from(edges);
    const average = mean(laplacian);
    return mean(laplacian.map((edge) => (edge - average) ** 2));
}
