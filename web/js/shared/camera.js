// The camera: opened into a video element, and what to do when it cannot be.

import { say } from "./language.js";

/** What is asked for; the browser gives what the camera can. */
const WISH = { video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 } }, audio: false };

/** Names of errors of getUserMedia, and the remedy for each. @type {Record<string, import("./language.js").Key>} */
const REMEDIES = {
    NotAllowedError: "camera.not_allowed",
    NotFoundError: "camera.not_found",
    NotReadableError: "camera.in_use",
    OverconstrainedError: "camera.not_found",
    NotSupportedError: "camera.insecure",
};

export class Camera {
    /** @param {HTMLVideoElement} video */
    constructor(video) {
        this.video = video;
    }

    /**
     * Opens the camera and plays it; the error if that is impossible.
     * @returns {Promise<Error | undefined>}
     */
    async open() {
        if (!navigator.mediaDevices) return new DOMException("no camera on insecure pages", "NotSupportedError");
        try {
            this.close();
            this.video.srcObject = await navigator.mediaDevices.getUserMedia(WISH);
            await this.video.play();
        } catch (error) {
            this.close();
            return error instanceof Error ? error : new Error(String(error));
        }
        return undefined;
    }

    get isOpen() {
        return this.video.srcObject !== null;
    }

    close() {
        if (this.video.srcObject instanceof MediaStream) this.video.srcObject.getTracks().forEach((track) => track.stop());
        this.video.srcObject = null;
    }
}

/**
 * @param {HTMLElement} note
 * @param {Error} error
 */
export function sayCameraTrouble(note, error) {
    return say(note, REMEDIES[error.name] ?? "camera.other", { message: error.message });
}
