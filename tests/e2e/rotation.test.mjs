/**
 * A server that gives each refresh token once and ends the session when one comes twice: real tabs, and answers that get lost. What
 * one tab may not do to another shows in the server's own answer, as it revokes the whole family of tokens.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { brought, call } from "./support/consent.mjs";
import { openProviderApp, openProviderTab, openProviderWorld, signIn, watch } from "./support/provider.mjs";

const SIGN_IN = { scopes: ["profile"], prompt: "consent" };
const FORCE = { scopes: ["profile"], forceRefresh: true };
const LOST = /Failed to load resource: net::ERR_(?:FAILED|CONNECTION_RESET|ABORTED)/;
const SHARED = { cacheLocation: "localStorage" };
/** What a refresh token alone can do. */
const WITHOUT_FRAMES = { ...SHARED, system: { allowSilentFrame: false } };

let world;
before(async () => {
  world = await openProviderWorld();
});
after(() => world?.stop());

const refreshes = (sent) => sent.filter(({ form }) => form.grant_type === "refresh_token").map(({ form }) => form.refresh_token);

/** What is asked for the tokens of the page arrives there, is carried out, and its answer is not let through. */
async function loseAnswers(page) {
  await page.route(`${world.server.origin}/token`, async (route) => {
    await route.fetch();
    await route.abort();
  });
}

/** Both pages call before either has its answer: the server takes its time, and both have the whole core. */
async function atOnce(pages, request) {
  for (const page of pages) {
    await brought(page, "plan", ["profile"]);
    await page.route(`${world.server.origin}/token`, async (route) => {
      const response = await route.fetch();
      await page.waitForTimeout(1000);
      await route.fulfill({ response });
    });
  }
  const results = await Promise.all(pages.map((page) => call(page, "acquireTokenSilent", request)));
  for (const page of pages) await page.unroute(`${world.server.origin}/token`);
  return results;
}

for (const [what, request] of Object.entries({ "a token that has ended": { scopes: ["profile"] }, "a new token": FORCE })) {
  test(`two tabs want ${what} at once: one request, and the same token for both`, async (t) => {
    const one = await openProviderApp(t, world, SHARED);
    await signIn(one, world, SIGN_IN);
    const other = await openProviderTab(one, world, SHARED);
    const sent = [watch(one, world), watch(other, world)];
    // An hour later, for what the clients think.
    for (const page of [one, other]) await page.evaluate(() => { const now = Date.now; Date.now = () => now() + 3_000_000; });
    const results = await atOnce([one, other], request);
    assert.deepEqual(results.map(({ error }) => error?.errorCode), [undefined, undefined]);
    assert.equal(results[0].value.accessToken, results[1].value.accessToken);
    assert.equal(sent.flatMap(refreshes).length, 1);
    // The session has not been ended by the server.
    await brought(other, "acquireTokenSilent", FORCE);
    await brought(one, "acquireTokenSilent", FORCE);
  });
}

test("ten rounds of two tabs, each for itself: no token twice", async (t) => {
  const one = await openProviderApp(t, world, SHARED);
  await signIn(one, world, SIGN_IN);
  const other = await openProviderTab(one, world, SHARED);
  const sent = [watch(one, world), watch(other, world)];
  for (let round = 0; round < 10; round += 1) {
    // Nobody takes what was brought for other claims.
    const request = (tab) => ({ scopes: ["profile"], claims: JSON.stringify({ id_token: { [`${tab}${round}`]: null } }) });
    const results = await Promise.all([one, other].map((page, tab) => call(page, "acquireTokenSilent", request(tab))));
    assert.deepEqual(results.map(({ error }) => error?.errorCode), [undefined, undefined]);
  }
  const used = sent.flatMap(refreshes);
  assert.equal(used.length, 20);
  assert.equal(new Set(used).size, used.length);
});

test("after a lost answer the token is not sent again, and signing in again mends it", async (t) => {
  const page = await openProviderApp(t, world, { ...WITHOUT_FRAMES, allow: [LOST] });
  await signIn(page, world, SIGN_IN);
  await loseAnswers(page);
  const sent = watch(page, world);
  const { error: lost } = await call(page, "acquireTokenSilent", FORCE);
  assert.ok(lost.classes.includes("BrowserAuthError"), lost.errorCode);
  await page.unroute(`${world.server.origin}/token`);
  const { error } = await call(page, "acquireTokenSilent", FORCE);
  assert.equal(error.errorCode, "no_tokens_found");
  assert.ok(error.classes.includes("InteractionRequiredAuthError"));
  // The token that is still valid is there all the same.
  assert.equal((await brought(page, "acquireTokenSilent", { scopes: ["profile"] })).fromCache, true);
  assert.equal(refreshes(sent).length, 1);
});

test("a page that is closed while it waits leaves word to the next one", async (t) => {
  const one = await openProviderApp(t, world, WITHOUT_FRAMES);
  await signIn(one, world, SIGN_IN);
  const other = await openProviderTab(one, world, WITHOUT_FRAMES);
  const arrived = new Promise((resolve) => other.route(`${world.server.origin}/token`, async (route) => {
    await route.fetch();
    resolve(route);
  }));
  const sent = watch(other, world);
  await other.evaluate((request) => void client.acquireTokenSilent(request).catch(() => {}), FORCE);
  await arrived;
  await other.close();
  assert.equal(refreshes(sent).length, 1);
  const { error } = await call(one, "acquireTokenSilent", FORCE);
  assert.equal(error.errorCode, "no_tokens_found");
});
