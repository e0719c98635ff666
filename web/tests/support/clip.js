// The clip that the fake camera plays: rendered people, a few frames a pose, each frame repeated so that poses are held.
// A square in the lower left corner tells the pose by its color: red `:P`, green `:*`, blue `:O`.

import { readFile, writeFile } from "node:fs/promises";

const START_OF_IMAGE = Buffer.from([0xff, 0xd8, 0xff]);

/** The poses of the clip, by the color of their square. */
export const POSES = /** @type {const} */ ({ red: ":P", green: ":*", blue: ":O" });

/** Frames of each pose in the fixture. */
const FRAMES_A_POSE = 8;

/**
 * Writes the clip, or the one pose of it, with each frame `times` over.
 * @param {string} file
 * @param {number} times
 * @param {number} [pose]
 */
export async function writeClip(file, times, pose) {
    const all = frames(await readFile(new URL("../fixtures/poses.mjpeg", import.meta.url)));
    const chosen = pose === undefined ? all : all.slice(pose * FRAMES_A_POSE, (pose + 1) * FRAMES_A_POSE);
    await writeFile(file, Buffer.concat(chosen.flatMap((frame) => Array(times).fill(frame))));
}

/**
 * The JPEGs of an MJPEG stream.
 * @param {Buffer} stream
 */
function frames(stream) {
    /** @type {number[]} */
    const starts = [];
    for (let at = stream.indexOf(START_OF_IMAGE); at >= 0; at = stream.indexOf(START_OF_IMAGE, at + 1)) starts.push(at);
    return starts.map((start, index) => stream.subarray(start, starts[index + 1]));
}
