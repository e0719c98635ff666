// The example beside a face: an animated picture that can be stopped, and stands still for who wishes so, or a photo.

import { getPicture } from "../shared/api.js";
import { make, prefersStillness } from "../shared/dom.js";
import { say } from "../shared/language.js";
import { clearPictures } from "../shared/pictures.js";

/**
 * Shows what lies at `url` in `figure`; nothing if there is none.
 * @param {HTMLElement} figure
 * @param {string | null} url
 */
export async function showExample(figure, url) {
    clearPictures(figure);
    figure.dataset.url = url ?? "";
    const bytes = url && (await getPicture(url, {}).catch(() => undefined));
    if (!bytes || figure.dataset.url !== url) return; // there is none, or another face is asked for by now
    const source = URL.createObjectURL(bytes);
    const picture = bytes.type === "image/jpeg" ? [make("img", { src: source, alt: "" })] : movingPicture(source);
    figure.append(...picture, say(make("figcaption"), "booth.example"));
}

/** @param {string} source */
function movingPicture(source) {
    const moving = make("img", { src: source, alt: "" });
    const still = make("canvas", { ariaHidden: "true" });
    const button = playButton(async (plays) => {
        moving.hidden = !plays;
        still.hidden = plays;
        if (plays) return;
        await moving.decode();
        Object.assign(still, { width: moving.naturalWidth, height: moving.naturalHeight });
        still.getContext("2d")?.drawImage(moving, 0, 0);
    });
    return [moving, still, button];
}

/**
 * A button that starts and stops the motion, which begins moving unless the person asked for stillness.
 * @param {(plays: boolean) => void} change
 */
function playButton(change) {
    let plays = !prefersStillness();
    const button = make("button", { type: "button", className: "small" });
    const show = () => {
        say(button, plays ? "booth.stop_example" : "booth.play_example");
        change(plays);
    };
    button.addEventListener("click", () => {
        plays = !plays;
        show();
    });
    show();
    return button;
}
