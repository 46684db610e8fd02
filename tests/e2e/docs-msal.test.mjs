/** The code of docs/coming-from-msal.md, taken from the page, does what it says at the tenant. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch as launchTenant } from "../../tenant/launch.js";
import { documentedBlocks } from "../docs/blocks.mjs";
import { serve } from "./consent/serve.mjs";
import { launch as launchBrowser, newPage } from "./support/browser.mjs";
import { answerWith, REFUSED } from "./support/consent.mjs";
import { giveCredentials } from "./support/story.mjs";

const PAGE = "docs/coming-from-msal.md";
/** A window that never answers is not waited for longer, in milliseconds. */
const PATIENCE = { timeout: 60_000 };

let tenant, site, browser, adele;
before(async () => {
  tenant = await launchTenant({ port: 0 });
  [adele] = tenant.users;
  site = await serve({ script: "/docs.js", modules: await documentedModules() });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await tenant?.stop();
});

/** The page's blocks, with the reader's own values filled in, and a script that imports them all. */
async function documentedModules() {
  const blocks = (await documentedBlocks()).filter(({ page }) => page === PAGE);
  assert.deepEqual(blocks.map(({ file }) => file), ["app.js", "tenants.js"]);
  const modules = blocks.map(({ file, code }) => [`/docs/${file}`, code
    .replace("<application (client) ID>", tenant.clientId)
    .replace("https://login.microsoftonline.com/<tenant>", tenant.authority)]);
  const imports = modules.map(([path]) => `import(${JSON.stringify(path)})`).join(", ");
  return { ...Object.fromEntries(modules), "/docs.js": `window.docs = Object.assign({}, ...(await Promise.all([${imports}])));\ndocument.title = "ready";\n` };
}

/** @param {import("node:test").TestContext} t */
async function openPage(t) {
  const page = await newPage(browser, { allow: [REFUSED] });
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  await page.goto(site.origin);
  await page.waitForFunction(() => window.docs && document.title === "ready");
  return page;
}

/** Calls what opens a window, as in a click, and answers there. */
async function inWindow(page, name, argument, answer) {
  const opened = page.waitForEvent("popup");
  const result = page.evaluate(([called, given]) => window.docs[called](given), [name, argument]);
  const popup = await opened;
  const closed = popup.waitForEvent("close");
  await answer(popup);
  const value = await result;
  await closed;
  return value;
}

test("an app for MSAL with one import changed: sign in, a permission more, sign out, all in windows", PATIENCE, async (t) => {
  const page = await openPage(t);
  await inWindow(page, "signIn", undefined, async (popup) => {
    await giveCredentials(popup, adele);
    await answerWith(popup, "Accept");
  });
  const who = () => page.evaluate(() => window.docs.msal.getActiveAccount()?.username);
  assert.equal(await who(), adele.username);
  const first = await page.evaluate(() => window.docs.tokenFor(["User.Read"]));
  const more = await inWindow(page, "tokenFor", ["Mail.Read"], (popup) => answerWith(popup, "Accept"));
  assert.notEqual(more, first);
  assert.equal(await page.evaluate(() => window.docs.tokenFor(["Mail.Read"])), more, "now it is at hand");
  assert.equal(await page.evaluate(() => window.docs.tokenFor(["User.Read"])), first, "and the first is still there");
  await inWindow(page, "signOut", undefined, async () => {});
  assert.equal(await who(), undefined);
});

test("another authority is refused by a client, and has a client of its own", async (t) => {
  const page = await openPage(t);
  const [refused, same, other] = await page.evaluate(async (authority) => {
    const { msal, clientOf } = window.docs;
    const code = await msal.acquireTokenSilent({ scopes: [], authority: `${authority}-other` }).catch(({ errorCode, errorMessage }) => [errorCode, errorMessage]);
    return [code, (await clientOf(authority)) === (await clientOf(authority)), await (await clientOf(authority)).acquireTokenSilent({ scopes: [], authority }).catch(({ errorCode }) => errorCode)];
  }, tenant.authority);
  assert.equal(refused[0], "invalid_field");
  assert.match(refused[1], /`authority`.*make a client for each/);
  assert.deepEqual([same, other], [true, "no_account_error"]);
});
