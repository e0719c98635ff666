// The admin's first look: totals, and a table of photos by smiley and state.

import { make, need } from "../shared/dom.js";
import { say } from "../shared/language.js";

/** @typedef {import("./api.js").Overview} Overview */
/** @typedef {import("../shared/api.js").Smiley} Smiley */

export const STATES = /** @type {const} */ (["waiting", "accepted", "rejected"]);
const TOTALS = /** @type {const} */ (["receipts", "votes", "erasures"]);

/**
 * @param {Overview} overview
 * @param {Smiley[]} smileys
 */
export function showCounts(overview, smileys) {
    const totals = TOTALS.map((name) => {
        const count = make("dd", {}, overview[name].toLocaleString());
        return make("div", {}, say(make("dt"), `admin.total_${name}`), count);
    });
    need("totals", HTMLElement).replaceChildren(...totals);
    const states = STATES.map((state) => say(make("th", { scope: "col" }), `state.${state}`));
    const headings = [say(make("th", { scope: "col" }), "admin.smiley"), ...states];
    need("counts-head", HTMLElement).replaceChildren(...headings);
    need("counts", HTMLElement).replaceChildren(...smileys.map((smiley) => row(overview, smiley)));
}

/**
 * @param {Overview} overview
 * @param {Smiley} smiley
 */
function row(overview, { id, emoticon }) {
    const counts = overview.smileys.find(({ smiley }) => smiley === id);
    const cells = STATES.map((state) => make("td", {}, (counts?.[state] ?? 0).toLocaleString()));
    return make("tr", {}, make("th", { scope: "row" }, make("code", {}, emoticon), ` ${id}`), ...cells);
}
