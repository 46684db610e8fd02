/** What a page downloads before it has a cached token: the part of the core that it starts with. And how the whole comes, when it is wanted. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FORCE, LOCAL, PLAIN, SIGN_IN, entriesOf, letTokensEnd, refreshes, reloadUntold } from "./support/cache.mjs";
import { arrival, brought, call, openPopup } from "./support/consent.mjs";
import { openProviderApp, openProviderTab, openProviderWorld, signIn, watch } from "./support/provider.mjs";

let world;
before(async () => {
  world = await openProviderWorld();
});
after(() => world?.stop());

const PART = "consentry_start_bg.wasm";
const WHOLE = "consentry_core_bg.wasm";

/** The modules that a page asks for from now on. @param {import("playwright-core").Page} page */
function modulesOf(page) {
  const modules = [];
  page.on("request", (request) => {
    const name = new URL(request.url()).pathname.split("/").at(-1);
    if (name.endsWith(".wasm")) modules.push(name);
  });
  return modules;
}

/** A page that is signed in, and was loaded anew. @param {import("node:test").TestContext} t @param {object} [options] */
async function openSignedIn(t, options = {}) {
  const page = await openProviderApp(t, world, { allow: [/Failed to load resource/], ...options });
  const before = await signIn(page, world, SIGN_IN);
  const modules = modulesOf(page);
  await page.reload();
  await arrival(page);
  return { page, modules, before };
}

for (const [name, options] of Object.entries({ "the tab's storage": {}, "localStorage, encrypted": LOCAL })) {
  test(`with a stored token the part is all that a page loads: ${name}`, async (t) => {
    const { page, modules, before } = await openSignedIn(t, options);
    const sent = watch(page, world);
    const [account] = await brought(page, "getAllAccounts");
    assert.equal(account.homeAccountId, world.noor.sub);
    for (let round = 0; round < 2; round += 1) {
      const hit = await brought(page, "acquireTokenSilent", PLAIN);
      const plain = (result) => JSON.parse(JSON.stringify({ ...result, fromCache: true, correlationId: "", refreshOn: "" }));
      assert.deepEqual(plain(hit), plain(before));
      assert.equal(hit.fromCache, true);
    }
    assert.deepEqual(await brought(page, "acquireTokenSilent", { ...PLAIN, correlationId: "c1", cacheLookupPolicy: 1 }).then(({ correlationId }) => correlationId), "c1");
    await brought(page, "setActiveAccount", account);
    assert.equal((await brought(page, "getActiveAccount")).homeAccountId, world.noor.sub);
    assert.deepEqual(await brought(page, "getGrantedScopes"), {}, "of no API");
    assert.equal(await brought(page, "handleRedirectPromise"), null);
    assert.deepEqual(modules, [PART]);
    assert.deepEqual(sent, []);
  });
}

test("nobody signed in, an answer in the address, or a module of the app's own: the whole is there at once, and alone", async (t) => {
  const page = await openProviderApp(t, world);
  const modules = modulesOf(page);
  await page.reload();
  await arrival(page);
  assert.deepEqual(modules.splice(0), [WHOLE]);
  await signIn(page, world, SIGN_IN);
  assert.deepEqual(modules.splice(0), [WHOLE], "on the page that the answer came to");
  const own = await page.evaluate(async () => {
    const client = new consentry.PublicClientApplication(settings.configuration);
    await client.initialize({ wasm: "/consentry/core/consentry_core_bg.wasm" });
    return client.getAllAccounts().length;
  });
  assert.equal(own, 1);
});

test("what only a server can say brings the whole, once, and nothing is lost on the way", async (t) => {
  const { page, modules } = await openSignedIn(t, LOCAL);
  const told = await page.evaluate(async (force) => {
    const events = [];
    client.addEventCallback(({ eventType }) => events.push(eventType));
    client.setActiveAccount(client.getAllAccounts()[0]);
    const hit = await client.acquireTokenSilent(force.plain);
    const both = await Promise.all([client.acquireTokenSilent(force.force), client.acquireTokenSilent(force.force), client.plan(["profile"]), client.loadUserInfo()]);
    return { isRenewed: both[0].accessToken !== hit.accessToken, isOne: both[0].accessToken === both[1].accessToken, plan: both[2].interaction, active: client.getActiveAccount()?.name, sub: both[3].sub, events };
  }, { plain: PLAIN, force: FORCE });
  assert.deepEqual({ ...told, events: undefined }, { isRenewed: true, isOne: true, plan: "none", active: world.noor.name, sub: world.noor.sub, events: undefined });
  assert.ok(!told.events.some((name) => /login|logout/i.test(name)), `${told.events}`);
  assert.deepEqual(modules, [PART, WHOLE]);
});

test("who signs out in another tab leaves nothing to a page that has the part", async (t) => {
  const { page, modules } = await openSignedIn(t, LOCAL);
  await brought(page, "acquireTokenSilent", PLAIN);
  const other = await openProviderTab(page, world, LOCAL);
  await brought(other, "clearCache");
  // The browser itself takes a moment to show one tab's storage to another's process.
  await page.waitForFunction(() => client.getAllAccounts().length === 0);
  assert.equal((await call(page, "acquireTokenSilent", PLAIN)).error.errorCode, "no_account_error");
  assert.deepEqual(modules, [PART, WHOLE], "it takes the whole to say what is wrong");
});

test("a window opens in the click, before the whole is there", async (t) => {
  const { page, modules } = await openSignedIn(t);
  const { popup, result } = await openPopup(page, "acquireTokenPopup", { scopes: ["profile"], prompt: "consent" });
  await popup.close();
  assert.equal((await result).error.errorCode, "user_cancelled");
  assert.deepEqual(modules, [PART, WHOLE]);
});

test("a part that does not load is no matter, and a whole that does not is told, and tried again; stored tokens are served meanwhile", async (t) => {
  const { page, modules } = await openSignedIn(t);
  await page.route(`**/${WHOLE}`, (route) => route.fulfill({ status: 404 }));
  assert.equal((await call(page, "acquireTokenSilent", FORCE)).error.errorCode, "wasm_load_failed");
  assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).fromCache, true);
  await page.unroute(`**/${WHOLE}`);
  assert.equal((await brought(page, "acquireTokenSilent", FORCE)).fromCache, false);
  await page.route(`**/${PART}`, (route) => route.fulfill({ status: 404 }));
  modules.length = 0;
  await reloadUntold(page);
  await arrival(page);
  assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).fromCache, true);
  assert.deepEqual(modules, [PART, WHOLE]);
});

const reloadTold = async (page) => {
  await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.endsWith("|memo")));
  await page.reload();
};

for (const [name, begin, isNamed] of [["the part", reloadUntold, false], ["the part", reloadUntold, true], ["what the last one was told", reloadTold, false], ["what the last one was told", reloadTold, true]]) {
  test(`on a page that has ${name}, who signs out${isNamed ? " by name" : ""} is out in all tabs, also where the whole does not come`, async (t) => {
    const { page } = await openSignedIn(t, LOCAL);
    await brought(page, "acquireTokenSilent", PLAIN);
    await begin(page);
    await arrival(page);
    const other = await openProviderTab(page, world, LOCAL);
    assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).fromCache, true);
    for (const tab of [page, other]) await tab.route(`**/${WHOLE}`, (route) => route.fulfill({ status: 404 }));
    const another = await page.evaluate(() => {
      const own = Object.keys(localStorage).find((key) => key.endsWith("|stamp"));
      const key = own.replace("|stamp", "2|account|a|b|c");
      localStorage.setItem(key, "another app's");
      localStorage.setItem(own.replace("|stamp", "|taken|before"), "1");
      localStorage.setItem("msal.x", "MSAL's");
      return key;
    });
    const [account] = await brought(page, "getAllAccounts");
    assert.equal((await call(page, "clearCache", isNamed ? { account } : undefined)).error.errorCode, "wasm_load_failed");
    assert.equal((await call(page, "acquireTokenSilent", PLAIN)).error?.errorCode, "wasm_load_failed", "and no token");
    const left = Object.keys(await entriesOf(page)).filter((key) => /\|(account|access|consent|grant|memo)/.test(key));
    assert.deepEqual([await brought(page, "getAllAccounts"), left], [[], [another]]);
    const marks = Object.keys(await entriesOf(page)).filter((key) => key.includes("|taken|")).map((key) => decodeURIComponent(key.split("|")[4]));
    assert.deepEqual(marks.sort(), ["before", new URL(world.server.issuer).href.replace(/^\w+:\/\//, "").replace(/\/$/, "")].sort(), "nobody is brought back");
    await other.waitForFunction(() => client.getAllAccounts().length === 0);
    await page.unroute(`**/${WHOLE}`);
    await signIn(page, world, SIGN_IN, null);
    assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).fromCache, true);
  });
}

test("without a network a token is served to its last second, and the rest says that there is none", async (t) => {
  const { page } = await openSignedIn(t);
  const ends = await brought(page, "acquireTokenSilent", PLAIN).then(({ expiresOn }) => new Date(expiresOn).getTime());
  await page.evaluate((ends) => { const now = Date.now; const late = ends - 60_000 - now(); Date.now = () => now() + late; }, ends);
  await page.context().setOffline(true);
  assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).fromCache, true);
  await letTokensEnd(page);
  assert.equal((await call(page, "acquireTokenSilent", PLAIN)).error.errorCode, "no_network_connectivity");
  await page.context().setOffline(false);
  assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).fromCache, false);
});

test("clients of two servers know of each other, whatever they began with", async (t) => {
  const { page } = await openSignedIn(t);
  const codes = await page.evaluate(async () => {
    const issuer = "https://other.example";
    const authorityMetadata = JSON.stringify({ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` });
    // What is stored for it makes it begin with the part.
    sessionStorage.setItem("consentry|2|other|stamp", "s");
    const other = new consentry.PublicClientApplication({ auth: { clientId: "other", authority: issuer, authorityMetadata }, system: { protocolMode: "OIDC" } });
    await other.initialize();
    if (!other.isSmall || !client.isSmall) throw new Error("they have the whole already");
    const code = await told(other.loginRedirect({ scopes: ["profile"] }));
    return code.error?.errorCode;
  });
  assert.equal(codes, "redirect_uri_shared");
});
