/**
 * Responses that the specifications say to refuse, and those that they say to take, through the package in a browser: the tenant
 * changes one thing in each. Whatever is refused leaves nobody signed in and nothing stored.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { GRAPH, arrival, brought, call, depart, openApp, openWorld } from "./support/consent.mjs";
import { NOT_CONTINUED, REFUSED, TAKEN } from "./support/responses.mjs";
import { giveCredentials, storageOf } from "./support/story.mjs";

const REQUEST = { scopes: ["User.Read"] };

let world, tenant, page;
before(async () => {
  world = await openWorld();
  ({ tenant } = world);
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"] });
});
after(() => world?.stop());

/** The session at the server makes every further sign-in one without a page. */
async function signedIn(t) {
  page = await openApp(t, world);
  await depart(page, "loginRedirect", REQUEST);
  await giveCredentials(page, world.adele);
  assert.equal((await arrival(page)).answer.error, undefined);
}

/** What a sign-in comes to while the tenant's responses are wrong. @param {object | object[]} mutations */
async function signIn(mutations) {
  await brought(page, "clearCache");
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await arrival(page);
  for (const mutation of [mutations].flat()) await tenant.mutateResponses(mutation);
  await depart(page, "loginRedirect", { ...REQUEST, loginHint: world.adele.username });
  await page.waitForFunction(() => window.client && document.title === "ready");
  const outcome = await page.evaluate(() => ({ answer: window.answer, refused: window.refused, accounts: client.getAllAccounts().length }));
  await tenant.restoreResponses();
  return { ...outcome, error: outcome.refused ?? outcome.answer?.error };
}

async function assertNothingKept() {
  const kept = Object.keys(await storageOf(page)).filter((key) => /\|(?:account|access|consent)\|/.test(key));
  assert.deepEqual(kept, []);
}

test("what the specifications say to refuse is refused, and leaves nothing behind", async (t) => {
  await signedIn(t);
  for (const [name, { mutation, code }] of Object.entries(REFUSED)) {
    await t.test(name, async () => {
      const { error, accounts } = await signIn(mutation(tenant));
      assert.equal(error?.errorCode, code);
      assert.equal(accounts, 0);
      await assertNothingKept();
    });
  }
});

test("what is unusual and right is taken", async (t) => {
  await signedIn(t);
  for (const [name, { mutation }] of Object.entries(TAKEN)) {
    await t.test(name, async () => {
      const { error, accounts, answer } = await signIn(mutation(tenant));
      assert.equal(error, undefined);
      assert.deepEqual([accounts, answer.value.account.username], [1, world.adele.username]);
    });
  }
});

test("a refresh speaks of the same user, or changes nothing", async (t) => {
  await signedIn(t);
  for (const [name, { mutation, code }] of Object.entries(NOT_CONTINUED)) {
    await t.test(name, async () => {
      const before = await storageOf(page);
      await tenant.mutateResponses({ ...mutation(tenant), times: 1 });
      const { error } = await call(page, "acquireTokenSilent", { ...REQUEST, forceRefresh: true });
      assert.equal(error?.errorCode, code);
      assert.deepEqual(await storageOf(page), before);
      assert.equal((await brought(page, "acquireTokenSilent", REQUEST)).fromCache, true);
    });
  }
});

test("keys are asked for once, and again when the server has changed them", async (t) => {
  await tenant.reset();
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"] });
  await signedIn(t);
  const asked = async () => (await tenant.requests()).filter(({ path }) => path.endsWith("/keys")).length;
  const force = { ...REQUEST, forceRefresh: true };
  for (let round = 0; round < 3; round += 1) assert.equal((await brought(page, "acquireTokenSilent", force)).fromCache, false);
  assert.equal(await asked(), 1);
  for (const times of [2, 3]) {
    await tenant.rotateKeys();
    for (let round = 0; round < 3; round += 1) assert.equal((await brought(page, "acquireTokenSilent", force)).fromCache, false);
    assert.equal(await asked(), times);
  }
  await tenant.mutateResponses({ target: "idToken", header: { kid: "made-up" } });
  for (let round = 0; round < 3; round += 1) {
    const { error } = await call(page, "acquireTokenSilent", force);
    assert.equal(error?.errorCode, "id_token_key_not_found");
    assert.equal(await asked(), 4, "whoever makes up names of keys has us ask once a minute");
  }
  await tenant.restoreResponses();
  assert.equal((await brought(page, "acquireTokenSilent", force)).fromCache, false);
});

/** By name: what the token endpoint says to a refresh token, the error's class and code, and whether the next call has what it needs. */
const NO_ANSWER = {
  "400 and nothing": [{ status: 400, body: "" }, "InteractionRequiredAuthError", "invalid_grant", false],
  "401 and a page": [{ status: 401, body: "<html>" }, "InteractionRequiredAuthError", "invalid_grant", false],
  "400 and an error that nobody knows": [{ status: 400, body: '{"error":"unheard_of"}' }, "ServerError", "unheard_of", true],
  "500 and a page": [{ status: 500, body: "<html>" }, "ServerError", "server_error", true],
  "503 and nothing": [{ status: 503, body: "" }, "ServerError", "temporarily_unavailable", true],
  "429 and nothing": [{ status: 429, body: "" }, "ServerError", "temporarily_unavailable", true],
  "200 and nothing": [{ status: 200, body: "" }, "BrowserAuthError", "failed_to_parse_response", true],
  "200 and a page": [{ status: 200, body: "<html>" }, "BrowserAuthError", "failed_to_parse_response", true],
  "200 and half of an answer": [{ truncate: true }, "BrowserAuthError", "failed_to_parse_response", true],
  "200 and an error": [{ status: 200, body: '{"error":"invalid_grant"}' }, "ClientAuthError", "invalid_token_response", true],
};

test("an answer that is none is told as what it is, and costs a refresh token only where it is dead", async (t) => {
  await tenant.reset();
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"] });
  page = await openApp(t, world, { allow: [/Failed to load resource/], system: { allowSilentFrame: false } });
  await depart(page, "loginRedirect", REQUEST);
  await giveCredentials(page, world.adele);
  await arrival(page);
  for (const [name, [fault, kind, code, isKept]] of Object.entries(NO_ANSWER)) {
    await t.test(name, async () => {
      const headers = { "Access-Control-Allow-Origin": world.site.origin };
      await tenant.injectFault({ endpoint: "token", times: 1, headers, ...fault });
      const { error } = await call(page, "acquireTokenSilent", { ...REQUEST, forceRefresh: true });
      assert.equal(error?.errorCode, code);
      assert.ok(error.classes.includes(kind), error.classes.join());
      const { error: next } = await call(page, "acquireTokenSilent", { ...REQUEST, forceRefresh: true });
      assert.equal(next?.errorCode, isKept ? undefined : "no_tokens_found");
      if (isKept) return;
      await depart(page, "loginRedirect", { ...REQUEST, loginHint: world.adele.username });
      assert.equal((await arrival(page)).answer.error, undefined);
    });
  }
});
