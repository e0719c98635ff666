// What a tab remembers until it is closed: the receipt code, who votes, the admin's secret. No cookies, nothing on the disk.

/** @param {string} name */
function remembered(name) {
    const key = `smielfy.${name}`;
    return {
        /** @returns {string | undefined} */
        get: () => sessionStorage.getItem(key) ?? undefined,
        /** @param {string} value */
        set: (value) => sessionStorage.setItem(key, value),
        forget: () => sessionStorage.removeItem(key),
    };
}

export const receiptCode = remembered("receipt");
export const voterToken = remembered("voter");
export const adminSecret = remembered("admin");
