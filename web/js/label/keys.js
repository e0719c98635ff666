// Keys: which place on the keyboard means what, whatever the language that it types.

/** Places for the smileys in their order; `x`, `n` and `u` mean something else. */
const PLACES = [..."1234567890qwertasdfghjkzcvbm"];

/** Labels beside the smileys. @type {Record<string, string>} */
export const OTHERS = { n: "none", x: "unusable" };

/**
 * The key of the smiley of this number; nothing where there are more smileys than keys.
 * @param {number} index
 */
export function keyOf(index) {
    return PLACES[index];
}

/**
 * The label that a key stands for.
 * @param {string} key
 * @param {{ id: string }[]} smileys
 * @returns {string | undefined}
 */
export function labelOf(key, smileys) {
    return OTHERS[key] ?? smileys[PLACES.indexOf(key)]?.id;
}

/**
 * The key at the place that was pressed, as on a Latin keyboard: `1`, `q`, `ArrowLeft`, ` `.
 * @param {KeyboardEvent} event
 */
export function placeOf({ code, key }) {
    const plain = /^(?:Key|Digit|Numpad)(\w)$/.exec(code)?.[1];
    return plain?.toLowerCase() ?? (code === "Space" ? " " : key);
}

/**
 * Whether the element that has the focus wants the key for itself.
 * @param {KeyboardEvent} event
 */
export function isForElement({ target, code }) {
    if (target instanceof HTMLInputElement) return true;
    return target instanceof HTMLButtonElement && (code === "Space" || code === "Enter");
}
