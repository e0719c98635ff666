// The order in which stretches are asked: the least certain first; who goes back sees what was there before.

/** @typedef {import("./api.js").Stretch} Stretch */

export class Queue {
    /** @type {Map<string, Stretch>} */
    #stretches = new Map();
    /** Ids in the order in which they were shown. @type {string[]} */
    #shown = [];
    #at = -1;

    /** How many stretches there are. */
    get size() {
        return this.#stretches.size;
    }

    /** How many are answered. */
    get answered() {
        return this.all.filter(({ answered }) => answered.label !== null).length;
    }

    /** The stretch that is shown, if any. */
    get current() {
        return this.#stretches.get(this.#shown[this.#at] ?? "");
    }

    /** All stretches in the order in which they were found. */
    get all() {
        return [...this.#stretches.values()];
    }

    /**
     * Takes stretches in, or in the place of what was known of them.
     * @param {Stretch[]} stretches
     */
    put(stretches) {
        for (const stretch of stretches) this.#stretches.set(stretch.id, stretch);
    }

    /**
     * The stretch after the current one: what was seen there before, or the least certain that is open, those first that were not
     * shown, or where all are labeled the one that was found next.
     */
    get following() {
        const seen = this.#stretches.get(this.#shown[this.#at + 1] ?? "");
        const open = this.#leastCertain((id) => !this.#shown.includes(id)) ?? this.#leastCertain((id) => id !== this.current?.id);
        const { all } = this;
        return seen ?? open ?? all[(all.findIndex(({ id }) => id === this.current?.id) + 1) % all.length];
    }

    /** Goes on to a stretch that is not answered, if there is one. */
    toNextOpen() {
        const open = this.#leastCertain((id) => !this.#shown.includes(id)) ?? this.#leastCertain(() => true);
        if (open) this.show(open.id);
        return open;
    }

    /** Goes forward, answered or not. */
    forward() {
        const { following } = this;
        if (following && this.#shown[this.#at + 1] === following.id) this.#at += 1;
        else if (following) this.show(following.id);
        return this.current;
    }

    /** Goes back to what was shown before. */
    back() {
        this.#at = Math.max(0, this.#at - 1);
        return this.current;
    }

    /** @param {string} id */
    show(id) {
        if (this.current?.id === id) return;
        this.#shown.push(id);
        this.#at = this.#shown.length - 1;
    }

    /** @param {(id: string) => boolean} isMeant */
    #leastCertain(isMeant) {
        const open = this.all.filter(({ id, answered }) => answered.label === null && isMeant(id));
        return open.sort((a, b) => a.share - b.share).at(0);
    }
}
