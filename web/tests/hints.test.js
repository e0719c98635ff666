// Hints about photos, on pictures drawn for the purpose, and with a stand-in for the browser's face detector.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { visit, withBrowser } from "./support/browser.js";
import { startServer } from "./support/server.js";

/** @type {import("./support/server.js").Server} */
let server;
before(async () => (server = await startServer()));
after(() => server.stop());

/** Pictures and the hints that they must get. @type {[string, string[]][]} */
const PICTURES = [
    ["sharp", []],
    ["dark", ["dark"]],
    ["blurred", ["blurred"]],
    ["tiny", ["small"]],
];

test("too dark, too small, blurred", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, server.address);
        for (const [kind, expected] of PICTURES) assert.deepEqual(await page.evaluate(hintsOfDrawing, kind), expected, kind);
    }));

test("no face, two faces, a small one, where the browser has a detector", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, server.address);
        for (const [widths, expected] of /** @type {[number[], string[]][]} */ ([
            [[], ["no_face"]],
            [[200], []],
            [[40], ["small"]],
            [[200, 180], ["two_faces"]],
        ])) {
            await page.evaluate((faces) => {
                const detect = async () => faces.map((width) => ({ boundingBox: { width } }));
                Reflect.set(globalThis, "FaceDetector", class { detect = detect; });
            }, widths);
            assert.deepEqual(await page.evaluate(hintsOfDrawing, "sharp"), expected, `${widths}`);
        }
    }));

/**
 * Draws a picture of stripes in the page and asks for hints about it.
 * @param {string} kind
 */
async function hintsOfDrawing(kind) {
    const address = "/assets/js/contribute/hints.js";
    const { hintsFor } = await import(address);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = kind === "tiny" ? [160, 120] : [640, 480];
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    context.fillStyle = "#777";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.filter = kind === "blurred" ? "blur(12px)" : "none";
    context.fillStyle = "#eee";
    for (let left = 0; left < canvas.width; left += 40) context.fillRect(left, 0, 20, canvas.height);
    context.filter = "none";
    context.fillStyle = "rgb(0 0 0 / 90%)";
    if (kind === "dark") context.fillRect(0, 0, canvas.width, canvas.height);
    return hintsFor(canvas);
}
