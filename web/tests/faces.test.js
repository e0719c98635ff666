// The detector that pages run, beside that of the program: the same logits, the same faces.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { visit, withBrowser } from "./support/browser.js";
import { demo, facesByProgram } from "./support/pictures.js";
import { startServer } from "./support/server.js";

/** @typedef {import("./support/pictures.js").Square} Square */

/** The demo pictures, which have as many faces as their numbers. */
const DEMOS = [1, 2, 3, 4];
/** Largest difference of logits. */
const TOLERANCE = 1e-4;

/** @type {import("./support/server.js").Server} */
let server;
before(async () => (server = await startServer()));
after(() => server.stop());

test("the nets answer as they do in the program", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, server.address);
        /** @type {Record<string, number[]>} */
        const known = JSON.parse(await readFile(new URL("fixtures/logits.json", import.meta.url), "utf8"));
        for (const [name, height, width] of /** @type {const} */ ([
            ["proposals", 31, 47],
            ["faces", 48, 48],
            ["verification", 48, 48],
        ])) {
            const answer = await page.evaluate(logitsOfSquares, { name, height, width });
            const differences = answer.logits.map((logit, at) => Math.abs(logit - known[answer.net][at]));
            assert.equal(answer.logits.length, known[answer.net].length);
            assert.ok(Math.max(...differences) < TOLERANCE, `${answer.net} is off by ${Math.max(...differences)}`);
        }
    }));

test("as many faces as the program finds, at the same places", (context) =>
    withBrowser(async (browser) => {
        const page = await visit(browser, server.address);
        for (const number of DEMOS) {
            const jpeg = await demo(number);
            const { faces, elapsed_ms } = await page.evaluate(facesByPage, jpeg);
            const expected = await facesByProgram(number);
            context.diagnostic(`demo-${number}: ${faces.length} faces in ${Math.round(elapsed_ms)} ms`);
            assert.equal(faces.length, expected.length, `demo-${number}`);
            for (const face of expected) {
                assert.ok(faces.some((found) => iou(found, face) >= 0.5), `${JSON.stringify(face)} in ${JSON.stringify(faces)}`);
            }
        }
    }));

/**
 * Logits of the picture whose pixel values are the squares of the numbers from 0, as the program is asked as well
 * (`crates/nets/tests/weights.rs`).
 * @param {{ name: string, height: number, width: number }} asked
 */
async function logitsOfSquares({ name, height, width }) {
    const address = "/assets/js/faces/net.js";
    const { Net } = await import(address);
    const net = new Net(await (await fetch(`/assets/nets/${name}`)).arrayBuffer());
    const values = new Float64Array(3 * height * width).map((_, at) => at ** 2 % 251);
    const { values: logits } = net.forward({ height, width, channels: 3, values });
    return { net: net.card.name, logits: Array.from(logits) };
}

/**
 * The faces in a JPEG, in its pixels, and how long a page waits for them once the nets are there.
 * @param {string} jpeg in base 64
 * @returns {Promise<{ faces: Square[], elapsed_ms: number }>}
 */
async function facesByPage(jpeg) {
    const address = "/assets/js/contribute/finder.js";
    const { facesIn } = await import(address);
    const bytes = Uint8Array.from(atob(jpeg), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
    const scale = 480 / Math.max(bitmap.width, bitmap.height);
    const canvas = new OffscreenCanvas(bitmap.width * scale, bitmap.height * scale);
    const drawing = canvas.getContext("2d");
    if (!drawing) throw new Error("no canvas");
    drawing.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    await facesIn(drawing.getImageData(0, 0, 31, 31));
    const start = performance.now();
    const faces = await facesIn(drawing.getImageData(0, 0, canvas.width, canvas.height));
    const elapsed_ms = performance.now() - start;
    const inPicture = (/** @type {Square} */ { x, y, side }) => ({ x: x / scale, y: y / scale, side: side / scale });
    return { faces: faces.map(inPicture), elapsed_ms };
}

/**
 * Intersection over union.
 * @param {Square} a
 * @param {Square} b
 */
function iou(a, b) {
    const width = Math.min(a.x + a.side, b.x + b.side) - Math.max(a.x, b.x);
    const height = Math.min(a.y + a.side, b.y + b.side) - Math.max(a.y, b.y);
    const shared = Math.max(width, 0) * Math.max(height, 0);
    return shared / (a.side ** 2 + b.side ** 2 - shared);
}
