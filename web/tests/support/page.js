// A page that the real `smielfy` serves for one person on a free port of this machine.

import { startProgram } from "./program.js";

/** @typedef {{ address: string, stop(): Promise<void> }} Page */

/**
 * Runs the binary with these arguments; `folder` is removed when it is stopped.
 * @param {string[]} given
 * @param {{ folder: string, cwd?: string }} where
 * @returns {Promise<Page>}
 */
export async function startPage(given, where) {
    const address = (/** @type {string} */ output) => /https:\/\/127\.0\.0\.1:\d+\/\w+\/\w+/.exec(output)?.[0];
    const { said, stop } = await startProgram(given, address, where);
    return { address: said, stop };
}
