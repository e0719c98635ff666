// What of the photos is sent: each can be kept or dropped, hints tell what may be wrong, and the kept ones go out one by one.

import { sendPhoto } from "../shared/api.js";
import { make, need, pressed } from "../shared/dom.js";
import { say, sayIn } from "../shared/language.js";
import { withRetries } from "../shared/retries.js";
import { attempt } from "../shared/trouble.js";

/** @typedef {import("../shared/api.js").Config} Config */
/** @typedef {import("../shared/api.js").Smiley} Smiley */
/** @typedef {import("./shot.js").Shot} Shot */
/** @typedef {import("./given.js").Given} Given */
/** @typedef {{ shot: Shot, button: HTMLButtonElement, kept: boolean }} Card */

export class Chooser {
    /**
     * @param {Config} config
     * @param {string} code
     * @param {Given} given
     */
    constructor(config, code, given) {
        this.config = config;
        this.code = code;
        this.given = given;
        this.send = need("send", HTMLButtonElement);
        this.retake = need("retake", HTMLButtonElement);
        /** @type {Card[]} */
        this.cards = [];
    }

    /**
     * Shows the photos and sends those kept; how many, or nothing if the person wants to take them again.
     * @param {Smiley} smiley
     * @param {Shot[]} shots
     * @returns {Promise<number | undefined>}
     */
    async choose(smiley, shots) {
        this.#show(smiley, shots);
        let count;
        while (count === undefined && (await pressed({ send: this.send, retake: this.retake })) === "send") {
            count = await this.#sendKept(smiley);
        }
        this.#clear();
        return count;
    }

    /**
     * @param {Smiley} smiley
     * @param {Shot[]} shots
     */
    #show(smiley, shots) {
        say(need("choose-heading", HTMLElement), "choose.heading", { emoticon: smiley.emoticon });
        this.cards = shots.map((shot, index) => makeCard(shot, index + 1));
        for (const card of this.cards) card.button.addEventListener("click", () => this.#toggle(card));
        need("shots", HTMLElement).replaceChildren(...this.cards.map(withHints));
        this.#showCount();
    }

    /** @param {Card} card */
    #toggle(card) {
        card.kept = !card.kept;
        showKept(card);
        this.#showCount();
    }

    #showCount() {
        const count = this.cards.filter(({ kept }) => kept).length;
        say(this.send, count > 0 ? "choose.send" : "choose.send_none", { count });
        this.send.disabled = count === 0;
    }

    /**
     * Sends what is kept and not sent yet; the count of all sent, or nothing if it failed half-way, which is said.
     * @param {Smiley} smiley
     */
    async #sendKept(smiley) {
        const kept = this.cards.filter(({ kept }) => kept);
        this.#setSending(true);
        const done = await attempt(need("send-trouble", HTMLElement), async () => {
            for (const [index, { shot }] of kept.entries()) {
                this.#showProgress(index, kept.length);
                const answer = await withRetries(() => sendPhoto(this.code, smiley.id, shot.jpeg, shot.key));
                this.given.add(smiley.id, answer.given);
            }
        });
        this.#setSending(false);
        return done ? kept.length : undefined;
    }

    /** @param {number} sent @param {number} count */
    #showProgress(sent, count) {
        Object.assign(need("sending-bar", HTMLProgressElement), { value: sent, max: count });
        say(need("sending-words", HTMLElement), "choose.sending", { number: sent + 1, of: count });
    }

    /** @param {boolean} sending */
    #setSending(sending) {
        need("sending", HTMLElement).hidden = !sending;
        for (const button of [this.send, this.retake, ...this.cards.map(({ button }) => button)]) button.disabled = sending;
    }

    #clear() {
        for (const image of need("shots", HTMLElement).querySelectorAll("img")) URL.revokeObjectURL(image.src);
        need("shots", HTMLElement).replaceChildren();
        this.cards = [];
    }
}

/**
 * @param {Shot} shot
 * @param {number} number
 * @returns {Card}
 */
function makeCard(shot, number) {
    const image = sayIn(make("img", { src: URL.createObjectURL(shot.jpeg) }), "sayAlt", "choose.photo", { number });
    const state = make("span", { className: "state" });
    const label = make("span", { className: "shot-words", ariaHidden: "true" }, String(number), state);
    const button = make("button", { type: "button", className: "shot" }, image, label);
    const card = { shot, button, kept: true };
    showKept(card);
    return card;
}

/** @param {Card} card */
function showKept({ button, kept }) {
    button.ariaPressed = String(kept);
    const state = button.querySelector(".state");
    if (state instanceof HTMLElement) say(state, kept ? "choose.kept" : "choose.dropped");
}

/**
 * A card with its hints below, which are read out with its button.
 * @param {Card} card
 * @param {number} index
 */
function withHints({ button, shot }, index) {
    const id = `hints-${index + 1}`;
    button.setAttribute("aria-describedby", id);
    return make("li", {}, button, hintList(id, shot));
}

/**
 * Is filled when the hints are there: the photos do not wait for them.
 * @param {string} id
 * @param {Shot} shot
 */
function hintList(id, { hints }) {
    const list = make("ul", { id, className: "hints", hidden: true });
    hints.then((hints) => {
        list.append(...hints.map((hint) => say(make("li"), `hint.${hint}`)));
        list.hidden = hints.length === 0;
    });
    return list;
}
