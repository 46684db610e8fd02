/** docs/security.md: under the headers that it has to copy everything works, and what they are to stop is stopped. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { launch as launchTenant } from "../../tenant/launch.js";
import { documentedBlocks } from "../docs/blocks.mjs";
import { launch as launchBrowser, newPage } from "./support/browser.mjs";
import { REFUSED } from "./support/consent.mjs";
import { answerConsent, giveCredentials } from "./support/story.mjs";

const PAGE = "docs/security.md";
const PACKAGE = new URL("../../pkg/", import.meta.url);
const MEDIA_TYPES = { js: "text/javascript", wasm: "application/wasm" };
const HTML = `<!doctype html><html lang="en"><title>loading</title><link rel="icon" href="data:,"><script type="module" src="/app.js"></script></html>`;
/** The package's entry stands in the place of an import map, which is an inline script. */
const app = (entry, { clientId, authority }) => `
import { PublicClientApplication } from "/consentry/${entry}";
const client = new PublicClientApplication(${JSON.stringify({ auth: { clientId, authority } })});
await client.initialize();
await client.handleRedirectPromise();
window.client = client;
document.title = "ready";
`;

let tenant, browser, adele, blocks;
before(async () => {
  tenant = await launchTenant({ port: 0 });
  [adele] = tenant.users;
  blocks = (await documentedBlocks()).filter(({ page }) => page === PAGE);
  assert.deepEqual(blocks.map(({ file }) => file), ["page", "without-wasm", "pinned.js"]);
  browser = await launchBrowser();
});
beforeEach(() => tenant.reset());
after(async () => {
  await browser?.close();
  await tenant?.stop();
});

/** The headers of a block, with the reader's own servers in them. @param {string} name */
function headersOf(name) {
  const { code } = blocks.find(({ file }) => file === name);
  const own = code
    .replaceAll("https://login.microsoftonline.com", tenant.origin)
    .replaceAll("https://graph.microsoft.com", tenant.apis.graph.origin);
  return Object.fromEntries(own.trim().split("\n").map((line) => line.split(/: (.*)/).slice(0, 2)));
}

/** @param {import("node:test").TestContext} t @param {Record<string, string>} scripts by path @param {Record<string, string>} headers */
async function served(t, scripts, headers = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const [, path] = /^\/consentry\/([\w./-]+)$/.exec(pathname) ?? [];
    const body = path ? await readFile(new URL(path, PACKAGE)) : scripts[pathname] ?? HTML;
    const type = MEDIA_TYPES[pathname.split(".").at(-1)] ?? "text/html";
    response.writeHead(200, { "Content-Type": type, "Access-Control-Allow-Origin": "*" }).end(body);
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  t.after(() => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }));
  return `http://localhost:${server.address().port}`;
}

/** Every violation is an error on the console, and fails the test with the page's close. */
async function opened(t, origin, allow = []) {
  const page = await newPage(browser, { allow: [REFUSED, ...allow] });
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  await page.goto(origin);
  await page.waitForFunction(() => document.title === "ready");
  return page;
}

for (const [name, entry] of [["page", "index.js"], ["without-wasm", "without-wasm.js"]]) {
  test(`under the policy "${name}": redirect, window, hidden frame and API work`, async (t) => {
    const page = await opened(t, await served(t, { "/app.js": app(entry, tenant) }, headersOf(name)));
    await page.evaluate(() => {
      document.title = "leaving";
      window.client.loginRedirect({ scopes: ["User.Read"] });
    });
    await giveCredentials(page, adele);
    await answerConsent(page, "Accept");
    await page.waitForFunction(() => document.title === "ready");

    const opening = page.waitForEvent("popup");
    const token = page.evaluate(() => window.client.acquireTokenPopup({ scopes: ["Mail.Read"] }).then(({ accessToken }) => accessToken));
    await answerConsent(await opening, "Accept");
    const status = await page.evaluate(async ([url, bearer]) => (await fetch(url, { headers: { Authorization: `Bearer ${bearer}` } })).status, [`${tenant.apis.graph.origin}/v1.0/me/messages`, await token]);
    assert.equal(status, 200);
    assert.equal(await page.evaluate(() => window.client.ssoSilent({ scopes: ["User.Read"] }).then(({ account }) => account.username)), adele.username);
    // The app's page in it loads what it loads.
    await page.waitForFunction(() => !document.querySelector("iframe"));
  });
}

test("under the policy nothing else is asked, framed or run", async (t) => {
  // Not by the test's own script, which policies do not bind.
  const evaluating = 'try { window.evaluated = new Function("return true")(); } catch { window.evaluated = false; }';
  const page = await opened(t, await served(t, { "/app.js": `${app("index.js", tenant)}${evaluating}` }, headersOf("page")), [/Content Security Policy|TrustedHTML|assignment/]);
  const stopped = (work) => page.evaluate(work).then(() => "done", () => "stopped");
  assert.equal(await stopped(() => fetch("https://elsewhere.example/")), "stopped");
  assert.equal(await stopped(() => { document.body.innerHTML = "<p>text</p>"; }), "stopped");
  assert.equal(await page.evaluate(() => window.evaluated), false);
  assert.equal(await page.evaluate(() => new Promise((resolve) => {
    addEventListener("securitypolicyviolation", ({ effectiveDirective }) => resolve(effectiveDirective), { once: true });
    document.body.append(Object.assign(document.createElement("iframe"), { src: "https://elsewhere.example/" }));
  })), "frame-src");
});

test("without `frame-src` silent sign-in in a frame fails as the page says", async (t) => {
  const { "Content-Security-Policy": policy } = headersOf("page");
  const page = await opened(t, await served(t, { "/app.js": app("index.js", tenant) }, { "Content-Security-Policy": policy.replace(/frame-src [^;]+;/, "frame-src 'none';") }), [/Content Security Policy/]);
  assert.equal(await page.evaluate(() => window.client.ssoSilent({ loginHint: "somebody" }).then(() => "there", ({ errorCode }) => errorCode)), "frame_blocked");
});

test("a module that is pinned runs, and another does not", async (t) => {
  const module = await readFile(new URL("core/consentry_core_bg.wasm", PACKAGE));
  const digest = createHash("sha384").update(module).digest("base64");
  const cdn = await served(t, {});
  const script = (pinned) => `
try {
  await import("/pinned.js");
  document.body.dataset.came = "initialized";
} catch ({ errorCode }) {
  document.body.dataset.came = errorCode;
}
document.title = "ready";
/* ${pinned} */`;
  const pinned = (wanted) => blocks.find(({ file }) => file === "pinned.js").code
    .replace('"consentry"', '"/consentry/index.js"')
    .replace("https://cdn.example/consentry_core_bg.wasm", `${cdn}/consentry/core/consentry_core_bg.wasm`)
    .replace("<digest of the file>", wanted);
  for (const [wanted, came] of [[digest, "initialized"], [createHash("sha384").update("another").digest("base64"), "wasm_load_failed"]]) {
    const page = await opened(t, await served(t, { "/app.js": script(wanted), "/pinned.js": pinned(wanted) }), [/integrity/, /status of 404/]);
    assert.equal(await page.evaluate(() => document.body.dataset.came), came);
  }
});
