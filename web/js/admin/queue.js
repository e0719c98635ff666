// The photos that a filter finds, a page at a time, each with what voters and the model say and what can be done.

import { make, need } from "../shared/dom.js";
import { say } from "../shared/language.js";
import { clearPictures } from "../shared/pictures.js";
import { attempt } from "../shared/trouble.js";
import { act } from "./api.js";
import { STATES } from "./counts.js";
import { photoItem } from "./photo.js";

/** @typedef {import("./api.js").Photo} Photo */
/** @typedef {import("./api.js").Filter} Filter */
/** @typedef {import("../shared/api.js").Smiley} Smiley */

export class Queue {
    /**
     * @param {Smiley[]} smileys
     * @param {(filter: Filter) => Promise<{ photos: Photo[], pages: number }>} find
     * @param {() => Promise<void>} changed called when a photo's state or smiley has changed
     */
    constructor(smileys, find, changed) {
        this.smileys = smileys;
        this.find = find;
        this.changed = changed;
        this.page = 0;
        this.list = need("photos", HTMLElement);
        this.trouble = need("queue-trouble", HTMLElement);
        this.#fillSelects();
        const filter = need("filter", HTMLFormElement);
        filter.addEventListener("submit", (event) => {
            event.preventDefault();
            this.#turn(0);
        });
        need("earlier", HTMLButtonElement).addEventListener("click", () => this.#turn(this.page + 1));
        need("later", HTMLButtonElement).addEventListener("click", () => this.#turn(this.page - 1));
    }

    #fillSelects() {
        const any = () => say(make("option", { value: "" }), "admin.any");
        const states = STATES.map((state) => say(make("option", { value: state }), `state.${state}`));
        const smileys = this.smileys.map(({ id, emoticon }) => make("option", { value: id }, `${emoticon} ${id}`));
        need("state", HTMLSelectElement).replaceChildren(any(), ...states);
        need("smiley", HTMLSelectElement).replaceChildren(any(), ...smileys);
    }

    /** @param {number} page */
    #turn(page) {
        this.page = page;
        return attempt(this.trouble, () => this.show());
    }

    async show() {
        const { photos, pages } = await this.find(this.#filter());
        this.clear();
        const act = (/** @type {Photo} */ photo) => this.#act.bind(this, photo);
        this.list.append(...photos.map((photo) => photoItem(photo, this.smileys, act(photo))));
        say(need("queue-status", HTMLElement), "admin.found", { count: photos.length });
        say(need("page", HTMLElement), "admin.page", { page: this.page + 1, pages: Math.max(1, pages) });
        need("earlier", HTMLButtonElement).disabled = this.page + 1 >= pages;
        need("later", HTMLButtonElement).disabled = this.page === 0;
    }

    #filter() {
        const state = need("state", HTMLSelectElement).value;
        const smiley = need("smiley", HTMLSelectElement).value;
        return { state, smiley, text: need("text", HTMLInputElement).value.trim(), page: this.page };
    }

    clear() {
        clearPictures(this.list);
    }

    /**
     * @param {Photo} photo
     * @param {import("./api.js").Action} action
     * @param {string} smiley
     */
    #act(photo, action, smiley) {
        return attempt(this.trouble, async () => {
            await act(photo.id, action, smiley);
            await Promise.all([this.show(), this.changed()]);
        });
    }
}
