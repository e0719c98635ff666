// axe-core looks at a page: serious and critical faults of accessibility.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const GRAVE = ["serious", "critical"];

/**
 * @param {import("playwright-core").Page} page
 * @param {string} name for the message
 */
export async function expectAccessible(page, name) {
    await page.evaluate(await readFile(AXE, "utf8"));
    const violations = await page.evaluate(async () => (await Reflect.get(globalThis, "axe").run()).violations);
    const grave = violations.filter((/** @type {any} */ { impact }) => GRAVE.includes(impact));
    assert.deepEqual(grave.map(inWords), [], `axe-core finds grave faults on ${name}`);
}

/** @param {{ id: string, nodes: { html: string }[] }} fault */
function inWords({ id, nodes }) {
    return `${id}: ${nodes.map(({ html }) => html).join(" | ")}`;
}
