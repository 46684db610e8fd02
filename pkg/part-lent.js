/** What the part of the core has of the entry: see lending.js. */

/** @typedef {typeof import("./lending.js").toCore} Lent */

/** @type {Lent["isOnline"]} */
export let isOnline;
/** @type {Lent["keys"]} */
export let keys;
/** @type {Lent["moduleOf"]} */
export let moduleOf;
/** @type {Lent["open"]} */
export let open;
/** @type {Lent["read"]} */
export let read;
/** @type {Lent["seal"]} */
export let seal;
/** @type {Lent["write"]} */
export let write;

/** @param {Lent} lent */
export function borrow(lent) {
  ({ isOnline, keys, moduleOf, open, read, seal, write } = lent);
}
