// Consent before the camera: the versioned text and its ticks, then the receipt code, which is all that makes somebody the owner
// of what is sent.

import { ApiError, getReceipt, makeReceipt } from "../shared/api.js";
import { copyText } from "../shared/copy.js";
import { download, make, need, pressed } from "../shared/dom.js";
import { makeFace } from "../shared/face.js";
import { inEachLanguage, language, say, words } from "../shared/language.js";
import { receiptCode } from "../shared/session.js";
import { attempt } from "../shared/trouble.js";

/** @typedef {import("../shared/api.js").Config} Config */
/** @typedef {import("../shared/api.js").GivenPhoto} GivenPhoto */
/** @typedef {{ code: string, photos: GivenPhoto[] }} Owned */

const TICKS = /** @type {const} */ (["adult", "train", "publish", "example"]);

/**
 * The receipt that this tab remembers, or a new one for the consent that the person gives now.
 * @param {Config} config
 * @param {(section: HTMLElement) => void} show
 * @returns {Promise<Owned>}
 */
export async function receiptFor(config, show) {
    const owned = (await rememberedReceipt()) ?? (await newReceipt(config, show));
    show(need("new-receipt", HTMLElement));
    await showReceipt(owned.code);
    return owned;
}

/**
 * @param {Config} config
 * @param {(section: HTMLElement) => void} show
 * @returns {Promise<Owned>}
 */
async function newReceipt(config, show) {
    showConsent(config);
    show(need("consent", HTMLElement));
    return { code: await askConsent(config), photos: [] };
}

/** @returns {Promise<Owned | undefined>} */
async function rememberedReceipt() {
    const code = receiptCode.get();
    if (!code) return undefined;
    try {
        return { code, photos: (await getReceipt(code)).photos };
    } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        receiptCode.forget();
        return undefined;
    }
}

/** @param {Config} config */
function showConsent(config) {
    need("crowd", HTMLElement).replaceChildren(...config.smileys.map(({ emoticon }) => make("li", {}, makeFace(emoticon))));
    inEachLanguage(() => {
        const paragraphs = config.consent.text[language()].map((paragraph) => make("p", {}, paragraph));
        need("consent-text", HTMLElement).replaceChildren(...paragraphs);
    });
}

/**
 * Waits until the person has ticked what is needed and agrees; the code of the receipt that the server made for it.
 * @param {Config} config
 * @returns {Promise<string>}
 */
async function askConsent(config) {
    const agree = need("agree", HTMLButtonElement);
    const form = need("consent-form", HTMLFormElement);
    form.reset();
    form.addEventListener("change", () => (agree.disabled = !form.checkValidity()));
    form.addEventListener("submit", (event) => event.preventDefault());
    for (;;) {
        await pressed({ agree });
        let code = "";
        const work = async () => (code = await makeReceipt({ consent_version: config.consent.version, ...ticks() }));
        if (await attempt(need("trouble", HTMLElement), work)) return code;
    }
}

/** @returns {Record<typeof TICKS[number], boolean>} */
function ticks() {
    const [adult, train, publish, example] = TICKS.map((id) => need(id, HTMLInputElement).checked);
    return { adult, train, publish, example };
}

/**
 * Shows the code until the person wants to go on; the camera is not opened before.
 * @param {string} code
 */
async function showReceipt(code) {
    receiptCode.set(code);
    need("code", HTMLOutputElement).textContent = code;
    const status = need("code-status", HTMLElement);
    need("copy-code", HTMLButtonElement).addEventListener("click", () => copyText(code, status));
    need("save-code", HTMLButtonElement).addEventListener("click", () => {
        const text = words("receipt.file", { code, address: location.origin });
        download(new Blob([text], { type: "text/plain" }), "smielfy-receipt.txt");
        say(status, "receipt.saved");
    });
    await pressed({ camera: need("to-camera", HTMLButtonElement) });
}
