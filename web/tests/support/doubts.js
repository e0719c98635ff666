// The real `smielfy dataset doubts --fix` on the faces of the demo pictures, one of which has a wrong label.

import { copyFile, mkdir, mkdtemp, readFile, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { startPage } from "./page.js";

const ROOT = new URL("../../../", import.meta.url).pathname;
const HEADER = "file,smiley,group,split,source,origin,width,height,face_x,face_y,face_side";

/** The label that is wrong, and what the face shows. */
export const WRONG = { shows: "tongue", label: "angry" };

/** @typedef {{ address: string, manifest(): Promise<string>, stop(): Promise<void> }} Doubts */

/** @returns {Promise<Doubts>} */
export async function startDoubts() {
    const folder = await mkdtemp(path.join(tmpdir(), "smielfy-doubts-"));
    await writeDataset(folder);
    const runs = path.join(folder, "runs");
    const flags = ["--fix", "--folds", "2", "--recipe", "recipes/doubts-faces.toml", "--runs", runs];
    const page = await startPage(["dataset", "doubts", folder, ...flags], { cwd: ROOT, folder });
    return { ...page, manifest: () => readFile(path.join(folder, "manifest.csv"), "utf8") };
}

/** @param {string} folder */
async function writeDataset(folder) {
    await mkdir(path.join(folder, "images"));
    const demo = path.join(ROOT, "assets/demo");
    const names = (await readdir(demo)).filter((name) => name.endsWith(".json")).sort();
    const pictures = await Promise.all(names.map(async (name) => JSON.parse(await readFile(path.join(demo, name), "utf8"))));
    await Promise.all(pictures.map(({ picture }) => copyFile(path.join(demo, picture), path.join(folder, "images", picture))));
    const rows = pictures.flatMap(({ picture, width, height, faces }) =>
        faces.map((/** @type {any} */ { smiley, x, y, side }, /** @type {number} */ index) => {
            const label = smiley === WRONG.shows ? WRONG.label : smiley;
            return [picture, label, `${picture}-${index}`, "train", "demo", "eye", width, height, x, y, side].join();
        }),
    );
    await writeFile(path.join(folder, "manifest.csv"), [HEADER, ...rows, ""].join("\n"));
}
