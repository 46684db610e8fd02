/** The part of the core that a page may start with: users who are signed in, and their tokens. Whether that will do, and how it comes. */

import { toCore } from "./lending.js";
import { stampOf } from "./memo.js";

const address = () => new URL("./core/consentry_start_bg.wasm", import.meta.url);

/** @type {Promise<ReturnType<typeof import("./part.js").partOf>> | undefined} */
let coming;

/** The part, started: its script and its module come side by side. Once for the page. */
export function load() {
  coming ??= bring().catch((error) => {
    coming = undefined; // so that a later call can try again
    throw error;
  });
  return coming;
}

async function bring() {
  const module = fetch(address());
  module.catch(() => {}); // told where it is awaited
  const { partOf } = await import("./part.js");
  const part = partOf(toCore, address);
  await part.start(module);
  return part;
}

/**
 * Whether something is stored where this client keeps its users, and no answer is in the address: else the whole is wanted in a moment.
 * It can be wrong: what the part can't do, the whole does.
 * @param {any} configuration
 */
export function isEnough(configuration = {}) {
  const { cacheLocation = "sessionStorage", storage } = configuration.cache ?? {};
  if (storage || !/^(session|local)Storage$/.test(cacheLocation) || globalThis.location?.hash.includes("=")) return false;
  // What changes with every change, and is there as long as anything is. A page that may have no storage has none: the whole says so.
  return stampOf(configuration) !== undefined;
}
