// Finds the faces in a picture as the program's own detector does, but for the calibration of squares, which counting faces can do
// without: the first stage proposes squares, the second stage looks at them, and the verification net at what it takes for faces.

import { jittered, suppress } from "./boxes.js";
import { resample } from "./picture.js";
import { propose } from "./proposals.js";

/** @typedef {import("./boxes.js").Box} Box */
/** @typedef {import("./net.js").Net} Net */
/** @typedef {import("./picture.js").Picture} Picture */

/** IoU above which of two proposals only the better one stays, and how many of the best the second stage looks at. */
const PROPOSALS = { max_iou: 0.6, count: 60 };
/** Probability from which a square is verified, and from which it is taken for a face. */
const [MIN_FIRST_SCORE, MIN_SCORE] = [0.5, 0.9];
/** IoU and share inside another one above which of two squares only the better one stays: one face gives one square. */
const [MAX_IOU, MAX_CONTAINMENT] = [0.3, 0.35];
/** Side of what the second stage and the verification net see of a square, in sides of the square. */
const CONTEXT = 1.5;
/** By how much squares are resized and moved when they are verified: what was taken for a face by chance is not in most. */
const LOOKS = [
    [0.95, 0.03, 0.03],
    [1.05, -0.03, -0.03],
];

export class Detector {
    /**
     * @param {{ proposals: Net, faces: Net, verification: Net }} nets
     */
    constructor(nets) {
        this.nets = nets;
    }

    /**
     * The faces, the surest first.
     * @param {Picture} picture
     * @returns {Box[]}
     */
    detect(picture) {
        const proposals = suppress(propose(this.nets.proposals, picture), PROPOSALS.max_iou, 1).slice(0, PROPOSALS.count);
        const scored = proposals.map((box) => ({ ...box, score: probability(odds(this.nets.faces, picture, box)) }));
        const accepted = scored.filter(({ score }) => score >= MIN_FIRST_SCORE);
        const settled = suppress(accepted, MAX_IOU, MAX_CONTAINMENT);
        const seen = settled.map((box) => ({ ...box, score: this.#verified(picture, box) }));
        return seen.filter(({ score }) => score >= MIN_SCORE).sort((a, b) => b.score - a.score);
    }

    /**
     * How probably a square shows a face in several looks.
     * @param {Picture} picture
     * @param {Box} box
     */
    #verified(picture, box) {
        const looks = LOOKS.map(([scale, dx, dy]) => odds(this.nets.verification, picture, jittered(box, scale, dx, dy)));
        return probability(looks.reduce((sum, odds) => sum + odds, 0) / looks.length);
    }
}

/**
 * By how much a net takes a square rather for a face than for something else.
 * @param {Net} net
 * @param {Picture} picture
 * @param {Box} box
 */
function odds(net, picture, box) {
    const { x, y, side } = jittered(box, CONTEXT, 0, 0);
    const size = net.card.spec.input;
    const [other, face] = net.forward(resample(picture, { x, y, width: side, height: side }, size, size)).values;
    return face - other;
}

/** @param {number} odds */
function probability(odds) {
    return 1 / (1 + Math.exp(-odds));
}
