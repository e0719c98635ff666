// The page "label": stretches of clips come in while they are found, one key says what each shows, and it is saved at once.

import { act, addressOf, getSession } from "./label/api.js";
import { listen } from "./label/keys.js";
import { Legend } from "./label/legend.js";
import { Queue } from "./label/queue.js";
import { Sending } from "./label/sending.js";
import { Stage } from "./label/stage.js";
import { make, need } from "./shared/dom.js";
import { say } from "./shared/language.js";
import { sayTrouble } from "./shared/trouble.js";

/** @typedef {import("./label/api.js").Action} Action */
/** @typedef {import("./label/api.js").Changed} Changed */
/** @typedef {import("./label/api.js").Person} Person */
/** @typedef {import("./label/api.js").Progress} Progress */
/** @typedef {import("./label/api.js").Session} Session */
/** @typedef {import("./label/api.js").Stretch} Stretch */

/** How often is asked what was found meanwhile. */
const POLL_MS = 1000;

const trouble = need("trouble", HTMLElement);
const desk = need("desk", HTMLElement);
const personInput = need("person", HTMLInputElement);

/** @type {Queue<Stretch>} */
const queue = new Queue();
const sending = new Sending(trouble);
const stage = new Stage((action) => send(action));
/** @type {Legend | undefined} */
let legend;
/** @type {Session | undefined} */
let session;
let isDone = false;
/** Whether the next stretch that comes in is shown at once, as all before are labeled. */
let isWaiting = true;

async function poll() {
    try {
        const news = await getSession(queue.size);
        session = news;
        queue.put(news.stretches);
        legend ??= new Legend(need("legend", HTMLElement), news.smileys, answer);
        showProgress(news.progress);
        if (isWaiting) isWaiting = !queue.toNextOpen();
        isDone = news.progress.is_done;
        if (isDone && !queue.current) queue.forward(); // all were labeled before
        show();
    } catch (error) {
        sayTrouble(trouble, error);
    }
    if (!isDone) setTimeout(poll, POLL_MS);
}

/** @param {Progress} progress */
function showProgress({ clips, done, clip, share, eta_s, is_done, problems }) {
    need("share", HTMLProgressElement).value = share;
    const line = need("analysis", HTMLElement);
    if (is_done) say(line, "label.analyzed", { count: clips });
    else if (eta_s === null) say(line, "label.analyzing", { clip, number: done + 1, clips });
    else say(line, "label.analyzing_eta", { clip, number: done + 1, clips, minutes: Math.ceil(eta_s / 60) });
    const list = need("problems", HTMLElement);
    list.hidden = problems.length === 0;
    list.replaceChildren(...problems.map((problem) => make("li", {}, problem)));
}

let shown = "";

/** Shows the current stretch and the counts. */
function show() {
    const { current } = queue;
    const isOver = queue.answered === queue.size && isDone;
    desk.hidden = !current;
    need("waiting", HTMLElement).hidden = Boolean(current) || isDone;
    need("finished", HTMLElement).hidden = !isOver;
    say(need("counts", HTMLElement), "label.counts", { answered: queue.answered, count: queue.size });
    if (!current) return;
    const isNew = shown !== current.id;
    shown = current.id;
    desk.dataset.stretch = current.id;
    const clip = session?.clips.find(({ id }) => id === current.clip)?.name ?? "";
    const times = { from: current.first.time_s.toFixed(2), to: current.last.time_s.toFixed(2) };
    say(need("where", HTMLElement), "label.where", { clip, ...times, count: current.frames });
    const emoticon = session?.smileys.find(({ id }) => id === current.proposal)?.emoticon ?? current.proposal;
    say(need("proposal", HTMLElement), "label.proposal", { emoticon, percent: Math.round(100 * current.share) });
    say(need("question", HTMLElement), "label.question");
    legend?.show(current);
    if (isNew || document.activeElement !== personInput) showPeople(current);
    stage.show(current);
    if (isNew && !(document.activeElement instanceof HTMLInputElement)) desk.focus({ preventScroll: true });
    queue.following?.pictures.forEach((picture) => (new Image().src = addressOf(picture)));
}

/** @param {Stretch} current */
function showPeople(current) {
    const people = session?.people ?? [];
    const isMeant = (/** @type {Person} */ { clip, track }) => clip === current.clip && track === current.track;
    personInput.value = people.find(isMeant)?.name ?? current.answered.person;
    const names = [...new Set(people.map(({ name }) => name))];
    need("names", HTMLElement).replaceChildren(...names.map((name) => make("option", { value: name })));
}

/** @param {string} label */
function answer(label) {
    const { current } = queue;
    if (!current) return;
    // The next one is shown at once; what is saved comes in behind, and what cannot be saved is asked again.
    queue.put([{ ...current, answered: { ...current.answered, label } }]);
    isWaiting = !queue.toNextOpen();
    show();
    send({ do: "label", stretch: current.id, label }, () => queue.put([current]));
}

/** @param {Action} action @param {() => void} [onFailure] */
function send(action, onFailure) {
    sending.send(async () => takeIn(await act(action), action), onFailure);
}

/** @param {Changed} changed @param {Action} action */
function takeIn({ stretch, people }, action) {
    if (session) session.people = people;
    if (stretch) queue.put([stretch]);
    if (stretch && action.do === "undo") go(() => queue.show(stretch.id));
    else show();
}

/** @param {() => void} move */
function go(move) {
    isWaiting = false;
    move();
    show();
}

/** @type {Record<string, () => void>} */
const KEYS = {
    ArrowLeft: () => go(() => queue.back()),
    ArrowRight: () => go(() => queue.forward()),
    " ": () => void stage.play(),
    u: () => send({ do: "undo" }),
    Enter: () => queue.current && answer(queue.current.proposal),
    "+": () => stage.nudge({ larger: 1 }),
    "-": () => stage.nudge({ larger: -1 }),
};

/** With the shift key. @type {Record<string, () => void>} */
const SHIFTED = {
    ArrowLeft: () => stage.nudge({ right: -1 }),
    ArrowRight: () => stage.nudge({ right: 1 }),
    ArrowUp: () => stage.nudge({ down: -1 }),
    ArrowDown: () => stage.nudge({ down: 1 }),
    "+": () => stage.nudge({ larger: 1 }),
};

const isReady = () => Boolean(queue.current);
listen({ isReady, smileys: () => session?.smileys ?? [], answer, keys: KEYS, shifted: SHIFTED });
personInput.addEventListener("change", () => {
    const { current } = queue;
    if (current) send({ do: "name", clip: current.clip, track: current.track, name: personInput.value });
});
for (const [id, key] of /** @type {const} */ ([["previous", "ArrowLeft"], ["next", "ArrowRight"], ["play", " "], ["undo", "u"]])) {
    need(id, HTMLButtonElement).addEventListener("click", KEYS[key]);
}
poll();
