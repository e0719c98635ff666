// A shot: one photo as the JPEG that would be sent, and hints about it that come when they are ready. Nothing leaves the device
// here.

import { hintsFor } from "./hints.js";

/** @typedef {import("../shared/api.js").Limits} Limits */
/** @typedef {import("./hints.js").Hint} Hint */
/** @typedef {{ jpeg: Blob, hints: Promise<Hint[]>, key: string }} Shot */

/** JPEG qualities that are tried until the photo is small enough for the server. */
const QUALITIES = [0.92, 0.85, 0.75, 0.6];

/**
 * @param {HTMLVideoElement} video
 * @param {Limits} limits
 * @returns {Promise<Shot>}
 */
export function fromVideo(video, limits) {
    return shotOf(video, video.videoWidth, video.videoHeight, limits);
}

/**
 * The picture in a file, upright; nothing if it is none.
 * @param {File} file
 * @param {Limits} limits
 * @returns {Promise<Shot | undefined>}
 */
export async function fromFile(file, limits) {
    const picture = await createImageBitmap(file).catch(() => undefined);
    if (!picture) return undefined;
    const shot = await shotOf(picture, picture.width, picture.height, limits);
    picture.close();
    return shot;
}

/**
 * @param {CanvasImageSource} source
 * @param {number} width
 * @param {number} height
 * @param {Limits} limits
 * @returns {Promise<Shot>}
 */
async function shotOf(source, width, height, limits) {
    const scale = Math.min(1, limits.longest_side / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    const hints = hintsFor(canvas);
    return { jpeg: await encode(canvas, limits.photo_bytes), hints, key: crypto.randomUUID() };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} max_bytes
 * @returns {Promise<Blob>}
 */
async function encode(canvas, max_bytes) {
    for (const quality of QUALITIES) {
        /** @type {Blob | null} */
        const jpeg = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
        if (jpeg && jpeg.size <= max_bytes) return jpeg;
    }
    throw new Error(`a photo cannot be made smaller than ${max_bytes} bytes`);
}
