// Pictures that only their owner may see: fetched with the secret when they come into view, and let go when they are replaced.

import { make } from "./dom.js";

/** @type {WeakMap<Element, () => Promise<Blob>>} */
const waiting = new WeakMap();

const observer = new IntersectionObserver(
    (entries) => {
        for (const { target, isIntersecting } of entries) if (isIntersecting) load(target);
    },
    { rootMargin: "300px" },
);

/**
 * A picture that is fetched as soon as it can be seen.
 * @param {() => Promise<Blob>} fetchPicture
 */
export function lazyPicture(fetchPicture) {
    const image = make("img", { width: 160, height: 120 });
    waiting.set(image, fetchPicture);
    observer.observe(image);
    return image;
}

/** @param {Element} target */
async function load(target) {
    observer.unobserve(target);
    const bytes = await waiting.get(target)?.().catch(() => undefined);
    if (bytes && target instanceof HTMLImageElement) showPicture(target, bytes);
}

/**
 * @param {HTMLImageElement} image
 * @param {Blob} bytes
 */
export function showPicture(image, bytes) {
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(bytes);
}

/**
 * Lets go of all pictures in `place` and empties it.
 * @param {HTMLElement} place
 */
export function clearPictures(place) {
    for (const image of place.querySelectorAll("img")) {
        observer.unobserve(image);
        URL.revokeObjectURL(image.src);
    }
    place.replaceChildren();
}
