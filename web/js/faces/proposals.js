// The first stage of the detector: a small fully convolutional net looks at every place of an image pyramid and says whether a face
// is there, and by which pattern of size and place the window misses it. The numbers are those of the program's own detector.

import { centered } from "./boxes.js";
import { resample } from "./picture.js";

/** @typedef {import("./boxes.js").Box} Box */
/** @typedef {import("./layers.js").FeatureMap} FeatureMap */
/** @typedef {import("./net.js").Net} Net */
/** @typedef {import("./picture.js").Picture} Picture */

/** Side of the smallest faces looked for, in pixels. */
const MIN_SIDE_PX = 24;
/** Probability from which a window is let through: low, as the second stage decides. */
const THRESHOLD = 0.3;
/** Side of the square in the middle of a window that faces are measured against, in sides of the window. */
const CORE = 20 / 31;
/** Border pixels that are repeated round a level, in sides of the core. */
const BORDER = 0.4;
/** Sizes from one level of the pyramid to the next: an octave. */
const STEP = 2;
/** Pixels of a level from one place of the net's answer to the next. */
const STRIDE_PX = 8;

/** The patterns, which follow the class "no face": the sizes over an octave, then the shifts down and across. */
const SIZES = [-0.5, -0.25, 0, 0.25, 0.5].map((octaves) => octaves * Math.LN2);
const SHIFTS = [-0.2, 0, 0.2];
const PATTERNS = SIZES.flatMap((size) => SHIFTS.flatMap((dy) => SHIFTS.map((dx) => ({ size, dx, dy }))));

/**
 * Squares that may be faces.
 * @param {Net} net
 * @param {Picture} picture
 * @returns {Box[]}
 */
export function propose(net, picture) {
    const core = CORE * net.card.spec.input;
    return scales(picture, core).flatMap((scale) => scan(net, picture, scale, core));
}

/**
 * Sizes of the levels that show faces from the smallest to one as large as the picture.
 * @param {Picture} picture
 * @param {number} core
 */
function scales({ width, height }, core) {
    const last = (core * Math.sqrt(STEP)) / Math.min(width, height);
    const levels = [Math.max(core / Math.sqrt(STEP) / MIN_SIDE_PX, last)];
    while (levels[levels.length - 1] > last) levels.push(Math.max(levels[levels.length - 1] / STEP, last));
    return levels;
}

/**
 * The squares that one level shows.
 * @param {Net} net
 * @param {Picture} picture
 * @param {number} scale
 * @param {number} core
 */
function scan(net, picture, scale, core) {
    const border = Math.round(BORDER * core);
    const [width, height] = [picture.width, picture.height].map((length) => Math.round(length * scale));
    // Pixels of the picture in a pixel of the level, which differ by rounding.
    const [across, down] = [picture.width / width, picture.height / height];
    const [wide, high] = [width + 2 * border, height + 2 * border];
    const region = { x: -border * across, y: -border * down, width: wide * across, height: high * down };
    const answers = net.forward(resample(picture, region, wide, high));
    const middle = (/** @type {number} */ at) => at * STRIDE_PX + net.card.spec.input / 2 - border;
    /** @type {Box[]} */
    const found = [];
    for (let cell = 0; cell < answers.width * answers.height; cell += 1) {
        const answer = read(answers, cell);
        if (answer.score < THRESHOLD) continue;
        const side = (core / Math.exp(answer.size)) * across;
        const x = middle(cell % answers.width) - answer.dx * core;
        const y = middle(Math.floor(cell / answers.width)) - answer.dy * core;
        found.push(centered(x * across, y * down, side, answer.score));
    }
    return found;
}

/**
 * The probability of a face in a cell and, given one, the mean of the patterns.
 * @param {FeatureMap} answers logits
 * @param {number} cell
 */
function read({ values, channels }, cell) {
    const logits = values.subarray(cell * channels, (cell + 1) * channels);
    const highest = Math.max(...logits);
    const [other, ...powers] = Array.from(logits, (logit) => Math.exp(logit - highest));
    const sum = powers.reduce((sum, power) => sum + power, 0);
    const mean = (/** @type {"size" | "dx" | "dy"} */ part) =>
        powers.reduce((mean, power, index) => mean + (power / sum) * PATTERNS[index][part], 0);
    return { score: sum / (sum + other), size: mean("size"), dx: mean("dx"), dy: mean("dy") };
}
