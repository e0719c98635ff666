// The live page in a real browser, on a clip of known poses: the right emoticon for each, events for overlays, the game.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { expectNoErrors, text, visit, withBrowser } from "./support/browser.js";
import { POSES } from "./support/clip.js";
import { startServer } from "./support/server.js";

/** @type {import("./support/server.js").Server} */
let server;
before(async () => (server = await startServer()));
after(() => server.stop());

/** Answers that are awaited for each pose of the clip. */
const ANSWERS = 12;
/** Share of them that must be right. */
const MIN_RIGHT = 0.9;

test("each pose of the clip gets its emoticon", () =>
    withBrowser(
        async (browser, clip) => {
            const page = await visit(browser, "about:blank");
            await page.addInitScript(notePairs);
            await page.goto(`${server.address}/live`);
            await page.click("#start");
            await page.locator("#now-face:not(:empty)").waitFor();
            const label = await page.locator("#preview").evaluate(cameraLabel);
            assert.ok(label.includes(clip), `the camera is the clip, not ${label}`);

            for (const [color, emoticon] of Object.entries(POSES)) {
                const said = await answersTo(page, color);
                const right = said.filter((answer) => answer === emoticon).length;
                assert.ok(right / said.length >= MIN_RIGHT, `${emoticon}: ${right} of ${said.length} right: ${said.join(" ")}`);
            }
            assert.match(await text(page, "#rate"), /\d/);
            assert.match(await text(page, "#latency"), /\d+ ms/);
            assert.ok(await page.locator("#drawing").evaluate(hasSquare), "a square is drawn");
            expectNoErrors(page);
        },
        { times: 6 },
    ));

test("events of the session reach an overlay, and end with it", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, `${server.address}/live`);
        await page.click("#start");
        await page.locator("#overlay summary").click();
        const address = await text(page, "#overlay-address");
        assert.match(address, /^wss:.*\/api\/events\/./);

        const overlay = await visit(browser, `${server.address}/privacy`);
        const event = await overlay.evaluate(firstMessage, address);
        assert.deepEqual([event.width, event.height], [480, 360]);
        assert.equal(Object.keys(event.faces[0].distribution).length, 17);

        await page.click("#stop");
        await page.locator("#start").waitFor();
        assert.equal(await page.locator("#preview").evaluate(cameraLabel), "", "the camera is off");
        await assert.rejects(overlay.evaluate(firstMessage, address), /closed/);
        expectNoErrors(page);
    }));

test("a connection that breaks is made again", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, "about:blank");
        let connections = 0;
        await page.routeWebSocket("**/api/live", (socket) => {
            connections += 1;
            const breaks = connections === 1;
            const toServer = socket.connectToServer();
            toServer.onMessage((message) => {
                socket.send(message);
                if (breaks) socket.close();
            });
        });
        await page.goto(`${server.address}/live`);
        await page.click("#start");
        await page.locator("#rate", { hasText: /\d/ }).waitFor(); // takes more than one answer
        assert.equal(connections, 2);
        assert.equal(await page.locator("#trouble").innerText(), "");
    }));

test("the game scores the face that is asked for, and no other", () =>
    withBrowser(
        async (browser) => {
            const page = await visit(browser, `${server.address}/live`);
            await page.click("#start");
            await page.locator("#play:enabled").click();
            for (let target = await text(page, "#target"); target !== POSES.red; target = await text(page, "#target")) {
                assert.equal(await text(page, "#score"), "Score: 0", `${target} is not pulled`);
                await page.click("#pass");
            }
            await page.locator("#score", { hasText: "Score: 1" }).waitFor();
            assert.notEqual(await text(page, "#target"), POSES.red, "another target comes");
        },
        { pose: 0 },
    ));

test("the rules of the game", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, `${server.address}/live`);
        const { scores, score } = await page.evaluate(async () => {
            const address = "/assets/js/live/game.js";
            const { Game, HOLD_MS, ROUND_MS } = await import(address);
            const game = new Game(["neutral", "wink", "kiss"], 0, () => 0);
            const scores = [
                game.target,
                game.see("wink", 0),
                game.see("wink", HOLD_MS - 1), // not held long enough yet
                game.see("kiss", HOLD_MS), // let go
                game.see("wink", HOLD_MS + 1),
                game.see("wink", 2 * HOLD_MS + 1),
                game.target,
                game.see("kiss", ROUND_MS - 1),
                game.see("kiss", ROUND_MS + HOLD_MS), // too late
            ];
            return { scores, score: game.score };
        });
        assert.deepEqual(scores, ["wink", false, false, false, false, true, "kiss", false, false]);
        assert.equal(score, 1);
    }));

/** @param {Element} video */
function cameraLabel(video) {
    const stream = video instanceof HTMLVideoElement ? video.srcObject : undefined;
    return stream instanceof MediaStream ? stream.getVideoTracks()[0].label : "";
}

/** @param {Element} canvas */
function hasSquare(canvas) {
    if (!(canvas instanceof HTMLCanvasElement)) return false;
    const { data } = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    return data.some((value) => value > 0);
}

/**
 * In the page: notes, for each frame that it sends, the color of the square in the frame's corner, which tells the pose, and what
 * the page says when the answer has come.
 */
function notePairs() {
    /** @type {{ color: string, said: string }[]} */
    const pairs = [];
    Reflect.set(globalThis, "pairs", pairs);
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (frame) {
        const color = frame instanceof Blob ? colorOf(frame) : Promise.resolve("none");
        const note = async () => {
            await new Promise((resolve) => setTimeout(resolve)); // until the page has shown the answer
            const said = document.querySelector("#now-face")?.textContent ?? "";
            pairs.push({ color: await color, said });
        };
        this.addEventListener("message", note, { once: true });
        send.call(this, frame);
    };

    /** @param {Blob} frame */
    async function colorOf(frame) {
        const picture = await createImageBitmap(frame);
        const canvas = new OffscreenCanvas(1, 1);
        const context = canvas.getContext("2d");
        context?.drawImage(picture, 5, picture.height - 5, 1, 1, 0, 0, 1, 1);
        const [red, green, blue] = context?.getImageData(0, 0, 1, 1).data ?? [];
        return red > 150 && green < 100 ? "red" : blue > 150 && red < 100 ? "blue" : green > 80 && red < 80 ? "green" : "none";
    }
}

/**
 * What the page says of frames with a square of this color, once there are enough.
 * @param {import("playwright-core").Page} page
 * @param {string} color
 * @returns {Promise<string[]>}
 */
async function answersTo(page, color) {
    const ofColor = (/** @type {[string, number]} */ [wanted, count]) => {
        /** @type {{ color: string, said: string }[]} */
        const pairs = Reflect.get(globalThis, "pairs");
        const said = pairs.filter((pair) => pair.color === wanted).map((pair) => pair.said);
        return said.length >= count ? said : undefined;
    };
    const enough = await page.waitForFunction(ofColor, /** @type {[string, number]} */ ([color, ANSWERS]));
    return (await enough.jsonValue()) ?? [];
}

/** @param {string} address */
function firstMessage(address) {
    return new Promise((resolve, reject) => {
        const socket = new WebSocket(address);
        socket.addEventListener("message", ({ data }) => {
            socket.close();
            resolve(JSON.parse(data));
        });
        socket.addEventListener("close", () => reject(new Error("closed without a message")));
    });
}
