// The page "my photos": with the receipt code, see, download or erase everything that was sent.

import { ApiError, eraseEverything, erasePhoto, getArchive, getConfig, getReceipt, getThumbnail } from "./shared/api.js";
import { confirmed } from "./shared/confirm.js";
import { download, focusHeading, make, need, showOnly } from "./shared/dom.js";
import { say, sayIn } from "./shared/language.js";
import { clearPictures, lazyPicture } from "./shared/pictures.js";
import { receiptCode } from "./shared/session.js";
import { attempt } from "./shared/trouble.js";

/** @typedef {import("./shared/api.js").GivenPhoto} GivenPhoto */

const trouble = need("trouble", HTMLElement);
const photoList = need("photos", HTMLElement);
const askSection = need("ask", HTMLFormElement);
const mineSection = need("mine", HTMLElement);
const erasedSection = need("erased", HTMLElement);
const sections = [askSection, mineSection, erasedSection];

/** Emoticons by id. @type {Map<string, string>} */
const emoticons = new Map();

async function start() {
    for (const { id, emoticon } of (await getConfig()).smileys) emoticons.set(id, emoticon);
    const code = receiptCode.get();
    if (code) await open(code);
    else showOnly(askSection, sections);
}

/**
 * Shows what was sent with a code, or asks for another code if nobody has it.
 * @param {string} code
 */
async function open(code) {
    try {
        await show(code);
        receiptCode.set(code);
    } catch (error) {
        if (error instanceof ApiError && error.status === 401) receiptCode.forget();
        showOnly(askSection, sections);
        throw error;
    }
}

/** @param {string} code */
async function show(code) {
    const { created, consent, photos } = await getReceipt(code);
    if (mineSection.hidden) showOnly(mineSection, sections);
    need("shown-code", HTMLOutputElement).textContent = code;
    say(need("summary", HTMLElement), "mine.summary", { count: photos.length });
    say(need("agreed", HTMLElement), "mine.agreed", { date: created.slice(0, 10), version: consent.version });
    say(need("agreed-publish", HTMLElement), consent.publish ? "mine.may_publish" : "mine.may_not_publish");
    say(need("agreed-example", HTMLElement), consent.example ? "mine.may_show" : "mine.may_not_show");
    need("archive", HTMLButtonElement).disabled = photos.length === 0;
    clearPictures(photoList);
    photoList.append(...photos.map((photo) => photoItem(code, photo)));
}

/**
 * @param {string} code
 * @param {GivenPhoto} photo
 */
function photoItem(code, photo) {
    const emoticon = emoticons.get(photo.smiley) ?? photo.smiley;
    const image = sayIn(lazyPicture(() => getThumbnail(code, photo.id)), "sayAlt", "mine.photo", { emoticon });
    const state = say(make("span", { className: "soft" }), `state.${photo.state}`);
    const words = make("p", {}, make("code", {}, emoticon), " ", state);
    const erase = say(make("button", { type: "button", className: "small danger" }), "mine.erase");
    erase.addEventListener("click", () => attempt(trouble, () => eraseOne(code, photo)));
    return make("li", { className: "photo" }, image, words, erase);
}

/**
 * @param {string} code
 * @param {GivenPhoto} photo
 */
async function eraseOne(code, photo) {
    if (!(await confirmed("confirm.erase_one", "confirm.for_good"))) return;
    await erasePhoto(code, photo.id);
    await show(code);
    focusHeading(mineSection);
}

async function eraseAll() {
    const code = receiptCode.get();
    if (!code || !(await confirmed("confirm.erase_all", "confirm.for_good"))) return;
    await eraseEverything(code);
    receiptCode.forget();
    clearPictures(photoList);
    showOnly(erasedSection, sections);
}

async function saveArchive() {
    download(await getArchive(receiptCode.get() ?? ""), "smielfy-photos.zip");
}

function close() {
    receiptCode.forget();
    clearPictures(photoList);
    showOnly(askSection, sections);
}

askSection.addEventListener("submit", (event) => {
    event.preventDefault();
    const input = need("code", HTMLInputElement);
    const code = input.value.trim();
    input.value = "";
    attempt(trouble, () => open(code));
});
need("archive", HTMLButtonElement).addEventListener("click", () => attempt(trouble, saveArchive));
need("erase-all", HTMLButtonElement).addEventListener("click", () => attempt(trouble, eraseAll));
need("close", HTMLButtonElement).addEventListener("click", close);
attempt(trouble, start);
