// axe-core looks at a page: serious and critical faults of accessibility.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const GRAVE = ["serious", "critical"];

/**
 * @param {import("playwright-core").Page} page
 * @param {string} name for the message
 */
export async function expectAccessible(page, name) {
    // The page's own policy forbids foreign scripts, so axe comes in by the debugger.
    const session = await page.context().newCDPSession(page);
    await session.send("Page.enable");
    const source = await (await import("node:fs/promises")).readFile(AXE, "utf8");
    await session.send("Runtime.evaluate", { expression: source });
    const violations = await page.evaluate(async () => (await Reflect.get(globalThis, "axe").run()).violations);
    const grave = violations.filter((/** @type {any} */ { impact }) => GRAVE.includes(impact));
    const words = grave.map((/** @type {any} */ fault) => `${fault.id}: ${fault.nodes.map((/** @type {any} */ node) => node.html).join(" | ")}`);
    assert.deepEqual(words, [], `axe-core finds grave faults on ${name}`);
}
