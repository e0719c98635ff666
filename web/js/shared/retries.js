// Trying again what failed for a reason that passes: no network, a busy server, too many requests.

import { ApiError, OfflineError } from "./api.js";
import { pause } from "./dom.js";

/** Pauses before the second, third ... try. */
const PAUSES_MS = [500, 1500, 4000];
/** What a server may ask for at most before the person is told instead. */
const LONGEST_PAUSE_S = 10;

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withRetries(work) {
    for (const pause_ms of PAUSES_MS) {
        try {
            return await work();
        } catch (error) {
            const wait_ms = waitFor(error, pause_ms);
            if (wait_ms === undefined) throw error;
            await pause(wait_ms);
        }
    }
    return work();
}

/**
 * How long to wait before the next try; nothing if there is no use in one.
 * @param {unknown} error
 * @param {number} pause_ms
 */
function waitFor(error, pause_ms) {
    if (error instanceof OfflineError) return pause_ms;
    if (!(error instanceof ApiError) || ![429, 502, 503, 504].includes(error.status)) return undefined;
    const asked_s = error.retry_after_s ?? 0;
    return asked_s > LONGEST_PAUSE_S ? undefined : Math.max(pause_ms, asked_s * 1000);
}
