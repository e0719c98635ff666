// The API of `smielfy label` as functions. The page's own address holds the token; everything lies below it.

import { ask, post } from "../shared/api.js";

/** @typedef {{ frame: number, time_s: number }} Moment */
/** @typedef {{ x: number, y: number, side: number }} Square */
/** @typedef {{ file: string, left: number, top: number, width: number, height: number, square: Square }} Cut */
/** @typedef {Moment & Cut} Picture */
/** @typedef {{ label: string | null, first: number, last: number, squares: Square[], keys: number[], person: string }} Answered */
/**
 * @typedef {{ id: string, clip: string, track: number, first: Moment, last: Moment, frames: number, proposal: string,
 *     share: number, pictures: Picture[], representative: number, answered: Answered }} Stretch
 */
/** @typedef {{ clip: string, track: number, name: string }} Person */
/**
 * @typedef {{ clips: number, done: number, clip: string, share: number, eta_s: number | null, is_done: boolean,
 *     problems: string[] }} Progress
 */
/** @typedef {import("../shared/api.js").Smiley} Smiley */
/**
 * @typedef {{ labeller: string, smileys: Smiley[], clips: { id: string, name: string }[], people: Person[], stretches: Stretch[],
 *     progress: Progress }} Session
 */
/** @typedef {{ stretch: Stretch | null, people: Person[] }} Changed */
/**
 * @typedef {{ do: "label", stretch: string, label: string } |
 *     { do: "borders", stretch: string, first: number, last: number } |
 *     { do: "square", stretch: string, frame: number, square: Square } |
 *     { do: "name", clip: string, track: number, name: string } |
 *     { do: "undo" }} Action
 */

const base = location.pathname.replace(/\/$/, "");

/**
 * What there is, with the stretches from number `from` on.
 * @param {number} from
 * @returns {Promise<Session>}
 */
export async function getSession(from) {
    return (await ask(`${base}/api/session?from=${from}`)).json();
}

/**
 * Saves an action; it is on the disk when this is done.
 * @param {Action} action
 * @returns {Promise<Changed>}
 */
export async function act(action) {
    return (await post(`${base}/api/actions`, action)).json();
}

/** @param {Picture} picture */
export function addressOf(picture) {
    return `${base}/frames/${picture.file}`;
}
