/** Continuous access evaluation: tokens that live long and are ended by events, for clients that answer claims challenges. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { start } from "../index.js";
import { CP1, assertError, challengeIn, silently } from "./steps.js";
import { App, ORDERS, assertRefused, call, claimsOf, responseOf } from "./client.js";

const HOUR = 3600;
const SCOPE = "openid profile offline_access User.Read";
/** As of a whole second that stands still: what comes later comes in the same one. */
const NOW = Date.parse("2026-11-20T12:00:00.250Z");

let tenant, adele, bo, app;
before(async () => {
  tenant = await start({ port: 0, now: () => NOW });
  [adele, bo] = tenant.users;
});
after(() => tenant.stop());
beforeEach(async () => {
  await tenant.reset();
  app = new App(tenant);
});

const me = (token) => call(`${tenant.apis.graph.origin}/v1.0/me`, token);
const nowSeconds = async () => Date.parse(await tenant.now()) / 1000;

/** Signed in by a client that answers claims challenges, or by one that does not: `""`. */
async function signIn(user, { claims = CP1, client = app } = {}) {
  const { code } = await client.authorizeAs(user, { scope: SCOPE, claims });
  return client.redeem(code, { scope: SCOPE, claims });
}

test("with the capability cp1 the token says so, lives for 20 to 28 hours, and is to be renewed halfway", async () => {
  const response = await signIn(adele);
  const claims = claimsOf(response.access_token);
  assert.deepEqual(claims.xms_cc, ["cp1"]);
  assert.ok(response.expires_in >= 20 * HOUR && response.expires_in < 28 * HOUR, String(response.expires_in));
  assert.equal(claims.exp - claims.iat, response.expires_in);
  assert.equal(response.ext_expires_in, response.expires_in);
  assert.equal(response.refresh_in, Math.floor(response.expires_in / 2));
});

test("the lifetimes differ from one to the next, and never leave their bounds", async () => {
  const { refresh_token: refreshToken } = await signIn(adele);
  const lifetimes = await Promise.all(Array.from({ length: 30 }, async () => (await app.refresh(refreshToken, { claims: CP1 })).expires_in));
  assert.ok(lifetimes.every((seconds) => seconds >= 20 * HOUR && seconds < 28 * HOUR));
  assert.ok(new Set(lifetimes).size > 20);
});

test("without it the token lives for 60 to 90 minutes, and says nothing", async () => {
  for (const claims of ["", "{}", "{\"id_token\":{}}", "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp2\"]}}}"]) {
    const response = await signIn(adele, { claims });
    assert.ok(response.expires_in >= HOUR && response.expires_in < 1.5 * HOUR, String(response.expires_in));
    assert.equal(response.refresh_in, undefined);
    const capabilities = claimsOf(response.access_token).xms_cc;
    assert.deepEqual(capabilities, claims.includes("cp2") ? ["cp2"] : undefined);
  }
});

test("the capability is of the token request, in any case, and is not kept with the refresh token", async () => {
  const { refresh_token: refreshToken } = await signIn(adele);
  const capabilitiesOf = async (claims) => claimsOf((await app.refresh(refreshToken, { claims })).access_token).xms_cc;
  assert.deepEqual(await capabilitiesOf(CP1.replace("cp1", "CP1")), ["cp1"]);
  assert.equal(await capabilitiesOf(undefined), undefined);
});

test("the lifetime that is set is the lifetime, cp1 or not", async () => {
  await tenant.changeSettings({ accessTokenSeconds: 300 });
  const response = await signIn(adele);
  assert.deepEqual([response.expires_in, response.refresh_in], [300, undefined]);
});

/** By event: what causes it, and what the refresh token and the session say then. */
const EVENTS = {
  revokeSessions: { cause: () => tenant.revokeSessions(adele.username), token: 50173, session: ["login_required", 50133] },
  changePassword: { cause: () => tenant.changePassword(adele.username, "another-one"), token: 50173, session: ["login_required", 50132] },
  disableUser: { cause: () => tenant.disableUser(adele.username), token: 50057, session: ["interaction_required", 50057] },
};

for (const [name, { cause, token: code, session }] of Object.entries(EVENTS)) {
  test(`${name}: the API challenges a token of before, with the time from which on one is good`, async () => {
    const { access_token: token } = await signIn(adele);
    assert.equal((await me(token)).status, 200);
    await cause();
    const response = await me(token);
    assert.equal(response.status, 401);
    assert.deepEqual(challengeIn(response), {
      realm: "", authorization_uri: `${tenant.origin}/common/oauth2/v2.0/authorize`, error: "insufficient_claims",
      claims: { access_token: { nbf: { essential: true, value: String(Math.floor(NOW / 1000)) } } },
    });
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.match(response.headers.get("access-control-expose-headers"), /WWW-Authenticate/);
    assert.equal((await response.json()).error.code, "InvalidAuthenticationToken");
  });

  test(`${name}: the refresh token is refused with ${code}, without suberror`, async () => {
    const { refresh_token: refreshToken } = await signIn(adele);
    await cause();
    assertRefused(await app.refresh(refreshToken, { claims: CP1 }), "invalid_grant", code);
  });

  test(`${name}: a code that is not redeemed yet is refused with ${code}`, async () => {
    const { code: pending } = await app.authorizeAs(adele);
    await cause();
    assertRefused(await app.redeem(pending), "invalid_grant", code);
  });

  test(`${name}: silently the session is ${session[0]}, ${session[1]}`, async () => {
    await signIn(adele);
    await cause();
    assertError(await silently(app), ...session);
  });

  test(`${name}: a client without the capability keeps its token, and so does another user`, async () => {
    const { access_token: plain } = await signIn(adele, { claims: "" });
    const { access_token: ofBo, refresh_token: refreshToken } = await signIn(bo, { client: new App(tenant) });
    await cause();
    for (const token of [plain, ofBo]) assert.equal((await me(token)).status, 200);
    assert.equal((await app.refresh(refreshToken)).status, 200);
  });
}

test("revokeSessions: the sign-in page comes, and what is issued in the very same second is good", async () => {
  await signIn(adele);
  await tenant.revokeSessions(adele.username);
  const page = await app.authorize({ claims: CP1 });
  assert.match(page.text, /name="password"/);
  const { code } = responseOf(await app.enterCredentials(adele, page));
  const { access_token: token, refresh_token: refreshToken } = await app.redeem(code, { claims: CP1 });
  assert.equal(claimsOf(token).iat, Math.floor(NOW / 1000));
  assert.equal((await me(token)).status, 200);
  assert.equal((await app.refresh(refreshToken, { claims: CP1 })).status, 200);
  assert.ok((await silently(app)).code);
});

test("revokeSessions ends the sessions of all of the user's browsers", async () => {
  const other = new App(tenant);
  await signIn(adele);
  await signIn(adele, { client: other });
  await tenant.revokeSessions(adele.username);
  await app.enterCredentials(adele, await app.authorize());
  assert.ok((await silently(app)).code);
  assertError(await silently(other), "login_required", 50133);
});

test("revokeSessions reaches a token of every API, and every token of the chain", async () => {
  const scope = `${SCOPE.replace("User.Read", "")}${ORDERS}/Orders.Read`;
  const { code } = await app.authorizeAs(adele, { scope, claims: CP1 });
  const first = await app.redeem(code, { scope, claims: CP1 });
  const second = await app.refresh(first.refresh_token, { scope, claims: CP1 });
  await tenant.revokeSessions(adele.username);
  for (const { access_token: token, refresh_token: refreshToken } of [first, second]) {
    const response = await call(`${tenant.apis.orders.origin}/orders`, token);
    assert.equal(challengeIn(response).error, "insufficient_claims");
    assert.equal((await response.json()).error, "unauthorized");
    assertRefused(await app.refresh(refreshToken, { scope }), "invalid_grant", 50173);
  }
});

test("changePassword: the old password is refused, the new one is good in the very same second", async () => {
  await signIn(adele);
  await tenant.changePassword(adele.username, "another-one");
  const page = await app.authorize({ claims: CP1 });
  const refused = await app.enterCredentials(adele, page);
  assert.match(refused.text, /The user name or the password is wrong/);
  const { code } = responseOf(await app.enterCredentials({ ...adele, password: "another-one" }, refused));
  const { access_token: token, refresh_token: refreshToken } = await app.redeem(code, { claims: CP1 });
  assert.equal((await me(token)).status, 200);
  assert.equal((await app.refresh(refreshToken)).status, 200);
  await tenant.reset();
  assert.equal((await new App(tenant).signIn(adele)).status, 200);
});

test("disableUser, and back: refresh token and session are good again, the access tokens of before are not", async () => {
  const { access_token: token, refresh_token: refreshToken } = await signIn(adele);
  await tenant.disableUser(adele.username);
  await tenant.disableUser(adele.username, false);
  assert.equal((await me(token)).status, 401);
  const { access_token: renewed } = await app.refresh(refreshToken, { claims: CP1 });
  assert.equal((await me(renewed)).status, 200);
  assert.ok((await silently(app)).code);
});

test("challengeTokens: the refresh token and the claims get a token that the API takes, without a page", async () => {
  const { access_token: token, refresh_token: refreshToken } = await signIn(adele);
  await tenant.challengeTokens(adele.username);
  await tenant.travel(5);
  const { claims } = challengeIn(await me(token));
  assert.equal(claims.access_token.nbf.value, String(Math.floor(await nowSeconds())));
  const merged = JSON.stringify({ access_token: { ...claims.access_token, xms_cc: { values: ["cp1"] } } });
  const renewed = await app.refresh(refreshToken, { claims: merged });
  assert.equal(renewed.status, 200);
  assert.ok(claimsOf(renewed.access_token).nbf >= Number(claims.access_token.nbf.value));
  assert.equal((await me(renewed.access_token)).status, 200);
  assert.equal((await me(token)).status, 401);
  assert.ok((await silently(app, { claims: merged })).code);
});

test("challengeTokens: a client without the capability keeps its token", async () => {
  const { access_token: token } = await signIn(adele, { claims: "" });
  await tenant.challengeTokens(adele.username);
  assert.equal((await me(token)).status, 200);
});

test("reset forgets what was revoked", async () => {
  await signIn(adele);
  await tenant.revokeSessions(adele.username);
  await tenant.reset();
  const { access_token: token, refresh_token: refreshToken } = await signIn(adele);
  assert.equal((await me(token)).status, 200);
  assert.equal((await app.refresh(refreshToken)).status, 200);
});

test("a long-lived token ends in time as any other", async () => {
  const { access_token: token, expires_in: seconds } = await signIn(adele);
  await tenant.travel(seconds - 1);
  assert.equal((await me(token)).status, 200);
  await tenant.travel(1);
  assert.equal(challengeIn(await me(token)).error, "invalid_token");
});
