// The legend: a button for each label with its key.

import { make } from "../shared/dom.js";
import { inEachLanguage, language, say } from "../shared/language.js";
import { OTHERS, keyOf } from "./keys.js";

/** @typedef {import("./api.js").Smiley} Smiley */

export class Legend {
    /** @type {Map<string, HTMLButtonElement>} */
    #buttons = new Map();

    /**
     * @param {HTMLElement} place
     * @param {Smiley[]} smileys
     * @param {(label: string) => void} onAnswer
     */
    constructor(place, smileys, onAnswer) {
        smileys.forEach((smiley, index) => {
            const name = make("span", {}, smiley.id);
            const button = this.#button(smiley.id, keyOf(index), make("span", { className: "emoticon" }, smiley.emoticon), name);
            inEachLanguage(() => (button.title = smiley.pose[language()]));
        });
        this.#button("none", this.#keyOfOther("none"), say(make("span"), "label.none"));
        this.#button("unusable", this.#keyOfOther("unusable"), say(make("span"), "label.unusable"));
        for (const [label, button] of this.#buttons) button.addEventListener("click", () => onAnswer(label));
        place.replaceChildren(...this.#buttons.values());
    }

    /**
     * Marks what the model proposes and what was answered.
     * @param {{ proposal: string, answered: { label: string | null } }} asked
     */
    show({ proposal, answered }) {
        for (const [label, button] of this.#buttons) {
            button.classList.toggle("is-proposed", label === proposal);
            button.ariaPressed = String(label === answered.label);
        }
    }

    /** @param {string} label */
    #keyOfOther(label) {
        return Object.keys(OTHERS).find((key) => OTHERS[key] === label);
    }

    /** @param {string} label @param {string | undefined} key @param {HTMLElement[]} content */
    #button(label, key, ...content) {
        const button = make("button", { type: "button" }, ...(key ? [make("kbd", {}, key.toUpperCase())] : []), ...content);
        button.dataset.label = label;
        this.#buttons.set(label, button);
        return button;
    }
}
