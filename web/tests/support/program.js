// The real `smielfy`, run until it is stopped.

import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";

/** How long it may take until it says what is waited for. */
const START_MS = 60_000;

/**
 * Runs the binary with these arguments until it has said what `find` finds in its output; `folder` is removed when it is stopped.
 * @template Said
 * @param {string[]} given
 * @param {(output: string) => Said | undefined} find
 * @param {{ folder: string, cwd?: string }} where
 * @returns {Promise<{ said: Said, stop(): Promise<void> }>}
 */
export async function startProgram(given, find, { folder, cwd }) {
    const child = spawn(binary(), given, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    const stop = async () => {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        if (child.exitCode === null) {
            child.kill("SIGTERM");
            await ended;
        }
        await rm(folder, { recursive: true, force: true });
    };
    try {
        return { said: await said(child, find), stop };
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

/**
 * @template Said
 * @param {import("node:child_process").ChildProcess} child
 * @param {(output: string) => Said | undefined} find
 * @returns {Promise<Said>}
 */
function said(child, find) {
    let output = "";
    return new Promise((resolve, reject) => {
        const give_up = setTimeout(() => reject(new Error(`what is waited for is not said:\n${output}`)), START_MS);
        const read = (/** @type {Buffer} */ bytes) => {
            output += bytes;
            const found = find(output);
            if (found === undefined) return;
            clearTimeout(give_up);
            resolve(found);
        };
        child.stdout?.on("data", read);
        child.stderr?.on("data", read);
        child.once("exit", (code) => reject(new Error(`it ended with ${code}:\n${output}`)));
    });
}
