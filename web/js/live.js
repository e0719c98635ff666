// The page "live": camera pictures go to the recognizer one at a time, and what it says is drawn over the mirror.

import { Bars } from "./live/bars.js";
import { draw } from "./live/drawing.js";
import { FrameGrabber } from "./live/frames.js";
import { GameBoard } from "./live/board.js";
import { Meter } from "./live/meter.js";
import { LiveSocket, socketAddress } from "./live/socket.js";
import { Camera, sayCameraTrouble } from "./shared/camera.js";
import { getConfig } from "./shared/api.js";
import { copyText } from "./shared/copy.js";
import { need } from "./shared/dom.js";
import { hush } from "./shared/language.js";
import { withRetries } from "./shared/retries.js";
import { attempt } from "./shared/trouble.js";

/** @typedef {import("./live/socket.js").Answer} Answer */

const video = need("preview", HTMLVideoElement);
const trouble = need("trouble", HTMLElement);
const startButton = need("start", HTMLButtonElement);
const stopButton = need("stop", HTMLButtonElement);
const camera = new Camera(video);

async function prepare() {
    const { smileys } = await getConfig();
    const show = { bars: new Bars(smileys), board: new GameBoard(smileys), meter: new Meter() };
    startButton.addEventListener("click", () => attempt(trouble, () => run(show)));
    stopButton.addEventListener("click", () => camera.close());
    startButton.disabled = false;
}

/** @typedef {{ bars: Bars, board: GameBoard, meter: Meter }} Show */

/**
 * From start to stop: asks about one frame after the other.
 * @param {Show} show
 */
async function run(show) {
    const cameraNote = need("camera-trouble", HTMLElement);
    hush(cameraNote);
    const error = await camera.open();
    if (error) sayCameraTrouble(cameraNote, error);
    else await connected(show);
}

/** @param {Show} show */
async function connected(show) {
    setRunning(true, show);
    try {
        await withRetries(() => watch(show));
    } finally {
        camera.close();
        setRunning(false, show);
    }
}

/**
 * One connection, until the camera is closed.
 * @param {Show} show
 */
async function watch(show) {
    const grabber = new FrameGrabber(video);
    const socket = new LiveSocket();
    try {
        for (let frame = await grabber.next(); frame; frame = await grabber.next()) {
            const sent_ms = performance.now();
            const answer = await socket.ask(frame);
            if (!answer) continue;
            show.meter.add(performance.now() - sent_ms, answer.took_ms);
            showAnswer(answer, show);
        }
    } finally {
        socket.close();
    }
}

/**
 * @param {Answer} answer
 * @param {Show} show
 */
function showAnswer(answer, { bars, board }) {
    const largest = answer.faces.toSorted((one, other) => other.side - one.side)[0];
    draw(need("drawing", HTMLCanvasElement), answer, (id) => bars.emoticon(id));
    bars.show(largest);
    board.see(largest && !largest.cannot_tell ? largest.smiley : undefined);
    const address = need("overlay-address", HTMLOutputElement);
    address.textContent = socketAddress(`/api/events/${answer.session}`);
    need("overlay", HTMLElement).hidden = false;
}

/**
 * @param {boolean} running
 * @param {Show} show
 */
function setRunning(running, { board, bars, meter }) {
    startButton.hidden = running;
    stopButton.hidden = !running;
    (running ? stopButton : startButton).focus({ preventScroll: true });
    board.setReady(running);
    if (running) return;
    meter.clear();
    bars.show(undefined);
    need("overlay", HTMLElement).hidden = true;
    const drawing = need("drawing", HTMLCanvasElement);
    drawing.width = drawing.width; // clears it
}

need("copy-address", HTMLButtonElement).addEventListener("click", () => {
    copyText(need("overlay-address", HTMLOutputElement).textContent ?? "", need("overlay-status", HTMLElement));
});
attempt(trouble, prepare);
