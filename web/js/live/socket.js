// The WebSocket of the live page: one frame in flight, the next is sent when the last is answered.

import { OfflineError } from "../shared/api.js";

/**
 * @typedef {{ id: number, x: number, y: number, side: number, score: number, smiley: string, share: number,
 *   cannot_tell: boolean, distribution: Record<string, number> }} Face
 */
/**
 * @typedef {{ session: string, sequence: number, width: number, height: number, faces: Face[], took_ms: number,
 *   dropped: number }} Answer
 */

/** @typedef {{ error: string, message: string }} Failure */

/** After this long without an answer the next frame is sent, since the server may have dropped the last. */
const PATIENCE_MS = 3000;

/** @param {string} path */
export function socketAddress(path) {
    return `${location.origin.replace(/^http/, "ws")}${path}`;
}

export class LiveSocket {
    constructor() {
        this.socket = new WebSocket(socketAddress("/api/live"));
        this.opened = new Promise((resolve, reject) => {
            this.socket.addEventListener("open", resolve, { once: true });
            this.socket.addEventListener("close", () => reject(new OfflineError("the live connection was closed")), { once: true });
        });
        this.opened.catch(() => {}); // told by `ask`
    }

    /**
     * Sends a JPEG and waits for what the server sees in it; nothing if it does not answer in time.
     * @param {Blob} jpeg
     * @returns {Promise<Answer | undefined>}
     */
    async ask(jpeg) {
        await this.opened;
        if (this.socket.readyState !== WebSocket.OPEN) throw new OfflineError("the live connection was closed");
        const answered = this.#nextMessage();
        this.socket.send(jpeg);
        const message = await answered;
        return message ? answerIn(message) : undefined;
    }

    /** @returns {Promise<string | undefined>} */
    #nextMessage() {
        return new Promise((resolve, reject) => {
            const listening = new AbortController();
            /** @param {() => void} settle */
            const once = (settle) => {
                clearTimeout(patience);
                listening.abort();
                settle();
            };
            const patience = setTimeout(() => once(() => resolve(undefined)), PATIENCE_MS);
            const { signal } = listening;
            this.socket.addEventListener("message", ({ data }) => once(() => resolve(data)), { signal });
            const lost = () => once(() => reject(new OfflineError("the live connection was closed")));
            this.socket.addEventListener("close", lost, { signal });
        });
    }

    close() {
        this.socket.close();
    }
}

/**
 * @param {string} message
 * @returns {Answer}
 */
function answerIn(message) {
    /** @type {Answer | Failure} */
    const answer = JSON.parse(message);
    if ("error" in answer) throw new Error(answer.message);
    return answer;
}
