// A net, made of a weight file and run with plain arithmetic: the same answers as the program gives, up to rounding.

import { affine, conv, maxPool, relu } from "./layers.js";
import { readWeights } from "./weights.js";

/** @typedef {import("./layers.js").FeatureMap} FeatureMap */
/** @typedef {import("./layers.js").Layer} Layer */
/** @typedef {import("./weights.js").Weights} Weights */
/**
 * Where in a net one is: how many blocks of each kind there were, and the side of the map.
 * @typedef {{ conv: number, norm: number, dense: number, size: number }} Place
 */

/** Added to the variance by batch norm. */
const NORM_EPSILON = 1e-5;

export class Net {
    /** @param {ArrayBuffer} file */
    constructor(file) {
        const weights = readWeights(file);
        this.card = weights.card;
        this.layers = layersOf(weights);
    }

    /**
     * Logits of a picture of pixel values, which are normalized in place.
     * @param {FeatureMap} picture
     */
    forward(picture) {
        const { mean, scale } = this.card.normalization;
        const { values } = picture;
        for (let at = 0; at < values.length; at += 1) values[at] = (values[at] - mean) / scale;
        return this.layers.reduce((map, layer) => layer(map), picture);
    }
}

/**
 * @param {Weights} weights
 * @returns {Layer[]}
 */
function layersOf(weights) {
    const { input, blocks } = weights.card.spec;
    const place = { conv: 0, norm: 0, dense: 0, size: input };
    return blocks.flatMap((block) => layerOf(block, weights, place));
}

/**
 * The layer of a block, if it does anything; `place` goes on to behind it.
 * @param {import("./weights.js").Block} block
 * @param {Weights} weights
 * @param {Place} place
 * @returns {Layer[]}
 */
function layerOf(block, weights, place) {
    if (block === "relu") return [relu];
    if (block === "batch_norm") return [batchNorm(weights, ++place.norm)];
    if (block === "max_pool") {
        place.size = Math.floor(place.size / 2);
        return [maxPool];
    }
    if ("conv" in block) {
        const { kernel, stride = 1, padding = "same" } = block.conv;
        const around = padding === "same" ? (kernel - 1) / 2 : 0;
        place.size = Math.floor((place.size + 2 * around - kernel) / stride) + 1;
        return [convolution(weights, `conv${++place.conv}`, { kernel, stride, around })];
    }
    if ("dense" in block) {
        const kernel = place.size;
        place.size = 1;
        return [convolution(weights, `dense${++place.dense}`, { kernel, stride: 1, around: 0 })];
    }
    return [];
}

/**
 * @param {Weights} weights
 * @param {string} name
 * @param {{ kernel: number, stride: number, around: number }} shape
 */
function convolution(weights, name, shape) {
    return conv(tensor(weights, `${name}.weight`), tensor(weights, `${name}.bias`), shape);
}

/**
 * @param {Weights} weights
 * @param {number} number
 */
function batchNorm(weights, number) {
    const [scale, shift, mean, variance] = ["scale", "shift", "mean", "variance"].map((part) =>
        tensor(weights, `norm${number}.${part}`),
    );
    const factors = Float64Array.from(scale, (scale, channel) => scale / Math.sqrt(variance[channel] + NORM_EPSILON));
    return affine(factors, Float64Array.from(shift, (shift, channel) => shift - mean[channel] * factors[channel]));
}

/**
 * @param {Weights} weights
 * @param {string} name
 */
function tensor({ card, tensors }, name) {
    const found = tensors.get(name);
    if (!found) throw new Error(`${card.name} has no tensor ${name}`);
    return found;
}
