// Contribute in a real browser: consent, receipt, camera, photos, erasure; by mouse, by keyboard alone, on a phone, offline.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { expectAccessible } from "./support/audit.js";
import { expectNoErrors, text, visit, withBrowser } from "./support/browser.js";
import { giveConsent, goToCamera, takeAndSend } from "./support/contributor.js";
import { startServer } from "./support/server.js";

/** @type {import("./support/server.js").Server} */
let server;
before(async () => (server = await startServer()));
after(() => server.stop());

test("contribute, see, download and erase", () =>
    withBrowser(async (browser, clip) => {
        const page = await visit(browser, server.address);
        assert.equal(await page.locator("#agree").isEnabled(), false, "nothing is ticked at first");
        assert.equal(await page.locator("#consent-form input:checked").count(), 0);
        await page.check("#publish");
        assert.equal(await page.locator("#agree").isEnabled(), false, "what is needed is not ticked");
        const code = await giveConsent(page);

        await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
        await page.click("#copy-code");
        await page.locator("#code-status", { hasText: "Copied." }).waitFor();
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), code);
        const downloading = page.waitForEvent("download");
        await page.click("#save-code");
        const saved = await readFile(await (await downloading).path(), "utf8");
        assert.ok(saved.includes(code), "the file has the code");

        await goToCamera(page);
        const label = await page.evaluate(() => {
            const video = document.querySelector("video");
            return video?.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks()[0].label : "";
        });
        assert.ok(label.includes(clip), `the camera is the clip, not ${label}`);

        await takeAndSend(page, 2);
        assert.match(await text(page, "#booth-status"), /^Thank you! 3 photos/);
        assert.equal(await text(page, "#given-words"), "You have given 3 photos");
        assert.equal(await page.locator("#collection .has").count(), 1);

        await page.goto(`${server.address}/receipt`);
        await page.locator(".photo img[src]").nth(2).waitFor();
        const widths = await page.locator(".photo img").evaluateAll(loadedWidths);
        assert.ok(widths.every((width) => width > 0), `the thumbnails are pictures: ${widths}`);
        await expectArchive(page, 3);
        assert.match(await text(page, "#agreed-publish"), /may be published/);
        assert.match(await text(page, "#agreed-example"), /may not be shown/);

        await page.locator(".photo button").first().click();
        await page.click("#confirm [value=no]");
        assert.equal(await page.locator(".photo").count(), 3, "no is no");
        await page.locator(".photo button").first().click();
        await page.click("#confirm [value=yes]");
        await page.locator("#summary", { hasText: "2 photos" }).waitFor();

        await page.click("text=Give photos");
        assert.equal(await text(page, "#code"), code, "the tab remembers the receipt, and opens no camera on its own");
        await goToCamera(page);
        assert.equal(await text(page, "#given-words"), "You have given 2 photos");

        await page.click("text=See or erase your photos");
        await page.click("#erase-all");
        await page.click("#confirm [value=yes]");
        await page.locator("#erased").waitFor();
        expectNoErrors(page);

        await page.goto(`${server.address}/receipt`);
        await page.fill("#code", code);
        await page.click("#ask button");
        assert.match(await text(page, "#trouble"), /not known/);
    }));

/** @param {Element[]} images */
function loadedWidths(images) {
    return Promise.all(
        images.map(async (image) => {
            if (!(image instanceof HTMLImageElement)) return 0;
            await image.decode();
            return image.naturalWidth;
        }),
    );
}

/**
 * The archive is a ZIP that names the photos and the receipt.
 * @param {import("playwright-core").Page} page
 * @param {number} photos
 */
async function expectArchive(page, photos) {
    const downloading = page.waitForEvent("download");
    await page.click("#archive");
    const archive = await readFile(await (await downloading).path(), "latin1");
    assert.ok(archive.startsWith("PK"), "a ZIP");
    assert.ok(archive.includes("receipt.json"));
    assert.equal(new Set(archive.match(/[a-z]+-[0-9a-f]+\.jpg/g)).size, photos);
}

test("contribute by keyboard alone", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, server.address);
        await page.locator("#consent").waitFor();
        await press(page, "#adult", "Space");
        await press(page, "#train", "Space");
        await press(page, "#agree", "Enter");
        await page.locator("#new-receipt").waitFor();
        await press(page, "#to-camera", "Enter");
        await page.locator("#shoot:enabled").waitFor();
        const first = await text(page, "#pose-name");
        await press(page, "#another", "Enter");
        await page.locator("#pose-name", { hasNotText: first }).waitFor();
        await press(page, "#shoot", "Enter");
        await page.locator("#choose").waitFor();
        await press(page, ".shot >> nth=0", "Space");
        assert.equal(await page.locator(".shot").first().getAttribute("aria-pressed"), "false");
        await press(page, "#send", "Enter");
        assert.match(await text(page, "#booth-status"), /4 photos/);
        expectNoErrors(page);
    }));

/**
 * Reaches an element by the tab key, as who has no mouse, and presses a key on it.
 * @param {import("playwright-core").Page} page
 * @param {string} selector
 * @param {string} key
 */
async function press(page, selector, key) {
    const target = page.locator(selector);
    for (let tabs = 0; tabs < 60; tabs += 1) {
        if (await target.evaluate((element) => element === document.activeElement)) return page.keyboard.press(key);
        await page.keyboard.press("Tab");
    }
    throw new Error(`the tab key does not reach ${selector}`);
}

test("a phone 320 pixels wide, in Russian", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, server.address, { language: "ru-RU", width: 320, height: 640 });
        await page.locator("#consent").waitFor();
        assert.equal(await page.locator("html").getAttribute("lang"), "ru");
        assert.equal(await text(page, "#consent h1"), "Одолжите нам гримасу");
        await expectNoSidewaysScrolling(page);
        await giveConsent(page);
        await expectNoSidewaysScrolling(page);
        await goToCamera(page);
        await expectNoSidewaysScrolling(page);
        await page.click("#shoot");
        await page.locator("#choose").waitFor();
        await expectNoSidewaysScrolling(page);

        await page.getByRole("button", { name: "English" }).click();
        assert.match(await text(page, "#choose-heading"), /^Which of them/, "a switch keeps the place and changes the words");
        await page.click("#retake");
        await page.locator("#booth").waitFor();
        expectNoErrors(page);
    }));

/** @param {import("playwright-core").Page} page */
async function expectNoSidewaysScrolling(page) {
    const [inner, scrolled] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
    assert.ok(scrolled <= inner, `the page is ${scrolled} pixels wide on a screen of ${inner}`);
}

test("the example moves, can be stopped, and stands still for who wants little motion", () =>
    withBrowser(async (browser) => {
        for (const still of [false, true]) {
            const page = await visit(browser, server.address, { still });
            await giveConsent(page);
            await goToCamera(page);
            const example = page.locator("#pose-example");
            await example.locator(still ? "canvas" : "img").waitFor();
            await example.getByRole("button", { name: still ? "Play" : "Pause" }).click();
            await example.locator(still ? "img" : "canvas").waitFor();
            expectNoErrors(page);
        }
    }));

test("a broken network loses nothing and stores nothing twice", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, server.address);
        await giveConsent(page);
        await goToCamera(page);
        let refused = 0;
        const keys = new Set();
        await page.route("**/api/photos?*", async (route) => {
            keys.add(route.request().headers()["idempotency-key"]);
            if (refused >= 2) return route.continue();
            refused += 1;
            if (refused === 1) return route.abort(); // never arrives
            await route.fetch(); // arrives, but the answer is lost
            return route.abort();
        });
        await takeAndSend(page);
        assert.equal(refused, 2);
        assert.equal(keys.size, 5, "a photo keeps its key when it is sent again");
        assert.equal(await text(page, "#given-words"), "You have given 5 photos");
    }));

test("a refusal is said in words, and sending goes on where it stopped", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, server.address);
        await giveConsent(page);
        await goToCamera(page);
        let asked = 0;
        await page.route("**/api/photos?*", (route) => {
            asked += 1;
            if (asked !== 3) return route.continue();
            return route.fulfill({ status: 429, headers: { "Retry-After": "30" }, json: { error: "too_many", message: "" } });
        });
        await page.click("#shoot");
        await page.click("#send:enabled");
        assert.match(await text(page, "#send-trouble"), /Wait 30 seconds/);
        assert.equal(await text(page, "#given-words"), "You have given 2 photos");
        await page.click("#send:enabled");
        await page.locator("#booth").waitFor();
        assert.equal(await text(page, "#given-words"), "You have given 5 photos");
    }));

test("the camera refused: the remedy is said, files will do, and hints are no veto", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, "about:blank");
        await page.addInitScript(() => {
            navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
        });
        await page.goto(server.address);
        await giveConsent(page);
        await page.click("#to-camera");
        assert.match(await text(page, "#camera-trouble"), /allow the camera/);
        assert.equal(await page.locator("#shoot").isEnabled(), false);

        const choosing = page.waitForEvent("filechooser");
        await page.click("#pick");
        const photo = await readFile(new URL("../../assets/demo/demo-2.jpg", import.meta.url));
        await (await choosing).setFiles([
            { name: "us.jpg", mimeType: "image/jpeg", buffer: photo },
            { name: "notes.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no picture") },
        ]);
        await page.locator("#choose").waitFor();
        assert.equal(await page.locator(".shot").count(), 1);
        assert.equal(await text(page, ".hints"), "More than one face seen. It should be you alone.");
        await page.click("#send");
        assert.match(await text(page, "#booth-status"), /One photo/);
    }));

test("a camera that shows nobody: it is said in Russian, and is no veto either", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, "about:blank", { language: "ru-RU" });
        await page.addInitScript(() => {
            const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
            setInterval(() => {
                const context = canvas.getContext("2d");
                if (!context) return;
                context.fillStyle = "#ccc";
                for (let left = 0; left < canvas.width; left += 20) context.fillRect(left, 0, 10, canvas.height);
            }, 50);
            navigator.mediaDevices.getUserMedia = async () => canvas.captureStream();
        });
        await page.goto(server.address);
        await giveConsent(page);
        await goToCamera(page);
        await page.click("#shoot");
        await page.locator("#choose").waitFor();
        assert.equal(await text(page, "#shots li:last-child .hints"), "Лица не видно.");
        await expectAccessible(page, "the choice, with hints");
        await page.click("#send");
        assert.match(await text(page, "#booth-status"), /5 снимков/);
        expectNoErrors(page);
    }));
