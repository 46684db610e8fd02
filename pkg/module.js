/** A WebAssembly module of the package: loaded when it is first needed, and anew after a trap. */

import { onChange } from "./storage.js";

/** Makes an instance without WebAssembly. @typedef {(imports: any) => any} Plain */
/** @typedef {import("./index.js").WasmSource | Plain} Source */

/**
 * @template {new (...args: any[]) => any} H
 * @param {H} ClientHandle
 * @param {{ initSync: (module: any) => any, __wbg_reset_state: () => void }} glue
 * @param {() => Source} own Where the module is if nobody says.
 */
export function moduleOf(ClientHandle, { initSync, __wbg_reset_state }, own) {
  let generation = 0;
  /** @type {Promise<void> | undefined} */
  let starting;
  return {
    ClientHandle,
    onChange,

    /** How often the module was started anew: a handle of an earlier instance is of no use. */
    get generation() {
      return generation;
    },

    /** A fresh instance of the module, after one has trapped and its memory can't be trusted. */
    restart() {
      generation += 1;
      __wbg_reset_state();
    },

    /**
     * Compiles and starts the module, once for all clients of the page.
     * @param {Source} [source]
     * @returns {Promise<void>}
     */
    start(source) {
      starting ??= compile(source ?? own()).then(
        (module) => void initSync({ module }),
        (error) => {
          starting = undefined; // so that a later call can try again
          throw error;
        },
      );
      return starting;
    },
  };
}

/** @param {Source} given @returns {Promise<WebAssembly.Module | Plain>} */
async function compile(given) {
  if (typeof given === "function") return given;
  const source = await given;
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
