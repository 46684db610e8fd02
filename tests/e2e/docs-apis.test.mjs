/** The code of docs/calling-apis.md, taken from the page, does what it says at the tenant. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { launch as launchTenant } from "../../tenant/launch.js";
import { documentedBlocks } from "../docs/blocks.mjs";
import { serve } from "./consent/serve.mjs";
import { launch as launchBrowser, newPage } from "./support/browser.mjs";
import { answerWith, GRAPH } from "./support/consent.mjs";
import { giveCredentials } from "./support/story.mjs";

const PAGE = "docs/calling-apis.md";
const ORDERS = "https://orders.contoso.example";
const FILES = ["client.js", "profile.js", "cancel.js", "mail.js", "explain.js", "upload.js"];

let tenant, site, browser, adele, bo;
before(async () => {
  tenant = await launchTenant({ port: 0 });
  [adele, bo] = tenant.users;
  const blocks = (await documentedBlocks()).filter(({ page }) => page === PAGE);
  assert.deepEqual(blocks.map(({ file }) => file), FILES);
  const modules = Object.fromEntries(blocks.map(({ file, code }) => [`/docs/${file}`, code
    .replace("<application (client) ID>", tenant.clientId)
    .replace("https://login.microsoftonline.com/<tenant>", tenant.authority)]));
  const imports = FILES.map((file) => `import("/docs/${file}")`).join(", ");
  site = await serve({ script: "/docs.js", modules: { ...modules, "/docs.js": `window.docs = Object.assign({}, ...(await Promise.all([${imports}])));\ndocument.title = "ready";\n` } });
  browser = await launchBrowser();
});
beforeEach(() => tenant.reset());
after(async () => {
  await browser?.close();
  await site?.stop();
  await tenant?.stop();
});

const isReady = (page) => page.waitForFunction(() => window.docs && document.title === "ready");

/** Adele is signed in, and has granted what a call of the page needs. The APIs of the page are those of the tenant. */
async function opened(t, { user = adele, permissions = {} } = {}) {
  const page = await newPage(browser, { allow: [/status of 40[013]/] });
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  for (const [address, api] of [[GRAPH, tenant.apis.graph], [ORDERS, tenant.apis.orders]]) {
    await page.context().route(`${address}/**`, async (route) => {
      const response = await route.fetch({ url: route.request().url().replace(address, api.origin) });
      await route.fulfill({ response });
    });
  }
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"] });
  for (const [resource, names] of Object.entries(permissions)) await tenant.grantConsent({ clientId: tenant.clientId, resource, permissions: names });
  await page.goto(site.origin);
  await isReady(page);
  await page.evaluate(() => {
    document.title = "leaving";
    window.docs.signIn();
  });
  await giveCredentials(page, user);
  await isReady(page);
  return page;
}

test("profile.js: a call, with the token of the map", async (t) => {
  const page = await opened(t);
  const { userPrincipalName } = await page.evaluate(() => window.docs.showProfile());
  assert.equal(userPrincipalName, adele.username);
});

test("cancel.js: an API that wants a second factor gets it, in a window", async (t) => {
  const page = await opened(t, { permissions: { [tenant.apis.orders.resource]: ["Orders.Write"] } });
  const opening = page.waitForEvent("popup");
  const cancelling = page.evaluate(() => window.docs.cancelOrder("1001"));
  await answerWith(await opening, "Approve");
  assert.equal(await cancelling, "cancelled");
});

test("mail.js: the page leaves for a permission, and goes on when the user is back", async (t) => {
  const page = await opened(t);
  assert.equal(await page.evaluate(() => window.docs.mail), null);
  await page.evaluate(() => {
    document.title = "leaving";
    void window.docs.openMail();
  });
  await answerWith(page, "Accept");
  await isReady(page);
  const { value } = await page.evaluate(() => window.docs.mail);
  assert.ok(value.length > 0);
});

test("explain.js: a sentence for each, and a button where one helps", async (t) => {
  const page = await opened(t, { user: bo, permissions: { [GRAPH]: ["Mail.Read.Shared"] } });
  const advised = (path) => page.evaluate(async (url) => {
    const response = await window.docs.client.fetch(url);
    const { text, button } = window.docs.advise(response);
    return { status: response.status, text, hasButton: button !== null };
  }, GRAPH + path);
  const forbidden = await advised(`/v1.0/users/${adele.username}/messages`);
  assert.deepEqual(forbidden, { status: 403, text: "the user has no right to this, whatever is consented to: ask nobody", hasButton: false });
  await tenant.revokeSessions(bo.username);
  assert.deepEqual(await advised("/v1.0/me"), { status: 401, text: "Please confirm that it is you.", hasButton: true });
});

test("upload.js: another HTTP client is told to call once more", async (t) => {
  const page = await opened(t, { permissions: { [tenant.apis.orders.resource]: ["Orders.Write"] } });
  const place = () => page.evaluate((url) => window.docs.upload(url, JSON.stringify({ item: "Lamp", quantity: 1 })), `${ORDERS}/orders`);
  assert.equal(await place(), 201);
  await tenant.challengeTokens(adele.username);
  assert.equal(await place(), 201);
});
