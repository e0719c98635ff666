// The rules of "pull this face": as many faces as you can in a minute, each held for a moment. No DOM, no clock of its own.

/** How long a round takes. */
export const ROUND_MS = 60_000;
/** How long a face must be held, so that one stray answer scores nothing. */
export const HOLD_MS = 400;
/** Faces that are no fun as a target: they are what a face does anyway. */
const TOO_EASY = ["neutral"];

export class Game {
    /**
     * @param {string[]} smileys ids
     * @param {number} now_ms
     * @param {() => number} random between 0 and 1
     */
    constructor(smileys, now_ms, random = Math.random) {
        this.smileys = smileys.filter((id) => !TOO_EASY.includes(id));
        this.random = random;
        this.started_ms = now_ms;
        this.score = 0;
        this.target = this.#draw();
        /** @type {number | undefined} */
        this.held_since_ms = undefined;
    }

    /** @param {number} now_ms */
    left_ms(now_ms) {
        return Math.max(0, this.started_ms + ROUND_MS - now_ms);
    }

    /**
     * What the recognizer sees now; whether that scored.
     * @param {string | undefined} smiley
     * @param {number} now_ms
     */
    see(smiley, now_ms) {
        if (smiley !== this.target || this.left_ms(now_ms) === 0) {
            this.held_since_ms = undefined;
            return false;
        }
        this.held_since_ms ??= now_ms;
        if (now_ms - this.held_since_ms < HOLD_MS) return false;
        this.score += 1;
        this.pass();
        return true;
    }

    /** Another target, for no point. */
    pass() {
        this.target = this.#draw(this.target);
        this.held_since_ms = undefined;
    }

    /** @param {string} [before] what it shall not be again */
    #draw(before) {
        const others = this.smileys.filter((id) => id !== before);
        return others[Math.floor(this.random() * others.length)];
    }
}
