// The page "privacy": its words are in the dictionary; the consent comes from the server, in the version that is in force.

import { getConfig } from "./shared/api.js";
import { make, need } from "./shared/dom.js";
import { inEachLanguage, language, say } from "./shared/language.js";
import { attempt } from "./shared/trouble.js";

async function showConsent() {
    const { consent } = await getConfig();
    say(need("version", HTMLElement), "privacy.version", { version: consent.version });
    inEachLanguage(() => {
        const paragraphs = consent.text[language()].map((paragraph) => make("p", {}, paragraph));
        need("consent-text", HTMLElement).replaceChildren(...paragraphs);
    });
}

attempt(need("trouble", HTMLElement), showConsent);
