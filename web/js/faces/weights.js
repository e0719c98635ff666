// Weight files: safetensors, with a card in the metadata that says what net it is. Bytes go in, the card and the tensors come out.

/** @typedef {{ kernel: number, filters: number, stride?: number, padding?: "same" | "valid" }} Conv */
/** @typedef {{ conv: Conv } | { dense: { units: number } } | { dropout: { rate: number } }} BlockWithNumbers */
/** @typedef {"relu" | "batch_norm" | "max_pool" | BlockWithNumbers} Block */
/** How a pixel value becomes an input: `(value - mean) / scale`. @typedef {{ mean: number, scale: number }} Normalization */
/** @typedef {{ name: string, spec: { input: number, blocks: Block[] }, labels: string[], normalization: Normalization }} Card */
/** @typedef {{ card: Card, tensors: Map<string, Float32Array> }} Weights */

/** Bytes of the length of the header, which is what a file begins with. */
const LENGTH_BYTES = 8;

/**
 * @param {ArrayBuffer} file
 * @returns {Weights}
 */
export function readWeights(file) {
    const length = Number(new DataView(file).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, LENGTH_BYTES, length)));
    const { __metadata__: metadata, ...entries } = header;
    const values = file.slice(LENGTH_BYTES + length);
    const tensors = Object.entries(entries).map(([name, { dtype, data_offsets: [start, end] }]) => {
        // A view of floats begins at a multiple of four, which behind half floats need not be one.
        const bytes = values.slice(start, end);
        const tensor = dtype === "F16" ? Float32Array.from(new Uint16Array(bytes), fromHalf) : new Float32Array(bytes);
        return /** @type {[string, Float32Array]} */ ([name, tensor]);
    });
    return { card: JSON.parse(metadata["smielfy.card"]), tensors: new Map(tensors) };
}

/**
 * The number that the 16 bits of a half float are (IEEE 754 binary16): browsers before 2025 have no array of those.
 * @param {number} bits
 */
function fromHalf(bits) {
    const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
    const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    return bits >> 15 ? -size : size;
}
