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

/** How long the page is watched: a few rounds of the clip. */
const WATCH_MS = 26_000;
/** Share of the answers, between two changes of pose, that must be right; the tracker needs a frame or two to settle. */
const MIN_RIGHT = 0.7;

test("each pose of the clip gets its emoticon", () =>
    withBrowser(
        async (browser, clip) => {
            const page = await visit(browser, `${server.address}/live`);
            await page.click("#start");
            await page.locator("#now-face:not(:empty)").waitFor();
            const label = await page.locator("#preview").evaluate(cameraLabel);
            assert.ok(label.includes(clip), `the camera is the clip, not ${label}`);

            const seen = await page.evaluate(watch, { duration_ms: WATCH_MS, poses: Object.entries(POSES) });
            for (const emoticon of Object.values(POSES)) {
                const answers = seen.filter(({ truth }) => truth === emoticon).map(({ said }) => said);
                const right = answers.filter((said) => said === emoticon).length;
                assert.ok(answers.length >= 10, `${emoticon} was on for ${answers.length} looks`);
                assert.ok(right / answers.length >= MIN_RIGHT, `${emoticon}: ${right} of ${answers.length} right: ${answers.join(" ")}`);
            }
            assert.match(await text(page, "#rate"), /\d/);
            assert.match(await text(page, "#latency"), /\d+ ms/);
            assert.ok(await page.locator("#drawing").evaluate(hasSquare), "a square is drawn");
            expectNoErrors(page);
        },
        { times: 15 },
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
 * Looks, in the page, at the square in the clip's corner, which tells the pose, and at what the page says at that time. Looks
 * within 400 ms of a change of the pose do not count, since answers come a moment later.
 * @param {{ duration_ms: number, poses: [string, string][] }} params
 */
async function watch({ duration_ms, poses }) {
    const video = document.querySelector("video");
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    if (!video || !context) throw new Error("no video");
    const truthNow = () => {
        context.drawImage(video, 0, 0);
        const [red, green, blue] = context.getImageData(5, video.videoHeight - 5, 1, 1).data;
        const color = red > 150 ? "red" : blue > 150 ? "blue" : green > 80 ? "green" : "none";
        return poses.find(([name]) => name === color)?.[1] ?? color;
    };
    context.canvas.width = video.videoWidth;
    context.canvas.height = video.videoHeight;
    const seen = [];
    let [truth, changed_ms] = [truthNow(), performance.now()];
    for (const start_ms = changed_ms; performance.now() - start_ms < duration_ms; ) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        const now = truthNow();
        if (now !== truth) [truth, changed_ms] = [now, performance.now()];
        const said = document.querySelector("#now-face")?.textContent ?? "";
        if (performance.now() - changed_ms > 400) seen.push({ truth, said });
    }
    return seen;
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
