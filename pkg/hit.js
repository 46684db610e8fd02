/**
 * The way of a call that can be answered at once: as little of it as there can be on each side. The core decides whether it can, and
 * whether what it has said holds still.
 */

import { read } from "./storage.js";

/** @typedef {import("./index.js").AccountInfo} AccountInfo */
/** @typedef {import("./index.js").AuthenticationResult} AuthenticationResult */
/** @typedef {import("./index.js").SilentRequest} SilentRequest */
/** @typedef {{ recall(lines: string): Parts | undefined, holds(revision: number, until: number): boolean }} Core */
/** Of the token and of the account; when its refresh token ends; what the core takes to say whether that holds; and what others change if it does not. */
/** @typedef {[token: any, account: AccountInfo, refreshTokenExpiresOn: number | undefined, revision: number, until: number, area?: import("./storage.js").Area, key?: string, stamp?: string | null]} Parts */
/** @typedef {ReturnType<typeof keep>} Kept */
/**
 * Tokens for one account as it is asked for, by how many scopes and which they are asked with. `parts` are of one of them, for all that they have alike.
 * @typedef {{ environment?: string, homeAccountId?: string, tenantId?: string, parts: Parts, tokens: Map<string, Kept>[] }} Shelf
 */

/** What changes nothing about the token. */
const PLAIN = new Set(["scopes", "account", "correlationId"]);
/** Of more than these the page would keep each a second time for nothing. */
const MOST = 20_000;
/** Later than anything ends, in seconds since 1970. */
const LATEST = 1e12;

/**
 * What was said at once, and can be said again. With thousands of tokens a call takes as long as the processor waits for what it has not
 * looked at lately: so each is one object, found by the very text that the app asks with.
 */
export class Hits {
  size = 0;
  /** @type {Shelf[]} */
  shelves = [];
  /** The last that was looked at. @type {Shelf | undefined} */
  shelf = undefined;

  clear() {
    Object.assign(this, new Hits());
  }

  /** @param {SilentRequest} request @returns {Kept | undefined} */
  find({ scopes, account }) {
    if (!this.shelf || !isFor(this.shelf, account)) this.shelf = this.shelves.find((shelf) => isFor(shelf, account));
    return Array.isArray(scopes) ? this.shelf?.tokens[scopes.length]?.get(nameOf(scopes)) : undefined;
  }

  /** After it was not found. @param {string[]} scopes @param {SilentRequest["account"]} account @param {Parts} parts */
  put(scopes, account, parts) {
    if (this.size >= MOST || (this.shelf && !isAlike(this.shelf.parts, parts))) this.clear(); // what one was said at, all were
    if (!this.shelf) {
      const { environment, homeAccountId, tenantId } = account ?? /** @type {Partial<AccountInfo>} */ ({});
      this.shelves.push((this.shelf = { environment, homeAccountId, tenantId, parts, tokens: [] }));
    }
    const kept = keep(parts);
    const tokens = (this.shelf.tokens[scopes.length] ??= new Map());
    this.size -= tokens.size;
    tokens.set(nameOf(scopes), kept);
    this.size += tokens.size;
    return kept;
  }
}

/** @param {Shelf} shelf @param {SilentRequest["account"]} account */
function isFor({ environment, homeAccountId, tenantId }, account) {
  if (account === undefined || account === null) return environment === undefined;
  return !!environment && account.environment === environment && account.homeAccountId === homeAccountId && account.tenantId === tenantId && account.localAccountId !== undefined;
}

/** @param {Parts} some @param {Parts} other */
const isAlike = (some, other) => [1, 3, 7].every((at) => some[at] === other[at]);

/** As lines, if they can be. A single one is the app's own text, which need not be looked through to be found again. @param {string[]} scopes */
const nameOf = (scopes) => (scopes.length === 1 ? /** @type {string} */ (scopes[0]) : linesOf(scopes) ?? "");

/** @param {Parts} parts */
function keep([{ accessToken, scopes: [scope, ...more], expiresOn, refreshOn }, , , , until]) {
  return { accessToken, scope, more: more.length > 0 ? more : undefined, expiresOn, refreshOn, until };
}

/**
 * A result that can be had at once; `undefined` for any other.
 * @param {Core} core @param {Hits} hits @param {SilentRequest} request @param {(lines: string) => void} asked Called where the core was, and had it.
 */
export function recall(core, hits, request, asked) {
  let found = hits.find(request);
  let parts = hits.shelf?.parts;
  if (!found || !parts || !isUnchanged(parts) || !core.holds(parts[3], found.until)) {
    // What one was said at, all were, unless it is only this one's time that has come.
    if (found && !(parts && isUnchanged(parts) && core.holds(parts[3], LATEST))) hits.clear();
    const lines = brief(request);
    parts = lines === undefined ? lines : core.recall(lines);
    if (!lines || !parts) return undefined;
    found = hits.put(/** @type {string[]} */ (request.scopes), request.account, parts);
    asked(lines);
  }
  return resultOf(found, parts, request.correlationId ?? nextId());
}

/** Whether nobody else has changed what is stored. It is read here, as texts on their way into the core are half of what a call takes. @param {Parts} parts */
function isUnchanged([, , , , , area, key, stamp]) {
  try {
    return area === undefined || key === undefined || (read(area, key) ?? null) === stamp;
  } catch {
    return false; // the core says what stands then
  }
}

/** Whether a request asks for no more than a token of an account. @param {SilentRequest} request */
export function isPlain(request) {
  for (const name in request) {
    const value = request[/** @type {keyof SilentRequest} */ (name)];
    if (!PLAIN.has(name) && value !== undefined && value !== null && value !== false && !(name === "state" && typeof value === "string")) return false;
  }
  return true;
}

/**
 * A request as lines, which pass into the core in one go: the account's three keys and the scopes. `undefined` for one that asks for
 * more than that.
 * @param {SilentRequest} request
 */
export function brief(request) {
  if (!isPlain(request)) return undefined;
  const { scopes, account } = request;
  const names = Array.isArray(scopes) ? linesOf(scopes) : undefined;
  if (names === undefined) return undefined;
  if (account === undefined || account === null) return `\n\n\n${names}`;
  const { environment, homeAccountId, tenantId, localAccountId } = account;
  // Anything else is a filter, of which the core makes more than that.
  if (!environment || !homeAccountId || localAccountId === undefined) return undefined;
  if (!isLine(environment) || !isLine(homeAccountId) || !isLine(tenantId)) return undefined;
  return `${environment}\n${homeAccountId}\n${tenantId}\n${names}`;
}

/** @param {unknown[]} texts */
const linesOf = (texts) => (texts.every(isLine) ? texts.join("\n") : undefined);

/** @param {unknown} text */
export const isLine = (text) => typeof text === "string" && !text.includes("\n");

/**
 * A result of its own for each call: who changes it changes no other.
 * @param {Kept} kept @param {Parts} parts @param {string} correlationId @param {string[]} missingScopes @param {boolean} fromCache
 */
function resultOf({ accessToken, scope, more, expiresOn, refreshOn }, [{ authority, tokenType }, its, refreshTokenExpiresOn], correlationId, missingScopes = [], fromCache = true) {
  const account = copy(its);
  /** @type {any} */
  const result = {
    authority,
    uniqueId: account.localAccountId,
    tenantId: account.tenantId,
    scopes: scope === undefined ? [] : more ? [scope, ...more] : [scope],
    missingScopes,
    account,
    idToken: account.idToken,
    idTokenClaims: account.idTokenClaims,
    accessToken,
    fromCache,
    expiresOn: expiresOn === undefined ? null : dateOf(expiresOn),
    refreshTokenExpiresOn: refreshTokenExpiresOn === undefined ? null : dateOf(refreshTokenExpiresOn),
    tokenType,
    correlationId,
  };
  if (refreshOn !== undefined) result.refreshOn = dateOf(refreshOn);
  return result;
}

/** A result that was waited for. @param {any} parts @returns {AuthenticationResult} */
export function complete(parts) {
  const [, , , missingScopes, fromCache, correlationId, state] = parts;
  const result = resultOf(keep(parts), parts, correlationId, missingScopes, fromCache);
  if (state !== undefined) result.state = state;
  return result;
}

/** @param {number} seconds Since 1970. */
export const dateOf = (seconds) => new Date(seconds * 1000);

/** @param {AccountInfo} account @returns {AccountInfo} */
export const copy = (account) => ({ ...account, idTokenClaims: account.idTokenClaims && copyOf(account.idTokenClaims) });

/** With lists of its own, of which there are few. @param {import("./index.js").IdTokenClaims} claims */
function copyOf(claims) {
  const own = { ...claims };
  for (const name in own) if (typeof own[name] === "object") own[name] = structuredClone(own[name]);
  return own;
}

let base = "";
let count = 0;

/** A version 4 UUID of this page, for a call that sends nothing: drawing each would take longer than the rest of the call. */
export function nextId() {
  base ||= crypto.randomUUID().slice(0, 24);
  count += 1;
  return base + count.toString(16).padStart(12, "0");
}
