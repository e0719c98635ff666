// Sending: actions go one after the other, so that undo takes back what was seen last.

import { attempt } from "../shared/trouble.js";

export class Sending {
    /** @type {Promise<unknown>} */
    #last = Promise.resolve();
    /** @type {HTMLElement} */
    #trouble;

    /** @param {HTMLElement} trouble where is said what fails */
    constructor(trouble) {
        this.#trouble = trouble;
    }

    /**
     * Does `work` behind all before it.
     * @param {() => Promise<unknown>} work
     * @param {() => void} [onFailure]
     */
    send(work, onFailure = () => {}) {
        this.#last = this.#last.then(async () => {
            if (!(await attempt(this.#trouble, work))) onFailure();
        });
    }
}
