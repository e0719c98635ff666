// The photo booth: which face is asked for, the mirror, the countdown and the burst; or pictures from files.

import { getProposal } from "../shared/api.js";
import { Camera, sayCameraTrouble } from "../shared/camera.js";
import { need, pause, pressed } from "../shared/dom.js";
import { showFace } from "../shared/face.js";
import { hush, inEachLanguage, language, say } from "../shared/language.js";
import { showExample } from "./example.js";
import { prepareFinder } from "./finder.js";
import { fromFile, fromVideo } from "./shot.js";

/** @typedef {import("../shared/api.js").Config} Config */
/** @typedef {import("../shared/api.js").Smiley} Smiley */
/** @typedef {import("./shot.js").Shot} Shot */

/** Seconds that are counted down before the burst. */
const COUNTDOWN_S = 3;
/** Between two photos of a burst: long enough that they differ, short enough to hold a face. */
const BURST_PAUSE_MS = 280;

export class Booth {
    /** @param {Config} config */
    constructor(config) {
        this.limits = config.limits;
        this.smileys = config.smileys;
        this.camera = new Camera(need("preview", HTMLVideoElement));
        this.status = need("booth-status", HTMLElement);
        this.files = need("files", HTMLInputElement);
        this.buttons = {
            shoot: need("shoot", HTMLButtonElement),
            skip: need("another", HTMLButtonElement),
            retry: need("retry-camera", HTMLButtonElement),
            pick: need("pick", HTMLButtonElement),
        };
        /** @type {string[]} Faces that the person had or did not want, oldest first. */
        this.seen = [];
        /** @type {Smiley | undefined} */
        this.asked = undefined;
        inEachLanguage(() => this.#showPose());
    }

    /** Opens the camera; without one, files can be picked, and the remedy is said. */
    async open() {
        prepareFinder();
        const note = need("camera-trouble", HTMLElement);
        hush(note);
        const error = await this.camera.open();
        if (error) sayCameraTrouble(note, error);
        this.buttons.retry.hidden = !error;
    }

    /** Asks the server for the face that is needed most, and shows it. */
    async propose() {
        this.#setBusy(true);
        const proposal = await getProposal(this.seen);
        const smiley = this.smileys.find(({ id }) => id === proposal.smiley);
        if (!smiley) throw new Error(`unknown smiley ${proposal.smiley}`);
        this.asked = smiley;
        this.#showPose();
        showExample(need("pose-example", HTMLElement), proposal.example);
        return smiley;
    }

    #showPose() {
        if (!this.asked) return;
        const { emoticon, pose } = this.asked;
        showFace(need("pose-face", HTMLElement), emoticon);
        say(need("pose-name", HTMLElement), "booth.heading", { emoticon });
        need("pose-sentence", HTMLElement).textContent = pose[language()];
    }

    /** @param {Smiley} smiley */
    skip({ id }) {
        const room = this.smileys.length - 1;
        this.seen = [...this.seen.filter((other) => other !== id), id].slice(-room);
    }

    /**
     * @param {Smiley} smiley
     * @param {number} count
     */
    thank(smiley, count) {
        say(this.status, "booth.thanks", { count, emoticon: smiley.emoticon });
        this.skip(smiley);
    }

    /**
     * Waits for photos, from the camera or files; none if the person wants another face.
     * @returns {Promise<Shot[] | undefined>}
     */
    async takePhotos() {
        for (;;) {
            this.#setBusy(false);
            const wish = await pressed(this.buttons);
            this.#setBusy(true);
            hush(this.status);
            if (wish === "skip") return undefined;
            if (wish === "retry") await this.open();
            const photos = wish === "shoot" ? await this.#burst() : wish === "pick" ? await this.#pick() : [];
            if (photos.length > 0) return photos;
        }
    }

    async #burst() {
        await this.#countDown();
        const shots = [];
        for (let index = 0; index < this.limits.burst; index += 1) {
            this.#flash();
            shots.push(await fromVideo(this.camera.video, this.limits));
            await pause(BURST_PAUSE_MS);
        }
        hush(this.status);
        return shots;
    }

    async #countDown() {
        const number = need("count", HTMLElement);
        for (let count = COUNTDOWN_S; count > 0; count -= 1) {
            number.textContent = String(count);
            say(this.status, "booth.countdown", { seconds: count });
            await pause(1000);
        }
        number.textContent = "";
        say(this.status, "booth.hold");
    }

    #flash() {
        const flash = need("flash", HTMLElement);
        flash.classList.remove("on");
        void flash.offsetWidth; // makes the animation start anew
        flash.classList.add("on");
    }

    /** Buttons can be pressed while they are waited for. @param {boolean} busy */
    #setBusy(busy) {
        for (const button of Object.values(this.buttons)) button.disabled = busy;
        this.buttons.shoot.disabled ||= !this.camera.isOpen;
    }

    async #pick() {
        this.files.value = "";
        this.files.click();
        await new Promise((resolve) => {
            for (const event of ["change", "cancel"]) this.files.addEventListener(event, resolve, { once: true });
        });
        const files = [...(this.files.files ?? [])].slice(0, this.limits.burst);
        const shots = await Promise.all(files.map((file) => fromFile(file, this.limits)));
        const good = shots.filter((shot) => shot !== undefined);
        if (good.length < files.length) say(this.status, "booth.not_pictures", { count: files.length - good.length });
        return good;
    }
}
