// A page that the real `smielfy` serves for one person on a free port of this machine.

import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";

/** How long it may take until it says its address. */
const START_MS = 60_000;

/** @typedef {{ address: string, stop(): Promise<void> }} Page */

/**
 * Runs the binary with these arguments; `folder` is removed when it is stopped.
 * @param {string[]} given
 * @param {{ folder: string, cwd?: string }} where
 * @returns {Promise<Page>}
 */
export async function startPage(given, { folder, cwd }) {
    const child = spawn(binary(), given, { cwd, stdio: ["ignore", "pipe", "inherit"] });
    const stop = async () => {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        if (child.exitCode === null) {
            child.kill("SIGTERM");
            await ended;
        }
        await rm(folder, { recursive: true, force: true });
    };
    try {
        return { address: await said(child), stop };
    } catch (error) {
        await stop();
        throw error;
    }
}

function binary() {
    const given = process.env.SMIELFY_BINARY;
    if (!given) throw new Error("SMIELFY_BINARY names no binary; run the tests by `web/tests/run BINARY`");
    return given;
}

/** @param {import("node:child_process").ChildProcess} child @returns {Promise<string>} */
function said(child) {
    let output = "";
    return new Promise((resolve, reject) => {
        const give_up = setTimeout(() => reject(new Error(`no address is said:\n${output}`)), START_MS);
        child.stdout?.on("data", (bytes) => {
            output += bytes;
            const address = /https:\/\/127\.0\.0\.1:\d+\/\w+\/\w+/.exec(output)?.[0];
            if (!address) return;
            clearTimeout(give_up);
            resolve(address);
        });
        child.once("exit", (code) => reject(new Error(`it ended with ${code}:\n${output}`)));
    });
}
