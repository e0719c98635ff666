// The API of `smielfy dataset doubts --fix` as functions. The page's own address holds the token; everything lies below it.

import { ask, post } from "../shared/api.js";

/** @typedef {import("../shared/api.js").Smiley} Smiley */
/**
 * @typedef {{ id: string, file: string, smiley: string, rather: string, share: number, rather_share: number,
 *     answered: { label: string | null } }} Doubt
 */
/** @typedef {{ smileys: Smiley[], doubts: Doubt[] }} Doubts */
/** @typedef {{ doubt: Doubt | null }} Changed */
/** @typedef {{ do: "label", doubt: number, label: string } | { do: "undo" }} Action */

const base = location.pathname.replace(/\/$/, "");

/**
 * All labels, the most doubtful first.
 * @returns {Promise<Doubts>}
 */
export async function getDoubts() {
    return (await ask(`${base}/api/doubts`)).json();
}

/**
 * Saves an action; it is in the manifest when this is done.
 * @param {Action} action
 * @returns {Promise<Changed>}
 */
export async function act(action) {
    return (await post(`${base}/api/actions`, action)).json();
}

/** @param {Doubt} doubt */
export function addressOf({ id }) {
    return `${base}/pictures/${id}`;
}
