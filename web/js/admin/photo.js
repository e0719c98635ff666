// One photo on the admin's desk.

import { make } from "../shared/dom.js";
import { say, sayIn } from "../shared/language.js";
import { lazyPicture } from "../shared/pictures.js";
import { getThumbnail } from "./api.js";

/** @typedef {import("./api.js").Photo} Photo */
/** @typedef {import("./api.js").Action} Action */
/** @typedef {import("../shared/api.js").Smiley} Smiley */

/**
 * @param {Photo} photo
 * @param {Smiley[]} smileys
 * @param {(action: Action, smiley: string) => void} act
 */
export function photoItem(photo, smileys, act) {
    const emoticon = emoticonOf(photo.smiley, smileys);
    const image = sayIn(lazyPicture(() => getThumbnail(photo.id)), "sayAlt", "mine.photo", { emoticon });
    return make("li", { className: "photo" }, image, facts(photo, smileys), relabel(photo, smileys, act), buttons(photo, act));
}

/**
 * @param {string} id
 * @param {Smiley[]} smileys
 */
function emoticonOf(id, smileys) {
    return smileys.find((smiley) => smiley.id === id)?.emoticon ?? id;
}

/**
 * @param {Photo} photo
 * @param {Smiley[]} smileys
 */
function facts({ id, smiley, state, known, votes, model }, smileys) {
    const label = make("p", {}, make("code", {}, emoticonOf(smiley, smileys)), " ", say(make("span"), `state.${state}`));
    if (known) label.append(" ", say(make("span", { className: "soft" }), "admin.is_known"));
    const said = say(make("p", { className: "soft" }), "admin.votes", { ...votes });
    const name = make("p", { className: "soft" }, make("code", { title: id }, id.slice(0, 8)));
    return make("div", {}, label, said, opinion(model, smileys), name);
}

/**
 * @param {Photo["model"]} model
 * @param {Smiley[]} smileys
 */
function opinion(model, smileys) {
    const words = make("p", { className: "soft" });
    if (!model) return say(words, "admin.no_model");
    return say(words, "admin.model", { emoticon: emoticonOf(model.smiley, smileys), share: Math.round(100 * model.share) });
}

/**
 * @param {Photo} photo
 * @param {Smiley[]} smileys
 * @param {(action: Action, smiley: string) => void} act
 */
function relabel(photo, smileys, act) {
    const options = smileys.map(({ id, emoticon }) => make("option", { value: id }, `${emoticon} ${id}`));
    const select = sayIn(make("select", {}, ...options), "sayLabel", "admin.relabel");
    select.value = photo.smiley;
    select.addEventListener("change", () => act("relabel", select.value));
    return select;
}

/**
 * @param {Photo} photo
 * @param {(action: Action, smiley: string) => void} act
 */
function buttons(photo, act) {
    const made = /** @type {const} */ (["accept", "reject", "known"]).map((action) => {
        const button = say(make("button", { type: "button", className: "small" }), `admin.${action}`);
        button.addEventListener("click", () => act(action, photo.smiley));
        return button;
    });
    return make("div", { className: "actions" }, ...made);
}
