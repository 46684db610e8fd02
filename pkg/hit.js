/**
 * The way of a call that can be answered at once: as little of it as there can be on each side. The core decides whether it can, and
 * whether what it has said holds still.
 */

import { read } from "./storage.js";

/** @typedef {import("./index.js").AccountInfo} AccountInfo */
/** @typedef {import("./index.js").SilentRequest} SilentRequest */
/** @typedef {{ recall(lines: string): Parts | undefined, holds(revision: number, until: number): boolean }} Core */
/** Of the token and of the account; when its refresh token ends; what the core takes to say whether that holds; and what others change if it does not. */
/** @typedef {[token: any, account: AccountInfo, refreshTokenExpiresOn: number | undefined, revision: number, until: number, area?: import("./storage.js").Area, key?: string, stamp?: string | null]} Parts */
/** By the lines of a request. @typedef {Map<string, Parts>} Hits */

/** What changes nothing about the token. */
const PLAIN = new Set(["scopes", "account", "correlationId"]);
/** Of more than these the page would keep each a second time for nothing. */
const MOST = 20_000;

/**
 * A result that can be had at once; `undefined` for any other.
 * @param {Core} core @param {Hits} hits @param {string} lines @param {string | undefined} correlationId
 * @param {() => void} asked Called where the core was, and had it.
 */
export function recall(core, hits, lines, correlationId, asked) {
  let parts = hits.get(lines);
  if (!parts || !isUnchanged(parts) || !core.holds(parts[3], parts[4])) {
    if (parts || hits.size >= MOST) hits.clear(); // what one was said at, all were
    parts = core.recall(lines);
    if (!parts) return undefined;
    const [other] = hits.values();
    if (other?.[7] === parts[7]) parts[7] = other?.[7]; // one text for all: it can be long
    hits.set(lines, parts);
    asked();
  }
  return whole(parts, correlationId ?? nextId());
}

/** Whether nobody else has changed what is stored. It is read here, as texts on their way into the core are half of what a call takes. @param {Parts} parts */
function isUnchanged([, , , , , area, key, stamp]) {
  try {
    return area === undefined || key === undefined || (read(area, key) ?? null) === stamp;
  } catch {
    return false; // the core says what stands then
  }
}

/**
 * A request as lines, which pass into the core in one go: the account's three keys and the scopes. `undefined` for one that asks for
 * more than that.
 * @param {SilentRequest} request
 */
export function brief(request) {
  for (const name in request) {
    const value = request[/** @type {keyof SilentRequest} */ (name)];
    if (!PLAIN.has(name) && value !== undefined && value !== null && value !== false && !(name === "state" && typeof value === "string")) return undefined;
  }
  const { scopes, account } = request;
  if (!Array.isArray(scopes) || !scopes.every(isLine)) return undefined;
  const names = scopes.join("\n");
  if (account === undefined || account === null) return `\n\n\n${names}`;
  const { environment, homeAccountId, tenantId, localAccountId } = account;
  // Anything else is a filter, of which the core makes more than that.
  if (!environment || !homeAccountId || localAccountId === undefined) return undefined;
  if (!isLine(environment) || !isLine(homeAccountId) || !isLine(tenantId)) return undefined;
  return `${environment}\n${homeAccountId}\n${tenantId}\n${names}`;
}

/** @param {unknown} text */
export const isLine = (text) => typeof text === "string" && !text.includes("\n");

/**
 * A result of its own for each call: who changes it changes no other.
 * @param {[token: any, account: AccountInfo, refreshTokenExpiresOn?: number, ...unknown[]]} parts
 * @param {string} correlationId @param {string[]} missingScopes @param {boolean} fromCache
 */
export function whole([token, account, refreshTokenExpiresOn], correlationId, missingScopes = [], fromCache = true) {
  const own = copy(account);
  /** @type {any} */
  const result = {
    authority: token.authority,
    uniqueId: own.localAccountId,
    tenantId: own.tenantId,
    scopes: token.scopes.slice(),
    missingScopes,
    account: own,
    idToken: own.idToken,
    idTokenClaims: own.idTokenClaims,
    accessToken: token.accessToken,
    fromCache,
    expiresOn: token.expiresOn === undefined ? null : new Date(token.expiresOn * 1000),
    refreshTokenExpiresOn: refreshTokenExpiresOn === undefined ? null : new Date(refreshTokenExpiresOn * 1000),
    tokenType: token.tokenType,
    correlationId,
  };
  if (token.refreshOn !== undefined) result.refreshOn = new Date(token.refreshOn * 1000);
  return result;
}

/** @param {AccountInfo} account @returns {AccountInfo} */
export const copy = (account) => ({ ...account, idTokenClaims: account.idTokenClaims && { ...account.idTokenClaims } });

let base = "";
let count = 0;

/** A version 4 UUID of this page, for a call that sends nothing: drawing each would take longer than the rest of the call. */
export function nextId() {
  base ||= crypto.randomUUID().slice(0, 24);
  count += 1;
  return base + count.toString(16).padStart(12, "0");
}
