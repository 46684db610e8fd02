/** The code of docs/cache.md, taken from the page, does what it says at the tenant: in two tabs, in a worker, and where a storage fails. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { launch as launchTenant } from "../../tenant/launch.js";
import { documentedBlocks } from "../docs/blocks.mjs";
import { serve } from "./consent/serve.mjs";
import { launch as launchBrowser, newPage } from "./support/browser.mjs";
import { answerWith, GRAPH, REFUSED } from "./support/consent.mjs";
import { giveCredentials, watchTokenRequests } from "./support/story.mjs";

const PAGE = "docs/cache.md";
const MINUTE = 60_000;

/** Says in the page what came of it. */
const scriptOf = (body) => `
try {
  ${body}
} catch ({ name, errorCode, cause }) {
  window.docs = { failed: { name, errorCode, cause: cause?.message } };
}
document.title = "ready";`;
/** The blocks for a page. */
const TABS = scriptOf(`window.docs = Object.assign({}, ...(await Promise.all([import("/docs/client.js"), import("/docs/session.js"), import("/docs/events.js")])));`);
/** A page around the storage, which it has in common with the worker. */
const STORE = scriptOf(`
  const { PublicClientApplication } = await import("consentry");
  const { configuration } = await import("/docs/store.js");
  const client = new PublicClientApplication(configuration);
  await client.initialize();
  window.docs = { client, signIn: () => client.loginRedirect({ scopes: ["User.Read"] }) };
  await client.handleRedirectPromise().catch(({ name, errorCode }) => { window.docs.refused = { name, errorCode }; });`);

let tenant, browser, adele, tabs, store;
before(async () => {
  // Tokens that live as long as their session: its end is told of one that nothing has to renew.
  tenant = await launchTenant({ port: 0, accessTokenSeconds: 24 * 3600 });
  [adele] = tenant.users;
  const modules = await documentedModules();
  tabs = await serve({ script: "/docs.js", modules: { ...modules, "/docs.js": TABS } });
  store = await serve({ script: "/docs.js", modules: { ...modules, "/docs.js": STORE } });
  browser = await launchBrowser();
});
beforeEach(() => tenant.reset());
after(async () => {
  await browser?.close();
  await tabs?.stop();
  await store?.stop();
  await tenant?.stop();
});

/** The page's blocks, with the reader's own values filled in; a worker has no import map. */
async function documentedModules() {
  const blocks = (await documentedBlocks()).filter(({ page }) => page === PAGE);
  assert.deepEqual(blocks.map(({ file }) => file), ["client.js", "store.js", "worker.js", "session.js", "events.js"]);
  const modules = Object.fromEntries(blocks.map(({ file, code }) => [`/docs/${file}`, code
    .replace("<application (client) ID>", tenant.clientId)
    .replace("https://login.microsoftonline.com/<tenant>", tenant.authority)]));
  modules["/docs/worker.js"] = modules["/docs/worker.js"].replace('"consentry"', '"/consentry/index.js"');
  return modules;
}

/** @param {import("node:test").TestContext} t @param {{ origin: string }} site @param {() => void} [change] of the browser, on every load */
async function openPage(t, site, change) {
  const page = await newPage(browser, { allow: [REFUSED] });
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  if (change) await page.addInitScript(change);
  await page.goto(site.origin);
  await isReady(page);
  return page;
}

const isReady = (page) => page.waitForFunction(() => window.docs && document.title === "ready");
const get = (page, name) => page.evaluate((called) => window.docs[called], name);
const run = (page, name) => page.evaluate((called) => window.docs[called](), name);

async function signIn(page) {
  await page.evaluate(() => {
    document.title = "leaving";
    window.docs.signIn();
  });
  await giveCredentials(page, adele);
  await answerWith(page, "Accept");
  await isReady(page);
}

/** What a new worker answers. */
const askWorker = (page, scopes, path) => page.evaluate((call) => new Promise((resolve, reject) => {
  const worker = new Worker("/docs/worker.js", { type: "module" });
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.onmessage = ({ data }) => {
    worker.terminate();
    resolve(data);
  };
  worker.postMessage(call);
}), { scopes, url: `${tenant.apis.graph.origin}/v1.0/${path}` });

/** Refuses every connection to IndexedDB. */
function denied() {
  IDBFactory.prototype.open = () => { throw new DOMException("denied", "SecurityError"); };
}

test("the end of a session is told half an hour ahead", async (t) => {
  const page = await openPage(t, tabs);
  await signIn(page);
  const end = Date.now() + 24 * 60 * MINUTE;
  for (const [left, isSoon] of [[24 * 60, false], [32, false], [28, true]]) {
    await page.clock.setFixedTime(end - left * MINUTE);
    assert.equal(await run(page, "endsSoon"), isSoon, `${left} minutes are left`);
  }
});

test("another tab has the user, and hears who is chosen and that nobody is left", async (t) => {
  const page = await openPage(t, tabs);
  assert.equal(await run(page, "who"), null);
  await signIn(page);
  const tab = await page.context().newPage();
  await tab.goto(tabs.origin);
  await isReady(tab);
  assert.equal((await run(tab, "who")).username, adele.username);

  await tab.evaluate(() => {
    window.heard = [];
    window.unheard = [];
    window.docs.onUser((who) => window.heard.push(who?.username ?? null));
    window.docs.onUser(() => window.unheard.push("called"))();
  });
  await page.evaluate(() => window.docs.client.setActiveAccount(window.docs.who()));
  await tab.waitForFunction(() => window.heard.length > 0);
  assert.deepEqual(await tab.evaluate(() => window.heard), [adele.username]);
  await page.evaluate(() => window.docs.client.clearCache());
  await tab.waitForFunction(() => window.heard.includes(null));
  assert.equal(await run(tab, "who"), null);
  assert.deepEqual(await tab.evaluate(() => window.unheard), []);
});

test("a worker has the page's user by the storage of the app, and the page has what the worker renews", async (t) => {
  const page = await openPage(t, store);
  assert.deepEqual(await askWorker(page, ["User.Read"], "me"), { failed: "no_account_error" });
  await signIn(page);
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
  const grants = watchTokenRequests(page);
  const { status, body } = await askWorker(page, ["User.Read"], "me");
  assert.deepEqual([status, JSON.parse(body).displayName, grants], [200, adele.name, []]);
  assert.deepEqual(await askWorker(page, ["Mail.Read"], "me/messages"), { failed: "invalid_grant" });

  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["Mail.Read"] });
  const mail = await askWorker(page, ["Mail.Read"], "me/messages");
  assert.deepEqual([mail.status, JSON.parse(mail.body).value.length > 0], [200, true]);
  const sent = grants.length;
  const { fromCache, scopes } = await page.evaluate(() => window.docs.client.acquireTokenSilent({ scopes: ["Mail.Read"] }));
  assert.deepEqual([fromCache, scopes.includes("Mail.Read"), grants.length], [true, true, sent]);
});

test("where IndexedDB is denied there is no key: told at once, on the first page and after a sign-in", async (t) => {
  const failed = { name: "BrowserAuthError", errorCode: "crypto_key_not_found", cause: undefined };
  assert.deepEqual(await get(await openPage(t, tabs, denied), "failed"), failed);
  const page = await openPage(t, tabs);
  await signIn(page);
  await page.addInitScript(denied);
  await page.reload();
  await isReady(page);
  assert.deepEqual(await get(page, "failed"), failed);
});

test("an app's storage that can't be read fails initialize(), with its cause", async (t) => {
  const page = await openPage(t, store, denied);
  assert.deepEqual(await get(page, "failed"), { name: "BrowserConfigurationAuthError", errorCode: "storage_not_supported", cause: "denied" });
});

test("an app's storage that takes nothing fails the sign-in, and nobody is signed in", async (t) => {
  const page = await openPage(t, store, () => {
    IDBObjectStore.prototype.put = () => { throw new DOMException("no", "ReadOnlyError"); };
  });
  await signIn(page);
  assert.deepEqual(await get(page, "refused"), { name: "CacheError", errorCode: "cache_error_unknown" });
  assert.deepEqual(await page.evaluate(() => window.docs.client.getAllAccounts()), []);
});
