/** From the part of the core that a page starts with to the whole, when something is asked that takes it. */

import { BrowserAuthError } from "./errors.js";
import { connect, guard, handleOf, thrown } from "./handle.js";
import { Memo, module as memoModule, remembered } from "./memo.js";

/** @typedef {import("./handle.js").Client} Client */
/** @typedef {import("./handle.js").Core} Core */
/** @typedef {import("./index.js").WasmSource} WasmSource */

/**
 * @typedef {object} Page
 * @property {() => Promise<Core>} importWhole
 * @property {typeof import("./first.js")} [first]
 * @property {Promise<Core>} [whole] Once it was asked for.
 * @property {Set<WeakRef<Client>>} small Clients that have the part.
 */

/**
 * Starts with the part, if that is of use here. Whether it was.
 * @param {Client} client
 */
export async function startSmall(client) {
  const { page } = client;
  const { first } = page;
  if (!first || page.whole || !first.isEnough(client.configuration)) return false;
  try {
    const memo = await remembered(client, () => void growOn(client).catch(() => {})).catch(() => undefined);
    const started = memo ? { module: memoModule, handle: /** @type {any} */ (memo) } : await startPart(client, first);
    // The whole may have come meanwhile, for another client: all clients of a page are to know of each other.
    if (!started || page.whole) return false;
    connect(client, started.module, started.handle);
  } catch {
    return false; // the whole says what is wrong, if that is wrong there
  }
  client.isSmall = true;
  page.small.add(new WeakRef(client));
  return true;
}

/** `undefined` where the part can't read what is stored. @param {Client} client @param {typeof import("./first.js")} first */
async function startPart(client, first) {
  const module = await first.load();
  const { api, ...configuration } = /** @type {any} */ (client.configuration);
  client.settled = { configuration };
  const handle = handleOf(client, module);
  return (await handle.run("initialize", {})) === undefined ? undefined : { module, handle };
}

/** @param {Page} page @param {WasmSource} [wasm] */
function loadWhole(page, wasm) {
  page.whole ??= page
    .importWhole()
    .then(async (module) => {
      await module.start(wasm);
      return module;
    })
    .catch((error) => {
      page.whole = undefined; // so that a later call can try again
      return notLoaded(error);
    });
  return page.whole;
}

/** Has the next one that knows more do what is asked from now on: after what an earlier page was told the part of the core, and then the whole. @param {Client} client */
export function growOn(client) {
  const { page } = client;
  const { first } = page;
  if (!first || page.whole || !(client.core instanceof Memo)) return grow(client);
  client.parting ??= startPart(client, first)
    .catch(() => undefined)
    .then((part) => {
      if (!part || page.whole) return grow(client);
      keepChoice(client, part.handle);
      connect(client, part.module, part.handle);
    })
    .finally(() => {
      client.parting = undefined;
    });
  return client.parting;
}

/** Has the whole do what is asked from now on. @param {Client} client @param {WasmSource} [wasm] */
export function grow(client, wasm) {
  client.growing ??= becomeWhole(client, wasm).catch((error) => {
    client.growing = undefined;
    throw error;
  });
  return client.growing;
}

/** @param {Client} client @param {WasmSource} [wasm] */
async function becomeWhole(client, wasm) {
  const { page } = client;
  const module = await loadWhole(page, wasm);
  client.settled = await module.settled(client.configuration);
  const others = [...page.small].map((other) => other.deref());
  page.small.clear();
  const handle = guard(client, () => handleOf(client, module), module);
  // Without what it takes to read the storage there is no client.
  await guard(client, () => handle.run("initialize", {}), module).catch(thrown);
  keepChoice(client, handle);
  // Which servers the page has to do with is known within a module.
  await Promise.allSettled(others.map((other) => other && other !== client && grow(other)));
  connect(client, module, handle);
  client.isSmall = false;
}

/** Who is to be active, as the page has said meanwhile. @param {Client} client @param {import("./handle.js").Handle} handle */
function keepChoice({ core }, handle) {
  if (!core || !("chosen" in core) || core.chosen === undefined) return;
  try {
    handle.ask("setActiveAccount", core.chosen);
  } catch {
    // They have signed out.
  }
}

/** @param {unknown} cause @returns {never} */
function notLoaded(cause) {
  if (globalThis.navigator?.onLine === false) throw Object.assign(new BrowserAuthError("no_network_connectivity", "", "the browser is offline: try again when there is a network"), { cause });
  const hint = mayStart()
    ? "serve consentry_core_bg.wasm beside the package's script, or pass its address as initialize({ wasm })"
    : "allow it in the page's Content-Security-Policy: script-src 'wasm-unsafe-eval', or import `consentry/without-wasm`";
  const error = new BrowserAuthError("wasm_load_failed", "", `the WebAssembly core did not load: ${hint}`);
  error.cause = cause;
  throw error;
}

/**
 * A page that may not fails with the smallest module there is: what a browser says of a policy, it says of a broken file too. WebKit compiles
 * what it does not start then.
 */
function mayStart() {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
  } catch {
    return null;
  }
}
