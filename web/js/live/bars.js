// The bars: how the windows voted on the largest face, a bar a smiley, and the answer in words.

import { make, need } from "../shared/dom.js";
import { showFace } from "../shared/face.js";
import { inEachLanguage, language, say } from "../shared/language.js";
import { percent } from "./drawing.js";

/** @typedef {import("../shared/api.js").Smiley} Smiley */
/** @typedef {import("./socket.js").Face} Face */

export class Bars {
    /** @param {Smiley[]} smileys */
    constructor(smileys) {
        this.smileys = new Map(smileys.map((smiley) => [smiley.id, smiley]));
        this.rows = new Map(smileys.map(({ id, emoticon }) => [id, makeRow(emoticon)]));
        need("bars", HTMLElement).replaceChildren(...[...this.rows.values()].map(({ item }) => item));
        /** @type {Face | undefined} */
        this.face = undefined;
        inEachLanguage(() => this.show(this.face));
    }

    /** @param {string} id */
    emoticon(id) {
        return this.smileys.get(id)?.emoticon ?? id;
    }

    /** @param {Face | undefined} face */
    show(face) {
        this.face = face;
        for (const [id, { bar, value }] of this.rows) {
            const share = face?.distribution[id] ?? 0;
            bar.style.transform = `scaleX(${share})`;
            value.textContent = percent(share);
        }
        this.#showNow(face);
    }

    /** @param {Face | undefined} face */
    #showNow(face) {
        const disk = need("now-face", HTMLElement);
        const now = need("now", HTMLElement);
        const smiley = face && !face.cannot_tell ? this.smileys.get(face.smiley) : undefined;
        if (!smiley) {
            disk.replaceChildren();
            say(now, face ? "live.cannot_tell" : "live.nobody");
            return;
        }
        if (disk.textContent !== smiley.emoticon) showFace(disk, smiley.emoticon);
        delete now.dataset.say;
        now.textContent = smiley.pose[language()];
    }
}

/** @param {string} emoticon */
function makeRow(emoticon) {
    const bar = make("span", { className: "bar" });
    const value = make("span", { className: "value" }, percent(0));
    const track = make("span", { className: "track", ariaHidden: "true" }, bar);
    return { item: make("li", {}, make("span", {}, emoticon), track, value), bar, value };
}
