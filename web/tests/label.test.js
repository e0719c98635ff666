// The page of `smielfy label` on a rendered clip: keys, undo, the square, the borders, people, and what is there after a reload.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { expectAccessible } from "./support/audit.js";
import { expectNoErrors, text, visit, withBrowser } from "./support/browser.js";
import { startLabel } from "./support/label.js";

/** @typedef {import("./support/label.js").Label} Label */
/** @typedef {import("playwright-core").Page} Page */

const CLIP = new URL("../../assets/demo", import.meta.url).pathname;

/** @type {Label} */
let label;
before(async () => (label = await startLabel(`${CLIP}.mp4`)));
after(() => label.stop());

/** The pose in each frame of the clip's first person, from its truth. */
async function truth() {
    const lines = (await readFile(`${CLIP}.jsonl`, "utf8")).trim().split("\n");
    return lines.map((line) => JSON.parse(line).faces);
}

/** What the page's server knows. @param {Page} page @returns {Promise<any>} */
function known(page) {
    return page.evaluate(async () => (await fetch(`${location.pathname}/api/session`)).json());
}

/** Waits until as many stretches are labeled. @param {Page} page @param {number} count */
async function labeled(page, count) {
    await page.locator("#counts", { hasText: new RegExp(`^${count} of`) }).waitFor();
}

/** The stretch that is shown. @param {Page} page @param {any[]} stretches */
async function current(page, stretches) {
    const id = await page.locator("#desk").getAttribute("data-stretch");
    return stretches.find((stretch) => stretch.id === id);
}

test("stretches come in while the clip is analyzed, and keys label them", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, label.address);
        await page.locator("#desk").waitFor();
        await page.locator("#counts", { hasText: /of ([3-9]|1\d)/ }).waitFor();
        await expectAccessible(page, "the desk");
        await page.keyboard.press("2"); // the second smiley
        await labeled(page, 1);
        await page.keyboard.press("x");
        await labeled(page, 2);
        await page.keyboard.press("u");
        await labeled(page, 1);
        assert.equal(await page.locator('#legend [aria-pressed="true"]').count(), 0, "what was taken back is shown again, open");
        await page.keyboard.press("u");
        await labeled(page, 0);
        const { stretches } = await known(page);
        assert.ok(stretches.every((/** @type {any} */ { answered }) => answered.label === null));
        expectNoErrors(page);
    }));

test("the square, the borders and the person are corrected and kept", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, label.address);
        await page.locator("#analysis", { hasText: "analyzed" }).waitFor({ timeout: 120_000 });
        await page.reload(); // the least certain of all is shown first, from now on
        await page.locator("#desk").waitFor();
        const before = await current(page, (await known(page)).stretches);
        const square = await page.locator("#square").boundingBox();
        assert.ok(square);
        await page.mouse.move(square.x + square.width / 2, square.y + square.height / 2);
        await page.mouse.down();
        await page.mouse.move(square.x + square.width / 2 + 20, square.y + square.height / 2, { steps: 3 });
        await page.mouse.up();
        await page.locator("#square.is-key").waitFor();
        await page.locator("#first").fill("1");
        await page.locator("#strip .is-outside").first().waitFor();
        await page.fill("#person", "anna");
        await page.locator("#person").press("Tab");
        await page.locator('#names option[value="anna"]').waitFor({ state: "attached" });

        const { stretches } = await known(page);
        const now = stretches.find((/** @type {any} */ stretch) => stretch.id === before.id);
        assert.equal(now.answered.keys.length, 1);
        assert.ok(now.answered.squares[0].x > before.answered.squares[0].x + 1, "the correction holds for the whole stretch");
        assert.equal(now.answered.first, now.pictures[1].frame);
        assert.equal(now.answered.person, "anna");
        await page.reload();
        await page.locator("#square.is-key").waitFor();
        assert.equal(await page.inputValue("#person"), "anna");
        await page.keyboard.press("u");
        await page.keyboard.press("u");
        await page.keyboard.press("u");
        await page.locator("#square:not(.is-key)").waitFor();
        expectNoErrors(page);
    }));

test("a truthful person labels all of the clip by keys, in Russian, and the manifest has it", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, label.address, { language: "ru-RU" });
        await page.locator("#analysis", { hasText: "Просмотрен" }).waitFor({ timeout: 120_000 });
        const frames = await truth();
        const { stretches, smileys } = await known(page);
        const keys = [..."1234567890qwertasdfghjkzcvbm"];
        for (let count = 0; count < stretches.length; count++) {
            const shown = await current(page, stretches);
            const { square: middle, frame } = shown.pictures[shown.representative];
            const offset = (/** @type {any} */ { x, side }) => Math.abs(x + side / 2 - middle.x - middle.side / 2);
            const face = frames[frame].find((/** @type {any} */ face) => offset(face) < face.side / 2);
            const place = smileys.findIndex((/** @type {any} */ { id }) => id === face?.smiley);
            await page.keyboard.press(place >= 0 ? keys[place] : face ? "n" : "x");
            await page.locator("#counts", { hasText: new RegExp(`: ${count + 1} `) }).waitFor();
        }
        await page.locator("#finished").waitFor();
        assert.match(await text(page, "#finished"), /Набор данных записан/);
        expectNoErrors(page);
        const smiles = ["smile", "wink", "surprise", "kiss", "tongue", "laugh"].map((id) => new RegExp(`,${id},person-`));
        const manifest = await label.manifest(smiles);
        for (const part of [/^file,smiley,group,split/, ...smiles]) assert.match(manifest, part);
    }));
