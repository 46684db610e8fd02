/** Silent sign-in at the tenant: `ssoSilent`, refresh tokens that have ended, and what the page in the frame does. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { assertClasses, brought, call, openApp, openTab, openWorld, REFUSED, signIn, watchVisits } from "./support/consent.mjs";

/** @type {import("./support/consent.mjs").World} */
let world;
let tenant;
let adele;
let bo;
before(async () => {
  world = await openWorld();
  ({ tenant, adele, bo } = world);
});
beforeEach(() => tenant.reset());
after(() => world?.stop());

const FORCE = { scopes: ["User.Read"], forceRefresh: true };

/** Counts, in this origin, how often a page has come to its end. */
const COUNTING = async () => { localStorage.ready = Number(localStorage.ready ?? 0) + 1; };
const ready = (page) => page.evaluate(() => localStorage.ready);

test("a refresh token that has ended after a day costs no interaction while the session lasts", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  await tenant.expireRefreshTokens(adele.username);
  const visits = watchVisits(page);
  const result = await brought(page, "acquireTokenSilent", FORCE);
  assert.deepEqual([result.fromCache, result.account.username, visits], [false, adele.username, ["authorize"]]);
  await brought(page, "acquireTokenSilent", FORCE);
  assert.deepEqual(visits, ["authorize"], "a new refresh token has come along");
});

test("without a session it does", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  await tenant.expireRefreshTokens(adele.username);
  await page.context().clearCookies();
  const { error } = await call(page, "acquireTokenSilent", FORCE);
  assert.ok(error.classes.includes("InteractionRequiredAuthError"), error.errorCode);
  assert.equal(error.errorCode, "invalid_grant", "the first error is told");
});

test("consent that is missing opens no frame", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  const visits = watchVisits(page);
  const { error } = await call(page, "acquireTokenSilent", { scopes: ["Mail.Read"] });
  assertClasses(error, "InteractionRequiredAuthError", "ConsentRequiredError");
  assert.deepEqual(visits, []);
});

test("ssoSilent signs in whoever has a session", async (t) => {
  const page = await openApp(t, world);
  const { error } = await call(page, "ssoSilent", { scopes: ["User.Read"], state: "mine" });
  assert.deepEqual([error.errorCode, error.name], ["login_required", "InteractionRequiredAuthError"]);
  await signIn(page, adele);
  const tab = await openTab(page, world);
  assert.deepEqual(await brought(tab, "getAllAccounts"), [], "the tab's own storage knows nobody");
  const result = await brought(tab, "ssoSilent", { scopes: ["User.Read"], state: "mine", correlationId: "c0ffee00-0000-4000-8000-000000000001" });
  assert.deepEqual([result.account.username, result.state, result.correlationId], [adele.username, "mine", "c0ffee00-0000-4000-8000-000000000001"]);
  assert.equal((await brought(tab, "acquireTokenSilent", { scopes: ["User.Read"] })).accessToken, result.accessToken);
  const { error: expected } = await call(tab, "ssoSilent", { scopes: ["User.Read"], loginHint: bo.username });
  assertClasses(expected, "InteractionRequiredAuthError");
  assert.deepEqual((await brought(tab, "getAllAccounts")).map(({ username }) => username), [adele.username]);
});

test("there is one frame at a time", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  const most = await page.evaluate(async () => {
    let most = 0;
    new MutationObserver(() => { most = Math.max(most, document.querySelectorAll("iframe").length); }).observe(document, { childList: true, subtree: true });
    await Promise.all([1, 2, 3].map(() => client.ssoSilent({ scopes: ["User.Read"] })));
    return most;
  });
  assert.equal(most, 1);
});

for (const isHasty of [false, true]) {
  test(`a page of the app hands its answer over by the channel, and goes no further${isHasty ? ", though it asks for all at once" : ""}`, async (t) => {
    const page = await openApp(t, world, { onReady: COUNTING, isHasty });
    await signIn(page, adele);
    const before = await ready(page);
    const visits = watchVisits(page);
    // As in a tab in the background, whose timers sleep: the frame's address is not seen.
    await page.evaluate(() => Object.defineProperty(HTMLIFrameElement.prototype, "contentWindow", { get: () => null }));
    const result = await brought(page, "ssoSilent", { scopes: ["User.Read"] });
    assert.equal(result.account.username, adele.username);
    assert.deepEqual([visits, await ready(page)], [["authorize"], before]);
  });
}

test("a page of the app whose answer nobody takes still goes no further in the frame", async (t) => {
  const page = await openApp(t, world, { onReady: COUNTING, allow: [REFUSED] });
  await signIn(page, adele);
  const before = await ready(page);
  const visits = watchVisits(page);
  await page.evaluate(() => {
    Object.defineProperty(HTMLIFrameElement.prototype, "contentWindow", { get: () => null });
    BroadcastChannel.prototype.dispatchEvent = () => true;
    Object.defineProperty(BroadcastChannel.prototype, "onmessage", { set() {} });
  });
  const { error } = await call(page, "ssoSilent", { scopes: ["User.Read"] });
  assert.deepEqual([error.errorCode, error.name], ["frame_timed_out", "InteractionRequiredAuthError"]);
  assert.deepEqual([visits, await ready(page)], [["authorize"], before]);
  assert.deepEqual(await brought(page, "getAllAccounts").then((all) => all.length), 1);
});

test("in a frame of its own the app opens no other", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  const code = await page.evaluate(async () => {
    const frame = document.createElement("iframe");
    frame.name = "consentry-silent";
    frame.src = location.href;
    document.body.append(frame);
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (frame.contentDocument?.title === "ready") break;
    }
    const told = await frame.contentWindow.told(frame.contentWindow.client.ssoSilent({ scopes: ["User.Read"] }));
    return told.error?.errorCode;
  });
  assert.equal(code, "block_iframe_reload");
});
