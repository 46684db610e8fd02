/** What a client holds of the core: the module that runs, and its own handle in it. */

import { BrowserAuthError, fromRecord } from "./errors.js";
import { navigation } from "./navigation.js";

/** @typedef {import("./index.js").AuthenticationResult} AuthenticationResult */
/** @typedef {ReturnType<typeof import("./loader.js").wholeOf>} Core The whole. */
/** @typedef {ReturnType<typeof import("./part.js").partOf>} FirstCore The part that a page starts with. */
/** @typedef {Core | FirstCore} AnyCore */
/** What was said on an earlier page, in its place. @typedef {import("./memo.js").Memo} Memo */
/** @typedef {InstanceType<AnyCore["ClientHandle"]>} Handle */
/** Requests that were answered, by their lines; whether they are to be kept for the next page, and what that has already. @typedef {{ lines: Map<string, import("./index.js").SilentRequest>, isWaiting: boolean, of: string }} Noted */
/** The configuration as the core takes it, and the app's own storage. @typedef {{ configuration: unknown, custom?: unknown }} Settled */

/**
 * @typedef {object} Client
 * @property {unknown} configuration
 * @property {Promise<void>} [starting]
 * @property {AnyCore} [module]
 * @property {Handle | Memo} [core]
 * @property {number} [generation] Of the instance that `core` belongs to.
 * @property {import("./grow.js").Page} page What the clients of the page have in common.
 * @property {boolean} isSmall Whether `core` is the part that a page starts with.
 * @property {Promise<void>} [growing]
 * @property {Promise<void>} [parting] Until the part of the core is there, which knows more than an earlier page was told.
 * @property {Set<string> | null} [warned]
 * @property {boolean} reopening
 * @property {import("./hit.js").Hits} hits What was said at once, and can be said again.
 * @property {Noted} noted
 * @property {Map<string, Promise<AuthenticationResult | null>>} answers By the fragment that was given.
 * @property {Settled} [settled]
 * @property {ReturnType<typeof import("./events.js").watch>} watched
 * @property {Promise<boolean>} [relaying]
 * @property {boolean} isAlone
 * @property {import("./index.js").INavigationClient} navigation
 * @property {import("./challenge.js").Api} [api]
 */

/** @param {Client} client @param {AnyCore} module @returns {Handle} */
export function handleOf(client, module) {
  const go = navigation(/** @type {any} */ (client.configuration), () => {
    client.watched.look({ type: "redirect" }); // nobody hears of it once the page is left
    return client.navigation;
  });
  return new module.ClientHandle(client.settled?.configuration, client.settled?.custom, go);
}

/** From now on the client speaks to that. @param {Client} client @param {AnyCore} module @param {Handle} core */
export function connect(client, module, core) {
  client.module = module;
  client.generation = module.generation;
  client.hits.clear();
  client.core = core;
}

/** After a trap. What is encrypted the new instance knows a little later: until then nobody is told that everybody has signed out. @param {Client} client @param {AnyCore} module */
function reconnect(client, module) {
  const core = handleOf(client, module);
  connect(client, module, core);
  client.reopening = true;
  core.run("initialize", {}).catch(() => {}).finally(() => {
    client.reopening = false;
    client.watched.look();
  });
  return core;
}

/** @param {Client} client */
export function ready(client) {
  const { core, generation, module, starting } = client;
  // Another client of the page may have met a trap.
  if (core && module) return generation === module.generation ? core : reconnect(client, module);
  throw new BrowserAuthError(
    "uninitialized_public_client_application",
    "",
    starting ? "initialize() has not finished: await it first" : "call and await initialize() first",
  );
}

/**
 * Calls the core. After a trap its memory can't be trusted: the next call finds a new instance.
 * @template T
 * @param {Client} client
 * @param {() => T} call
 * @param {AnyCore} [module]
 * @returns {T}
 */
export function guard(client, call, module = client.module) {
  try {
    return call();
  } catch (error) {
    if (/** @type {any} */ (error)?.name === "RuntimeError" && module) {
      module.restart();
      throw new BrowserAuthError("wasm_trap", "", "the WebAssembly core failed and was started anew: try again");
    }
    return thrown(error);
  }
}

/** @param {any} error @returns {never} */
export function thrown(error) {
  throw error?.errorCode && !(error instanceof Error) ? fromRecord(error) : error;
}
