// The game on the page: its target, clock, score and buttons.

import { make, need } from "../shared/dom.js";
import { showFace } from "../shared/face.js";
import { inEachLanguage, language, say } from "../shared/language.js";
import { Game, ROUND_MS } from "./game.js";

/** @typedef {import("../shared/api.js").Smiley} Smiley */

/** How often the clock moves. */
const TICK_MS = 200;

export class GameBoard {
    /** @param {Smiley[]} smileys */
    constructor(smileys) {
        this.smileys = smileys;
        this.play = need("play", HTMLButtonElement);
        this.pass = need("pass", HTMLButtonElement);
        this.clock = need("clock", HTMLProgressElement);
        this.words = need("game-words", HTMLElement);
        /** @type {Game | undefined} */
        this.game = undefined;
        this.timer = 0;
        this.play.addEventListener("click", () => this.#begin());
        this.pass.addEventListener("click", () => this.#pass());
        inEachLanguage(() => this.#showTarget());
    }

    /** Whether there are answers to play with. @param {boolean} ready */
    setReady(ready) {
        this.play.disabled = !ready;
        if (!ready && this.game) this.#end();
    }

    /** @param {string | undefined} smiley what is seen now */
    see(smiley) {
        if (!this.game?.see(smiley, performance.now())) return;
        say(this.words, "game.hit", { score: this.game.score });
        this.#showTarget();
    }

    #begin() {
        this.game = new Game(this.smileys.map(({ id }) => id), performance.now());
        this.clock.max = ROUND_MS;
        this.timer = window.setInterval(() => this.#tick(), TICK_MS);
        say(this.words, "game.go");
        this.#setPlaying(true);
        this.#showTarget();
        this.#tick();
    }

    #pass() {
        this.game?.pass();
        this.#showTarget();
    }

    #tick() {
        if (!this.game) return;
        this.clock.value = this.game.left_ms(performance.now());
        if (this.clock.value === 0) this.#end();
    }

    #end() {
        window.clearInterval(this.timer);
        say(this.words, "game.over", { count: this.game?.score ?? 0 });
        this.game = undefined;
        this.#setPlaying(false);
        this.#showTarget();
    }

    /** @param {boolean} playing */
    #setPlaying(playing) {
        this.play.hidden = playing;
        this.pass.hidden = !playing;
        this.clock.hidden = !playing;
        need("target", HTMLElement).hidden = !playing;
        (playing ? this.pass : this.play).focus({ preventScroll: true });
    }

    #showTarget() {
        const target = this.smileys.find(({ id }) => id === this.game?.target);
        const pose = need("game-pose", HTMLElement);
        pose.replaceChildren();
        if (!target || !this.game) return need("score", HTMLElement).replaceChildren();
        showFace(need("target", HTMLElement), target.emoticon);
        pose.append(make("code", {}, target.emoticon), ` ${target.pose[language()]}`);
        return say(need("score", HTMLElement), "game.score", { score: this.game.score });
    }
}
