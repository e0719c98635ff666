// The layers of a net, each a function from one map to the next. Maps have their channels last, so that what a kernel sees of a row
// lies in one piece. Numbers are doubles, which spares the conversions that JavaScript does with each float.

/**
 * Values of a picture or of what a layer makes of it.
 * @typedef {{ height: number, width: number, channels: number, values: Float64Array }} FeatureMap
 */
/** @typedef {(map: FeatureMap) => FeatureMap} Layer */

/** Filters that are done at once: what is read of the map serves all of them. */
const TOGETHER = 4;

/**
 * @param {number} height
 * @param {number} width
 * @param {number} channels
 * @returns {FeatureMap}
 */
export function emptyMap(height, width, channels) {
    return { height, width, channels, values: new Float64Array(height * width * channels) };
}

/**
 * A convolution with a square kernel; a dense layer is one whose kernel is as large as its map.
 * @param {ArrayLike<number>} weight `[filter, channel, row, column]`
 * @param {ArrayLike<number>} bias one a filter
 * @param {{ kernel: number, stride: number, around: number }} shape `around`: zeros that are put round the map
 * @returns {Layer}
 */
export function conv(weight, bias, { kernel, stride, around }) {
    const filters = bias.length;
    const weights = arranged(weight, filters, kernel);
    return (map) => {
        const padded = around > 0 ? withZeros(map, around) : map;
        const places = (/** @type {number} */ length) => Math.floor((length - kernel) / stride) + 1;
        const result = emptyMap(places(padded.height), places(padded.width), filters);
        for (let first = 0; first < filters; first += TOGETHER) {
            convolve(padded, weights, bias, { kernel, stride, first }, result);
        }
        return result;
    };
}

/**
 * Weights in the order in which they are used, `[filter / 4, row, column, channel, filter % 4]`; filters that are not there are 0.
 * @param {ArrayLike<number>} weight `[filter, channel, row, column]`
 * @param {number} filters
 * @param {number} kernel
 */
function arranged(weight, filters, kernel) {
    const area = kernel * kernel;
    const length = weight.length / filters;
    const channels = length / area;
    const result = new Float64Array(Math.ceil(filters / TOGETHER) * TOGETHER * length);
    for (let at = 0; at < weight.length; at += 1) {
        const [filter, channel, place] = [Math.floor(at / length), Math.floor((at % length) / area), at % area];
        const group = Math.floor(filter / TOGETHER);
        result[(group * length + place * channels + channel) * TOGETHER + (filter % TOGETHER)] = weight[at];
    }
    return result;
}

/**
 * Four filters from `first` on, at all places.
 * @param {FeatureMap} map
 * @param {Float64Array} weights as `arranged` gives them
 * @param {ArrayLike<number>} bias
 * @param {{ kernel: number, stride: number, first: number }} shape
 * @param {FeatureMap} result
 */
function convolve({ width, channels, values }, weights, bias, { kernel, stride, first }, result) {
    const span = kernel * channels;
    const filters = result.channels;
    for (let y = 0, to = first; y < result.height; y += 1) {
        for (let x = 0; x < result.width; x += 1, to += filters) {
            let [a, b, c, d] = [0, 0, 0, 0];
            let weight = first * kernel * span;
            for (let row = 0; row < kernel; row += 1) {
                const start = ((y * stride + row) * width + x * stride) * channels;
                for (let at = start; at < start + span; at += 1, weight += TOGETHER) {
                    const value = values[at];
                    a += weights[weight] * value;
                    b += weights[weight + 1] * value;
                    c += weights[weight + 2] * value;
                    d += weights[weight + 3] * value;
                }
            }
            result.values[to] = a + bias[first];
            if (first + 1 < filters) result.values[to + 1] = b + bias[first + 1];
            if (first + 2 < filters) result.values[to + 2] = c + bias[first + 2];
            if (first + 3 < filters) result.values[to + 3] = d + bias[first + 3];
        }
    }
}

/**
 * @param {FeatureMap} map
 * @param {number} around
 */
function withZeros({ height, width, channels, values }, around) {
    const result = emptyMap(height + 2 * around, width + 2 * around, channels);
    for (let y = 0; y < height; y += 1) {
        const row = values.subarray(y * width * channels, (y + 1) * width * channels);
        result.values.set(row, ((y + around) * result.width + around) * channels);
    }
    return result;
}

/**
 * `max(x, 0)`, in place.
 * @type {Layer}
 */
export function relu(map) {
    const { values } = map;
    for (let at = 0; at < values.length; at += 1) if (values[at] < 0) values[at] = 0;
    return map;
}

/**
 * A factor and an addend for each channel, in place.
 * @param {Float64Array} factors
 * @param {Float64Array} addends
 * @returns {Layer}
 */
export function affine(factors, addends) {
    return (map) => {
        const { values, channels } = map;
        for (let at = 0; at < values.length; at += channels) {
            for (let channel = 0; channel < channels; channel += 1) {
                values[at + channel] = values[at + channel] * factors[channel] + addends[channel];
            }
        }
        return map;
    };
}

/**
 * The highest of each 2x2; an odd last row or column is dropped.
 * @type {Layer}
 */
export function maxPool({ height, width, channels, values }) {
    const result = emptyMap(height >> 1, width >> 1, channels);
    for (let y = 0, to = 0; y < result.height; y += 1) {
        for (let x = 0; x < result.width; x += 1) {
            for (let channel = 0; channel < channels; channel += 1, to += 1) {
                const above = (2 * y * width + 2 * x) * channels + channel;
                const below = above + width * channels;
                const highest = Math.max(values[above], values[above + channels], values[below], values[below + channels]);
                result.values[to] = highest;
            }
        }
    }
    return result;
}
