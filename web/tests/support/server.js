// The real server: `smielfy serve` on a free port of this machine, with a folder of its own.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** How long the server may take until it says its address. */
const START_MS = 60_000;

/** @typedef {{ address: string, secret: string, stop(): Promise<void> }} Server */

/** @returns {Promise<Server>} */
export async function startServer() {
    const data = await mkdtemp(path.join(tmpdir(), "smielfy-web-"));
    const child = spawn(binary(), ["serve", "--data", data, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "pipe"] });
    const stop = async () => {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        if (child.exitCode === null) child.kill("SIGTERM");
        await ended;
        await rm(data, { recursive: true, force: true });
    };
    try {
        return { ...(await said(child)), stop };
    } catch (error) {
        if (child.exitCode === null) await stop();
        throw error;
    }
}

function binary() {
    const given = process.env.SMIELFY_BINARY;
    if (!given) throw new Error("SMIELFY_BINARY names no binary; run the tests by `web/tests/run BINARY`");
    return given;
}

/**
 * The address and the admin's secret, as the server prints them.
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<{ address: string, secret: string }>}
 */
function said(child) {
    let output = "";
    return new Promise((resolve, reject) => {
        const give_up = setTimeout(() => reject(new Error(`the server says no address:\n${output}`)), START_MS);
        const read = (/** @type {Buffer} */ bytes) => {
            output += bytes;
            const address = /https:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
            const secret = /^Secret of the admin.*: (\S+)$/m.exec(output)?.[1];
            if (!address || !secret) return;
            clearTimeout(give_up);
            resolve({ address, secret });
        };
        child.stdout?.on("data", read);
        child.stderr?.on("data", read);
        child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
    });
}
