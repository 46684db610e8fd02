/** A storage of the app's own behind the whole client: one that answers at once or later, fails, falls silent, or is full of rubbish. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FORCE, LOCAL, PLAIN, SHARED_STORE, SIGN_IN, letTokensEnd, refreshes } from "./support/cache.mjs";
import { brought, call } from "./support/consent.mjs";
import { configurationOf, openProviderApp, openProviderTab, openProviderWorld, signIn, watch } from "./support/provider.mjs";

let world;
let page;
let close;
before(async () => {
  world = await openProviderWorld();
  page = await openProviderApp({ after: (end) => { close = end; } }, world, { changes: [stores] });
  // The server knows who it is from now on.
  await signIn(page, world, SIGN_IN);
});
after(async () => {
  await close?.();
  await world?.stop();
});

/** In the page: storages of an app, and clients that have one. */
function stores() {
  window.direct = (entries = []) => {
    const map = new Map(entries);
    return { map, getItem: (key) => map.get(key), setItem: (key, text) => { map.set(key, text); }, removeItem: (key) => { map.delete(key); }, keys: () => map.keys() };
  };
  window.later = (entries) => {
    const store = direct(entries);
    const slow = (name) => async (...rest) => {
      await new Promise((resolve) => { setTimeout(resolve, Math.random() * 10); });
      return store[name](...rest);
    };
    return { map: store.map, ...Object.fromEntries(["getItem", "setItem", "removeItem", "keys"].map((name) => [name, slow(name)])) };
  };
  window.clientOf = async (storage) => {
    const { configuration } = settings;
    const client = new consentry.PublicClientApplication({ ...configuration, cache: { ...configuration.cache, storage } });
    await client.initialize();
    return client;
  };
}

for (const kind of ["direct", "later"]) {
  test(`a storage that answers ${kind === "direct" ? "at once" : "later"} has all of it, and the next client finds it there`, async () => {
    const sent = watch(page, world);
    const found = await page.evaluate(async ([kind, plain, force]) => {
      const store = window[kind]([["another", "app's"]]);
      const one = await clientOf(store);
      const { accessToken } = await one.ssoSilent(plain);
      const stored = [...store.map].filter(([, text]) => text.includes(accessToken)).length;
      const two = await clientOf(store);
      const hit = await two.acquireTokenSilent(plain);
      await two.clearCache();
      const { error } = await told(one.acquireTokenSilent(force));
      return { stored, isSame: hit.accessToken === accessToken, fromCache: hit.fromCache, user: hit.account.homeAccountId, code: error?.errorCode, left: [...store.map] };
    }, [kind, PLAIN, FORCE]);
    assert.deepEqual(found.left, [["another", "app's"]]);
    assert.deepEqual({ ...found, left: undefined }, { stored: 1, isSame: true, fromCache: true, user: world.noor.sub, code: "no_account_error", left: undefined });
    assert.deepEqual(refreshes(sent), [], "for who has signed out nothing is sent");
  });
}

test("a storage that refuses what is new fails the sign-in, and nobody is signed in; the next one may work", async () => {
  const found = await page.evaluate(async (plain) => {
    const store = later();
    const { setItem } = store;
    const client = await clientOf(store);
    store.setItem = () => Promise.reject(new Error("read-only"));
    const { error } = await told(client.ssoSilent(plain));
    const accounts = client.getAllAccounts().length;
    store.setItem = setItem;
    const second = await told(client.ssoSilent(plain));
    return { name: error?.name, code: error?.errorCode, accounts, left: store.map.size > 0, second: second.value?.account.homeAccountId };
  }, PLAIN);
  assert.deepEqual(found, { name: "CacheError", code: "cache_error_unknown", accounts: 0, left: true, second: world.noor.sub });
});

/** A page over a database that is signed in and can renew. */
async function openRenewable(t) {
  const other = await openProviderApp(t, world, SHARED_STORE);
  const { accessToken } = await signIn(other, world, SIGN_IN);
  return { other, accessToken, sent: watch(other, world) };
}

/** What becomes of a write to the page's storage from now on. @param {"refused" | "silent" | "through"} how */
const letWrites = (page, how) => page.evaluate((how) => {
  const { storage } = settings.configuration.cache;
  window.setItem ??= storage.setItem;
  const ways = { refused: () => Promise.reject(new Error("read-only")), silent: () => new Promise(() => { window.isAsked = true; }), through: window.setItem };
  storage.setItem = ways[how];
}, how);

test("a storage that refuses what is new: no refresh token is used up, and tokens that live are served", async (t) => {
  const { other, accessToken, sent } = await openRenewable(t);
  await letWrites(other, "refused");
  const { error } = await call(other, "acquireTokenSilent", FORCE);
  assert.deepEqual([error.name, error.errorCode], ["CacheError", "cache_error_unknown"]);
  const hit = await brought(other, "acquireTokenSilent", PLAIN);
  assert.deepEqual([hit.accessToken, hit.fromCache, refreshes(sent)], [accessToken, true, []]);
  await letWrites(other, "through");
  assert.equal((await brought(other, "acquireTokenSilent", FORCE)).fromCache, false);
});

test("a storage that lacks a method, or is none at all, is refused by name", async () => {
  const told = await page.evaluate(async () => {
    const results = [];
    for (const name of ["getItem", "setItem", "removeItem", "keys"]) results.push((await window.told(clientOf({ ...direct(), [name]: undefined }))).error);
    for (const none of ["localStorage", 5, true, () => {}]) results.push((await window.told(clientOf(none))).error);
    return results;
  });
  for (const error of told) {
    assert.deepEqual([error.name, error.errorCode], ["ClientConfigurationError", "invalid_field"]);
    assert.match(error.message, /`cache\.storage` has to be an object with the methods getItem, setItem, removeItem, keys/);
  }
});

test("a storage that can't be read fails the start, and the next start may work", async () => {
  const told = await page.evaluate(async () => {
    const store = later();
    const { keys } = store;
    store.keys = () => Promise.reject(new Error("closed"));
    const client = new consentry.PublicClientApplication({ ...settings.configuration, cache: { storage: store } });
    const cause = await client.initialize().catch((error) => [error.name, error.errorCode, error.cause.message]);
    store.keys = keys;
    await client.initialize();
    return { cause, accounts: client.getAllAccounts() };
  });
  assert.deepEqual(told, { cause: ["BrowserConfigurationAuthError", "storage_not_supported", "closed"], accounts: [] });
});

test("what is no text, or none of ours, is not there", async () => {
  const told = await page.evaluate(async ([plain, issuer]) => {
    const store = direct();
    await (await clientOf(store)).ssoSilent(plain);
    const keys = [...store.map.keys()];
    const hostile = [5, null, {}, [], "", "{", "null", "[]", "{}", "\ud800", "x".repeat(1_000_000), JSON.stringify({ idToken: 5, refreshToken: {}, addedOn: -1 }), new Proxy({}, { get(target, name) { if (name !== "then") throw new Error("trap"); } })];
    const prefix = keys[0].split("|").slice(0, 3).join("|");
    const foreign = ["", "|", "|account", "|account|", "|account|%|%zz|", `|account|${issuer}|a|b|c|d`, "|access|||", "|active", "|stamp", "|change", `|${"|".repeat(10_000)}`];
    const results = [];
    for (const text of hostile) {
      const client = await clientOf(direct([...keys, ...foreign.map((end) => prefix + end)].map((key) => [key, text])));
      results.push([client.getAllAccounts().length, client.getActiveAccount(), (await window.told(client.acquireTokenSilent(plain))).error?.errorCode]);
    }
    const last = await clientOf(direct(keys.map((key) => [key, "{}"])));
    return { results, count: hostile.length, again: (await last.ssoSilent(plain)).account.homeAccountId };
  }, [PLAIN, world.server.issuer]);
  assert.deepEqual(told.results, Array.from({ length: told.count }, () => [0, null, "no_account_error"]));
  assert.equal(told.again, world.noor.sub);
});

test("two tabs over one database: what one has renewed, the other takes at its next renewal", async (t) => {
  const one = await openProviderApp(t, world, SHARED_STORE);
  await signIn(one, world, SIGN_IN);
  const other = await openProviderTab(one, world, SHARED_STORE);
  const sent = watch(other, world);
  await letTokensEnd(one, other);
  const { accessToken } = await brought(one, "acquireTokenSilent", PLAIN);
  const taken = await brought(other, "acquireTokenSilent", PLAIN);
  assert.deepEqual([taken.accessToken, taken.fromCache, refreshes(sent).length], [accessToken, true, 0]);
  await brought(one, "clearCache");
  assert.equal((await call(other, "acquireTokenSilent", FORCE)).error.errorCode, "no_account_error");
  assert.deepEqual([refreshes(sent), await brought(other, "getAllAccounts")], [[], []]);
});

test("what one client has stored meanwhile goes when another clears the storage", async () => {
  const found = await page.evaluate(async (plain) => {
    const store = later();
    const [one, two] = [await clientOf(store), await clientOf(store)];
    await one.ssoSilent(plain);
    const stored = store.map.size;
    await two.clearCache();
    return { stored: stored > 2, left: [...store.map.keys()] };
  }, PLAIN);
  assert.deepEqual(found, { stored: true, left: [] });
});

test("who signs out in one tab while the server answers another stays signed out in both", async (t) => {
  const one = await openProviderApp(t, world, SHARED_STORE);
  await signIn(one, world, SIGN_IN);
  const other = await openProviderTab(one, world, SHARED_STORE);
  const [answered, release] = [signal(), signal()];
  await other.route(({ pathname }) => pathname.endsWith("/token"), async (route) => {
    const response = await route.fetch();
    answered.give();
    await release.given;
    await route.fulfill({ response });
  });
  const renewing = call(other, "acquireTokenSilent", FORCE);
  await answered.given;
  await brought(one, "clearCache");
  release.give();
  assert.equal((await renewing).error?.errorCode, "no_account_error");
  const later = await openProviderTab(one, world, SHARED_STORE);
  for (const tab of [one, other, later]) assert.deepEqual(await brought(tab, "getAllAccounts"), []);
});

test("who signs in in one tab has a token in another that was there before", async (t) => {
  const one = await openProviderApp(t, world, SHARED_STORE);
  const other = await openProviderTab(one, world, SHARED_STORE);
  const { accessToken } = await signIn(one, world, SIGN_IN);
  const found = await brought(other, "acquireTokenSilent", PLAIN);
  assert.deepEqual([found.accessToken, found.fromCache], [accessToken, true]);
});

test("a choice that can't be stored is no failure of what comes after it", async (t) => {
  const { other } = await openRenewable(t);
  await letWrites(other, "refused");
  await other.evaluate(() => client.setActiveAccount(client.getAllAccounts()[0]));
  await letWrites(other, "through");
  assert.equal((await brought(other, "acquireTokenSilent", FORCE)).fromCache, false);
});

function signal() {
  let give = () => {};
  const given = new Promise((resolve) => { give = () => resolve(undefined); });
  return { given, give };
}

/** Whether a promise on the page's `window` is settled, ten seconds after it was asked for and not before. */
async function givenUp(page, name) {
  await page.waitForFunction(() => window.isAsked);
  await page.clock.fastForward(8_000);
  assert.equal(await page.evaluate((name) => Promise.race([window[name], Promise.resolve("waiting")]), name), "waiting");
  await page.clock.fastForward(2_500);
  await page.evaluate((name) => void window[name].then(() => { window.isSettled = true; }), name);
  // What was done is undone, which the storage does not answer either.
  await page.clock.fastForward(10_500);
  await page.waitForFunction(() => window.isSettled);
  return page.evaluate((name) => window[name], name);
}

test("a storage that falls silent is given up after ten seconds at the start", async (t) => {
  const other = await openProviderApp(t, world, { ...LOCAL, changes: [stores] });
  await other.clock.install();
  await other.evaluate((configuration) => {
    const never = () => new Promise(() => { window.isAsked = true; });
    const client = new consentry.PublicClientApplication({ ...configuration, cache: { storage: { ...direct(), keys: never } } });
    window.starting = told(client.initialize());
  }, configurationOf(world, {}));
  const { error } = await givenUp(other, "starting");
  assert.deepEqual([error.name, error.errorCode], ["BrowserConfigurationAuthError", "storage_not_supported"]);
});

test("a storage that falls silent is given up after ten seconds in a renewal, which works once it answers", async (t) => {
  const { other, sent } = await openRenewable(t);
  await other.clock.install();
  await letWrites(other, "silent");
  await other.evaluate((request) => { window.renewing = told(client.acquireTokenSilent(request)); }, FORCE);
  const { error } = await givenUp(other, "renewing");
  assert.deepEqual([error?.errorCode, refreshes(sent)], ["cache_error_unknown", []]);
  await letWrites(other, "through");
  assert.equal((await brought(other, "acquireTokenSilent", FORCE)).fromCache, false);
});
