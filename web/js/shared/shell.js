// The shell that all pages share: the link to the content, the top with the pages and languages, the bottom.

import { make, need } from "./dom.js";
import { inEachLanguage, language, say, sayIn, setLanguage } from "./language.js";

/** @typedef {import("./language.js").Key} Key */

/** @type {[string, Key][]} */
const PAGES = [
    ["/", "page.contribute"],
    ["/live", "page.live"],
    ["/review", "page.review"],
    ["/receipt", "page.receipt"],
];

/** Whether the page stands alone, as that of `smielfy label` does: then there are no others to go to. */
const isAlone = "alone" in document.body.dataset;

function top() {
    const logo = make("img", { src: "/assets/img/logo.svg", alt: "", width: 36, height: 36 });
    const nav = make("nav", {}, make("ul", { className: "pages" }, ...PAGES.map(pageLink)));
    sayIn(nav, "sayLabel", "shell.pages");
    const brand = isAlone ? make("span") : make("a", { href: "/" });
    brand.className = "brand";
    brand.append(logo, "smielfy");
    need("top", HTMLElement).append(brand, ...(isAlone ? [] : [nav]), languages());
}

/** @param {[string, Key]} page */
function pageLink([address, key]) {
    const link = say(make("a", { href: address }), key);
    if (location.pathname === address) link.ariaCurrent = "page";
    return make("li", {}, link);
}

function languages() {
    const group = make("div", { className: "languages", role: "group" });
    sayIn(group, "sayLabel", "shell.language");
    for (const [code, name] of /** @type {const} */ ([["en", "English"], ["ru", "Русский"]])) {
        const button = make("button", { type: "button", lang: code, textContent: name });
        button.addEventListener("click", () => setLanguage(code));
        inEachLanguage(() => (button.ariaPressed = String(language() === code)));
        group.append(button);
    }
    return group;
}

function bottom() {
    const promise = say(make("p"), "shell.promise");
    const privacy = say(make("a", { href: "/privacy" }), "page.privacy");
    const admin = say(make("a", { href: "/admin" }), "page.admin");
    need("bottom", HTMLElement).append(promise, ...(isAlone ? [] : [privacy, admin]));
}

function skipLink() {
    document.body.prepend(say(make("a", { className: "skip-link", href: "#content" }), "shell.skip"));
}

top();
bottom();
skipLink();
