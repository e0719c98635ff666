// The order in which is asked: the least certain first; who goes back sees what was there before.

/** What is asked about. @typedef {{ id: string, share: number, answered: { label: string | null } }} Item */

/** @template {Item} T */
export class Queue {
    /** @type {Map<string, T>} */
    #items = new Map();
    /** Ids in the order in which they were shown. @type {string[]} */
    #shown = [];
    #at = -1;

    /** How many items there are. */
    get size() {
        return this.#items.size;
    }

    /** How many are answered. */
    get answered() {
        return this.all.filter(({ answered }) => answered.label !== null).length;
    }

    /** The one that is shown, if any. */
    get current() {
        return this.#items.get(this.#shown[this.#at] ?? "");
    }

    /** All of them in the order in which they came. */
    get all() {
        return [...this.#items.values()];
    }

    /**
     * Takes items in, or in the place of what was known of them.
     * @param {T[]} items
     */
    put(items) {
        for (const item of items) this.#items.set(item.id, item);
    }

    /**
     * The one after the current one: what was seen there before, or the least certain that is open, those first that were not
     * shown, or where all are answered the one that came next.
     */
    get following() {
        const seen = this.#items.get(this.#shown[this.#at + 1] ?? "");
        const open = this.#leastCertain((id) => !this.#shown.includes(id)) ?? this.#leastCertain((id) => id !== this.current?.id);
        const { all } = this;
        return seen ?? open ?? all[(all.findIndex(({ id }) => id === this.current?.id) + 1) % all.length];
    }

    /** Goes on to one that is not answered, if there is any. */
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
