// A real browser, Debian's Chromium, with a fake camera that plays a clip; and pages in it that fail the test on any error.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { chromium } from "playwright-core";

import { writeClip } from "./clip.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Browser} Browser */
/** @typedef {{ language?: string, width?: number, height?: number, dark?: boolean, still?: boolean }} Visit */

/** How long a single step may take: two cores may be busy with a build. */
const STEP_MS = 30_000;
/** How long a whole test may take. */
const TEST_MS = 180_000;
/** What a page says of a request that going to another page cuts off; a request that its policy forbids says so besides. */
const CUT_OFF = /^(TypeError: )?Failed to fetch$/;

/**
 * Starts the browser with a fake camera and gives it to `use`.
 * @param {(browser: Browser, clip: string) => Promise<void>} use
 * @param {{ times?: number, pose?: number }} [camera] how the clip is played
 */
export async function withBrowser(use, { times = 12, pose } = {}) {
    const folder = await mkdtemp(path.join(tmpdir(), "smielfy-camera-"));
    const clip = path.join(folder, "clip.mjpeg");
    await writeClip(clip, times, pose);
    const browser = await chromium.launch({
        executablePath: process.env.SMIELFY_CHROMIUM ?? "/usr/bin/chromium",
        args: [
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            `--use-file-for-fake-video-capture=${clip}`,
        ],
    });
    try {
        await inTime(use(browser, clip));
    } finally {
        await browser.close();
        await rm(folder, { recursive: true, force: true });
    }
}

/** @param {Promise<void>} work */
async function inTime(work) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`not done in ${TEST_MS / 1000} seconds`)), TEST_MS);
    });
    await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/**
 * A new visitor's page. Errors on it are collected in `page.errors` and asserted by `expectNoErrors`.
 * @param {Browser} browser
 * @param {string} address
 * @param {Visit} [look]
 * @returns {Promise<Page & { errors: string[] }>}
 */
export async function visit(browser, address, look = {}) {
    const { language = "en-US", width = 1200, height = 900, dark = false, still = false } = look;
    const context = await browser.newContext({
        ignoreHTTPSErrors: true,
        locale: language,
        viewport: { width, height },
        colorScheme: dark ? "dark" : "light",
        reducedMotion: still ? "reduce" : "no-preference",
    });
    const page = await context.newPage();
    page.setDefaultTimeout(STEP_MS);
    /** @type {string[]} */
    const errors = [];
    /** @param {string} text */
    const note = (text) => CUT_OFF.test(text) || errors.push(text);
    page.on("pageerror", (error) => note(error.message));
    page.on("console", (message) => {
        if (message.type() === "error") note(message.text());
    });
    await page.goto(address);
    return Object.assign(page, { errors });
}

/** @param {{ errors: string[] }} page */
export function expectNoErrors({ errors }) {
    assert.deepEqual(errors, [], "the page logged errors, such as violations of its security policy");
}

/**
 * The text of an element, once it is shown and has any.
 * @param {Page} page
 * @param {string} selector
 */
export async function text(page, selector) {
    const element = page.locator(selector);
    await element.filter({ hasText: /\S/ }).waitFor();
    return (await element.innerText()).trim();
}
