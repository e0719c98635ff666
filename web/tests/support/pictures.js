// The demo pictures of rendered people, which tests give to pages.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const FOLDER = new URL("../../../assets/demo/", import.meta.url);

/** A square round a face, in pixels. @typedef {{ x: number, y: number, side: number }} Square */

/** The JPEG `demo-NUMBER.jpg` in base 64. @param {number} number */
export async function demo(number) {
    return (await readFile(new URL(`demo-${number}.jpg`, FOLDER))).toString("base64");
}

/**
 * The faces that the program itself finds in it.
 * @param {number} number
 * @returns {Promise<Square[]>}
 */
export async function facesByProgram(number) {
    const binary = process.env.SMIELFY_BINARY;
    if (!binary) throw new Error("SMIELFY_BINARY names no binary; run the tests by `web/tests/run BINARY`");
    const picture = fileURLToPath(new URL(`demo-${number}.jpg`, FOLDER));
    const { stdout } = await promisify(execFile)(binary, ["detect", "--json", picture]);
    return JSON.parse(stdout).faces;
}
