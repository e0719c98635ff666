// What went wrong, in words for the person: said in a note that screen readers speak.

import { ApiError, OfflineError } from "./api.js";
import { hush, say } from "./language.js";

/** @typedef {import("./language.js").Key} Key */

/** Words for the statuses that the API documents. @type {Record<number, Key>} */
const BY_STATUS = {
    401: "trouble.unknown_secret",
    403: "trouble.forbidden",
    404: "trouble.gone",
    409: "trouble.changed",
    413: "trouble.too_large",
    415: "trouble.no_picture",
    422: "trouble.refused",
    429: "trouble.too_many",
    503: "trouble.busy",
};

/**
 * Says it in `note`, which has the role of an alert.
 * @param {HTMLElement} note
 * @param {unknown} error
 */
export function sayTrouble(note, error) {
    note.classList.add("bad");
    if (error instanceof OfflineError) return say(note, "trouble.offline");
    if (!(error instanceof ApiError)) {
        console.error(error);
        return say(note, "trouble.bug", { message: error instanceof Error ? error.message : String(error) });
    }
    return say(note, BY_STATUS[error.status] ?? "trouble.other", { message: error.message, count: error.retry_after_s ?? 60 });
}

/**
 * Does something, and says in `note` when it fails; answers whether it went well.
 * @param {HTMLElement} note
 * @param {() => Promise<unknown>} work
 */
export async function attempt(note, work) {
    note.classList.remove("bad");
    hush(note);
    try {
        await work();
        return true;
    } catch (error) {
        sayTrouble(note, error);
        return false;
    }
}
