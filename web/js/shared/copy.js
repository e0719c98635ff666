// Copying text, and saying whether the browser let us.

import { say } from "./language.js";

/**
 * @param {string} text
 * @param {HTMLElement} status where it is said
 */
export async function copyText(text, status) {
    const copied = await navigator.clipboard.writeText(text).then(
        () => true,
        () => false,
    );
    say(status, copied ? "receipt.copied" : "receipt.not_copied");
}
