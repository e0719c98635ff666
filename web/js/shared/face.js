// An emoticon on a yellow disk. Most are typed lying on their side; those turn upright when one points at them.

import { make } from "./dom.js";

/** Emoticons that are typed upright, told by their symmetry: `-_-`, `O_O`. */
const UPRIGHT = /^(.).(\1)$/;

/**
 * A face that screen readers skip, since the words beside it say the same.
 * @param {string} emoticon
 */
export function makeFace(emoticon) {
    const face = make("span", { className: "face", ariaHidden: "true" });
    showFace(face, emoticon);
    return face;
}

/**
 * @param {HTMLElement} face
 * @param {string} emoticon
 */
export function showFace(face, emoticon) {
    face.replaceChildren(make("span", {}, emoticon));
    face.toggleAttribute("data-lying", !UPRIGHT.test(emoticon));
}
