/** Renewal ahead of need, and the end that an app can foresee, at the tenant; the page's clock is the test's. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { reloadUntold } from "./support/cache.mjs";
import { GRAPH, arrival, brought, openApp, openWorld, refusal, signIn } from "./support/consent.mjs";
import { watchTokenRequests } from "./support/story.mjs";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let world, tenant;
before(async () => {
  world = await openWorld({ accessTokenSeconds: 3600 });
  ({ tenant } = world);
});
afterEach(() => tenant.reset());
after(() => world?.stop());

const silently = (page, more) => brought(page, "acquireTokenSilent", { scopes: ["User.Read"], ...more });

async function openSignedIn(t, options) {
  const page = await openApp(t, world, options);
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"] });
  const result = await signIn(page, world.adele, undefined, { isFree: true });
  return { page, grants: watchTokenRequests(page), first: result.accessToken };
}

/** The token that takes the place of the first, which is served meanwhile. */
async function servedUntilRenewed(page, first) {
  const served = await silently(page);
  assert.deepEqual([served.accessToken, served.fromCache], [first, true]);
  let next = served;
  for (let tries = 0; next.accessToken === first && tries < 200; tries += 1) {
    await page.waitForTimeout(25);
    next = await silently(page);
  }
  assert.notEqual(next.accessToken, first);
  return next;
}

test("a token that is to be renewed is served, and the next one is there soon after", async (t) => {
  const { page, grants, first } = await openSignedIn(t);
  assert.deepEqual([(await silently(page)).accessToken, grants], [first, []]);
  await page.clock.setFixedTime(Date.now() + 50 * MINUTE);
  const next = await servedUntilRenewed(page, first);
  assert.deepEqual([next.fromCache, grants], [true, ["refresh_token"]]);
});

test("the same on a page that began with a part of the core: the whole comes for it, and renews", async (t) => {
  const { page, grants, first } = await openSignedIn(t);
  const modules = [];
  page.on("request", (request) => request.url().endsWith(".wasm") && modules.push(request.url().split("/").at(-1)));
  await reloadUntold(page);
  await arrival(page);
  await page.clock.setFixedTime(Date.now() + 50 * MINUTE);
  await servedUntilRenewed(page, first);
  assert.deepEqual([modules, grants], [["consentry_start_bg.wasm", "consentry_core_bg.wasm"], ["refresh_token"]]);
});

test("when the user has to be asked again is told, and from then on nothing is sent", async (t) => {
  const { page, grants } = await openSignedIn(t, { system: { allowSilentFrame: false } });
  const told = await page.evaluate(async () => {
    const { expiresOn, refreshOn, refreshTokenExpiresOn } = await window.client.acquireTokenSilent({ scopes: ["User.Read"] });
    return [expiresOn, refreshOn, refreshTokenExpiresOn].map((date) => date.getTime() - Date.now());
  });
  const [expires, refresh, ends] = told.map((milliseconds) => Math.round(milliseconds / MINUTE));
  assert.ok(expires === 60 && refresh >= 44 && refresh <= 50 && Math.abs(ends - DAY / MINUTE) < 2, `${told}`);
  await page.clock.setFixedTime(Date.now() + DAY);
  const error = await refusal(page, "acquireTokenSilent", { scopes: ["User.Read"] });
  assert.deepEqual([error.name, error.errorCode, grants], ["InteractionRequiredAuthError", "refresh_token_expired", []]);
});

test("without a network a token that lives is served, and its renewal waits", async (t) => {
  const { page, grants, first } = await openSignedIn(t, { allow: [/ERR_INTERNET_DISCONNECTED/] });
  await page.context().setOffline(true);
  await page.clock.setFixedTime(Date.now() + 58 * MINUTE);
  assert.equal((await silently(page)).accessToken, first);
  await page.clock.setFixedTime(Date.now() + 61 * MINUTE);
  assert.equal((await refusal(page, "acquireTokenSilent", { scopes: ["User.Read"] })).errorCode, "no_network_connectivity");
  await page.context().setOffline(false);
  assert.equal((await silently(page)).fromCache, false);
  assert.equal(grants.at(-1), "refresh_token");
});

for (const cacheLocation of ["sessionStorage", "localStorage"]) test(`tokens of several APIs are on their way side by side, in ${cacheLocation}`, async (t) => {
  const { page } = await openSignedIn(t, { cacheLocation });
  const orders = `${world.orders}/Orders.Read`;
  await tenant.grantConsent({ clientId: tenant.clientId, resource: world.orders, permissions: ["Orders.Read"] });
  await tenant.injectFault({ endpoint: "token", delayMilliseconds: 500 });
  const [lanes, kinds] = await page.evaluate(async (scope) => {
    performance.clearResourceTimings();
    const ask = (scopes, forceRefresh) => window.client.acquireTokenSilent({ scopes: [scopes], forceRefresh });
    const results = await Promise.all([ask("User.Read", true), ask(scope, false), ask(scope, false)]);
    const tokens = performance.getEntriesByType("resource").filter(({ name }) => /\/token(\?|$)/.test(name));
    return [tokens.map(({ startTime, responseEnd }) => [startTime, responseEnd]), results.map(({ fromCache }) => fromCache)];
  }, orders);
  assert.deepEqual([lanes.length, kinds], [2, [false, false, false]], "two requests, as those that are alike share one");
  const [first, second] = lanes;
  assert.ok(second[0] < first[1] && first[0] < second[1], `neither waited for the other: ${lanes}`);
  await page.evaluate(async (scope) => Promise.all(["User.Read", scope].map(async (one) => {
    if (!(await window.client.acquireTokenSilent({ scopes: [one] })).fromCache) throw new Error(`${one} is not kept`);
  })), orders);
});

for (const [name, more, seconds] of [["may", {}, 60], ["may not", { "Access-Control-Expose-Headers": "x-ms-request-id" }, undefined]]) {
  test(`a server that is busy and says for how long, which a page of another origin ${name} read`, async (t) => {
    const { page, grants, first } = await openSignedIn(t, { allow: [/status of 429/] });
    await tenant.injectFault({ endpoint: "token", code: 90055, headers: { "Retry-After": "60", ...more }, times: 1 });
    const ask = () => page.evaluate((request) => client.acquireTokenSilent(request).then(
      ({ fromCache }) => ({ fromCache }),
      ({ name, errorCode, retryAfter }) => ({ name, errorCode, retryAfter }),
    ), { scopes: ["User.Read"], forceRefresh: true });
    const busy = { name: "ServerError", errorCode: "temporarily_unavailable", retryAfter: seconds };
    assert.deepEqual(await ask(), busy);
    assert.equal((await silently(page)).accessToken, first, "what there is is served");
    const again = await ask();
    if (seconds) assert.ok(again.retryAfter > 50 && again.retryAfter <= seconds, JSON.stringify(again));
    assert.deepEqual([{ ...again, retryAfter: undefined }, grants.length], seconds ? [{ ...busy, retryAfter: undefined }, 1] : [{ fromCache: false, retryAfter: undefined }, 2]);
  });
}
