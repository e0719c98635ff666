// All pages in a real browser: no grave fault of accessibility in any state, words for everything in both languages, no cookies.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { after, before, test } from "node:test";

import { expectAccessible } from "./support/audit.js";
import { expectNoErrors, text, visit, withBrowser } from "./support/browser.js";
import { giveConsent, goToCamera } from "./support/contributor.js";
import { startServer } from "./support/server.js";

/** @type {import("./support/server.js").Server} */
let server;
before(async () => (server = await startServer()));
after(() => server.stop());

/** @typedef {import("./support/browser.js").Visit} Visit */

/** Each way to look at the pages. @type {Visit[]} */
const LOOKS = [{ language: "en-US" }, { language: "ru-RU", dark: true, width: 360, height: 700 }];
const PATHS = ["/", "/receipt", "/review", "/live", "/admin", "/privacy"];

for (const look of LOOKS) {
    test(`no grave faults on any page: ${Object.values(look).join(", ")}`, () =>
        withBrowser(async (browser) => {
            for (const path of PATHS) {
                const page = await visit(browser, server.address + path, look);
                await page.locator("main h1:visible").first().waitFor();
                await page.waitForLoadState("networkidle");
                await expectAccessible(page, path);
                expectNoErrors(page);
                await page.context().close();
            }
        }));

    test(`no grave faults while contributing, on the receipt, live and on the desk: ${Object.values(look).join(", ")}`, () =>
        withBrowser(async (browser) => {
            const page = await visit(browser, server.address, look);
            await giveConsent(page);
            await expectAccessible(page, "the new receipt");
            await goToCamera(page);
            await expectAccessible(page, "the booth");
            await page.click("#shoot");
            await page.locator("#choose").waitFor();
            await page.locator(".shot").first().click();
            await expectAccessible(page, "the choice");
            await page.click("#send");
            await page.locator("#booth").waitFor();

            await page.goto(`${server.address}/receipt`);
            await page.locator(".photo img[src]").first().waitFor();
            await expectAccessible(page, "the photos");
            await page.click("#erase-all");
            await expectAccessible(page, "the question before erasing");

            const voter = await visit(browser, `${server.address}/review`, look);
            await voter.locator("#yes:enabled").waitFor();
            await expectAccessible(voter, "a photo to judge");

            await page.goto(`${server.address}/live`);
            await page.click("#start");
            await page.locator("#now-face:not(:empty)").waitFor();
            await page.click("#play");
            await expectAccessible(page, "the game");

            await page.goto(`${server.address}/admin`);
            await page.fill("#secret", server.secret);
            await page.click("#login button");
            await page.locator("#photos .photo").first().waitFor();
            await expectAccessible(page, "the desk");
            expectNoErrors(page);
            assert.deepEqual(await page.context().cookies(), []);
        }));
}

test("the browser's language is chosen, a switch is remembered", () =>
    withBrowser(async (browser) => {
        const page = await visit(browser, `${server.address}/privacy`, { language: "ru-RU" });
        assert.equal(await text(page, "h1"), "О конфиденциальности коротко");
        await page.getByRole("button", { name: "English" }).click();
        assert.equal(await text(page, "h1"), "Privacy, in short");
        assert.equal(await page.title(), "Privacy · smielfy");
        await page.reload();
        assert.equal(await text(page, "h1"), "Privacy, in short");
        assert.equal(await page.locator("html").getAttribute("lang"), "en");
    }));

test("every key that the pages use has words, and every word is used", async () => {
    const english = await readFile(new URL("../js/words/en.js", import.meta.url), "utf8");
    const keys = new Set(english.match(/^ {4}"[a-z]+\.[a-z_]+"/gm)?.map((line) => line.trim().slice(1, -1)));
    assert.ok(keys.size > 100);
    const root = new URL("../", import.meta.url);
    const names = (await readdir(root, { recursive: true })).filter((name) => /^[^/]+\.html$|^js\/(?!words).*\.js$/.test(name));
    const files = await Promise.all(names.map((name) => readFile(new URL(name, root), "utf8")));
    const pages = files.filter((file) => file.startsWith("<!doctype html>"));
    const used = new Set(pages.flatMap((page) => page.match(/(?<=data-say[a-z-]*=")[^"]+/g) ?? []));
    const unknown = [...used].filter((key) => !keys.has(key));
    assert.deepEqual(unknown, [], "pages name keys that have no words");

    // Keys that are put together of a part and a variable one: `hint.${hint}`.
    const code = files.join("\n");
    const prefixes = [...code.matchAll(/`([a-z]+\.[a-z_]*)\$\{/g)].map(([, prefix]) => prefix);
    const unused = [...keys].filter((key) => !code.includes(`"${key}"`) && !prefixes.some((prefix) => key.startsWith(prefix)));
    assert.deepEqual(unused, [], "words that nothing says");
});

test("each file begins with what it is, and has no line that is too long to read", async () => {
    const root = new URL("../", import.meta.url);
    const isOurs = (/** @type {string} */ name) => /\.(js|css|html)$/.test(name) && !name.includes("node_modules");
    const names = (await readdir(root, { recursive: true })).filter(isOurs);
    assert.ok(names.length > 50);
    for (const name of names) {
        const file = await readFile(new URL(name, root), "utf8");
        assert.match(file, /^(\/\/|\/\*|<!doctype html>\n<!--) /, name);
        const longest = Math.max(...file.split("\n").map((line) => line.length));
        if (!name.includes("words")) assert.ok(longest <= 132, `${name} has a line of ${longest} characters`);
    }
});
