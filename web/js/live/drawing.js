// The drawing over the mirror: a square and an emoticon for each face. The mirror is flipped, the words are not.

import { words } from "../shared/language.js";

/** @typedef {import("./socket.js").Answer} Answer */
/** @typedef {import("./socket.js").Face} Face */

const SUN = "#ffcb3d";
const INK = "#2d1e00";
const FONT_FAMILY = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Answer} answer
 * @param {(id: string) => string} emoticon
 */
export function draw(canvas, answer, emoticon) {
    canvas.width = answer.width;
    canvas.height = answer.height;
    const context = canvas.getContext("2d");
    if (!context) return;
    for (const face of answer.faces) drawFace(context, face, answer.width, emoticon);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Face} face
 * @param {number} width of the picture
 * @param {(id: string) => string} emoticon
 */
function drawFace(context, face, width, emoticon) {
    const left = width - face.x - face.side;
    context.strokeStyle = SUN;
    context.lineWidth = 3;
    context.setLineDash(face.cannot_tell ? [8, 8] : []);
    context.beginPath();
    context.roundRect(left, face.y, face.side, face.side, face.side * 0.08);
    context.stroke();
    const label = face.cannot_tell ? words("live.cannot_tell_short") : `${emoticon(face.smiley)} ${percent(face.share)}`;
    drawLabel(context, label, left, face);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} label
 * @param {number} left
 * @param {Face} face
 */
function drawLabel(context, label, left, { y, side }) {
    const size = Math.max(16, side * 0.16);
    context.font = `700 ${size}px ${FONT_FAMILY}`;
    const padding = size * 0.4;
    const height = size * 1.5;
    const top = Math.max(0, y - height);
    context.fillStyle = SUN;
    context.beginPath();
    context.roundRect(left, top, context.measureText(label).width + 2 * padding, height, size * 0.35);
    context.fill();
    context.fillStyle = INK;
    context.textBaseline = "middle";
    context.fillText(label, left + padding, top + height / 2);
}

/** @param {number} share */
export function percent(share) {
    return `${Math.round(share * 100)} %`;
}
