// Small helpers over the DOM: parts of the page that must be there, new elements in one expression, waiting for a button.

/**
 * The element with this id, which the page's HTML has.
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function need(id, type) {
    const found = document.getElementById(id);
    if (found instanceof type) return found;
    throw new Error(`the page has no ${type.name} #${id}`);
}

/**
 * A new element with properties and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<Omit<HTMLElementTagNameMap[Tag], "style" | "dataset">>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
}

/**
 * Shows one of several sections, hides the others, and takes the keyboard and the screen reader to its heading.
 * @param {HTMLElement} section
 * @param {HTMLElement[]} all
 */
export function showOnly(section, all) {
    for (const other of all) other.hidden = other !== section;
    focusHeading(section);
}

/** @param {HTMLElement} section */
export function focusHeading(section) {
    const heading = section.querySelector("h1, h2");
    if (!(heading instanceof HTMLElement)) return;
    heading.tabIndex = -1;
    heading.focus();
}

/**
 * Waits until one of the buttons is pressed, and says which.
 * @template {string} Name
 * @param {Record<Name, HTMLButtonElement>} buttons
 * @returns {Promise<Name>}
 */
export function pressed(buttons) {
    const listening = new AbortController();
    return new Promise((resolve) => {
        for (const name of /** @type {Name[]} */ (Object.keys(buttons))) {
            const answer = () => {
                listening.abort();
                resolve(name);
            };
            buttons[name].addEventListener("click", answer, { signal: listening.signal });
        }
    });
}

/**
 * Saves bytes as a file of the person's device.
 * @param {Blob} blob
 * @param {string} name
 */
export function download(blob, name) {
    const url = URL.createObjectURL(blob);
    make("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** @param {number} duration_ms */
export function pause(duration_ms) {
    return new Promise((resolve) => setTimeout(resolve, duration_ms));
}

/** Whether the person asked the system for little motion. */
export function prefersStillness() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
