/**
 * What the core has said, for the next page: who is signed in, and the tokens that a page asked for. There it is said again before any module is loaded, as
 * long as nothing that is stored has changed; whatever else is asked brings the core. It is stored as the rest is, and each change takes it away.
 */

import { BrowserAuthError } from "./errors.js";
import { copy, nextId } from "./hit.js";
import { isOnline } from "./navigation.js";
import { keys, MEMO, onChange, PREFIX, read, STAMP, write } from "./storage.js";
import { open, seal } from "./vault.js";
import { version } from "./version.js";

/** @typedef {import("./handle.js").Client} Client */
/** @typedef {import("./index.js").AccountInfo} AccountInfo */
/** @typedef {import("./index.js").SilentRequest} SilentRequest */
/**
 * A token by the lines of its request (hit.js), and whose it is; in seconds since 1970 when its refresh token ends, when the core is to be asked again, and when it ends itself.
 * @typedef {[lines: string, token: any, owner: number, refreshTokenExpiresOn: number | null | undefined, until: number, end: number]} Token
 */
/**
 * @typedef {object} Said
 * @property {string} of Of which package and configuration.
 * @property {string} stamp What the storage said of its last change.
 * @property {number} on In seconds since 1970.
 * @property {AccountInfo[]} accounts
 * @property {string[]} places Where they are stored.
 * @property {string[]} answers Where an answer is kept, in the tab's store, that came to another page; and that an administrator is asked.
 * @property {string} carried Where it is stored when one last was, in seconds since 1970, in whatever tab.
 * @property {string} mark Of an answer in a query.
 * @property {string} chosen Where it is stored which of them is active: by the list of its key.
 * @property {Record<string, string[]>[]} granted To each, by API.
 * @property {Token[]} tokens
 */

/** By how many seconds the clocks of two pages may be apart. */
const TOLERANCE = 60;
/** Who has more starts with the part of the core. */
const MOST = { accounts: 8, tokens: 5, characters: 150_000 };
/** How long a page is left alone with what it does first, and then with what it does besides, in milliseconds. */
const CALM = { least: 1000, most: 5000 };
/** What a time means: the core would say the same until then, or would where it can't renew anything. */
const UNTIL = 0;
const OFFLINE = 1;
const ACCESS_TOKEN_ONLY = 1;
/** For longer than the core believes an answer that it carries from page to page, in seconds. */
const CARRIED = 600;
/** What accounts are known by; the first three are their key. */
const PROPERTIES = /** @type {const} */ (["environment", "homeAccountId", "tenantId", "localAccountId", "username", "name", "loginHint", "upn", "sid"]);
const KEY = PROPERTIES.slice(0, 3);
const INFO = PROPERTIES.slice(0, 4);

/** What is said of one configuration is not of another. @param {any} configuration */
const identity = ({ auth, cache, system }) => JSON.stringify([version, auth, cache, { ...system, loggerOptions: 0, navigationClient: 0 }]);

/** What the storage says of its last change; nothing where there is none. @param {any} configuration */
export function stampOf(configuration) {
  try {
    const { area, stampKey } = keeping(configuration);
    return read(area, stampKey);
  } catch {
    return undefined;
  }
}

/** Where it is kept, and how. @param {any} configuration */
function keeping({ auth: { clientId }, cache }) {
  const isShared = cache?.cacheLocation === "localStorage";
  const start = `${PREFIX}2|${encodeURIComponent(clientId)}`;
  return {
    area: /** @type {0 | 1} */ (isShared ? 1 : 0),
    isSealed: isShared && cache.encryption !== false,
    vault: /** @type {[owner: string, staysAfterRestart: boolean, names: string[]]} */ ([clientId, cache?.keepAfterRestart !== false, [start + MEMO]]),
    key: start + MEMO,
    stampKey: start + STAMP,
  };
}

/** In the place of the core's handle. What it can't say it answers with `undefined`, as the part of the core does. */
export class Memo {
  /** @param {ReturnType<typeof keeping>} kept @param {Said} said @param {() => void} grow Has the core come. */
  constructor({ area, key, stampKey }, said, grow) {
    this.area = area;
    this.key = key;
    this.stampKey = stampKey;
    this.said = said;
    this.grow = grow;
    this.opened = Date.now();
    this.elapsed = performance.now();
    /** Who is active on this page alone. @type {AccountInfo | null | undefined} */
    this.chosen = undefined;
  }

  /** `null` where the browser has nothing read any more: what is known stands then. @param {string} key @param {0 | 1} [area] */
  read(key, area = this.area) {
    try {
      return read(area, key);
    } catch {
      return null;
    }
  }

  /** Whether nothing has changed since. */
  isCurrent() {
    const { stamp, places } = this.said;
    return [stamp, null].includes(/** @type {string} */ (this.read(this.stampKey))) && places.every((place) => this.read(place) !== undefined);
  }

  /** @param {string} lines @returns {import("./hit.js").Parts | undefined} */
  recall(lines) {
    const { tokens, accounts, stamp } = this.said;
    const found = tokens.find(([request]) => request === lines);
    if (!found || !this.isCurrent()) return undefined;
    const [, token, owner, refreshTokenExpiresOn, until, end] = found;
    const account = /** @type {AccountInfo} */ (accounts[owner]);
    const kind = this.holds(UNTIL, until) ? UNTIL : OFFLINE;
    const time = kind === UNTIL ? until : end;
    return this.holds(kind, time) ? [token, account, refreshTokenExpiresOn ?? undefined, kind, time, this.area, this.stampKey, stamp] : undefined;
  }

  /** In seconds since 1970. Who turns the clock back does not turn back this one. @param {number} kind @param {number} until */
  holds(kind, until) {
    const now = this.opened + Math.max(Date.now() - this.opened, performance.now() - this.elapsed);
    return this.chosen === undefined && now < until * 1000 && (kind === UNTIL || !isOnline());
  }

  wants() {
    return false;
  }

  /** @param {string} method @param {any} argument @returns {any} */
  ask(method, argument) {
    if (method === "getAllAccounts") return this.accounts(Object.values(argument ?? {}).some((value) => value !== undefined) ? argument : null);
    if (method === "getActiveAccount") return this.active(copy);
    if (method === "setActiveAccount") return this.choose(argument);
    if (method === "getGrantedScopes") return this.said.granted[this.said.accounts.indexOf(this.meant(argument))];
    return method === "answerForOpener" ? null : undefined; // in an address with an answer nobody starts with this
  }

  /** Those that are there still. @param {any} filter */
  accounts(filter) {
    const { accounts, places } = this.said;
    if (!this.isCurrent()) this.grow();
    return accounts.filter((account, at) => this.read(/** @type {string} */ (places[at])) !== undefined && (!filter || fits(account, filter)));
  }

  /** @param {(account: AccountInfo) => AccountInfo} [as] */
  active(as = (account) => account) {
    const [environment, homeAccountId, tenantId] = partsOf(this.read(this.said.chosen));
    const account = this.chosen === undefined ? this.accounts({ environment, homeAccountId, tenantId })[0] : this.chosen;
    return account && this.accounts(null).includes(account) ? as(account) : null;
  }

  /** @param {any} filter */
  meant(filter) {
    const all = this.accounts(filter);
    const account = filter ? all[0] : (this.active() ?? (all.length === 1 ? all[0] : undefined));
    if (account) return account;
    if (all.length) throw new BrowserAuthError("ambiguous_account", "", "several accounts are signed in: pass `account` or call `setActiveAccount`");
    throw new BrowserAuthError("no_account_error", "", "no account: pass `account`, call `setActiveAccount`, or sign the user in first");
  }

  /** Stored at once, as the page may be left at once; what it has no room for is left to the core. @param {any} filter */
  choose(filter) {
    const account = filter ? this.meant(filter) : null;
    if (account === this.active()) return;
    const list = account ? JSON.stringify([account.environment, account.homeAccountId, account.tenantId]) : undefined;
    try {
      // A stamp that says nothing of what was changed has everything read anew, here and elsewhere.
      const isStored = write(this.area, this.key) && write(this.area, this.said.chosen, list) && write(this.area, this.stampKey, nextId());
      if (!isStored) this.chosen = account;
    } catch {
      this.chosen = account;
    }
    this.grow();
  }

  /** @param {string} method @param {any} request */
  async run(method, request) {
    if (method === "initialize") return this.isCurrent() ? null : undefined;
    const [response, permission] = this.said.answers;
    if (method === "handleRedirectPromise") return request?.hash || location.hash.includes("=") || (this.mayBeCarried() && this.isKept(response)) ? undefined : null;
    if (method === "handleAdminConsentPromise") return request?.hash || location.search || this.isKept(permission) ? undefined : null;
    return undefined;
  }

  /** Whether something is in the tab's store. @param {string | undefined} place */
  isKept(place) {
    return place === undefined || this.read(place, 0) !== undefined;
  }

  /** Whether it is worth a look into the tab's store, for which the browser takes a millisecond. */
  mayBeCarried() {
    return this.area === 0 || !(Date.now() / 1000 - Number(this.read(this.said.carried) ?? 0) > CARRIED);
  }
}

/** In the place of the core's module, which never has to be started anew. */
export const module = /** @type {import("./handle.js").AnyCore} */ (/** @type {unknown} */ ({ ClientHandle: Memo, generation: 0, onChange }));

/**
 * What an earlier page was told, if that holds still.
 * @param {Client} client
 * @param {() => void} grow Has the core come.
 */
export async function remembered({ configuration }, grow) {
  const places = keeping(configuration);
  const { area, isSealed, vault, key } = places;
  const kept = read(area, key);
  // What calls APIs needs more than is known here.
  if (kept === undefined || /** @type {any} */ (configuration).api) return undefined;
  const [text] = isSealed ? await open(...vault, [kept]) : [kept];
  /** @type {Said} */
  const said = JSON.parse(text ?? "{}");
  if (said.of !== identity(configuration) || location.search.includes(said.mark) || said.on > Date.now() / 1000 + TOLERANCE) return undefined;
  if (!isSound(said)) return undefined;
  const memo = new Memo(places, said, grow);
  if (!memo.isCurrent()) write(area, key);
  // Where none of them is to be had, the core will be asked.
  return said.tokens.some(([lines]) => memo.recall(lines)) ? memo : undefined;
}

/** Whether it has the form that it was written in: what is not sealed anybody can have written. @param {Said} said */
function isSound({ accounts, places, granted, answers, tokens, chosen, carried }) {
  const areLists = [accounts, places, granted, answers, tokens, ...tokens].every(Array.isArray);
  const areTexts = [chosen, carried, ...places, ...answers].every((text) => typeof text === "string");
  const areRecords = [...accounts, ...granted].every((record) => typeof record === "object" && record !== null);
  const areTokens = tokens.every(([, token, owner]) => accounts[owner] && Array.isArray(token?.scopes));
  return areLists && areTexts && areRecords && areTokens && places.length === accounts.length && granted.length === accounts.length;
}

/** Takes away what was kept here, if something has changed since, and who changed it could not see it yet. @param {Client} client */
export function forsake({ configuration, noted }) {
  if (!noted.of || noted.of.startsWith(`${stampOf(configuration)}\n`)) return;
  noted.of = "";
  try {
    const { area, key } = keeping(configuration);
    write(area, key);
  } catch {
    // It is not to be read either.
  }
}

/**
 * Takes users and all that is theirs out of the storage, where the core that would do it does not come: who signs out is out. Of what was changed the new stamp says
 * nothing, so all pages look at everything.
 * @param {Client} client @param {any} [filter] Default: everybody.
 */
export function abandon({ core, configuration }, filter) {
  const { area, key, stampKey } = keeping(configuration);
  const { accounts, places } = core instanceof Memo ? core.said : { ...core?.ask("places", null), accounts: core?.ask("getAllAccounts", null) };
  const start = key.slice(0, 1 - MEMO.length);
  const gone = places.filter((/** @type {string} */ _, /** @type {number} */ at) => !filter || fits(accounts[at], filter)).map(ownerOf);
  for (const entry of keys(area, start).split("\n")) {
    if (RECORDS.includes(entry.slice(start.length).split("|")[0] ?? "") && (!filter || gone.includes(ownerOf(entry)))) write(area, entry);
  }
  // Who is out is not to be brought back from what MSAL has left.
  if (keys(area, "msal.")) for (const owner of gone) write(area, `${start}taken|${owner.split("|")[0]}`, "1");
  write(area, key);
  write(area, stampKey, nextId());
}

/** What there is of users. */
const RECORDS = ["account", "access", "consent", "grant"];

/** Whose an entry of the client is, by the three parts of the account's key. @param {string} key */
const ownerOf = (key) => key.split("|").slice(4, 7).join("|");

/** Of a text that anybody can have written. @param {string | null | undefined} text */
function partsOf(text) {
  try {
    const parts = JSON.parse(text ?? "");
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

/** As the core compares accounts. @param {any} account @param {any} filter */
function fits(account, filter) {
  const given = { ...filter, tenantId: filter.tenantId ?? filter.realm };
  const text = (/** @type {string} */ name) => (typeof given[name] === "string" ? given[name] : undefined);
  const wanted = (INFO.every((name) => text(name) !== undefined) ? KEY : PROPERTIES).filter((name) => text(name) !== undefined);
  return wanted.length > 0 && wanted.every((name) => {
    const [one, other] = [given[name], account[name] ?? account.idTokenClaims?.[name] ?? ""];
    const isCaseless = account.tenantId || !INFO.includes(/** @type {any} */ (name));
    return one === other || (isCaseless && lower(one) === lower(other));
  });
}

/** @param {string} text */
const lower = (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/**
 * Keeps what was said, a little later: the page has better things to do now.
 * @param {Client} client
 * @param {string} lines
 * @param {SilentRequest} request That has been answered, as lines.
 */
export function note(client, lines, { scopes, account }) {
  const { noted, page } = client;
  if (!page.first || /** @type {any} */ (client.configuration).api) return;
  if (noted.lines.size < MOST.tokens && !noted.lines.has(lines)) noted.lines.set(lines, { scopes, account, cacheLookupPolicy: ACCESS_TOKEN_ONLY });
  if (noted.isWaiting || client.core instanceof Memo) return;
  noted.isWaiting = true;
  keepLater(client);
}

/** When nothing has changed for a moment: what is stored one after another is not kept one after another. @param {Client} client */
function keepLater(client) {
  const { configuration, noted } = client;
  const stamp = stampOf(configuration);
  const { requestIdleCallback: calm = setTimeout } = globalThis;
  const keepNow = () => {
    if (stampOf(configuration) !== stamp) keepLater(client);
    else keep(client).catch(() => {}).finally(() => { noted.isWaiting = false; });
  };
  setTimeout(() => calm(keepNow, /** @type {any} */ ({ timeout: CALM.most })), CALM.least);
}

/** @param {Client} client */
async function keep(client) {
  const { core, noted } = client;
  const { area, isSealed, vault, key, stampKey } = keeping(client.configuration);
  if (!core || core instanceof Memo) return;
  // So that they are read.
  for (const [lines, request] of noted.lines) if (!core.recall(lines)) await core.run("acquireTokenSilent", request).catch(() => {});
  const stamp = read(area, stampKey);
  const of = `${stamp}\n\n${[...noted.lines.keys()].join("\n\n")}`;
  const said = stamp !== undefined && noted.of !== of && sayAgain(client, core, area, stamp);
  if (!said) return;
  const text = JSON.stringify(said);
  if (text.length > MOST.characters) return;
  const [kept] = isSealed ? await seal(...vault, [text]) : [text];
  if (read(area, stampKey) === stamp && write(area, key, kept)) noted.of = of;
}

/** @param {Client} client @param {any} core @param {0 | 1} area @param {string} stamp @returns {Said | undefined} */
function sayAgain({ configuration, noted }, core, area, stamp) {
  /** @type {AccountInfo[]} */
  const accounts = core.ask("getAllAccounts", null);
  if (!accounts.length || accounts.length > MOST.accounts) return undefined;
  /** @type {Token[]} */
  const tokens = [];
  for (const lines of noted.lines.keys()) {
    const [token, account, refreshTokenExpiresOn, , until, from, , told] = core.recall(lines) ?? [];
    const owner = accounts.indexOf(account);
    if (owner >= 0 && from === area && told === stamp) tokens.push([lines, token, owner, refreshTokenExpiresOn, until, token.expiresOn ?? until]);
  }
  if (!tokens.length) return undefined;
  return {
    ...core.ask("places", null), // in the order of the accounts
    of: identity(configuration),
    stamp,
    on: Date.now() / 1000,
    accounts,
    granted: accounts.map((account) => core.ask("getGrantedScopes", account)),
    tokens,
  };
}
