/** The names of MSAL.js, as apps and its wrappers import them; what stands behind them is `consentry`. */

export * from "consentry";
export * as BrowserUtils from "./browser.js";
export * from "./clients.js";
export * from "./codes.js";
export * from "./constants.js";
// Of these names there is something in both.
export { CacheLookupPolicy, EventType, InteractionType, LogLevel } from "./constants.js";
export * from "./events.js";
/** Of MSAL.js: the version whose names these are. */
export const version = "5.29.0";
