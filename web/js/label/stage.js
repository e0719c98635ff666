// The stage: the pictures of a stretch, large and as a strip, with the square to correct and the borders to drag.

import { make, need, pause } from "../shared/dom.js";
import { sayIn } from "../shared/language.js";
import { addressOf } from "./api.js";

/** @typedef {import("./api.js").Stretch} Stretch */
/** @typedef {import("./api.js").Square} Square */
/** @typedef {import("./api.js").Action} Action */

/** Shortest and longest time that a picture of a playing stretch is shown. */
const PLAY_MS = { least: 40, most: 400 };
/** How far a key moves or scales the square, as a share of its side. */
const STEP = 0.03;

const picture = need("picture", HTMLImageElement);
const frame = need("frame", HTMLElement);
const square = need("square", HTMLElement);
const strip = need("strip", HTMLElement);
const borders = need("borders", HTMLElement);
const first = need("first", HTMLInputElement);
const last = need("last", HTMLInputElement);

export class Stage {
    /** @type {Stretch | undefined} */
    #stretch;
    #index = 0;
    /** Rises with each thing that ends a playing. */
    #turn = 0;
    /** @type {(action: Action) => void} */
    #onAction;

    /** @param {(action: Action) => void} onAction */
    constructor(onAction) {
        this.#onAction = onAction;
        for (const input of [first, last]) input.addEventListener("change", () => this.#moveBorders());
        square.addEventListener("pointerdown", (event) => this.#drag(event));
    }

    /**
     * Shows a stretch, at the picture that stands for it or where it was.
     * @param {Stretch} stretch
     */
    show(stretch) {
        const isOther = this.#stretch?.id !== stretch.id;
        this.#stretch = stretch;
        if (isOther) {
            this.#index = stretch.representative;
            this.#turn += 1;
            strip.replaceChildren(...stretch.pictures.map((_, index) => this.#thumbnail(index)));
        }
        borders.hidden = stretch.pictures.length < 2;
        const [from, to] = this.#covered();
        for (const [input, value] of /** @type {const} */ ([[first, from], [last, to]])) {
            input.max = String(stretch.pictures.length - 1);
            input.value = String(value);
        }
        this.#showPicture(this.#index);
    }

    /** Plays the stretch once, in its own time. */
    async play() {
        const stretch = this.#stretch;
        if (!stretch) return;
        const turn = ++this.#turn;
        const before = this.#index;
        for (const [index, { time_s }] of stretch.pictures.entries()) {
            this.#showPicture(index);
            const next = stretch.pictures[index + 1]?.time_s ?? time_s;
            await pause(Math.min(PLAY_MS.most, Math.max(PLAY_MS.least, 1000 * (next - time_s))));
            if (turn !== this.#turn) return;
        }
        this.#showPicture(before);
    }

    /**
     * Moves the square by steps, or scales it.
     * @param {{ right?: number, down?: number, larger?: number }} steps
     */
    nudge({ right = 0, down = 0, larger = 0 }) {
        const found = this.#stretch?.answered.squares[this.#index];
        if (!found) return;
        const side = found.side * (1 + STEP * larger);
        const grown = (side - found.side) / 2;
        this.#correct({ x: found.x + STEP * right * found.side - grown, y: found.y + STEP * down * found.side - grown, side });
    }

    /** Indexes of the first and the last picture within the borders. */
    #covered() {
        const { pictures, answered } = /** @type {Stretch} */ (this.#stretch);
        const inside = pictures.map(({ frame }) => frame >= answered.first && frame <= answered.last);
        return [inside.indexOf(true), inside.lastIndexOf(true)];
    }

    /** @param {number} index */
    #thumbnail(index) {
        const { pictures } = /** @type {Stretch} */ (this.#stretch);
        const image = make("img", { src: addressOf(pictures[index]), alt: "" });
        const button = make("button", { type: "button" }, image);
        sayIn(button, "sayLabel", "label.thumbnail", { number: index + 1 });
        button.addEventListener("click", () => {
            this.#turn += 1;
            this.#showPicture(index);
        });
        return button;
    }

    /** @param {number} index */
    #showPicture(index) {
        const { pictures } = /** @type {Stretch} */ (this.#stretch);
        this.#index = index;
        picture.src = addressOf(pictures[index]);
        frame.dataset.frame = String(pictures[index].frame);
        const [from, to] = this.#covered();
        for (const [at, button] of [...strip.children].entries()) {
            button.ariaPressed = String(at === index);
            button.classList.toggle("is-outside", at < from || at > to);
        }
        this.#showSquare();
    }

    #showSquare(wished = this.#stretch?.answered.squares[this.#index]) {
        const shown = this.#stretch?.pictures[this.#index];
        if (!wished || !shown) return;
        frame.style.aspectRatio = `${shown.width} / ${shown.height}`;
        square.style.left = `${(100 * (wished.x - shown.left)) / shown.width}%`;
        square.style.top = `${(100 * (wished.y - shown.top)) / shown.height}%`;
        square.style.width = `${(100 * wished.side) / shown.width}%`;
        square.style.height = `${(100 * wished.side) / shown.height}%`;
        square.classList.toggle("is-key", this.#stretch?.answered.keys.includes(shown.frame) ?? false);
    }

    #moveBorders() {
        const stretch = this.#stretch;
        if (!stretch) return;
        const [from, to] = [Number(first.value), Number(last.value)].sort((a, b) => a - b);
        const end = stretch.pictures.length - 1;
        this.#onAction({
            do: "borders",
            stretch: stretch.id,
            first: from === 0 ? stretch.first.frame : stretch.pictures[from].frame,
            last: to === end ? stretch.last.frame : stretch.pictures[to].frame,
        });
    }

    /** @param {PointerEvent} start */
    #drag(start) {
        const shown = this.#stretch?.pictures[this.#index];
        const before = this.#stretch?.answered.squares[this.#index];
        if (!shown || !before) return;
        start.preventDefault();
        this.#turn += 1;
        const resizes = start.target !== square;
        const scale = shown.width / frame.clientWidth;
        let now = before;
        const move = (/** @type {PointerEvent} */ event) => {
            const [right, down] = [(event.clientX - start.clientX) * scale, (event.clientY - start.clientY) * scale];
            now = resizes
                ? { ...before, side: Math.max(4, before.side + (right + down) / 2) }
                : { ...before, x: before.x + right, y: before.y + down };
            this.#showSquare(now);
        };
        const listening = new AbortController();
        const { signal } = listening;
        square.setPointerCapture(start.pointerId);
        square.addEventListener("pointermove", move, { signal });
        square.addEventListener("pointercancel", () => listening.abort(), { signal });
        square.addEventListener("pointerup", () => {
            listening.abort();
            if (now !== before) this.#correct(now);
        }, { signal });
    }

    /** @param {Square} right */
    #correct(right) {
        const stretch = this.#stretch;
        if (!stretch) return;
        this.#onAction({ do: "square", stretch: stretch.id, frame: stretch.pictures[this.#index].frame, square: right });
    }
}
