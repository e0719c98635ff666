// Review and admin in a real browser: two voters decide a photo, and the admin sees it, relabels it and releases it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { expectNoErrors, text, visit, withBrowser } from "./support/browser.js";
import { giveConsent, goToCamera, takeAndSend } from "./support/contributor.js";
import { startServer } from "./support/server.js";

/** @type {import("./support/server.js").Server} */
let server;
before(async () => (server = await startServer()));
after(() => server.stop());

test("two voters decide, the admin relabels and releases", () =>
    withBrowser(async (browser) => {
        const contributor = await visit(browser, server.address);
        await giveConsent(contributor, ["publish"]);
        await goToCamera(contributor);
        await takeAndSend(contributor, 3);

        await contributor.goto(`${server.address}/review`);
        await contributor.locator("#nothing").waitFor(); // nobody judges what is their own
        expectNoErrors(contributor);

        for (const judge of [byButtons, byKeys]) {
            const voter = await visit(browser, `${server.address}/review`);
            await judge(voter);
            expectNoErrors(voter);
        }
        await contributor.goto(`${server.address}/receipt`);
        const states = contributor.locator(".photo .soft");
        assert.deepEqual(await waitForTexts(states, 2), ["accepted", "accepted"]);

        const admin = await visit(browser, `${server.address}/admin`);
        await logIn(admin);
        await relabelFirst(admin);
        await decideOne(admin);
        await makeRelease(admin);
        expectNoErrors(admin);
    }));

test("a wrong secret is told so", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, `${server.address}/admin`);
        await page.fill("#secret", "open sesame");
        await page.click("#login button");
        assert.match(await text(page, "#trouble"), /not known/);
        assert.equal(await page.locator("#desk").isVisible(), false);
    }));

/** @typedef {import("playwright-core").Page} Page */

/** @param {Page} voter */
async function byButtons(voter) {
    for (let judged = 1; judged <= 2; judged += 1) {
        await voter.locator("#yes:enabled").click();
        await voter.locator("#judged", { hasText: judged === 1 ? "one photo" : "2 photos" }).waitFor();
    }
    await voter.locator("#nothing").waitFor();
}

/** @param {Page} voter */
async function byKeys(voter) {
    for (let judged = 1; judged <= 2; judged += 1) {
        await voter.locator("#yes:enabled").waitFor();
        await voter.keyboard.press("1"); // the card has the focus
        await voter.locator("#judged", { hasText: judged === 1 ? "one photo" : "2 photos" }).waitFor();
    }
}

/**
 * @param {import("playwright-core").Locator} locator
 * @param {number} count
 */
async function waitForTexts(locator, count) {
    await locator.nth(count - 1).waitFor();
    return locator.allInnerTexts();
}

/** @param {Page} admin */
async function logIn(admin) {
    await admin.fill("#secret", server.secret);
    await admin.click("#login button");
    await admin.locator("#desk").waitFor();
    await admin.locator("#photos .photo").nth(1).waitFor();
    assert.match(await text(admin, "#totals"), /Votes\s+4/);
}

/** @param {Page} admin */
async function relabelFirst(admin) {
    const before = await admin.locator("#photos .photo select").first().inputValue();
    const other = before === "skew" ? "yuck" : "skew";
    await admin.locator("#photos .photo select").first().selectOption(other);
    await admin.locator(`#counts tr:has-text("${other}") td`).nth(1).filter({ hasText: "1" }).waitFor();

    await admin.selectOption("#smiley", other);
    await admin.click("#filter button");
    await admin.locator("#queue-status", { hasText: "One photo" }).waitFor();
    assert.equal(await admin.locator("#photos .photo").count(), 1, "the filter finds the relabeled one alone");
}

/**
 * Makes the photo that is shown a known answer, and throws it out.
 * @param {Page} admin
 */
async function decideOne(admin) {
    const photo = admin.locator("#photos .photo");
    await photo.getByRole("button", { name: "Known answer" }).click();
    await photo.getByText("known answer", { exact: true }).waitFor();
    await photo.getByRole("button", { name: "Reject" }).click();
    await photo.getByText("rejected", { exact: true }).waitFor();
}

/** @param {Page} admin */
async function makeRelease(admin) {
    await admin.check("#public");
    await admin.click("#release-form button");
    assert.match(await text(admin, "#releases"), /^Number 1 of .*: one photo, for everybody/);
}
