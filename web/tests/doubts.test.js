// The page of `smielfy dataset doubts --fix` on rendered faces: keys, undo, and what is there after a reload.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { expectAccessible } from "./support/audit.js";
import { expectNoErrors, text, visit, withBrowser } from "./support/browser.js";
import { WRONG, startDoubts } from "./support/doubts.js";

/** @typedef {import("playwright-core").Page} Page */

/** @type {import("./support/doubts.js").Doubts} */
let doubts;
before(async () => (doubts = await startDoubts()));
after(() => doubts.stop());

/** How long is waited until answers are saved. */
const SAVE_MS = 30_000;
const KEYS = [..."1234567890qwertas"];

/** What the page's server knows. @param {Page} page @returns {Promise<any>} */
function known(page) {
    return page.evaluate(async () => (await fetch(`${location.pathname}/api/doubts`)).json());
}

/** Waits until as many labels are looked at. @param {Page} page @param {number} count */
async function answered(page, count) {
    await page.locator("#counts", { hasText: new RegExp(`(^|: )${count} (of|из)`) }).waitFor();
}

/** The rows of the manifest with this label. @param {string} label */
async function rows(label) {
    return (await doubts.manifest()).split("\n").filter((row) => row.split(",")[1] === label).length;
}

/** Waits until the server has as many answers: the page goes on before. @param {Page} page @param {number} count */
async function saved(page, count) {
    const isAnswered = (/** @type {any} */ { answered }) => answered.label !== null;
    for (const end = Date.now() + SAVE_MS; ; await page.waitForTimeout(100)) {
        const now = (await known(page)).doubts.filter(isAnswered).length;
        if (now === count) return;
        assert.ok(Date.now() < end, `${now} answers are saved in place of ${count}`);
    }
}

test("the wrong label comes first, is fixed by one key, and undone by another", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, doubts.address);
        await page.locator("#desk").waitFor();
        await page.locator("#picture").evaluate(async (/** @type {HTMLImageElement} */ picture) => picture.decode());
        await expectAccessible(page, "the doubts");
        const { doubts: listed, smileys } = await known(page);
        assert.equal(listed[0].smiley, WRONG.label);
        assert.match(await text(page, "#given"), /^Label: .+ \d+ %$/);
        const before = await rows(WRONG.label);
        const place = smileys.findIndex((/** @type {any} */ { id }) => id === WRONG.shows);
        await page.keyboard.press(KEYS[place]);
        await answered(page, 1);
        await saved(page, 1);
        assert.equal(await rows(WRONG.label), before - 1);
        assert.equal(await rows(WRONG.shows), 1);
        await page.keyboard.press("u");
        await answered(page, 0);
        await saved(page, 0);
        assert.equal(await rows(WRONG.label), before, "what was taken back is in the manifest again");
        assert.equal(await page.locator("#desk").getAttribute("data-doubt"), "0", "and shown again");
        await page.keyboard.press("ArrowRight");
        await page.locator('#desk:not([data-doubt="0"])').waitFor();
        await page.keyboard.press("ArrowLeft");
        await page.locator('#desk[data-doubt="0"]').waitFor();
        expectNoErrors(page);
    }));

test("all labels are looked at by keys, in Russian, and a reload goes on where it was", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, doubts.address, { language: "ru-RU", dark: true, width: 360, height: 700 });
        await page.locator("#desk").waitFor();
        await expectAccessible(page, "the doubts on a phone");
        const { doubts: listed } = await known(page);
        for (const [count, key] of ["Enter", "x", "n"].entries()) {
            await page.keyboard.press(key);
            await answered(page, count + 1);
        }
        await saved(page, 3);
        await page.reload();
        await answered(page, 3);
        for (let count = 3; count < listed.length; count++) {
            await page.keyboard.press(" ");
            await answered(page, count + 1);
        }
        assert.match(await text(page, "#finished"), /Все метки просмотрены/);
        await saved(page, listed.length);
        const now = (await known(page)).doubts;
        const said = now.map((/** @type {any} */ { answered }) => answered.label);
        const kept = listed.slice(3).map((/** @type {any} */ { smiley }) => smiley);
        assert.deepEqual(said, [listed[0].rather, "unusable", "none", ...kept]);
        assert.equal((await doubts.manifest()).trim().split("\n").length, listed.length, "a head, and all but the unusable one");
        expectNoErrors(page);
    }));
