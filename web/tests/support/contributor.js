// What contributors do on the page, step by step.

import { text } from "./browser.js";

/** @typedef {import("playwright-core").Page} Page */

/**
 * Gives the consent that is needed, and what else is named.
 * @param {Page} page
 * @param {("publish" | "example")[]} [more]
 */
export async function giveConsent(page, more = []) {
    for (const tick of ["adult", "train", ...more]) await page.check(`#${tick}`);
    await page.click("#agree");
    return text(page, "#code");
}

/**
 * From the receipt to the running camera.
 * @param {Page} page
 */
export async function goToCamera(page) {
    await page.click("#to-camera");
    await page.locator("#shoot:enabled").waitFor();
}

/**
 * Takes a burst, drops the first `drop` photos and sends the others.
 * @param {Page} page
 * @param {number} [drop]
 */
export async function takeAndSend(page, drop = 0) {
    await page.click("#shoot");
    await page.locator("#choose").waitFor();
    for (let index = 0; index < drop; index += 1) await page.locator(".shot").nth(index).click();
    await page.click("#send");
    await page.locator("#booth").waitFor();
}
