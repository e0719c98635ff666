// The detector on a thread of its own, so that the page answers while it looks. Each message is a picture and a port; the answer on
// the port is the faces, or why that cannot be told.

import { Detector } from "./detector.js";
import { Net } from "./net.js";

/** @typedef {import("./picture.js").Picture} Picture */
/** @typedef {{ faces: import("./boxes.js").Box[] } | { failure: string }} Answer */

const detector = load();

async function load() {
    const [proposals, faces, verification] = await Promise.all(["proposals", "faces", "verification"].map(fetchNet));
    return new Detector({ proposals, faces, verification });
}

/** @param {string} name */
async function fetchNet(name) {
    const answer = await fetch(`/assets/nets/${name}`);
    if (!answer.ok) throw new Error(`the net "${name}" cannot be had: ${answer.status}`);
    return new Net(await answer.arrayBuffer());
}

/** @param {Picture} picture @returns {Promise<Answer>} */
async function look(picture) {
    try {
        return { faces: (await detector).detect(picture) };
    } catch (error) {
        return { failure: String(error) };
    }
}

addEventListener("message", async ({ data: picture, ports: [port] }) => port.postMessage(await look(picture)));
