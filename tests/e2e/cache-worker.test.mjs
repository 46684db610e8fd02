/** The package in a module worker, which has no window and no storage but the app's own: it shares a page's tokens and renewals. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FORCE, PLAIN, SHARED_STORE, SIGN_IN, WITHOUT_FRAMES, letTokensEnd, refreshes } from "./support/cache.mjs";
import { brought } from "./support/consent.mjs";
import { indexedStore } from "./support/indexed-store.mjs";
import { configurationOf, openProviderApp, openProviderWorld, signIn, watch } from "./support/provider.mjs";

/** Starts a client with the configuration of the first message, and calls what the others name. */
const WORKER = `
  import * as consentry from "/consentry/index.js";
  const storage = (${indexedStore})();
  let client;
  async function act(method, value) {
    if (method === "sleep") return void (Date.now = ((now) => () => now() + value)(Date.now));
    if (method !== "start") return client[method](value);
    const { isSharing, ...configuration } = value;
    if (isSharing) configuration.cache.storage = storage;
    client = new consentry.PublicClientApplication(configuration);
    await client.initialize();
  }
  onmessage = async ({ data: { method, value, port } }) => port.postMessage(await act(method, value).then(
    (value) => ({ value }),
    ({ name, errorCode, message }) => ({ error: { name, errorCode, message } }),
  ));
`;

let world;
before(async () => {
  world = await openProviderWorld(undefined, { modules: { "/worker.js": WORKER } });
});
after(() => world?.stop());

/** Asks the page's worker, which is there from the first call on. */
const inWorker = (page, method, value) => page.evaluate(([method, value]) => new Promise((resolve, reject) => {
  window.worker ??= new Worker("/worker.js", { type: "module" });
  window.worker.onerror = (event) => reject(new Error(event.message));
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => resolve(data);
  window.worker.postMessage({ method, value, port: port2 }, [port2]);
}), [method, value]);

/** A page that is signed in, and its worker with a client of its own. */
async function openPair(t) {
  const page = await openProviderApp(t, world, SHARED_STORE);
  const { accessToken } = await signIn(page, world, SIGN_IN);
  const { error } = await inWorker(page, "start", { isSharing: true, ...configurationOf(world, WITHOUT_FRAMES) });
  assert.equal(error, undefined);
  return { page, accessToken, sent: watch(page, world) };
}

test("a worker has the page's token and its user, and asks nobody", async (t) => {
  const { page, accessToken, sent } = await openPair(t);
  const { value } = await inWorker(page, "acquireTokenSilent", PLAIN);
  assert.deepEqual([value.accessToken, value.fromCache], [accessToken, true]);
  assert.equal(value.account.homeAccountId, world.noor.sub);
  assert.deepEqual(sent, []);
});

test("a page and its worker want a new token at once: one request, and the same token for both", async (t) => {
  const { page, accessToken, sent } = await openPair(t);
  await letTokensEnd(page);
  await inWorker(page, "sleep", 900_000);
  const [here, { value: there, error }] = await Promise.all([
    brought(page, "acquireTokenSilent", PLAIN),
    inWorker(page, "acquireTokenSilent", PLAIN),
  ]);
  assert.equal(error, undefined);
  assert.equal(here.accessToken, there.accessToken);
  assert.notEqual(here.accessToken, accessToken);
  assert.equal(refreshes(sent).length, 1);
});

test("a worker renews by itself, and the page has what it brought at its next renewal", async (t) => {
  const { page, accessToken } = await openPair(t);
  const { value, error } = await inWorker(page, "acquireTokenSilent", FORCE);
  assert.equal(error, undefined);
  assert.equal(value.fromCache, false);
  assert.notEqual(value.accessToken, accessToken);
  // The page's is older, and has the refresh token that was used: it reads the store before it sends one.
  const sent = watch(page, world);
  const { accessToken: renewed } = await brought(page, "acquireTokenSilent", FORCE);
  assert.equal(renewed, value.accessToken);
  assert.deepEqual(refreshes(sent), []);
  assert.equal((await brought(page, "acquireTokenSilent", FORCE)).fromCache, false);
});

test("without a storage of the app's own a worker is told what to do", async (t) => {
  const page = await openProviderApp(t, world, WITHOUT_FRAMES);
  for (const cacheLocation of ["localStorage", "sessionStorage"]) {
    const { error } = await inWorker(page, "start", configurationOf(world, { cacheLocation }));
    assert.deepEqual([error?.name, error?.errorCode], ["BrowserConfigurationAuthError", "storage_not_supported"], cacheLocation);
    assert.match(error.message, /a worker has none: use `cache\.storage`/);
  }
  assert.equal((await inWorker(page, "start", configurationOf(world, { cacheLocation: "memoryStorage" }))).error, undefined);
});

test("what needs a page is refused in a worker, and says so", async (t) => {
  const { page } = await openPair(t);
  for (const method of ["loginRedirect", "ssoSilent"]) {
    const { error } = await inWorker(page, method, PLAIN);
    assert.deepEqual([error?.name, error?.errorCode], ["BrowserAuthError", "non_browser_environment"], method);
  }
});
