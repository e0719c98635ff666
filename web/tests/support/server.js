// The real server: `smielfy serve` on a free port of this machine, with a folder of its own.

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { startProgram } from "./program.js";

/** @typedef {{ address: string, secret: string, stop(): Promise<void> }} Server */

/** @returns {Promise<Server>} */
export async function startServer() {
    const folder = await mkdtemp(path.join(tmpdir(), "smielfy-web-"));
    const { said, stop } = await startProgram(["serve", "--data", folder, "--listen", "127.0.0.1:0"], addressAndSecret, { folder });
    return { ...said, stop };
}

/**
 * The address and the admin's secret, as the server prints them.
 * @param {string} output
 */
function addressAndSecret(output) {
    const address = /https:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
    const secret = /^Secret of the admin.*: (\S+)$/m.exec(output)?.[1];
    return address && secret ? { address, secret } : undefined;
}
