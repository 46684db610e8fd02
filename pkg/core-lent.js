/** What the whole core has of the entry: see lending.js. */

/** @typedef {typeof import("./lending.js").toCore} Lent */

/** @type {Lent["BrowserConfigurationAuthError"]} */
export let BrowserConfigurationAuthError;
/** @type {Lent["ClientConfigurationError"]} */
export let ClientConfigurationError;
/** @type {Lent["isOnline"]} */
export let isOnline;
/** @type {Lent["keys"]} */
export let keys;
/** @type {Lent["moduleOf"]} */
export let moduleOf;
/** @type {Lent["open"]} */
export let open;
/** @type {Lent["PREFIX"]} */
export let PREFIX;
/** @type {Lent["pull"]} */
export let pull;
/** @type {Lent["read"]} */
export let read;
/** @type {Lent["seal"]} */
export let seal;
/** @type {Lent["settle"]} */
export let settle;
/** @type {Lent["write"]} */
export let write;

/** @param {Lent} lent */
export function borrow(lent) {
  ({ BrowserConfigurationAuthError, ClientConfigurationError, isOnline, keys, moduleOf, open, PREFIX, pull, read, seal, settle, write } = lent);
}
