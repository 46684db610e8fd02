/** What the calls of APIs have of the entry: see lending.js. */

/** @typedef {typeof import("./lending.js").toCalls & Pick<typeof import("./call.js"), "ask" | "consult">} Lent */

/** @type {Lent["abortable"]} */
export let abortable;
/** @type {Lent["ask"]} */
export let ask;
/** @type {Lent["BrowserAuthError"]} */
export let BrowserAuthError;
/** @type {Lent["ClientAuthError"]} */
export let ClientAuthError;
/** @type {Lent["ClientConfigurationError"]} */
export let ClientConfigurationError;
/** @type {Lent["consult"]} */
export let consult;
/** @type {Lent["EventType"]} */
export let EventType;
/** @type {Lent["pause"]} */
export let pause;
/** @type {Lent["ServerError"]} */
export let ServerError;

/** @param {Lent} lent */
export function borrow(lent) {
  ({ abortable, ask, BrowserAuthError, ClientAuthError, ClientConfigurationError, consult, EventType, pause, ServerError } = lent);
}
