// The language of the page: chosen from the browser, switchable, remembered. Every element that `say` or the attribute `data-say`
// gave words keeps their key, so that a switch changes all words in place and nothing is lost.

import en from "../words/en.js";
import ru from "../words/ru.js";

/** @typedef {"en" | "ru"} Language */
/** @typedef {keyof typeof en} Key */
/** @typedef {Record<string, string | number>} Values */
/** @typedef {import("../words/en.js").Words} Words */

/** @type {Record<Language, Words>} */
const dictionaries = { en, ru };
const STORED_AS = "smielfy.language";

/** Attributes that can have words beside an element's text: `data-say-label="key"` is the element's `aria-label`. */
const ATTRIBUTES = /** @type {const} */ ({ sayLabel: "aria-label", sayPlaceholder: "placeholder", sayAlt: "alt" });

/** @type {Language} */
let current = chosen();

/** @returns {Language} */
function chosen() {
    const wishes = [localStorage.getItem(STORED_AS), ...navigator.languages].map((wish) => wish?.slice(0, 2));
    const known = wishes.find((wish) => wish === "en" || wish === "ru");
    return known === "ru" ? "ru" : "en";
}

/** @returns {Language} */
export function language() {
    return current;
}

/** @param {Language} wished */
export function setLanguage(wished) {
    current = wished;
    localStorage.setItem(STORED_AS, wished);
    translate();
    document.dispatchEvent(new Event("language"));
}

/**
 * Calls back now and whenever the language changes.
 * @param {() => void} callback
 */
export function inEachLanguage(callback) {
    callback();
    document.addEventListener("language", callback);
}

/**
 * The words of a key, with `{name}` replaced by values; `count` chooses among plural forms.
 * @param {Key} key
 * @param {Values} [values]
 */
export function words(key, values = {}) {
    const entry = dictionaries[current][key];
    const form = typeof entry === "string" ? entry : pluralForm(entry, Number(values.count));
    return form.replace(/\{(\w+)\}/g, (_, name) => (name === "emoticon" ? unbroken : shown)(values[name]));
}

/**
 * @param {import("../words/en.js").Plural} forms
 * @param {number} count
 */
function pluralForm(forms, count) {
    const form = new Intl.PluralRules(current).select(count);
    return (form === "one" || form === "few" ? forms[form] : undefined) ?? forms.other;
}

/** An emoticon that no line breaks behind its hyphens, as in `-_-`. @param {string | number | undefined} emoticon */
function unbroken(emoticon) {
    return shown(emoticon).replaceAll("-", "-\u2060");
}

/** @param {string | number | undefined} value */
function shown(value) {
    return typeof value === "number" ? value.toLocaleString(current) : (value ?? "");
}

/**
 * Gives an element its words, which follow the language from then on.
 * @template {HTMLElement} T
 * @param {T} element
 * @param {Key} key
 * @param {Values} [values]
 * @returns {T}
 */
export function say(element, key, values) {
    element.dataset.say = key;
    if (values) element.dataset.values = JSON.stringify(values);
    else delete element.dataset.values;
    sayAgain(element);
    return element;
}

/**
 * The same for an attribute that is read out.
 * @template {HTMLElement} T
 * @param {T} element
 * @param {keyof typeof ATTRIBUTES} attribute
 * @param {Key} key
 * @param {Values} [values]
 * @returns {T}
 */
export function sayIn(element, attribute, key, values) {
    element.dataset[attribute] = key;
    if (values) element.dataset.values = JSON.stringify(values);
    sayAgain(element);
    return element;
}

/**
 * Takes an element's words away.
 * @param {HTMLElement} element
 */
export function hush(element) {
    delete element.dataset.say;
    element.textContent = "";
}

/** @param {HTMLElement} element */
function sayAgain(element) {
    const values = JSON.parse(element.dataset.values ?? "{}");
    const key = /** @type {Key | undefined} */ (element.dataset.say);
    if (key) element.textContent = words(key, values);
    for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
        const attributeKey = /** @type {Key | undefined} */ (element.dataset[name]);
        if (attributeKey) element.setAttribute(attribute, words(attributeKey, values));
    }
}

function translate() {
    document.documentElement.lang = current;
    const selectors = ["[data-say]", "[data-say-label]", "[data-say-placeholder]", "[data-say-alt]"];
    document.querySelectorAll(selectors.join()).forEach((element) => {
        if (element instanceof HTMLElement) sayAgain(element);
    });
}

translate();
