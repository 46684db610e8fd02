/** The whole core. */

import { __wbg_reset_state, ClientHandle, initSync } from "./core/consentry_core.js";
import { BrowserConfigurationAuthError, ClientConfigurationError } from "./errors.js";
import { moduleOf } from "./module.js";
import { PREFIX } from "./storage.js";
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

export const core = Object.assign(
  moduleOf(ClientHandle, { initSync, __wbg_reset_state }, () => new URL("./core/consentry_core_bg.wasm", import.meta.url)),
  { settled },
);
