/** The way of every call into the core, and of what comes back. */

import { BrowserAuthError } from "./errors.js";
import { grow, growOn } from "./grow.js";
import { guard, ready, thrown } from "./handle.js";
import { brief, complete, isLine, isPlain, recall } from "./hit.js";
import { toCalls } from "./lending.js";
import { abandon, note } from "./memo.js";

/** @typedef {import("./handle.js").Client} Client */
/** @typedef {import("./index.js").AuthenticationResult} AuthenticationResult */

/** What the part of the core may know that an earlier page was not told. */
const OF_PART = new Set(["initialize", "acquireTokenSilent"]);

/** What can be had at once, without the way of all others. @param {Client} client @param {import("./index.js").SilentRequest} request @returns {any} */
export function hit(client, request) {
  if (!request || !isPlain(request)) return undefined;
  const core = ready(client);
  const found = guard(client, () => recall(core, client.hits, request, (lines) => note(client, lines, request)));
  renewAhead(client, request);
  return stated(found, request);
}

/** What can't be had at once. @param {Client} client @param {import("./index.js").SilentRequest} request @param {typeof send} way */
export async function acquire(client, request, way) {
  const lines = brief(request);
  const { correlationId = "" } = request ?? {};
  // A plain request passes as lines, as to `recall`: its JSON would be written here and read there. Without scopes it is not that plain.
  const passesAsLines = lines !== undefined && !lines.endsWith("\n") && isLine(correlationId);
  const result = complete(await way(client, "acquireTokenSilent", passesAsLines ? `${correlationId}\n${lines}` : request));
  if (lines !== undefined) note(client, lines, request);
  return stated(result, request);
}

/** What hands out tokens alone, and handed out one that is to be renewed soon, leaves that to the whole. @param {Client} client @param {unknown} request */
function renewAhead(client, request) {
  const { core } = client;
  if (client.isSmall && core && "wants" in core && core.wants()) {
    grow(client).then(() => send(client, "acquireTokenSilent", request)).catch(() => {});
  }
}

/** A result with the app's own text, which has not left the page. @template T @param {T} result @param {any} request @returns {T} */
export function stated(result, request) {
  return result && request?.state ? { ...result, state: request.state } : result;
}

/** A method that waits, of which the caller tells. @param {Client} client @param {string} method @param {unknown} request @returns {Promise<any>} */
export async function send(client, method, request) {
  const core = ready(client);
  const { isSmall } = client;
  const answer = await guard(client, () => core.run(method, brieflyFrom(request ?? {}))).catch(thrown);
  if (isSmall && answer === undefined) {
    await (OF_PART.has(method) ? growOn : grow)(client);
    return send(client, method, request);
  }
  renewAhead(client, request);
  return answer;
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

/** Where the whole core did not come: of whom the method would have forgotten. @param {Client} client @param {string} method @param {any} request */
function leave(client, method, request) {
  if (!client.isSmall || method === "signOutSilently") return;
  try {
    abandon(client, request?.account ?? (method === "logoutRedirect" ? client.core?.ask("getActiveAccount", null) : null));
  } catch {
    // Without storage nobody is signed in.
  }
}

/** A method after which nothing of a token is left here: what is said meanwhile is forgotten too. The caller tells. @param {Client} client @param {string} method @param {unknown} request */
export async function forget(client, method, request) {
  try {
    return await send(client, method, request);
  } catch (error) {
    leave(client, method, request);
    throw error;
  } finally {
    unlearn(client);
    client.noted.lines.clear();
    client.answers.clear();
  }
}

/** A method that does not. @param {Client} client @param {string} method @param {unknown} [argument] @returns {any} */
export function ask(client, method, argument) {
  const core = ready(client);
  return guard(client, () => core.ask(method, argument ?? null));
}

/** A method that does not, and that only the whole has. @param {Client} client @param {string} method @param {unknown} [argument] @returns {Promise<any>} */
export async function consult(client, method, argument) {
  ready(client);
  if (client.isSmall) await grow(client);
  return ask(client, method, argument);
}

/**
 * Names what a request could do without, where a developer may be looking: where the whole core is, as for any token that is not stored yet. The call itself says what is wrong with it.
 * @param {Client} client @param {any} request
 */
export function warn(client, request) {
  if (client.isSmall) return;
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

/** The script for calling APIs. */
export function loadApiPart() {
  const lend = (/** @type {typeof import("./fetch.js")} */ part) => {
    part.borrow({ ...toCalls, ask, consult });
    return part;
  };
  return import("./fetch.js").then(lend).catch((cause) => {
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

/** A time as the core takes it, in seconds since 1970; what is none stays, to be named. @param {any} time */
export const seconds = (time) => (time === null || Number.isNaN(Number(new Date(time))) ? time : Math.floor(Number(new Date(time)) / 1000));

/**
 * @template T
 * @param {[key: string, record: any][]} entries
 * @param {(record: any) => T} change
 * @returns {Record<string, T>}
 */
export const mapped = (entries, change) => Object.fromEntries(entries.map(([key, record]) => [key, change(record)]));
