/** The part of the core that a page may start with, by itself: what it needs of the entry is lent. */

import { __wbg_reset_state, ClientHandle, initSync } from "./core/consentry_start.js";
import { borrow, moduleOf } from "./part-lent.js";

/** @param {() => URL} address */
const make = (address) => moduleOf(ClientHandle, { initSync, __wbg_reset_state }, address);

/** @type {ReturnType<typeof make> | undefined} */
let core;

/** One for the page, whoever asks. @param {import("./part-lent.js").Lent} lent @param {() => URL} address Of its module. */
export function partOf(lent, address) {
  borrow(lent);
  core ??= make(address);
  return core;
}
