// The admin's part of the API. The secret travels in a header and is remembered by the tab alone.

import { ask, getPicture, post } from "../shared/api.js";
import { adminSecret } from "../shared/session.js";

/** @typedef {import("../shared/api.js").PhotoState} PhotoState */
/** @typedef {import("../shared/api.js").Verdict} Verdict */
/** @typedef {Record<PhotoState, number> & { smiley: string }} Counts */
/** @typedef {{ smileys: Counts[], receipts: number, erasures: number, votes: number }} Overview */
/** @typedef {{ smiley: string, share: number, weights: string }} Opinion */
/**
 * @typedef {{ id: string, smiley: string, state: PhotoState, created: string, known: boolean, votes: Record<Verdict, number>,
 *   model: Opinion | null }} Photo
 */
/** @typedef {{ state: string, smiley: string, text: string, page: number }} Filter */
/** @typedef {{ number: number, created: string, public: boolean, photos: number, manifest: string }} Release */
/** @typedef {{ photo: string, erased: string }} Erasure */
/** @typedef {"accept" | "reject" | "relabel" | "known"} Action */

const asAdmin = () => ({ Authorization: `Bearer ${adminSecret.get() ?? ""}` });

/** @param {string} path */
async function read(path) {
    return (await ask(`/api/admin/${path}`, { headers: asAdmin() })).json();
}

/** @returns {Promise<Overview>} */
export const getOverview = () => read("overview");

/**
 * @param {Filter} filter
 * @returns {Promise<{ photos: Photo[], pages: number }>}
 */
export function findPhotos({ page, ...filter }) {
    const wishes = Object.entries({ ...filter, page: String(page) }).filter(([, value]) => value);
    return read(`photos?${new URLSearchParams(wishes)}`);
}

/** @param {string} id */
export function getThumbnail(id) {
    return getPicture(`/api/admin/photos/${id}?thumbnail`, asAdmin());
}

/**
 * @param {string} id
 * @param {Action} action
 * @param {string} smiley what it shows, for `relabel`
 */
export function act(id, action, smiley) {
    return post(`/api/admin/photos/${id}`, { action, smiley }, asAdmin());
}

/** @returns {Promise<Release[]>} */
export const getReleases = async () => (await read("releases")).releases;

/** @param {boolean} isPublic whether only photos that may be given to others go in */
export function makeRelease(isPublic) {
    return post("/api/admin/releases", { public: isPublic }, asAdmin());
}

/** @returns {Promise<Erasure[]>} */
export const getErasures = async () => (await read("erasures")).erasures;
