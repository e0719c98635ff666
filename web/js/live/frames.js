// Frames of the camera as JPEGs, small enough for the way to the server, never the same twice.

import { pause } from "../shared/dom.js";

/** Longest side that is sent: faces of a person before a laptop are 150 pixels and more in it. */
const LONGEST_SIDE_PX = 640;
const JPEG_QUALITY = 0.8;
/** How often a camera that gives no new picture is asked again. */
const POLL_MS = 15;

export class FrameGrabber {
    /** @param {HTMLVideoElement} video */
    constructor(video) {
        this.video = video;
        this.canvas = document.createElement("canvas");
        this.last_time_s = -1;
    }

    /**
     * The newest frame, once there is one; nothing when the camera is closed. A hidden page waits.
     * @returns {Promise<Blob | undefined>}
     */
    async next() {
        while (this.video.srcObject) {
            const isNew = this.video.currentTime !== this.last_time_s && this.video.videoWidth > 0;
            if (isNew && !document.hidden) return this.#jpeg();
            await pause(POLL_MS);
        }
        return undefined;
    }

    /** @returns {Promise<Blob | undefined>} */
    #jpeg() {
        const { video, canvas } = this;
        this.last_time_s = video.currentTime;
        const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(video.videoWidth, video.videoHeight));
        canvas.width = Math.round(video.videoWidth * scale);
        canvas.height = Math.round(video.videoHeight * scale);
        canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
        return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? undefined), "image/jpeg", JPEG_QUALITY));
    }
}
