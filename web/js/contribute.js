// The page "contribute": consent, a receipt, then round after round of a face, five photos, and what of them is sent.

import { Booth } from "./contribute/booth.js";
import { Chooser } from "./contribute/chooser.js";
import { receiptFor } from "./contribute/consent.js";
import { Given } from "./contribute/given.js";
import { getConfig } from "./shared/api.js";
import { need, showOnly } from "./shared/dom.js";
import { attempt } from "./shared/trouble.js";

const trouble = need("trouble", HTMLElement);
const sections = ["consent", "new-receipt", "booth", "choose"].map((id) => need(id, HTMLElement));
const [, , boothSection, chooseSection] = sections;

async function contribute() {
    const config = await getConfig();
    const { code, photos } = await receiptFor(config, (section) => showOnly(section, sections));
    const given = new Given(config.smileys, photos);
    const booth = new Booth(config);
    const chooser = new Chooser(config, code, given);
    showOnly(boothSection, sections);
    await booth.open();
    while (await attempt(trouble, () => round(booth, chooser)));
}

/**
 * One face: proposed, photographed, chosen from, sent.
 * @param {Booth} booth
 * @param {Chooser} chooser
 */
async function round(booth, chooser) {
    const smiley = await booth.propose();
    showOnly(boothSection, sections);
    for (;;) {
        const photos = await booth.takePhotos();
        if (!photos) return booth.skip(smiley);
        showOnly(chooseSection, sections);
        const sent = await chooser.choose(smiley, photos);
        showOnly(boothSection, sections);
        if (sent) return booth.thank(smiley, sent);
    }
}

attempt(trouble, contribute);
