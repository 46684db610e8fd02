/** The package on pages that may compile no WebAssembly: the same core as plain JavaScript. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, beforeEach, test } from "node:test";
import { answerWith, brought, call, openApp, openPopup, openWorld, signIn } from "./support/consent.mjs";
import { giveCredentials, watchTokenRequests } from "./support/story.mjs";

/** @type {import("./support/consent.mjs").World} */
let world;
before(async () => {
  const app = await readFile(new URL("./consent/app.js", import.meta.url), "utf8");
  const page = '<!doctype html><title>loading</title><link rel="icon" href="data:,"><script type="module" src="/plain-app.js"></script>';
  const policy = "script-src 'self'; object-src 'none'; base-uri 'none'";
  world = await openWorld({}, {
    modules: { "/plain-app.js": app.replace('from "consentry"', 'from "/consentry/without-wasm.js"') },
    others: { "/": page, "/callback": page },
    policies: { "/": policy, "/callback": policy },
  });
});
beforeEach(() => world.tenant.reset());
after(() => world?.stop());

const READ = { scopes: ["User.Read"] };

/** Whether a page may compile WebAssembly. @param {import("playwright-core").Page} page */
const mayCompile = (page) => page.evaluate(() => {
  try {
    return Boolean(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
  } catch {
    return false;
  }
});

test("signs in, gets tokens, keeps them over a reload, and signs out, where no WebAssembly may be compiled", async (t) => {
  const page = await openApp(t, world, { cacheLocation: "localStorage" });
  assert.equal(await mayCompile(page), false);
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const { account } = await signIn(page, world.adele);
  assert.equal(account.username, world.adele.username);
  assert.deepEqual(asked.filter((path) => path.endsWith(".wasm")), []);
  const grants = watchTokenRequests(page);
  assert.equal((await brought(page, "acquireTokenSilent", READ)).fromCache, true);
  const renewed = await brought(page, "acquireTokenSilent", { ...READ, forceRefresh: true });
  assert.deepEqual([renewed.fromCache, grants], [false, ["refresh_token"]]);
  await page.reload();
  await page.waitForFunction(() => document.title === "ready");
  assert.equal((await brought(page, "acquireTokenSilent", READ)).accessToken, renewed.accessToken);
  await brought(page, "clearCache");
  assert.equal((await call(page, "acquireTokenSilent", READ)).error.errorCode, "no_account_error");
});

test("signs in in a window", async (t) => {
  const page = await openApp(t, world);
  const { popup, result } = await openPopup(page, "loginPopup", READ);
  await giveCredentials(popup, world.adele);
  await answerWith(popup, "Accept");
  assert.equal((await result).value.account.username, world.adele.username);
});

test("hundreds of tokens, so that its memory grows, and all of them are there", async (t) => {
  const page = await openApp(t, world);
  const { account, idToken, idTokenClaims } = await signIn(page, world.adele);
  const found = await page.evaluate(async ({ account, idToken, idTokenClaims }) => {
    const count = 300;
    const text = "x".repeat(8000);
    const named = (/** @type {number} */ at) => [`api://00000000-0000-4000-8000-${String(at).padStart(12, "0")}/Read`];
    for (let at = 0; at < count; at += 1) {
      const token = { account, idToken, idTokenClaims, accessToken: `${at}${text}`, scopes: named(at), expiresOn: new Date(Date.now() + 3_600_000), tokenType: "Bearer" };
      await client.hydrateCache(token, { scopes: named(at) });
    }
    let right = 0;
    for (let at = 0; at < count; at += 1) right += Number((await client.acquireTokenSilent({ scopes: named(at), account })).accessToken === `${at}${text}`);
    return right;
  }, { account, idToken, idTokenClaims });
  assert.equal(found, 300);
});
