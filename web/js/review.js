// The page "review": is this photo what it says? Four answers, by button or by key while the card has the focus.

import { ApiError, getConfig, getTask, getTaskPicture, judge, makeVoter } from "./shared/api.js";
import { need } from "./shared/dom.js";
import { showFace } from "./shared/face.js";
import { inEachLanguage, language, say } from "./shared/language.js";
import { showPicture } from "./shared/pictures.js";
import { receiptCode, voterToken } from "./shared/session.js";
import { attempt } from "./shared/trouble.js";

/** @typedef {import("./shared/api.js").Smiley} Smiley */
/** @typedef {import("./shared/api.js").Task} Task */
/** @typedef {import("./shared/api.js").Verdict} Verdict */

/** In the order of the keys 1 to 4. @type {Verdict[]} */
const VERDICTS = ["yes", "no", "not_a_face", "unsafe"];

const trouble = need("trouble", HTMLElement);
const card = need("judge", HTMLElement);
const nothing = need("nothing", HTMLElement);

/** @type {Smiley[]} */
let smileys = [];
/** @type {Task | undefined} */
let task;
let judged = 0;

async function start() {
    smileys = (await getConfig()).smileys;
    await next();
}

/** The token of this tab, made when there is none or the server no longer knows it. */
async function voter() {
    const known = voterToken.get();
    if (known) return known;
    const made = await makeVoter(receiptCode.get()).catch(() => makeVoter());
    voterToken.set(made);
    return made;
}

async function next() {
    task = await getTask(await voter()).catch(againAsNewVoter);
    const picture = task && (await getTaskPicture(await voter(), task.task));
    card.hidden = !picture;
    nothing.hidden = Boolean(picture);
    if (!picture) return;
    showPicture(need("picture", HTMLImageElement), picture);
    showQuestion();
    setBusy(false);
    card.focus({ preventScroll: true });
}

/** @param {unknown} error */
async function againAsNewVoter(error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    voterToken.forget();
    return getTask(await voter());
}

function showQuestion() {
    const asked = smileys.find(({ id }) => id === task?.smiley);
    if (!asked) return;
    showFace(need("face", HTMLElement), asked.emoticon);
    say(need("question", HTMLElement), "review.question", { emoticon: asked.emoticon });
    need("pose", HTMLElement).textContent = asked.pose[language()];
}

/** @param {Verdict} verdict */
async function answer(verdict) {
    if (!task) return;
    setBusy(true);
    const { task: id } = task;
    task = undefined;
    const went = await attempt(trouble, async () => judge(await voter(), id, verdict));
    if (went) say(need("judged", HTMLElement), "review.judged", { count: ++judged });
    await attempt(trouble, next);
}

/** @param {boolean} busy */
function setBusy(busy) {
    for (const verdict of VERDICTS) need(verdict, HTMLButtonElement).disabled = busy;
}

for (const verdict of VERDICTS) need(verdict, HTMLButtonElement).addEventListener("click", () => answer(verdict));
card.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey, repeat }) => {
    const verdict = VERDICTS[Number(key) - 1];
    if (verdict && !ctrlKey && !metaKey && !altKey && !repeat) answer(verdict);
});
need("look-again", HTMLButtonElement).addEventListener("click", () => attempt(trouble, next));
inEachLanguage(showQuestion);
attempt(trouble, start);
