/** Authentication contexts: an API asks for more than the token has, and the client passes its claims on. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { start } from "../index.js";
import { approve, assertError, challengeIn, contextClaims, silently } from "./steps.js";
import { App, GRAPH, ORDERS, assertRefused, call, claimsOf, headingOf, responseOf } from "./client.js";

const SCOPE = `openid profile offline_access ${ORDERS}/Orders.Read ${ORDERS}/Orders.Write`;
const C1 = contextClaims("c1");

let tenant, adele, app;
before(async () => {
  tenant = await start({ port: 0 });
  [adele] = tenant.users;
});
after(() => tenant.stop());
beforeEach(async () => {
  await tenant.reset();
  app = new App(tenant);
});

const cancelOrder = (id, token) => call(`${tenant.apis.orders.origin}/orders/${id}`, token, { method: "DELETE" });
const orderIds = async (token) => (await (await call(`${tenant.apis.orders.origin}/orders`, token)).json()).orders.map(({ id }) => id);

/** Through the page that the claims lead to. */
async function stepUp(claims = C1) {
  const page = await app.authorize({ scope: SCOPE, claims });
  return app.redeem(responseOf(await approve(app, page)).code, { scope: SCOPE, claims });
}

test("an API asks for an authentication context that the token does not have, before it does anything", async () => {
  const { access_token: token } = await app.signIn(adele, SCOPE);
  const response = await cancelOrder("1001", token);
  assert.equal(response.status, 401);
  assert.deepEqual(challengeIn(response), {
    realm: "", authorization_uri: `${tenant.origin}/common/oauth2/v2.0/authorize`, error: "insufficient_claims",
    claims: { access_token: { acrs: { essential: true, value: "c1" } } },
  });
  assert.match(response.headers.get("access-control-expose-headers"), /WWW-Authenticate/);
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  assert.deepEqual(await orderIds(token), ["1001", "1002"]);
});

test("silently the claims are interaction_required, 50076, and come back with the answer", async () => {
  await app.signIn(adele, SCOPE);
  const response = await silently(app, { scope: SCOPE, claims: C1 });
  assertError(response, "interaction_required", 50076);
  assert.deepEqual(JSON.parse(response.claims), { access_token: { acrs: { essential: true, value: "c1" } } });
});

test("at the token endpoint they are invalid_grant, basic_action, 50076, with the claims", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele, SCOPE);
  const refusal = await app.refresh(refreshToken, { scope: SCOPE, claims: C1 });
  assertRefused(refusal, "invalid_grant", 50076, "basic_action");
  assert.deepEqual(JSON.parse(refusal.claims), { access_token: { acrs: { essential: true, value: "c1" } } });
  assert.equal((await app.refresh(refreshToken, { scope: SCOPE })).status, 200);
});

test("claims name the context and the policy, where both are wanted", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele, SCOPE);
  await tenant.requireMfa(adele.username);
  const { access_token: wanted } = JSON.parse((await app.refresh(refreshToken, { scope: SCOPE, claims: C1 })).claims);
  assert.deepEqual([wanted.acrs.value, wanted.capolids.values.length], ["c1", 1]);
});

test("after the second factor the token has the context, and the API does as it is told", async () => {
  await app.signIn(adele, SCOPE);
  const page = await app.authorize({ scope: SCOPE, claims: C1 });
  assert.equal(headingOf(page), "Approve sign-in");
  const { access_token: token } = await app.redeem(responseOf(await approve(app, page)).code, { scope: SCOPE, claims: C1 });
  assert.deepEqual(claimsOf(token).acrs, ["c1"]);
  assert.equal((await cancelOrder("1001", token)).status, 204);
  assert.deepEqual(await orderIds(token), ["1002"]);
});

test("the code's token has the context that the sign-in was asked for, whether the token request names it or not", async () => {
  await app.signIn(adele, SCOPE);
  const { code } = responseOf(await approve(app, await app.authorize({ scope: SCOPE, claims: C1 })));
  assert.deepEqual(claimsOf((await app.redeem(code, { scope: SCOPE })).access_token).acrs, ["c1"]);
});

test("on refresh the context stays, for every resource, and others are added", async () => {
  await app.signIn(adele, SCOPE);
  const { refresh_token: refreshToken } = await stepUp();
  const acrsOf = async (parameters) => claimsOf((await app.refresh(refreshToken, { scope: SCOPE, ...parameters })).access_token).acrs;
  assert.deepEqual(await acrsOf(), ["c1"]);
  assert.deepEqual(await acrsOf({ claims: contextClaims("c2") }), ["c1", "c2"]);
  assert.deepEqual(await acrsOf({ claims: C1 }), ["c1"]);
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"], user: adele.username });
  assert.deepEqual(await acrsOf({ scope: "User.Read" }), ["c1"]);
});

test("the refresh token of before the second factor does not get the context", async () => {
  const { refresh_token: before } = await app.signIn(adele, SCOPE);
  await stepUp();
  assertRefused(await app.refresh(before, { scope: SCOPE, claims: C1 }), "invalid_grant", 50076, "basic_action");
  assert.equal(claimsOf((await app.refresh(before, { scope: SCOPE })).access_token).acrs, undefined);
});

test("a session that has a second factor meets the context silently", async () => {
  await app.signIn(adele, SCOPE);
  await stepUp();
  const { code } = await silently(app, { scope: SCOPE, claims: C1 });
  assert.deepEqual(claimsOf((await app.redeem(code, { scope: SCOPE, claims: C1 })).access_token).acrs, ["c1"]);
});

test("another context than the API's is not enough", async () => {
  await app.signIn(adele, SCOPE);
  const { access_token: token } = await stepUp(contextClaims("c2"));
  assert.deepEqual(claimsOf(token).acrs, ["c2"]);
  assert.equal((await cancelOrder("1001", token)).status, 401);
});

test("the context does not stand for the permission, and an order that is not there is not found", async () => {
  const reader = `openid profile offline_access ${ORDERS}/Orders.Read`;
  await app.signIn(adele, reader);
  const page = await approve(app, await app.authorize({ scope: reader, claims: C1 }));
  const { access_token: token } = await app.redeem(responseOf(page).code, { scope: reader, claims: C1 });
  const response = await cancelOrder("1001", token);
  assert.equal(response.status, 403);
  assert.match(response.headers.get("www-authenticate"), new RegExp(`error="insufficient_scope", scope="${ORDERS}/Orders.Write"`));
  await app.authorizeAs(adele, { scope: SCOPE });
  assert.equal((await cancelOrder("9999", (await stepUpAgain()).access_token)).status, 404);
});

/** The session has its second factor: no page. */
async function stepUpAgain() {
  const { code } = await silently(app, { scope: SCOPE, claims: C1 });
  return app.redeem(code, { scope: SCOPE, claims: C1 });
}

test("claims that are no JSON object are a bad request, at both endpoints", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele, SCOPE);
  for (const claims of ["{", "[]", "null", "c1"]) {
    assertError(responseOf(await app.authorize({ scope: SCOPE, claims })), "invalid_request", 90023);
    assertRefused(await app.refresh(refreshToken, { scope: SCOPE, claims }), "invalid_request", 90023);
  }
});
