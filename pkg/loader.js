/** The WebAssembly core: loaded when it is first needed, and anew after a trap. */

import { __wbg_reset_state, ClientHandle, initSync } from "./core/consentry_core.js";

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
 * @param {import("./index.js").WasmSource} [source] Default: the file beside this package's glue.
 * @returns {Promise<void>}
 */
export function start(source = new URL("./core/consentry_core_bg.wasm", import.meta.url)) {
  starting ??= instantiate(source).catch((error) => {
    starting = undefined; // so that a later call can try again
    throw error;
  });
  return starting;
}

/** @param {import("./index.js").WasmSource} source */
async function instantiate(source) {
  initSync({ module: await compile(await source) });
}

/** @param {Awaited<import("./index.js").WasmSource>} source @returns {Promise<WebAssembly.Module>} */
async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const response = source instanceof Response ? source : await fetch(source);
  if (!response.ok) throw new Error(`HTTP status ${response.status} for the WebAssembly module`);
  // Streaming needs the right type; a server that does not know it still gets along.
  return response.headers.get("content-type")?.startsWith("application/wasm")
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
