/** What the page of every client does alike when its token cache is measured. The program that drives it calls what is in `cache`. */

import { describe, settings } from "./page.js";

/**
 * @typedef {object} TokenCache
 * @property {() => Promise<unknown>} initialize
 * @property {() => Promise<unknown>} handle what the client makes of the page's address
 * @property {() => Promise<boolean>} isSignedIn
 * @property {() => Promise<unknown>} signIn for the first API
 * @property {(at: number) => Promise<unknown>} acquire a token of the API with that number, from the cache or else the server
 * @property {(at: number) => Promise<unknown>} renew the same, from the server
 * @property {(spelling: number) => Promise<unknown>} [acquireSpelled] for two permissions of one API, written in several ways
 * @property {() => unknown[]} [accounts]
 * @property {(user: string) => Promise<unknown>} [add] signs somebody in without leaving the page
 */
/** @typedef {{ calls: number, milliseconds: number }} Timed */

export const PERMISSIONS = /** @type {const} */ (["Data.Read", "Data.Write"]);
/** How many calls there are between two looks at the clock. */
const CALLS = 20;
/** Of those that are measured in turn: not the order in which they are stored, and none is left out of ten, of a hundred and so on. */
const STRIDE = 7;
/** @type {string[]} */
const apis = [];
/** @type {string[]} */
const scopes = [];

/** @param {number} at */
export const apiOf = (at) => (apis[at] ??= `api://00c0ffee-0000-4000-8000-${at.toString(16).padStart(12, "0")}`);
/** @param {number} at */
export const scopeOf = (at) => (scopes[at] ??= `${apiOf(at)}/${PERMISSIONS[0]}`);
/** @param {number} at */
export const permissionsOf = (at) => PERMISSIONS.map((permission) => `${apiOf(at)}/${permission}`);

/** The same permissions: in another order, and in another case. @param {string[]} permissions @param {number} spelling */
export function spell(permissions, spelling) {
  const ordered = spelling % 2 === 1 ? [...permissions].reverse() : permissions;
  return spelling >= 2 ? ordered.map((permission) => permission.toUpperCase().replace("API://", "api://")) : ordered;
}

/** @param {(at: number) => unknown} call @param {number} most @param {number} milliseconds @returns {Promise<Timed>} */
async function timed(call, most, milliseconds) {
  let calls = 0;
  const began = performance.now();
  let now = began;
  while (calls < most && now - began < milliseconds) {
    for (let at = 0; at < CALLS; at += 1) await call(calls + at);
    calls += CALLS;
    now = performance.now();
  }
  return { calls, milliseconds: now - began };
}

/** @param {(at: number) => Promise<unknown>} call @param {number} count one after another; the milliseconds of each */
async function each(call, count) {
  const times = [];
  for (let at = 0; at < count; at += 1) {
    const began = performance.now();
    await call(at);
    times.push(performance.now() - began);
  }
  return times;
}

/** A token request without a client: the network's part. */
async function network() {
  const { tokenEndpoint } = settings();
  const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: "anybody's", scope: `${scopeOf(0)} openid profile offline_access` });
  await (await fetch(tokenEndpoint, { method: "POST", body })).json();
}

/** @param {TokenCache} client */
function measurements(client) {
  return {
    signIn: () => {
      document.title = "leaving";
      void client.signIn();
    },
    /** Tokens of the APIs of a range, one after another, as long as there is time. @param {number} from @param {number} to @param {number} patience in milliseconds */
    fill: async (from, to, patience) => {
      const began = performance.now();
      let at = from;
      for (; at < to && performance.now() - began < patience; at += 1) await client.acquire(at);
      return { count: at - from, milliseconds: performance.now() - began };
    },
    /** Cached tokens, the same or each in turn. @param {{ size: number, inTurn: boolean, most: number, milliseconds: number }} options */
    hit: ({ size, inTurn, most, milliseconds }) => {
      const middle = Math.floor(size / 2);
      return timed((call) => client.acquire(inTurn ? (call * STRIDE) % size : middle), most, milliseconds);
    },
    /** @param {{ size: number, count: number }} options */
    renew: ({ size, count }) => each(() => client.renew(Math.floor(size / 2)), count),
    /** @param {{ count: number }} options */
    network: ({ count }) => each(network, count),
    /** @param {{ most: number, milliseconds: number }} options */
    accounts: ({ most, milliseconds }) => timed(() => client.accounts?.(), most, milliseconds),
    countAccounts: () => client.accounts?.().length,
    /** @param {number} from @param {number} to */
    add: async (from, to) => {
      for (let at = from; at < to; at += 1) await client.add?.(`user${at}@${location.port}.example`);
    },
    /** At once. @param {number} count @param {number[]} spellings the ways in which the scopes are written, in turn; none: those of one permission */
    together: async (count, spellings) => {
      const began = performance.now();
      const call = (/** @type {number} */ at) => (spellings.length > 0 ? client.acquireSpelled?.(spellings[at % spellings.length] ?? 0) : client.acquire(0));
      await Promise.all(Array.from({ length: count }, (_, at) => call(at)));
      return performance.now() - began;
    },
    /** Tokens of as many APIs, none of which is there yet. @param {number} from @param {number} count */
    several: async (from, count) => {
      const began = performance.now();
      await Promise.all(Array.from({ length: count }, (_, at) => client.acquire(from + at)));
      return performance.now() - began;
    },
  };
}

/** @param {() => TokenCache} create */
export async function drive(create) {
  const client = create();
  const begin = async () => {
    const told = { isSignedIn: false, error: "", initialized: 0, first: 0, arrival: 0 };
    try {
      const began = performance.now();
      await client.initialize();
      told.initialized = performance.now() - began;
      await client.handle();
      told.isSignedIn = await client.isSignedIn();
      if (told.isSignedIn) await client.acquire(0);
      told.arrival = performance.now();
      told.first = told.arrival - began;
    } catch (error) {
      told.error = describe(error) || "an error without a text";
    }
    Object.assign(globalThis, { told });
    document.title = "ready";
    Reflect.get(globalThis, "tellReady")?.("");
  };
  Object.assign(globalThis, { cache: { ...measurements(client), begin } });
  document.title = "waiting";
  if (location.pathname !== "/waiting") await begin();
}
