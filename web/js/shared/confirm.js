// A question before what cannot be undone, in the page's dialog #confirm.

import { need } from "./dom.js";
import { say } from "./language.js";

/** @typedef {import("./language.js").Key} Key */

/**
 * Whether the person says yes; closing the dialog is no.
 * @param {Key} question
 * @param {Key} more
 * @returns {Promise<boolean>}
 */
export async function confirmed(question, more) {
    const dialog = need("confirm", HTMLDialogElement);
    say(need("confirm-question", HTMLElement), question);
    say(need("confirm-more", HTMLElement), more);
    dialog.returnValue = "no";
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
    return dialog.returnValue === "yes";
}
