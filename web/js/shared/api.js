// The server's API as functions: one a request. What goes wrong is an `ApiError` (the server answered) or an `OfflineError`.

/** @typedef {{ id: string, emoticon: string, pose: Record<import("./language.js").Language, string> }} Smiley */
/** @typedef {{ photo_bytes: number, longest_side: number, burst: number }} Limits */
/** @typedef {{ version: string, text: Record<import("./language.js").Language, string[]> }} Consent */
/** @typedef {{ version: string, consent: Consent, smileys: Smiley[], limits: Limits }} Config */
/** @typedef {{ smiley: string, example: string | null }} Proposal */
/** @typedef {{ consent_version: string, adult: boolean, train: boolean, publish: boolean, example: boolean }} Ticks */
/** @typedef {"waiting" | "accepted" | "rejected"} PhotoState */
/** @typedef {{ id: string, smiley: string, state: PhotoState, created: string, width: number, height: number }} GivenPhoto */
/** @typedef {{ version: string, train: boolean, publish: boolean, example: boolean }} Agreed */
/** @typedef {{ created: string, consent: Agreed, photos: GivenPhoto[] }} Receipt */
/** @typedef {"yes" | "no" | "not_a_face" | "unsafe"} Verdict */
/** @typedef {{ task: string, smiley: string }} Task */

/** The server's refusal: a status, a code for programs, a message for people, and when to come again. */
export class ApiError extends Error {
    /** @param {Response} response @param {{ error?: string, message?: string }} body */
    constructor(response, body) {
        super(body.message ?? response.statusText);
        this.status = response.status;
        this.code = body.error ?? "";
        this.retry_after_s = Number(response.headers.get("Retry-After")) || undefined;
    }
}

/** The server could not be reached. */
export class OfflineError extends Error {}

/**
 * @param {string} path
 * @param {RequestInit} [request]
 * @returns {Promise<Response>}
 */
export async function ask(path, request = {}) {
    const response = await fetch(path, { cache: "no-store", ...request }).catch((cause) => {
        throw new OfflineError("the server cannot be reached", { cause });
    });
    if (response.ok) return response;
    throw new ApiError(response, await response.json().catch(() => ({})));
}

/**
 * @param {string} path
 * @param {unknown} body
 * @param {Record<string, string>} [headers]
 */
export function post(path, body, headers = {}) {
    return ask(path, { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

/** @returns {Promise<Config>} */
export async function getConfig() {
    return (await ask("/api/config")).json();
}

/**
 * @param {string[]} skip
 * @returns {Promise<Proposal>}
 */
export async function getProposal(skip) {
    return (await ask(`/api/proposal?skip=${encodeURIComponent(skip.join())}`)).json();
}

/**
 * The picture behind a URL that asks for who you are.
 * @param {string} path
 * @param {Record<string, string>} headers
 */
export async function getPicture(path, headers) {
    return (await ask(path, { headers })).blob();
}

// Contribute

/** @param {string} code */
const asOwner = (code) => ({ Authorization: `Receipt ${code}` });

/**
 * @param {Ticks} ticks
 * @returns {Promise<string>}
 */
export async function makeReceipt(ticks) {
    return (await (await post("/api/receipts", ticks)).json()).receipt;
}

/**
 * Sends one photo. `key` is the photo's own, so that sending it twice stores it once.
 * @param {string} code
 * @param {string} smiley
 * @param {Blob} photo
 * @param {string} key
 * @returns {Promise<{ id: string, smiley: string, given: number }>}
 */
export async function sendPhoto(code, smiley, photo, key) {
    const headers = { ...asOwner(code), "Idempotency-Key": key, "Content-Type": photo.type };
    return (await ask(`/api/photos?smiley=${encodeURIComponent(smiley)}`, { method: "POST", headers, body: photo })).json();
}

/**
 * @param {string} code
 * @returns {Promise<Receipt>}
 */
export async function getReceipt(code) {
    return (await ask("/api/receipt", { headers: asOwner(code) })).json();
}

/** @param {string} code @param {string} id */
export function getThumbnail(code, id) {
    return getPicture(`/api/photos/${id}?thumbnail`, asOwner(code));
}

/** @param {string} code */
export async function getArchive(code) {
    return (await ask("/api/receipt/archive", { headers: asOwner(code) })).blob();
}

/** @param {string} code @param {string} id */
export function erasePhoto(code, id) {
    return ask(`/api/photos/${id}`, { method: "DELETE", headers: asOwner(code) });
}

/** @param {string} code */
export function eraseEverything(code) {
    return ask("/api/receipt", { method: "DELETE", headers: asOwner(code) });
}

// Review

/** @param {string} voter */
const asVoter = (voter) => ({ Authorization: `Voter ${voter}` });

/**
 * A new voter. With a receipt, its own photos are not among those to judge.
 * @param {string} [receipt]
 * @returns {Promise<string>}
 */
export async function makeVoter(receipt) {
    return (await (await ask("/api/voters", { method: "POST", headers: receipt ? asOwner(receipt) : {} })).json()).voter;
}

/**
 * What to judge next; nothing when all is judged.
 * @param {string} voter
 * @returns {Promise<Task | undefined>}
 */
export async function getTask(voter) {
    const response = await ask("/api/review", { headers: asVoter(voter) });
    return response.status === 204 ? undefined : response.json();
}

/** @param {string} voter @param {string} task */
export function getTaskPicture(voter, task) {
    return getPicture(`/api/review/${task}/image`, asVoter(voter));
}

/** @param {string} voter @param {string} task @param {Verdict} answer */
export function judge(voter, task, answer) {
    return post(`/api/review/${task}`, { answer }, asVoter(voter));
}
