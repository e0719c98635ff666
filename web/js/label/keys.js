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
function labelOf(key, smileys) {
    return OTHERS[key] ?? smileys[PLACES.indexOf(key)]?.id;
}

/**
 * The key at the place that was pressed, as on a Latin keyboard: `1`, `q`, `ArrowLeft`, ` `.
 * @param {KeyboardEvent} event
 */
function placeOf({ code, key }) {
    const plain = /^(?:Key|Digit|Numpad)(\w)$/.exec(code)?.[1];
    return plain?.toLowerCase() ?? (code === "Space" ? " " : key);
}

/**
 * Whether the element that has the focus wants the key for itself.
 * @param {KeyboardEvent} event
 */
function isForElement({ target, code }) {
    if (target instanceof HTMLInputElement) return true;
    return target instanceof HTMLButtonElement && (code === "Space" || code === "Enter");
}

/**
 * Answers by keys from now on, and does what other keys mean.
 * @param {object} page
 * @param {() => boolean} page.isReady whether there is something to answer
 * @param {() => { id: string }[]} page.smileys
 * @param {(label: string) => void} page.answer
 * @param {Record<string, () => void>} page.keys by place
 * @param {Record<string, () => void>} [page.shifted] the same with the shift key
 */
export function listen({ isReady, smileys, answer, keys, shifted = {} }) {
    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || isForElement(event) || !isReady()) return;
        const place = placeOf(event);
        const label = event.shiftKey || event.repeat ? undefined : labelOf(place, smileys());
        const done = (event.shiftKey ? shifted : keys)[place];
        if (!label && !done) return;
        event.preventDefault();
        if (label) answer(label);
        else done();
    });
}
