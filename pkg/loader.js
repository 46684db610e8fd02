/** The WebAssembly core: loaded when it is first needed, and anew after a trap. */

import { __wbg_reset_state, ClientHandle, initSync } from "./core/consentry_core.js";
import { BrowserConfigurationAuthError, ClientConfigurationError } from "./errors.js";
import { mirror } from "./store.js";

export { ClientHandle };

/** How often the module was started anew: a handle of an earlier instance is of no use. */
export let generation = 0;

/** A fresh instance of the module, after one has trapped and its memory can't be trusted. */
export function restart() {
  generation += 1;
  __wbg_reset_state();
}

/** @type {Promise<void> | undefined} */
let starting;

/**
 * Compiles and starts the module, once for all clients of the page.
 * @param {import("./index.js").WasmSource | Plain} [source] Default: the file beside this package's glue.
 * @returns {Promise<void>}
 */
export function start(source = new URL("./core/consentry_core_bg.wasm", import.meta.url)) {
  starting ??= instantiate(source).catch((error) => {
    starting = undefined; // so that a later call can try again
    throw error;
  });
  return starting;
}

/** Makes an instance without WebAssembly. @typedef {(imports: any) => any} Plain */

/** @param {import("./index.js").WasmSource | Plain} source */
async function instantiate(source) {
  initSync({ module: typeof source === "function" ? source : await compile(await source) });
}

/** @param {Awaited<import("./index.js").WasmSource>} source @returns {Promise<WebAssembly.Module>} */
async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const response = source instanceof Response ? source : await fetch(source);
  const type = response.headers.get("content-type") ?? "";
  // Many a server answers with the app's page for a file that it does not have.
  if (!response.ok || type.startsWith("text/html")) throw new Error(`no WebAssembly module: HTTP status ${response.status}, type "${type}"`);
  // Streaming needs the right type; a server that does not know it still gets along.
  return type.startsWith("application/wasm")
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/** What all keys of ours start with. */
const PREFIX = "consentry|";
const METHODS = /** @type {const} */ (["getItem", "setItem", "removeItem", "keys"]);

/**
 * The configuration for the core, and an app's own storage behind its mirror.
 * @param {any} configuration
 */
export async function settled({ api, ...configuration } = {}) {
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

/** Calls back when another page has changed what all pages share. @param {() => void} changed */
export function onChange(changed) {
  globalThis.addEventListener?.("storage", ({ key, storageArea }) => {
    // `null` where all of it was removed.
    if (storageArea === localStorage && (key === null || key.startsWith(PREFIX))) changed();
  });
}
