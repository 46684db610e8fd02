/** The example app in Rust, which has no script of the package: at the tenant, in Chromium. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { buildRustApp, serveRustApp } from "../../scripts/rust-app.mjs";
import { newPage } from "./support/browser.mjs";
import { databaseText, entriesOf, letTokensEnd } from "./support/cache.mjs";
import { answerConsent, askedPermissions, giveCredentials, openWorld, watchSecrets, watchTokenRequests, watchVisits } from "./support/story.mjs";

/** What Chromium itself writes to the console of a refused request. */
const REFUSED = /status of 40[01] .*\/oauth2\/v2\.0\/token/;
const PACKAGE = new URL("../../pkg/", import.meta.url);

let world, tenant, folder, adele, orders;
before(async () => {
  folder = await buildRustApp();
  world = await openWorld({ accessTokenSeconds: 600 }, (tenant) => serveRustApp({ port: 0, folder, tenant }));
  ({ tenant } = world);
  [adele] = tenant.users;
  orders = tenant.apis.orders.resource;
});
beforeEach(() => tenant.reset());
after(() => world?.stop());

const part = (page, id) => page.locator(`#${id}`);
const isReady = (page) => part(page, "state").getByText("ready").waitFor();

/** Opens the app. @param {import("node:test").TestContext} t @param {RegExp[]} [allow] */
async function open(t, allow = [REFUSED]) {
  const page = await newPage(world.browser, { allow });
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  await page.goto(world.url);
  await isReady(page);
  return page;
}

/** Presses a button of the app, and waits for what comes of it on the page. */
async function press(page, button) {
  await part(page, button).click();
  await isReady(page);
}

/** @param {{ isFree?: boolean }} [options] `isFree`: nothing is to be asked. */
async function signIn(page, { isFree = false } = {}) {
  await part(page, "sign-in").click();
  await giveCredentials(page, adele);
  if (!isFree) await answerConsent(page, "Accept");
  await part(page, "name").getByText(adele.name).waitFor();
}

/** Signed in, and allowed to show orders, of which there is a token. */
async function openWithOrders(t, allow) {
  for (const [resource, permissions] of [[tenant.apis.graph.resource, ["User.Read"]], [orders, ["Orders.Read"]]]) {
    await tenant.grantConsent({ clientId: tenant.clientId, resource, permissions, user: adele.username });
  }
  const page = await open(t, allow);
  await signIn(page, { isFree: true });
  await press(page, "show-orders");
  assert.deepEqual(await shown(page), { status: "200", token: "new" });
  return page;
}

const shown = async (page) => ({ status: await part(page, "status").textContent(), token: await part(page, "token").textContent() });
const errorOn = async (page) => (await part(page, "error").textContent()).split(":")[0];
const letTimeGoBy = async (...pages) => Promise.all([letTokensEnd(...pages), tenant.travel(900)]);

test("what is served is the module and wasm-bindgen's loader: no script of the package, and nothing that it holds", async (t) => {
  assert.deepEqual((await readdir(folder, { recursive: true })).sort(), ["rust_app.js", "rust_app_bg.wasm"]);
  const loader = await readFile(join(folder, "rust_app.js"), "utf8");
  assert.doesNotMatch(loader, /ClientHandle|\bfrom ['"]|import\(/);
  await open(t);
  assert.deepEqual([...new Set(world.site.asked)].sort(), ["/", "/rust_app.js", "/rust_app_bg.wasm"]);
});

test("from signing in to signing out", async (t) => {
  const page = await open(t);
  const grants = watchTokenRequests(page);
  await signIn(page);
  assert.equal(new URL(page.url()).hash, "");
  assert.equal(await part(page, "show-orders").textContent(), "Allow and show orders");

  await part(page, "show-orders").click();
  assert.deepEqual(await askedPermissions(page), [`${orders} Orders.Read`]);
  await answerConsent(page, "Accept");
  await part(page, "show-orders").getByText("Show orders", { exact: true }).waitFor();
  await press(page, "show-orders");
  assert.deepEqual(await shown(page), { status: "200", token: "kept" });
  assert.ok(JSON.parse(await part(page, "orders").textContent()).orders.length > 0);

  grants.length = 0;
  await letTimeGoBy(page);
  await press(page, "show-orders");
  assert.deepEqual([await shown(page), grants], [{ status: "200", token: "new" }, ["refresh_token"]]);

  await part(page, "sign-out").click();
  await part(page, "sign-in").waitFor();
  // The server's keys are nobody's.
  assert.deepEqual(Object.keys(await entriesOf(page)).filter((key) => !key.includes("|keys|")), []);
  await part(page, "sign-in").click();
  await page.getByLabel("Password").waitFor();
});

test("after a reload the user is still signed in, and nothing is asked for", async (t) => {
  const page = await openWithOrders(t);
  const sent = [];
  page.on("request", (request) => { if (request.url().startsWith(tenant.origin)) sent.push(request.url()); });
  await page.reload();
  await isReady(page);
  assert.equal(await part(page, "name").textContent(), adele.name);
  await press(page, "show-orders");
  assert.deepEqual([await shown(page), sent], [{ status: "200", token: "kept" }, []]);
});

test("who declines is told so, with class and code, and is not asked again", async (t) => {
  const page = await open(t);
  await signIn(page);
  await part(page, "show-orders").click();
  await answerConsent(page, "Cancel");
  await part(page, "show-orders").getByText("You did not allow").waitFor();
  assert.equal(await errorOn(page), "ConsentDeclinedError access_denied");
  const visits = watchVisits(page);
  await press(page, "show-orders");
  assert.equal(await errorOn(page), "ConsentDeclinedError access_denied");
  assert.deepEqual(visits, []);
});

test("an answer that nobody asked for signs nobody in, whether a request waits or not", async (t) => {
  const page = await open(t);
  const grants = watchTokenRequests(page);
  const forge = async () => {
    await page.goto("about:blank");
    await page.goto(`${world.url}#code=forged&state=forged`);
    await isReady(page);
  };
  await forge();
  assert.equal(await part(page, "sign-in").isVisible(), true);
  assert.equal(await errorOn(page), "");
  await part(page, "sign-in").click();
  await page.getByLabel("Password").waitFor();
  await forge();
  assert.equal(await part(page, "sign-in").isVisible(), true);
  assert.equal(await errorOn(page), "ClientAuthError state_mismatch");
  assert.equal(new URL(page.url()).hash, "");
  assert.deepEqual(grants, []);
});

test("what is kept can't be read, and the npm package reads it", async (t) => {
  const page = await open(t);
  const { secrets } = await watchSecrets(page);
  await signIn(page);
  const texts = [...Object.values(await entriesOf(page)), await databaseText(page)].join("\n");
  assert.ok(secrets.size >= 4);
  for (const told of [...secrets, adele.name, adele.username]) assert.ok(!texts.includes(told), "it can be read");

  await page.route(`${world.url}package/**`, (route) => {
    const [, name] = new URL(route.request().url()).pathname.split("/package/");
    if (name) return route.fulfill({ path: new URL(name, PACKAGE).pathname });
    return route.fulfill({ contentType: "text/html", body: "<!doctype html><title>package</title><link rel=icon href=data:,>" });
  });
  const grants = watchTokenRequests(page);
  await page.goto(`${world.url}package/`);
  const found = await page.evaluate(async ([clientId, authority]) => {
    const { PublicClientApplication } = await import("/package/index.js");
    const client = new PublicClientApplication({ auth: { clientId, authority }, cache: { cacheLocation: "localStorage" } });
    await client.initialize();
    const { account, fromCache } = await client.acquireTokenSilent({ scopes: ["User.Read"] });
    return { username: account.username, fromCache };
  }, [tenant.clientId, tenant.authority]);
  assert.deepEqual([found, grants], [{ username: adele.username, fromCache: true }, []]);
});

test("of two tabs that need a new token at once, one asks for it", async (t) => {
  const page = await openWithOrders(t);
  const tab = await page.context().newPage();
  await tab.goto(world.url);
  await isReady(tab);
  const grants = [page, tab].map(watchTokenRequests);
  await letTimeGoBy(page, tab);
  await Promise.all([page, tab].map((one) => part(one, "show-orders").click()));
  await Promise.all([page, tab].map(isReady));
  assert.deepEqual(grants.flat(), ["refresh_token"]);
  for (const one of [page, tab]) assert.equal((await shown(one)).status, "200");
});

test("where no refresh token is left, a hidden frame brings the next one, and is gone", async (t) => {
  const page = await openWithOrders(t);
  await tenant.expireRefreshTokens(adele.username);
  await letTimeGoBy(page);
  const grants = watchTokenRequests(page);
  const address = page.url();
  await press(page, "show-orders");
  assert.deepEqual([await shown(page), page.url()], [{ status: "200", token: "new" }, address]);
  assert.deepEqual([grants, await page.locator("iframe").count()], [["refresh_token", "authorization_code"], 0]);
});

test("what the page itself forbids is told", async (t) => {
  const page = await openWithOrders(t, [/violates the .*Content Security Policy/]);
  await letTimeGoBy(page);
  await page.evaluate(() => {
    document.head.append(Object.assign(document.createElement("meta"), { httpEquiv: "Content-Security-Policy", content: "connect-src 'self'" }));
  });
  await press(page, "show-orders");
  assert.equal(await errorOn(page), "BrowserAuthError csp_blocked");
});
