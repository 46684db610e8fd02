/** The whole core. */

import { __wbg_reset_state, ClientHandle, initSync } from "./core/consentry_core.js";
import { borrow, BrowserConfigurationAuthError, ClientConfigurationError, moduleOf, PREFIX } from "./core-lent.js";
import { takeBack } from "./lock.js";
import { mirror } from "./store.js";

const METHODS = /** @type {const} */ (["getItem", "setItem", "removeItem", "keys"]);

/**
 * The configuration for the core, and an app's own storage behind its mirror.
 * @param {any} configuration
 */
async function settled({ api, ...configuration } = {}) {
  const { storage, ...cache } = configuration?.cache ?? {};
  if (storage === undefined || storage === null) return { configuration, custom: undefined };
  if (METHODS.some((name) => typeof storage[name] !== "function")) {
    throw new ClientConfigurationError("invalid_field", "", `\`cache.storage\` has to be an object with the methods ${METHODS.join(", ")}`);
  }
  const custom = mirror(storage, PREFIX);
  await custom.pull().catch((cause) => {
    const error = new BrowserConfigurationAuthError("storage_not_supported", "", "`cache.storage` could not be read: see `cause`");
    throw Object.assign(error, { cause });
  });
  return { configuration: { ...configuration, cache: { ...cache, cacheLocation: "custom" } }, custom };
}

function make() {
  const core = moduleOf(ClientHandle, { initSync, __wbg_reset_state }, () => new URL("./core/consentry_core_bg.wasm", import.meta.url));
  const { restart } = core;
  return Object.assign(core, {
    settled,
    restart() {
      restart();
      takeBack();
    },
  });
}

/** @type {ReturnType<typeof make> | undefined} */
let core;

/** One for the page, whoever asks. @param {import("./core-lent.js").Lent} lent */
export function wholeOf(lent) {
  borrow(lent);
  core ??= make();
  return core;
}
