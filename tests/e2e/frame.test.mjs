/** Silent sign-in in a hidden frame, against a server that gives each refresh token once: what a lost answer costs, and what can be in the way. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serve } from "./consent/serve.mjs";
import { brought, call } from "./support/consent.mjs";
import { openProviderApp, openProviderWorld, signIn, watch } from "./support/provider.mjs";

const SIGN_IN = { scopes: ["profile"], prompt: "consent" };
const FORCE = { scopes: ["profile"], forceRefresh: true };
const LOST = /Failed to load resource: net::ERR_(?:FAILED|CONNECTION_RESET|ABORTED)/;
/** What Chromium writes of a frame that a policy forbids. */
const FORBIDDEN = /Framing '.*' violates the following (?:Content Security Policy|report-only)/;
/** The longest that is waited for a frame, with room for a slow machine, in milliseconds. */
const LONGEST = 10_000;
const SLOW = 4_000;

let world;
let strict;
before(async () => {
  world = await openProviderWorld();
  strict = await serve({ policies: { "/": "frame-src 'none'" } });
});
after(async () => {
  await strict?.stop();
  await world?.stop();
});

/** Signs in on a page, and loses the answer to its refresh token. @param {import("node:test").TestContext} t */
async function openWithoutToken(t, { site = world.site, ...options } = {}) {
  const page = await openProviderApp(t, { ...world, site }, { allow: [LOST, FORBIDDEN], ...options });
  await signIn(page, world, SIGN_IN);
  const token = `${world.server.origin}/token`;
  await page.route(token, async (route) => {
    await route.fetch();
    await route.abort();
  });
  const { error } = await call(page, "acquireTokenSilent", FORCE);
  assert.ok(error.classes.includes("BrowserAuthError"), error.errorCode);
  await page.unroute(token);
  return { page, sent: watch(page, world) };
}

const asked = (sent) => sent.filter(({ path }) => path === "/auth").map(({ query }) => query.prompt);
const grants = (sent) => sent.filter(({ form }) => form.grant_type).map(({ form }) => form.grant_type);

/** How long a call takes, in milliseconds, and what comes of it. */
async function timed(page, method, request) {
  const begun = Date.now();
  const outcome = await call(page, method, request);
  return { ...outcome, took: Date.now() - begun };
}

function assertUserNeeded(error) {
  assert.equal(error?.errorCode, "no_tokens_found");
  assert.ok(error.classes.includes("InteractionRequiredAuthError"));
}

/** The page is as it was: no frame, which goes a little after its answer, and nothing kept of a request. */
async function assertTidy(page) {
  const kept = await page.evaluate(() => Object.entries(sessionStorage).filter(([, text]) => text.includes("isFramed")));
  assert.deepEqual(kept, []);
  await page.waitForFunction(() => !document.querySelector("iframe"));
}

test("after a lost answer the next call gets a token without the user", async (t) => {
  const { page, sent } = await openWithoutToken(t);
  const [before] = await brought(page, "getAllAccounts");
  const result = await brought(page, "acquireTokenSilent", FORCE);
  assert.equal(result.fromCache, false);
  assert.equal(result.account.homeAccountId, before.homeAccountId);
  assert.deepEqual([asked(sent), grants(sent)], [["none"], ["authorization_code"]]);
  await assertTidy(page);
  assert.equal((await brought(page, "acquireTokenSilent", { scopes: ["profile"] })).accessToken, result.accessToken);
  // This server gives a refresh token to who consents, so it goes on like this.
  await brought(page, "acquireTokenSilent", FORCE);
  assert.deepEqual(asked(sent), ["none", "none"]);
});

test("calls at once share one frame", async (t) => {
  const { page, sent } = await openWithoutToken(t, { cacheLocation: "localStorage" });
  const results = await Promise.all([1, 2, 3].map(() => brought(page, "acquireTokenSilent", FORCE)));
  assert.equal(new Set(results.map(({ accessToken }) => accessToken)).size, 1);
  assert.deepEqual(asked(sent), ["none"]);
});

test("once the session at the server is gone the user is needed", async (t) => {
  const { page, sent } = await openWithoutToken(t);
  await page.context().clearCookies();
  assertUserNeeded((await call(page, "acquireTokenSilent", FORCE)).error);
  assert.deepEqual(asked(sent), ["none"]);
  const { error } = await call(page, "ssoSilent", { scopes: ["profile"] });
  assert.deepEqual([error.errorCode, error.name], ["login_required", "InteractionRequiredAuthError"]);
  await assertTidy(page);
  assert.equal((await brought(page, "acquireTokenSilent", { scopes: ["profile"] })).fromCache, true, "nothing is lost by it");
});

test("where the page's own policy forbids frames, it is known at once", async (t) => {
  const { page, sent } = await openWithoutToken(t, { site: strict });
  const { error, took } = await timed(page, "acquireTokenSilent", FORCE);
  assertUserNeeded(error);
  assert.ok(took < SLOW, `${took} ms`);
  const { error: told } = await call(page, "ssoSilent", { scopes: ["profile"] });
  assert.deepEqual([told.errorCode, told.name], ["frame_blocked", "InteractionRequiredAuthError"]);
  assert.deepEqual(asked(sent), []);
  await assertTidy(page);
});

test("where the redirect page is not to be framed, it takes ten seconds once", async (t) => {
  const site = await serve({ policies: { "/callback": "frame-ancestors 'none'" } });
  t.after(() => site.stop());
  const { page, sent } = await openWithoutToken(t, { site, auth: { redirectUri: "/callback" } });
  const first = await timed(page, "acquireTokenSilent", FORCE);
  assertUserNeeded(first.error);
  assert.ok(first.took >= LONGEST && first.took < LONGEST + SLOW, `${first.took} ms`);
  await assertTidy(page);
  const second = await timed(page, "acquireTokenSilent", FORCE);
  assertUserNeeded(second.error);
  assert.ok(second.took < SLOW, `${second.took} ms`);
  assert.deepEqual(asked(sent), ["none"]);
});

/** The same with another page at the redirect URI. The user's own sign-in has come to the app's. */
async function openWithRedirectPage(t, body, allow = []) {
  const site = await serve({ others: { "/callback": `<!doctype html><title>another</title>${body}` } });
  t.after(() => site.stop());
  const { page } = await openWithoutToken(t, { site, allow: [LOST, ...allow] });
  await page.evaluate(async () => {
    const { auth, ...more } = window.settings.configuration;
    window.client = new consentry.PublicClientApplication({ ...more, auth: { ...auth, redirectUri: "/callback" } });
    await client.initialize();
  });
  const arrived = [];
  page.on("response", (response) => { if (new URL(response.url()).pathname === "/callback") arrived.push(response.status()); });
  return { page, arrived };
}

test("a redirect page without scripts does, also where timers sleep", async (t) => {
  const { page, arrived } = await openWithRedirectPage(t, "");
  await page.evaluate(() => { window.setInterval = () => 0; });
  await brought(page, "acquireTokenSilent", FORCE);
  assert.deepEqual(arrived, [200]);
  await assertTidy(page);
});

test("a redirect page that takes long to load is not waited for", async (t) => {
  const { page, arrived } = await openWithRedirectPage(t, '<script src="/never.js"></script>');
  await page.route((url) => url.pathname === "/never.js", () => {});
  const { error, took } = await timed(page, "acquireTokenSilent", FORCE);
  assert.deepEqual([error, arrived], [undefined, [200]]);
  assert.ok(took < SLOW, `${took} ms`);
});

test("a redirect page that breaks out of frames takes this page nowhere", async (t) => {
  const body = "<script>try { top.location.replace('/redirect.html'); } catch {}</script>";
  const { page, arrived } = await openWithRedirectPage(t, body, [/Unsafe attempt to initiate navigation/]);
  const address = page.url();
  await brought(page, "acquireTokenSilent", FORCE);
  await page.waitForTimeout(500);
  assert.deepEqual([page.url(), arrived], [address, [200]]);
});

test("in a page that is framed nobody can see, focus or read out the frame", async (t) => {
  const { page } = await openWithoutToken(t);
  const seen = await page.evaluate(async (request) => {
    const frames = [];
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const frame of addedNodes) if (frame instanceof HTMLIFrameElement) {
        const { display } = getComputedStyle(frame);
        frames.push({ display, hidden: frame.getAttribute("aria-hidden"), tabIndex: frame.tabIndex, isTitled: frame.title !== "" });
      }
    }).observe(document, { childList: true, subtree: true });
    await client.acquireTokenSilent(request);
    return frames;
  }, FORCE);
  assert.deepEqual(seen, [{ display: "none", hidden: "true", tabIndex: -1, isTitled: true }]);
});
