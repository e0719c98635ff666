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
    const tensors = Object.entries(entries).map(([name, entry]) => {
        const [start, end] = entry.data_offsets;
        return /** @type {[string, Float32Array]} */ ([name, new Float32Array(values, start, (end - start) / 4)]);
    });
    return { card: JSON.parse(metadata["smielfy.card"]), tensors: new Map(tensors) };
}
