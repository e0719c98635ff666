// Pictures of the pages for the README: `SMIELFY_BINARY=... node screenshots.js`. They land in `screenshots/` as WebP.

import { mkdir, writeFile } from "node:fs/promises";

import { text, visit, withBrowser } from "./support/browser.js";
import { giveConsent, goToCamera, takeAndSend } from "./support/contributor.js";
import { startDoubts } from "./support/doubts.js";
import { startLabel } from "./support/label.js";
import { startServer } from "./support/server.js";

/** @typedef {import("playwright-core").Page} Page */

const FOLDER = new URL("screenshots/", import.meta.url);
/** Of the WebPs, 0 to 1. */
const QUALITY = 0.82;

const server = await startServer();
await mkdir(FOLDER, { recursive: true });
try {
    await withBrowser(
        async (browser) => {
            await contribute(await visit(browser, server.address, { width: 1100, height: 760 }));
            await phone(await visit(browser, server.address, { width: 390, height: 844, language: "ru-RU", dark: true }));
            await review(await visit(browser, `${server.address}/review`, { width: 1100, height: 760 }));
            await admin(await visit(browser, `${server.address}/admin`, { width: 1100, height: 1300 }));
            await live(await visit(browser, `${server.address}/live`, { width: 1100, height: 900, dark: true }));
        },
        { pose: 0 },
    );
} finally {
    await server.stop();
}

const desk = await startLabel(new URL("../../assets/demo.mp4", import.meta.url).pathname);
try {
    await withBrowser(async (browser) => label(await visit(browser, desk.address, { width: 1280, height: 900 })));
} finally {
    await desk.stop();
}

const list = await startDoubts();
try {
    await withBrowser(async (browser) => doubts(await visit(browser, list.address, { width: 1280, height: 900 })));
} finally {
    await list.stop();
}

/** @param {Page} page */
async function doubts(page) {
    await page.locator("#picture").evaluate(async (/** @type {HTMLImageElement} */ picture) => picture.decode());
    await save(page, "doubts");
}

/** @param {Page} page */
async function label(page) {
    await page.locator("#analysis", { hasText: "analyzed" }).waitFor({ timeout: 120_000 });
    await page.keyboard.press("2");
    await page.locator("#counts", { hasText: /^1 of/ }).waitFor();
    await page.locator("#strip img").last().waitFor();
    await save(page, "label");
}

/** @param {Page} page */
async function contribute(page) {
    await page.locator("#crowd li").first().waitFor();
    await save(page, "consent");
    await giveConsent(page);
    await goToCamera(page);
    await proposeTongue(page);
    await save(page, "booth");
    await page.click("#shoot");
    await page.locator("#choose").waitFor();
    await page.locator(".shot").nth(1).click();
    await save(page, "choose");
    await page.click("#send");
    await page.locator("#booth").waitFor();
    await page.goto(`${server.address}/receipt`);
    await page.locator(".photo img[src]").nth(3).waitFor();
    await save(page, "receipt");
}

/**
 * Skips until the face that the clip shows is asked for.
 * @param {Page} page
 */
async function proposeTongue(page) {
    for (let name = await text(page, "#pose-name"); !name.includes(":P"); name = await text(page, "#pose-name")) {
        await page.click("#another");
        await page.locator("#pose-name", { hasNotText: name }).waitFor();
    }
    await page.locator("#pose-example img").waitFor();
}

/** @param {Page} page */
async function phone(page) {
    await giveConsent(page);
    await goToCamera(page);
    await proposeTongue(page);
    await takeAndSend(page);
    await page.waitForTimeout(500); // the example comes
    await save(page, "phone");
}

/** @param {Page} page */
async function review(page) {
    await page.locator("#yes:enabled").waitFor();
    await save(page, "review");
}

/** @param {Page} page */
async function admin(page) {
    await page.fill("#secret", server.secret);
    await page.click("#login button");
    await page.locator("#photos .photo img[src]").first().waitFor();
    await save(page, "admin");
}

/** @param {Page} page */
async function live(page) {
    await page.click("#start");
    await page.click("#play:enabled");
    await page.locator("#now-face:not(:empty)").waitFor();
    await page.waitForTimeout(2500); // the figures settle
    await save(page, "live");
}

/**
 * @param {Page} page
 * @param {string} name
 */
async function save(page, name) {
    await page.evaluate(() => scrollTo({ top: 0, behavior: "instant" }));
    const png = (await page.screenshot()).toString("base64");
    const webp = await page.evaluate(toWebp, { png, quality: QUALITY });
    await writeFile(new URL(`${name}.webp`, FOLDER), Buffer.from(webp, "base64"));
}

/**
 * The browser can do what Node cannot.
 * @param {{ png: string, quality: number }} picture
 */
async function toWebp({ png, quality }) {
    const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    return canvas.toDataURL("image/webp", quality).split(",")[1];
}
