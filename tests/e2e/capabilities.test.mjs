/** An app that answers claims challenges and says so: its tokens live longer, and an API that ends one gets another. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { claimsOf } from "../../tenant/test/client.js";
import { GRAPH, REFUSED, brought, openApp, openWorld, signIn } from "./support/consent.mjs";
import { watchTokenRequests } from "./support/story.mjs";

/** Chromium says on the console what an API answered. */
const ANSWERED = /status of 401/;
const HOUR = 3_600;
const READ_PROFILE = { scopes: ["User.Read"] };

let world, tenant;
before(async () => {
  world = await openWorld();
  ({ tenant } = world);
});
beforeEach(() => tenant.reset());
after(() => world?.stop());

async function signedIn(t, auth) {
  const page = await openApp(t, world, { auth, allow: [REFUSED, ANSWERED] });
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"] });
  const result = await signIn(page, world.adele, undefined, { isFree: true });
  return { page, result };
}

/** What Microsoft Graph answers, and what the core makes of it. */
function callGraph(page, token) {
  return page.evaluate(async ([url, { accessToken, scopes }]) => {
    const { ask } = await import("/consentry/call.js");
    const response = await fetch(url, { headers: { Authorization: `Bearer ${accessToken}` } });
    const { status } = response;
    const call = { token: { scopes }, scopes: ["User.Read"], status, wwwAuthenticate: response.headers.get("WWW-Authenticate") };
    return { status, challenge: ask(client, "readChallenge", call) };
  }, [`${tenant.apis.graph.origin}/v1.0/me`, { accessToken: token.accessToken, scopes: token.scopes }]);
}

/** How long a token lives by what it says, in hours. */
function hoursOf({ accessToken }) {
  const { iat, exp } = claimsOf(accessToken);
  return (exp - iat) / HOUR;
}

test("an app that says so has tokens that say so, which live for a day", async (t) => {
  const { page, result } = await signedIn(t, { clientCapabilities: ["CP1"] });
  const renewed = await brought(page, "acquireTokenSilent", { ...READ_PROFILE, forceRefresh: true });
  const framed = await brought(page, "ssoSilent", READ_PROFILE);
  for (const token of [result, renewed, framed]) {
    assert.deepEqual(claimsOf(token.accessToken).xms_cc, ["cp1"]);
    assert.ok(hoursOf(token) >= 20 && hoursOf(token) <= 28, `${hoursOf(token)}`);
  }
  assert.equal(new Set([result, renewed, framed].map(({ accessToken }) => accessToken)).size, 3);
});

test("a token that the API ends is followed by one that it takes, without the user", async (t) => {
  const { page, result } = await signedIn(t, { clientCapabilities: ["CP1"] });
  assert.equal((await callGraph(page, result)).status, 200);
  await tenant.challengeTokens(world.adele.username);

  const { status, challenge } = await callGraph(page, result);
  assert.equal(status, 401);
  const { request, ...rest } = challenge;
  assert.deepEqual(rest, { kind: "claims", way: "token", mayAsk: true });
  assert.deepEqual(Object.keys(JSON.parse(request.claims).access_token), ["nbf"]);

  const grants = watchTokenRequests(page);
  const second = await brought(page, "acquireTokenSilent", request);
  assert.deepEqual([second.fromCache, claimsOf(second.accessToken).xms_cc, grants], [false, ["cp1"], ["refresh_token"]]);
  assert.equal((await callGraph(page, second)).status, 200);
  const third = await brought(page, "acquireTokenSilent", READ_PROFILE);
  assert.deepEqual([third.accessToken, grants.length], [second.accessToken, 1], "it takes the place of the one that was ended");
});

test("an app that does not say so has tokens that end by themselves", async (t) => {
  const { page, result } = await signedIn(t);
  assert.deepEqual([claimsOf(result.accessToken).xms_cc, hoursOf(result) <= 1.5], [undefined, true]);
  await tenant.challengeTokens(world.adele.username);
  assert.equal((await callGraph(page, result)).status, 200);
});
