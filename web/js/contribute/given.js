// What the person has given so far: a number, a bar, and the faces collected.

import { make, need } from "../shared/dom.js";
import { makeFace } from "../shared/face.js";
import { say } from "../shared/language.js";

/** @typedef {import("../shared/api.js").Smiley} Smiley */
/** @typedef {import("../shared/api.js").GivenPhoto} GivenPhoto */

export class Given {
    /**
     * @param {Smiley[]} smileys
     * @param {GivenPhoto[]} photos
     */
    constructor(smileys, photos) {
        this.smileys = smileys;
        this.count = photos.length;
        this.faces = new Set(photos.map(({ smiley }) => smiley));
        this.#show();
    }

    /**
     * @param {string} smiley
     * @param {number} count photos of the receipt, as the server counts them
     */
    add(smiley, count) {
        this.count = count;
        this.faces.add(smiley);
        this.#show();
    }

    #show() {
        need("given", HTMLElement).hidden = false;
        const [faces, of] = [this.faces.size, this.smileys.length];
        say(need("given-words", HTMLElement), "given.photos", { count: this.count });
        say(need("given-faces", HTMLElement), "given.faces", { faces, of });
        Object.assign(need("given-bar", HTMLProgressElement), { value: faces, max: of });
        need("collection", HTMLElement).replaceChildren(...this.smileys.map((smiley) => this.#chip(smiley)));
    }

    /** @param {Smiley} smiley */
    #chip({ id, emoticon }) {
        const has = this.faces.has(id);
        const heard = say(make("span", { className: "only-heard" }), has ? "given.has" : "given.has_not", { emoticon });
        return make("li", { className: has ? "has" : "" }, makeFace(emoticon), heard);
    }
}
