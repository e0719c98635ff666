// The real `smielfy label` on a free port of this machine, with a folder of its own.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** How long it may take until it says its address. */
const START_MS = 60_000;

/** @typedef {{ address: string, manifest(parts: RegExp[]): Promise<string>, stop(): Promise<void> }} Label */

/** @param {string} clip @returns {Promise<Label>} */
export async function startLabel(clip) {
    const out = await mkdtemp(path.join(tmpdir(), "smielfy-label-"));
    const child = spawn(binary(), ["label", clip, "-o", out], { stdio: ["ignore", "pipe", "inherit"] });
    const stop = async () => {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        if (child.exitCode === null) {
            child.kill("SIGTERM");
            await ended;
        }
        await rm(out, { recursive: true, force: true });
    };
    // The dataset is written behind the answers: it is waited for until all parts are in it.
    const manifest = async (/** @type {RegExp[]} */ parts) => {
        for (const start = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 100))) {
            const written = await readFile(path.join(out, "manifest.csv"), "utf8").catch(() => "");
            if (parts.every((part) => part.test(written)) || Date.now() - start > START_MS) return written;
        }
    };
    try {
        return { address: await said(child), manifest, stop };
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
            const address = /https:\/\/127\.0\.0\.1:\d+\/label\/\w+/.exec(output)?.[0];
            if (!address) return;
            clearTimeout(give_up);
            resolve(address);
        });
        child.once("exit", (code) => reject(new Error(`it ended with ${code}:\n${output}`)));
    });
}
