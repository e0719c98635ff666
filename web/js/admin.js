// The page "admin": the secret, then counts, the queue with its actions, releases and erasures.

import { findPhotos, getErasures, getOverview, getReleases, makeRelease } from "./admin/api.js";
import { showCounts } from "./admin/counts.js";
import { Queue } from "./admin/queue.js";
import { erasureItem, releaseItem } from "./admin/lists.js";
import { ApiError, getConfig } from "./shared/api.js";
import { need, showOnly } from "./shared/dom.js";
import { say } from "./shared/language.js";
import { adminSecret } from "./shared/session.js";
import { attempt } from "./shared/trouble.js";

/** @typedef {import("./shared/api.js").Smiley} Smiley */

const trouble = need("trouble", HTMLElement);
const login = need("login", HTMLFormElement);
const desk = need("desk", HTMLElement);
const releaseForm = need("release-form", HTMLFormElement);

async function start() {
    const { smileys } = await getConfig();
    const queue = new Queue(smileys, findPhotos, () => showOverview(smileys));
    login.addEventListener("submit", (event) => {
        event.preventDefault();
        adminSecret.set(need("secret", HTMLInputElement).value.trim());
        login.reset();
        attempt(trouble, () => enter(smileys, queue));
    });
    need("leave", HTMLButtonElement).addEventListener("click", () => leave(queue));
    releaseForm.addEventListener("submit", (event) => {
        event.preventDefault();
        attempt(need("release-trouble", HTMLElement), release);
    });
    if (adminSecret.get()) await enter(smileys, queue);
    else showOnly(login, [login, desk]);
}

/**
 * Shows everything if the secret is right, else asks again.
 * @param {Smiley[]} smileys
 * @param {Queue} queue
 */
async function enter(smileys, queue) {
    try {
        await showOverview(smileys);
    } catch (error) {
        if (error instanceof ApiError && error.status === 401) leave(queue);
        throw error;
    }
    showOnly(desk, [login, desk]);
    await Promise.all([queue.show(), showReleases(), showErasures()]);
}

/** @param {Queue} queue */
function leave(queue) {
    adminSecret.forget();
    queue.clear();
    showOnly(login, [login, desk]);
}

/** @param {Smiley[]} smileys */
async function showOverview(smileys) {
    showCounts(await getOverview(), smileys);
}

async function showReleases() {
    const items = (await getReleases()).map(releaseItem);
    need("releases", HTMLElement).replaceChildren(...items);
}

async function showErasures() {
    const items = (await getErasures()).map(erasureItem);
    need("erasures", HTMLElement).replaceChildren(...items);
}

async function release() {
    await makeRelease(need("public", HTMLInputElement).checked);
    await showReleases();
    say(need("release-status", HTMLElement), "admin.released");
}

attempt(trouble, start);
