// The real `smielfy label` on a free port of this machine, with a folder of its own.

import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { startPage } from "./page.js";

/** How long is waited for the dataset. */
const WRITE_MS = 60_000;

/** @typedef {{ address: string, manifest(parts: RegExp[]): Promise<string>, stop(): Promise<void> }} Label */

/** @param {string} clip @returns {Promise<Label>} */
export async function startLabel(clip) {
    const folder = await mkdtemp(path.join(tmpdir(), "smielfy-label-"));
    // The dataset is written behind the answers: it is waited for until all parts are in it.
    const manifest = async (/** @type {RegExp[]} */ parts) => {
        for (const start = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 100))) {
            const written = await readFile(path.join(folder, "manifest.csv"), "utf8").catch(() => "");
            if (parts.every((part) => part.test(written)) || Date.now() - start > WRITE_MS) return written;
        }
    };
    return { ...(await startPage(["label", clip, "-o", folder], { folder })), manifest };
}
