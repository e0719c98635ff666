// Frames a second and latency of the last two seconds, and how long the server looked at a frame.

import { need } from "../shared/dom.js";
import { say } from "../shared/language.js";

const WINDOW_MS = 2000;
/** How often the figures change, so that they can be read. */
const SHOW_EVERY_MS = 500;

/** @typedef {{ at_ms: number, latency_ms: number, looking_ms: number }} Sample */

export class Meter {
    constructor() {
        /** @type {Sample[]} */
        this.samples = [];
        this.shown_ms = 0;
    }

    /**
     * @param {number} latency_ms from sending a frame to its answer
     * @param {number} looking_ms of it, the server's work
     */
    add(latency_ms, looking_ms) {
        const at_ms = performance.now();
        this.samples = [...this.samples, { at_ms, latency_ms, looking_ms }].filter((sample) => sample.at_ms > at_ms - WINDOW_MS);
        if (at_ms - this.shown_ms < SHOW_EVERY_MS || this.samples.length < 2) return;
        this.shown_ms = at_ms;
        this.#show();
    }

    #show() {
        const [first] = this.samples;
        const passed_s = (performance.now() - first.at_ms) / 1000;
        say(need("rate", HTMLElement), "live.per_second", { rate: Math.round(10 * (this.samples.length - 1) / passed_s) / 10 });
        say(need("latency", HTMLElement), "live.ms", { duration: median(this.samples.map((sample) => sample.latency_ms)) });
        say(need("looking", HTMLElement), "live.ms", { duration: median(this.samples.map((sample) => sample.looking_ms)) });
    }

    clear() {
        this.samples = [];
        for (const id of ["rate", "latency", "looking"]) {
            const figure = need(id, HTMLElement);
            delete figure.dataset.say;
            figure.textContent = "–";
        }
    }
}

/** @param {number[]} values */
function median(values) {
    return Math.round(values.toSorted((one, other) => one - other)[values.length >> 1]);
}
