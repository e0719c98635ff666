// What is said about photos before they are sent, on pictures drawn for the purpose and on rendered people; and that nothing is
// said about faces where they cannot be looked for.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { expectNoErrors, visit, withBrowser } from "./support/browser.js";
import { demo } from "./support/pictures.js";
import { startServer } from "./support/server.js";

/**
 * How a picture is drawn: stripes or a JPEG in base 64, and what is done to it.
 * @typedef {{ jpeg?: string, width: number, height: number, shrink?: number, blur?: number, dark?: boolean }} Drawing
 */

/** @type {import("./support/server.js").Server} */
let server;
before(async () => (server = await startServer()));
after(() => server.stop());

/** Pictures of stripes, of a demo picture in the middle of gray ones, and the hints that they must get. */
const PICTURES = /** @type {[string, Omit<Drawing, "jpeg"> & { people?: number }, string[]][]} */ ([
    ["nobody", { width: 640, height: 480 }, ["no_face"]],
    ["nobody, too dark", { width: 640, height: 480, dark: true }, ["dark", "no_face"]],
    ["nobody, blurred", { width: 640, height: 480, blur: 12 }, ["blurred", "no_face"]],
    ["nobody, tiny", { width: 160, height: 120 }, ["small", "no_face"]],
    ["one face", { people: 1, width: 1280, height: 960 }, []],
    ["one face, in a tiny picture", { people: 1, width: 160, height: 120 }, ["small"]],
    ["one face, far away", { people: 1, width: 640, height: 480, shrink: 0.15 }, ["small"]],
    ["two faces", { people: 2, width: 800, height: 500 }, ["two_faces"]],
    ["four faces, upright", { people: 4, width: 480, height: 320 }, ["two_faces"]],
]);

test("too dark, too small, blurred, no face, two faces; and nothing is sent for it", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, server.address);
        /** @type {string[]} */
        const sent = [];
        page.on("request", (request) => {
            if (request.method() !== "GET" || request.postDataBuffer()) sent.push(request.url());
        });
        for (const [name, { people, ...drawing }, expected] of PICTURES) {
            const jpeg = people ? await demo(people) : undefined;
            assert.deepEqual(await page.evaluate(hintsOfDrawing, { jpeg, ...drawing }), expected, name);
        }
        assert.deepEqual(sent, []);
        expectNoErrors(page);
    }));

for (const missing of ["**/assets/nets/faces", "**/assets/js/faces/worker.js"]) {
    test(`without ${missing} nothing is said about faces, and the console says once why`, () =>
        withBrowser(async (browser) => {
            const page = await visit(browser, server.address);
            await page.context().route(missing, (route) => route.fulfill({ status: 404 }));
            /** @type {string[]} */
            const warnings = [];
            page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
            for (const expected of [[], []]) {
                assert.deepEqual(await page.evaluate(hintsOfDrawing, { width: 640, height: 480 }), expected);
            }
            assert.equal(warnings.filter((text) => text.startsWith("no hints about faces: ")).length, 1, warnings.join("\n"));
        }));
}

/**
 * Draws a picture in the page and asks for hints about it.
 * @param {Drawing} drawing
 * @returns {Promise<string[]>}
 */
async function hintsOfDrawing({ jpeg, width, height, shrink = 1, blur = 0, dark = false }) {
    const address = "/assets/js/contribute/hints.js";
    const { hintsFor } = await import(address);
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    context.fillStyle = "#777";
    context.fillRect(0, 0, width, height);
    context.filter = `blur(${blur}px)`;
    if (jpeg) {
        const bytes = Uint8Array.from(atob(jpeg), (character) => character.charCodeAt(0));
        const people = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
        context.drawImage(people, 0, 0, width * shrink, height * shrink);
    } else {
        context.fillStyle = "#eee";
        for (let left = 0; left < width; left += 40) context.fillRect(left, 0, 20, height);
    }
    context.filter = "none";
    context.fillStyle = "rgb(0 0 0 / 90%)";
    if (dark) context.fillRect(0, 0, width, height);
    return hintsFor(canvas);
}
