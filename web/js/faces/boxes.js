// Square boxes in pixels, each with the probability that it is a face.

/** @typedef {{ x: number, y: number, side: number, score: number }} Box */

/**
 * @param {number} x middle
 * @param {number} y middle
 * @param {number} side
 * @param {number} score
 * @returns {Box}
 */
export function centered(x, y, side, score) {
    return { x: x - side / 2, y: y - side / 2, side, score };
}

/**
 * A box with its side multiplied about its middle, then moved by shares of the new side.
 * @param {Box} box
 * @param {number} scale
 * @param {number} dx
 * @param {number} dy
 */
export function jittered({ x, y, side, score }, scale, dx, dy) {
    const wide = side * scale;
    return centered(x + side / 2 + dx * wide, y + side / 2 + dy * wide, wide, score);
}

/**
 * Intersection over union, 0 to 1.
 * @param {Box} a
 * @param {Box} b
 */
export function iou(a, b) {
    const shared = intersection(a, b);
    return shared / (a.side ** 2 + b.side ** 2 - shared);
}

/**
 * Share of the smaller box that lies inside the other, 0 to 1.
 * @param {Box} a
 * @param {Box} b
 */
function containment(a, b) {
    return intersection(a, b) / Math.min(a.side, b.side) ** 2;
}

/**
 * @param {Box} a
 * @param {Box} b
 */
function intersection(a, b) {
    const width = Math.min(a.x + a.side, b.x + b.side) - Math.max(a.x, b.x);
    const height = Math.min(a.y + a.side, b.y + b.side) - Math.max(a.y, b.y);
    return Math.max(width, 0) * Math.max(height, 0);
}

/**
 * Non-maximum suppression: the boxes in falling order of score, without those that overlap a better one by an IoU of more than
 * `max_iou`, or lie in one, or round one, by more than `max_containment`.
 * @param {Box[]} boxes
 * @param {number} max_iou
 * @param {number} max_containment
 */
export function suppress(boxes, max_iou, max_containment) {
    /** @type {Box[]} */
    const kept = [];
    for (const box of boxes.toSorted((a, b) => b.score - a.score)) {
        const isNew = kept.every((better) => iou(box, better) <= max_iou && containment(box, better) <= max_containment);
        if (isNew) kept.push(box);
    }
    return kept;
}
