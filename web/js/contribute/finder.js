// Faces in a picture, found on the device by a worker. Where it does not work, nothing is known of faces, and the console says why.

/** @typedef {import("../faces/boxes.js").Box} Box */
/** @typedef {import("../faces/worker.js").Answer} Answer */
/** @typedef {{ worker: Worker, broken: Promise<undefined> }} Finder */

/** @type {Finder | undefined} */
let finder;
let complained = false;

/** Starts the worker, so that its nets are there when the first picture is; without a worker nothing happens. */
export function prepareFinder() {
    try {
        finder ??= start();
    } catch (error) {
        complain(String(error));
    }
}

/**
 * The faces in a picture, or nothing if that cannot be told. The pixels are given away.
 * @param {ImageData} picture
 * @returns {Promise<Box[] | undefined>}
 */
export async function facesIn(picture) {
    prepareFinder();
    return finder && Promise.race([ask(finder.worker, picture), finder.broken]);
}

/** @returns {Finder} */
function start() {
    const worker = new Worker("/assets/js/faces/worker.js", { type: "module" });
    const broken = new Promise((resolve) => {
        worker.addEventListener("error", ({ message }) => resolve(complain(message || "the worker does not start")));
    });
    return { worker, broken };
}

/**
 * @param {Worker} worker
 * @param {ImageData} picture
 * @returns {Promise<Box[] | undefined>}
 */
function ask(worker, { width, height, data }) {
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ width, height, data }, [data.buffer, port2]);
    return new Promise((resolve) => {
        port1.onmessage = ({ data: answer }) => {
            port1.close();
            resolve("faces" in answer ? answer.faces : complain(answer.failure));
        };
    });
}

/**
 * Says once why nothing is said about faces.
 * @param {string} reason
 * @returns {undefined}
 */
function complain(reason) {
    if (!complained) console.warn(`no hints about faces: ${reason}`);
    complained = true;
}
