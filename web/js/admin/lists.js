// Releases and erasures, a line each.

import { make } from "../shared/dom.js";
import { say } from "../shared/language.js";

/** @param {import("./api.js").Release} release */
export function releaseItem({ number, created, public: isPublic, photos, manifest }) {
    const kind = say(make("span"), isPublic ? "admin.release_public" : "admin.release_internal");
    const words = say(make("span"), "admin.release_words", { number, created, count: photos });
    return make("li", {}, words, " ", kind, " ", make("code", { className: "hash" }, manifest));
}

/** @param {import("./api.js").Erasure} erasure */
export function erasureItem({ photo, erased }) {
    return make("li", {}, make("code", {}, photo), ` ${erased}`);
}
