/** The part of the core that a page starts with, if it has what that is about: users who are signed in, and their tokens. */

import { __wbg_reset_state, ClientHandle, initSync } from "./core/consentry_start.js";
import { moduleOf } from "./module.js";
import { PREFIX } from "./storage.js";

export const core = moduleOf(ClientHandle, { initSync, __wbg_reset_state }, () => new URL("./core/consentry_start_bg.wasm", import.meta.url));

/**
 * Whether something is stored where this client keeps its users, and no answer is in the address: else the whole is wanted in a moment.
 * It can be wrong: what the part can't do, the whole does.
 * @param {any} configuration
 */
export function isEnough({ auth, cache } = /** @type {any} */ ({})) {
  const { cacheLocation = "sessionStorage", storage } = cache ?? {};
  if (storage || globalThis.location?.hash.includes("=")) return false;
  try {
    // What changes with every change, and is there as long as anything is.
    return !!(/** @type {any} */ (globalThis)[cacheLocation]?.getItem?.(`${PREFIX}2|${encodeURIComponent(auth.clientId)}|stamp`));
  } catch {
    return false; // a page that may have no storage: the whole says so
  }
}
