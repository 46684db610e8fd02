/** The code of the documentation, taken from its pages, does what they say. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { launch as launchTenant } from "../../tenant/launch.js";
import { documentedBlocks } from "../docs/blocks.mjs";
import { serve } from "./consent/serve.mjs";
import { launch as launchBrowser, newPage } from "./support/browser.mjs";
import { answerWith, GRAPH, REFUSED, watchVisits } from "./support/consent.mjs";
import { askedPermissions, giveCredentials } from "./support/story.mjs";

const PAGE = "docs/permissions-and-consent.md";
/** Chromium says on the console what an API answered. */
const FORBIDDEN = /status of 403/;

let tenant;
let site;
let browser;
let adele;
let carla;
let orders;
before(async () => {
  tenant = await launchTenant({ port: 0 });
  [adele, , carla] = tenant.users;
  orders = tenant.apis.orders.resource;
  site = await serve({ script: "/docs.js", modules: await documentedModules() });
  browser = await launchBrowser();
});
beforeEach(() => tenant.reset());
after(async () => {
  await browser?.close();
  await site?.stop();
  await tenant?.stop();
});

/** The page's blocks that have a file name, and a script that imports them all, with the reader's own values filled in. */
async function documentedModules() {
  const blocks = (await documentedBlocks()).filter(({ page, file }) => page === PAGE && file);
  assert.deepEqual(blocks.map(({ file }) => file), ["client.js", "mail.js", "plan.js", "day.js", "declined.js", "link.js", "admin.js", "orders.js", "review.js"]);
  const modules = blocks.map(({ file, code }) => [`/docs/${file}`, code
    .replace("<application (client) ID>", tenant.clientId)
    .replace("https://login.microsoftonline.com/<tenant>", tenant.authority)]);
  const imports = modules.map(([path]) => `import(${JSON.stringify(path)})`).join(", ");
  return { ...Object.fromEntries(modules), "/docs.js": `window.docs = Object.assign({}, ...(await Promise.all([${imports}])));\ndocument.title = "ready";\n` };
}

/** The APIs of the page are those of the tenant. */
async function openPage(t, { allow = [] } = {}) {
  const page = await newPage(browser, { allow: [REFUSED, ...allow] });
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  for (const [address, api] of [[GRAPH, tenant.apis.graph], ["https://orders.contoso.example", tenant.apis.orders]]) {
    await page.route(`${address}/**`, async (route) => {
      const response = await route.fetch({ url: route.request().url().replace(address, api.origin) });
      await route.fulfill({ response });
    });
  }
  await page.goto(site.origin);
  await isReady(page);
  return page;
}

const isReady = (page) => page.waitForFunction(() => window.docs && document.title === "ready");

/** Presses a button of the page's: one that leaves it. */
const press = (page, name) => page.evaluate((called) => {
  document.title = "leaving";
  window.docs[called]();
}, name);
const get = (page, name) => page.evaluate((called) => window.docs[called], name);
const run = (page, name) => page.evaluate((called) => window.docs[called](), name);

async function signIn(page, user) {
  await press(page, "signIn");
  await giveCredentials(page, user);
  await answerWith(page, "Accept");
  await isReady(page);
}

/** Asks for a permission that is not in the page's examples. */
async function askFor(page, scopes, button) {
  await page.evaluate((asked) => {
    document.title = "leaving";
    window.docs.client.acquireTokenRedirect({ scopes: asked });
  }, scopes);
  await answerWith(page, button);
  await isReady(page);
}

test("ask when it is needed", async (t) => {
  const page = await openPage(t);
  assert.equal(await run(page, "label"), "Sign in");
  assert.deepEqual(await get(page, "rules"), ["redundant_scope"]);
  await signIn(page, adele);
  assert.equal(await run(page, "label"), "Allow mail and orders");
  await press(page, "readMail");
  assert.deepEqual(await askedPermissions(page), [`${GRAPH} Mail.Read`]);
  await answerWith(page, "Accept");
  await isReady(page);
  assert.deepEqual((await run(page, "readMail")).map(({ subject }) => subject), ["Shelf plan for December", "Invoice 20931"]);
});

test("several APIs at once", async (t) => {
  const page = await openPage(t);
  await signIn(page, adele);
  const visits = watchVisits(page);
  await press(page, "showDay");
  assert.deepEqual(await askedPermissions(page), [`${GRAPH} Mail.Read`, `${orders} Orders.Read`]);
  await answerWith(page, "Accept");
  await isReady(page);
  assert.deepEqual(await run(page, "showDay"), { [GRAPH]: "200", [orders]: "200" });
  assert.deepEqual(visits, ["authorize"]);
  assert.equal(await run(page, "label"), "Show my day");
});

test("when the user declines", async (t) => {
  const page = await openPage(t);
  await signIn(page, adele);
  await press(page, "showDay");
  await answerWith(page, "Cancel");
  await isReady(page);
  assert.equal(await get(page, "isDeclined"), true);
  assert.equal(await get(page, "link"), null);
  assert.equal(await run(page, "label"), "Ask me again");
  assert.deepEqual(await run(page, "showDay"), { [GRAPH]: "declined", [orders]: "declined" });
  await press(page, "askAgain");
  await answerWith(page, "Accept");
  await isReady(page);
  assert.deepEqual(await run(page, "showDay"), { [GRAPH]: "200", [orders]: "200" });
});

test("when an administrator is needed: the link", async (t) => {
  const page = await openPage(t);
  await signIn(page, adele);
  await askFor(page, ["User.Read.All"], "Back to app");
  const link = await get(page, "link");
  const admins = await openPage(t);
  await admins.goto(link);
  await giveCredentials(admins, carla);
  await answerWith(admins, "Accept");
  await isReady(admins);
  const { scopes } = await page.evaluate(() => window.docs.client.acquireTokenSilent({ scopes: ["User.Read.All"] }));
  assert.ok(scopes.includes("User.Read.All"), scopes.join(" "));
});

test("when an administrator is needed: by redirect and in a window", async (t) => {
  const page = await openPage(t);
  await signIn(page, carla);
  assert.equal(await get(page, "answer"), null);
  await press(page, "consentForAll");
  await answerWith(page, "Accept");
  await isReady(page);
  assert.deepEqual((await get(page, "answer")).scopes[orders], ["Orders.Read", "Orders.Read.All"]);

  const opened = page.waitForEvent("popup");
  const result = run(page, "consentInWindow");
  await answerWith(await opened, "Accept");
  assert.deepEqual((await result).scopes, { [orders]: ["Orders.Manage"] });
});

test("when the API says 403", async (t) => {
  const page = await openPage(t, { allow: [FORBIDDEN] });
  await signIn(page, adele);
  await askFor(page, { [orders]: ["Orders.Read"] }, "Accept");
  const lacking = await run(page, "allOrders");
  assert.deepEqual([lacking.cause, lacking.consentCanHelp, lacking.missingScopes], ["consent", true, { [orders]: ["Orders.Manage"] }]);

  const admins = await openPage(t);
  await admins.goto(await page.evaluate((scopes) => window.docs.client.getAdminConsentUrl({ scopes }), lacking.missingScopes));
  await giveCredentials(admins, carla);
  await answerWith(admins, "Accept");
  await isReady(admins);
  await page.evaluate((scopes) => window.docs.client.acquireTokenSilent({ scopes }), lacking.missingScopes);
  assert.equal((await run(page, "allOrders")).cause, "stale_token");
  await page.evaluate((scopes) => window.docs.client.acquireTokenSilent({ scopes, forceRefresh: true }), { [orders]: ["Orders.Read"] });
  const forbidden = await run(page, "allOrders");
  assert.deepEqual([forbidden.cause, forbidden.consentCanHelp, forbidden.missingScopes], ["user", false, {}]);
});
