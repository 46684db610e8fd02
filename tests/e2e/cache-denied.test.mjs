/** A browser that denies a page its stores, has no room left, or has no network: what works all the same, and what an app is told. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FORCE, LOCAL, PLAIN, SIGN_IN, entriesOf, letTokensEnd, refreshes } from "./support/cache.mjs";
import { arrival, brought, call, depart } from "./support/consent.mjs";
import { configurationOf, openProviderApp, openProviderTab, openProviderWorld, signIn, watch } from "./support/provider.mjs";
import { giveCredentials } from "./support/story.mjs";

let world;
before(async () => {
  world = await openProviderWorld();
});
after(() => world?.stop());

/** How another client of the page starts, and what it is told where it does not. */
const startAnother = (page, options) => page.evaluate(async (configuration) => {
  window.another = new consentry.PublicClientApplication(configuration);
  return (await told(another.initialize())).error;
}, configurationOf(world, options));

const denyLocalStorage = () => {
  Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } });
};
const denyDatabases = () => {
  IDBFactory.prototype.open = () => { throw new DOMException("denied", "SecurityError"); };
};

test("without localStorage a client does not start, and is told why; it is there without", async (t) => {
  const page = await openProviderApp(t, world, { changes: [denyLocalStorage] });
  const error = await startAnother(page, { cacheLocation: "localStorage" });
  assert.deepEqual([error.name, error.errorCode], ["BrowserConfigurationAuthError", "storage_not_supported"]);
  assert.match(error.message, /use `memoryStorage`/);
  assert.equal(await startAnother(page, { cacheLocation: "memoryStorage" }), undefined);
  await signIn(page, world, SIGN_IN);
  assert.equal((await brought(page, "acquireTokenSilent", FORCE)).fromCache, false);
});

test("without sessionStorage, which is the default, a client does not start; with tokens in memory it does, and says that nobody can leave", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  await page.evaluate(() => {
    Object.defineProperty(window, "sessionStorage", { get() { throw new DOMException("denied", "SecurityError"); } });
  });
  const error = await startAnother(page, {});
  assert.deepEqual([error.name, error.errorCode], ["BrowserConfigurationAuthError", "storage_not_supported"]);
  assert.equal(await startAnother(page, { cacheLocation: "memoryStorage" }), undefined);
  const left = await page.evaluate(async (request) => (await told(another.loginRedirect(request))).error, SIGN_IN);
  assert.deepEqual([left.name, left.errorCode], ["BrowserConfigurationAuthError", "in_mem_redirect_unavailable"]);
});

test("without a database what is to be encrypted is not begun, and what is not works", async (t) => {
  const options = { ...LOCAL, cache: { encryption: false } };
  const page = await openProviderApp(t, world, { ...options, changes: [denyDatabases] });
  const error = await startAnother(page, LOCAL);
  assert.deepEqual([error.name, error.errorCode], ["BrowserAuthError", "crypto_key_not_found"]);
  assert.match(error.message, /\(IndexedDB\): allow site data, or use `sessionStorage`/);
  const early = await page.evaluate(() => told((async () => another.getAllAccounts())()));
  assert.equal(early.error.errorCode, "uninitialized_public_client_application");
  await signIn(page, world, SIGN_IN);
  assert.equal((await brought(page, "acquireTokenSilent", FORCE)).fromCache, false);
  await page.reload();
  await arrival(page);
  assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).fromCache, true);
});

test("a store that takes nothing any more: tokens that live are served, and no refresh token is sent that could not be written down", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  const { accessToken } = await signIn(page, world, SIGN_IN);
  await page.evaluate(() => {
    window.setItem = Storage.prototype.setItem;
    Storage.prototype.setItem = () => { throw new DOMException("denied", "SecurityError"); };
  });
  const sent = watch(page, world);
  assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).accessToken, accessToken);
  const { error } = await call(page, "acquireTokenSilent", FORCE);
  assert.deepEqual([error.name, error.errorCode], ["BrowserConfigurationAuthError", "storage_not_supported"]);
  assert.deepEqual(refreshes(sent), []);
  await page.evaluate(() => { Storage.prototype.setItem = window.setItem; });
  assert.equal((await brought(page, "acquireTokenSilent", FORCE)).fromCache, false);
});

/** Leaves no room for a single character. */
const fill = (page) => page.evaluate(() => {
  let part = "x".repeat(1 << 22);
  for (let count = 0; part; count += 1) {
    try {
      localStorage.setItem(`f${count}`, part);
    } catch {
      part = part.slice(part.length >> 1 || 1);
    }
  }
  try {
    for (let text = ""; ; text += "x") localStorage.setItem("f", text);
  } catch (error) {
    return error.name;
  }
});
const makeRoom = (page) => page.evaluate(() => Object.keys(localStorage).filter((key) => /^f\d*$/.test(key)).forEach((key) => localStorage.removeItem(key)));

test("a full storage: a token that ended makes room for the next one, and a page that comes later goes on", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  const { accessToken } = await signIn(page, world, SIGN_IN);
  await letTokensEnd(page);
  assert.equal(await fill(page), "QuotaExceededError");
  const renewed = await brought(page, "acquireTokenSilent", PLAIN);
  assert.equal(renewed.fromCache, false);
  assert.notEqual(renewed.accessToken, accessToken);
  const later = await openProviderTab(page, world, LOCAL);
  await letTokensEnd(later);
  assert.notEqual((await brought(later, "acquireTokenSilent", FORCE)).accessToken, renewed.accessToken);
});

test("a sign-in that finds no room says so, leaves nothing behind, and works once there is some", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  await fill(page);
  const before = Object.keys(await entriesOf(page)).sort();
  await depart(page, "loginRedirect", SIGN_IN);
  await giveCredentials(page, world.noor);
  await page.getByRole("button", { name: "Accept" }).click();
  const { answer } = await arrival(page);
  assert.deepEqual([answer.error?.name, answer.error?.errorCode], ["CacheError", "cache_quota_exceeded"]);
  assert.deepEqual(await brought(page, "getAllAccounts"), []);
  assert.deepEqual(Object.keys(await entriesOf(page)).sort(), before);
  await makeRoom(page);
  await signIn(page, world, SIGN_IN, null);
  assert.equal((await brought(page, "acquireTokenSilent", FORCE)).fromCache, false);
});

test("without a network users are signed in and tokens that live are served; a renewal waits, and nothing is used up", async (t) => {
  const options = { ...LOCAL, cache: { encryption: false } };
  const page = await openProviderApp(t, world, { ...options, allow: [/ERR_INTERNET_DISCONNECTED/] });
  const { accessToken } = await signIn(page, world, SIGN_IN);
  await page.context().setOffline(true);
  const kept = await entriesOf(page);
  // A client that starts now knows what is kept.
  assert.equal(await startAnother(page, options), undefined);
  const found = await page.evaluate((request) => another.acquireTokenSilent(request), PLAIN);
  assert.deepEqual([found.accessToken, found.fromCache, found.account.homeAccountId], [accessToken, true, world.noor.sub]);
  await letTokensEnd(page);
  for (const request of [PLAIN, FORCE]) {
    const { error } = await call(page, "acquireTokenSilent", request);
    assert.deepEqual([error.name, error.errorCode], ["BrowserAuthError", "no_network_connectivity"]);
  }
  assert.deepEqual(await entriesOf(page), kept, "nothing is marked as sent");
  await page.context().setOffline(false);
  const renewed = await brought(page, "acquireTokenSilent", PLAIN);
  assert.equal(renewed.fromCache, false);
  assert.notEqual(renewed.accessToken, accessToken);
});
