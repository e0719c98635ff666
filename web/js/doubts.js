// The page "doubts": labels that are probably wrong, one by one; one key says what is right, and it is saved at once.

import { act, addressOf, getDoubts } from "./doubts/api.js";
import { listen } from "./label/keys.js";
import { Legend } from "./label/legend.js";
import { Queue } from "./label/queue.js";
import { Sending } from "./label/sending.js";
import { need } from "./shared/dom.js";
import { say } from "./shared/language.js";
import { attempt } from "./shared/trouble.js";

/** @typedef {import("./doubts/api.js").Action} Action */
/** @typedef {import("./doubts/api.js").Doubt} Doubt */
/** @typedef {import("./doubts/api.js").Smiley} Smiley */

const trouble = need("trouble", HTMLElement);
const desk = need("desk", HTMLElement);

/** @type {Queue<Doubt>} */
const queue = new Queue();
const sending = new Sending(trouble);
/** @type {Legend | undefined} */
let legend;
/** @type {Smiley[]} */
let smileys = [];

async function start() {
    const all = await getDoubts();
    smileys = all.smileys;
    queue.put(all.doubts);
    legend = new Legend(need("legend", HTMLElement), smileys, answer);
    if (!queue.toNextOpen()) queue.forward();
    show();
}

function show() {
    const { current } = queue;
    desk.hidden = !current;
    need("finished", HTMLElement).hidden = queue.answered < queue.size;
    say(need("counts", HTMLElement), "doubts.counts", { answered: queue.answered, count: queue.size });
    need("share", HTMLProgressElement).value = queue.answered / queue.size;
    if (!current) return;
    const isNew = desk.dataset.doubt !== current.id;
    desk.dataset.doubt = current.id;
    need("file", HTMLElement).textContent = current.file;
    say(need("given", HTMLElement), "doubts.given", vote(current.smiley, current.share));
    say(need("rather", HTMLElement), "doubts.rather", vote(current.rather, current.rather_share));
    legend?.show({ proposal: current.rather, answered: current.answered });
    if (isNew) {
        need("picture", HTMLImageElement).src = addressOf(current);
        desk.focus({ preventScroll: true });
    }
    const { following } = queue;
    if (following) new Image().src = addressOf(following);
}

/** A smiley and the models' share for it. @param {string} smiley @param {number} share */
function vote(smiley, share) {
    const emoticon = smileys.find(({ id }) => id === smiley)?.emoticon ?? smiley;
    return { emoticon, percent: Math.round(100 * share) };
}

/** @param {string} label */
function answer(label) {
    const { current } = queue;
    if (!current) return;
    // The next one is shown at once; what cannot be saved is asked again.
    queue.put([{ ...current, answered: { label } }]);
    queue.toNextOpen();
    show();
    send({ do: "label", doubt: Number(current.id), label }, () => {
        queue.put([current]);
        show();
    });
}

/** @param {Action} action @param {() => void} [onFailure] */
function send(action, onFailure) {
    sending.send(async () => {
        const { doubt } = await act(action);
        if (action.do === "undo" && doubt) {
            queue.put([doubt]);
            queue.show(doubt.id);
        }
        show();
    }, onFailure);
}

/** @type {Record<string, () => void>} */
const KEYS = {
    ArrowLeft: () => (queue.back(), show()),
    ArrowRight: () => (queue.forward(), show()),
    " ": () => queue.current && answer(queue.current.smiley),
    Enter: () => queue.current && answer(queue.current.rather),
    u: () => send({ do: "undo" }),
};

listen({ isReady: () => Boolean(queue.current), smileys: () => smileys, answer, keys: KEYS });
for (const [id, key] of /** @type {const} */ ([["previous", "ArrowLeft"], ["next", "ArrowRight"], ["keep", " "], ["undo", "u"]])) {
    need(id, HTMLButtonElement).addEventListener("click", KEYS[key]);
}
attempt(trouble, start);
