/** The way of every call into the core, and of what comes back. */

import { BrowserAuthError, fromRecord } from "./errors.js";
import { EventType } from "./events.js";
import { brief, recall } from "./hit.js";
import { navigation } from "./navigation.js";

/** @typedef {import("./index.js").AuthenticationResult} AuthenticationResult */
/** @typedef {typeof import("./loader.js")} Core */

/**
 * @typedef {object} Client
 * @property {unknown} configuration
 * @property {Promise<void>} [starting]
 * @property {Core} [module]
 * @property {InstanceType<Core["ClientHandle"]>} [core]
 * @property {number} [generation] Of the instance that `core` belongs to.
 * @property {Set<string> | null} [warned]
 * @property {boolean} reopening
 * @property {import("./hit.js").Hits} hits What was said at once, and can be said again.
 * @property {Record<string, Promise<AuthenticationResult | null>>} answers
 * @property {Awaited<ReturnType<Core["settled"]>>} [settled]
 * @property {ReturnType<typeof import("./events.js").watch>} watched
 * @property {Promise<boolean>} [relaying]
 * @property {boolean} isAlone
 * @property {import("./index.js").INavigationClient} navigation
 * @property {import("./challenge.js").Api} [api]
 */

/** @param {Client} client @param {Promise<Core>} importing @param {import("./index.js").WasmSource} [wasm] */
export async function start(client, importing, wasm) {
  const { api } = /** @type {import("./index.js").Configuration} */ (client.configuration ?? {});
  const opening = api && loadApiPart();
  opening?.catch(() => {}); // told below
  const module = await importing.catch(notLoaded);
  await module.start(wasm).catch(notLoaded);
  const { configuration, custom } = await module.settled(client.configuration);
  client.module = module;
  client.settled = { configuration, custom };
  const core = guard(client, () => connect(client, module));
  await guard(client, () => core.run("initialize", {})).catch((/** @type {unknown} */ error) => {
    client.core = undefined; // without what it takes to read the storage there is no client
    return thrown(error);
  });
  if (opening) {
    await apiPart(client).catch((/** @type {unknown} */ error) => {
      client.core = undefined; // what is wrong with the map shows at once
      throw error;
    });
  }
  await adopt(client).catch(() => {}); // whatever MSAL.js has left is no reason not to start
  client.watched.look();
  globalThis.addEventListener?.("pageshow", ({ persisted }) => {
    // Whoever left by this page has come back to it without an answer.
    if (persisted) client.watched.tell(EventType.RESTORE_FROM_BFCACHE, { type: "redirect" });
  });
  module.onChange(() => {
    unlearn(client); // who signs out elsewhere leaves no token here
    run(client, "initialize", undefined).catch(() => {});
  });
}

/** The script for calling APIs. */
function loadApiPart() {
  return import("./fetch.js").catch((cause) => {
    const error = new BrowserAuthError("script_load_failed", "", "a part of the package's script did not load: serve all of its files, and try again");
    throw Object.assign(error, { cause });
  });
}

/** The part that calls APIs, of which only those apps load the script that do. @param {Client} client */
export async function apiPart(client) {
  ready(client);
  const { open, ...part } = await loadApiPart();
  client.api ??= open(/** @type {any} */ (client));
  return { ...part, api: client.api };
}

/** Takes over the users whom MSAL.js has left, the first time that this client starts. @param {Client} client */
async function adopt(client) {
  if (!ask(client, "awaitsAdoption")) return;
  const { leftBehind } = await import("./migration.js");
  const { auth, cache } = /** @type {import("./index.js").Configuration} */ (client.configuration);
  const left = await leftBehind(cache?.cacheLocation === "localStorage" ? localStorage : sessionStorage, auth.clientId);
  await send(client, "adopt", left);
}

/** @param {Client} client @param {Core} module */
function connect(client, module) {
  client.generation = module.generation;
  client.hits = new Map();
  const go = navigation(/** @type {any} */ (client.configuration), () => {
    client.watched.look({ type: "redirect" }); // nobody hears of it once the page is left
    return client.navigation;
  });
  return (client.core = new module.ClientHandle(client.settled?.configuration, client.settled?.custom, go));
}

/** After a trap. What is encrypted the new instance knows a little later: until then nobody is told that everybody has signed out. @param {Client} client @param {Core} module */
function reconnect(client, module) {
  const core = connect(client, module);
  client.reopening = true;
  core.run("initialize", {}).catch(() => {}).finally(() => {
    client.reopening = false;
    client.watched.look();
  });
  return core;
}

/** What can be had at once, without the way of all others. @param {Client} client @param {import("./index.js").SilentRequest} request @returns {any} */
export function hit(client, request) {
  const lines = request && brief(request);
  if (lines === undefined) return undefined;
  const core = ready(client);
  return stated(guard(client, () => recall(core, client.hits, lines, request.correlationId)), request);
}

/** A result with the app's own text, which has not left the page. @template T @param {T} result @param {any} request @returns {T} */
export function stated(result, request) {
  return result && request?.state ? { ...result, state: request.state } : result;
}

/** A method that waits, of which the caller tells. @param {Client} client @param {string} method @param {unknown} request @returns {Promise<any>} */
export async function send(client, method, request) {
  const core = ready(client);
  return guard(client, () => core.run(method, brieflyFrom(request ?? {}))).catch(thrown);
}

/** An account is known by its keys: the rest of it, mostly the claims of its ID token, would pass into the core for nothing. @param {any} request */
function brieflyFrom(request) {
  const { environment, homeAccountId, localAccountId, tenantId } = request.account ?? {};
  const isInfo = [environment, homeAccountId, localAccountId, tenantId].every((key) => typeof key === "string");
  return isInfo ? { ...request, account: { environment, homeAccountId, localAccountId, tenantId } } : request;
}

/** A method that waits. @param {Client} client @param {string} method @param {unknown} request @returns {Promise<any>} */
export async function run(client, method, request) {
  try {
    return await send(client, method, request);
  } finally {
    client.watched.look();
  }
}

/** Lets go of the tokens that were said, and of those that calls of APIs have for each other. @param {Client} client */
export function unlearn({ hits, api }) {
  hits.clear();
  for (const lane of api?.lanes.values() ?? []) if (lane.last?.token) delete lane.last;
}

/** A method after which nothing of a token is left here: what is said meanwhile is forgotten too. The caller tells. @param {Client} client @param {string} method @param {unknown} request */
export async function forget(client, method, request) {
  try {
    return await send(client, method, request);
  } finally {
    unlearn(client);
    client.answers = {};
  }
}

/** A method that does not. @param {Client} client @param {string} method @param {unknown} [argument] @returns {any} */
export function ask(client, method, argument) {
  const core = ready(client);
  return guard(client, () => core.ask(method, argument ?? null));
}

/**
 * Names what a request could do without, where a developer may be looking. The call itself says what is wrong with it.
 * @param {Client} client @param {any} request
 */
export function warn(client, request) {
  try {
    const { scopes, extraScopesToConsent, signIn } = request ?? {};
    if (client.warned === undefined) client.warned = ask(client, "warns") ? new Set() : null;
    if (!client.warned) return;
    const asked = JSON.stringify([scopes, extraScopesToConsent, signIn]);
    if (client.warned.has(asked)) return;
    client.warned.add(asked);
    for (const warning of ask(client, "reviewScopes", { scopes, extraScopesToConsent, signIn })) {
      const smaller = warning.instead ? `; instead: ${warning.instead.join(" ")}` : "";
      const text = `consentry: ${warning.scopes.join(" ")}: ${warning.message}${smaller}`;
      if (!client.warned.has(text)) console.warn(text);
      client.warned.add(text);
    }
  } catch {
    // Whatever it is, the call meets it too.
  }
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
 * @returns {T}
 */
function guard(client, call) {
  try {
    return call();
  } catch (error) {
    if (/** @type {any} */ (error)?.name === "RuntimeError" && client.module) {
      client.module.restart();
      throw new BrowserAuthError("wasm_trap", "", "the WebAssembly core failed and was started anew: try again");
    }
    return thrown(error);
  }
}

/** @param {any} error @returns {never} */
function thrown(error) {
  throw error?.errorCode && !(error instanceof Error) ? fromRecord(error) : error;
}

/** Writes out what a result repeats of its account. @param {any} result @returns {AuthenticationResult} */
export function complete(result) {
  const { account, refreshOn } = result;
  for (const end of ["expiresOn", "refreshTokenExpiresOn"]) result[end] = (result[end] ?? null) === null ? null : date(result[end]);
  if (refreshOn !== undefined) result.refreshOn = date(refreshOn);
  result.uniqueId = account.localAccountId;
  result.tenantId = account.tenantId;
  result.idToken = account.idToken;
  result.idTokenClaims = account.idTokenClaims;
  return result;
}

/** A time as the core takes it, in seconds since 1970; what is none stays, to be named. @param {any} time */
export const seconds = (time) => (time === null || Number.isNaN(Number(new Date(time))) ? time : Math.floor(Number(new Date(time)) / 1000));

/** @param {number} seconds Since 1970. */
export const date = (seconds) => new Date(seconds * 1000);

/**
 * @template T
 * @param {Record<string, any>} records
 * @param {(record: any) => T} change
 * @returns {Record<string, T>}
 */
export const mapped = (records, change) => Object.fromEntries(Object.entries(records).map(([key, record]) => [key, change(record)]));

/** @param {unknown} cause @returns {never} */
function notLoaded(cause) {
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
