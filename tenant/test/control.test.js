/** What control does beyond access, faults and mutations: time, consent, keys, settings, and the same over HTTP. */
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { start } from "../index.js";
import { createSettings } from "../settings.js";
import { App, GRAPH, ORDERS, assertErrorPage, assertRefused, call, claimsOf, headingOf, listed, responseOf } from "./client.js";
import { CP1, assertError, challengeIn, silently } from "./steps.js";

const HOUR = 3600;
const DAY = 24 * HOUR;
const SCOPE = "openid profile offline_access User.Read";
/** A time that stands still unless the tests travel. */
const NOW = Date.parse("2026-11-20T12:00:00Z");

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
const kidOf = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[0], "base64url")).kid;
const publishedKeys = async () => (await (await fetch(`${tenant.authority}/discovery/v2.0/keys`)).json()).keys;
const fieldKit = () => new App(tenant, { clientId: tenant.apps.find(({ name }) => name === "Contoso Field Kit").clientId, redirectUri: "http://localhost:5173" });

test("the tenant's time stands where it is told to, and travels from there", async () => {
  assert.equal(await tenant.now(), "2026-11-20T12:00:00.000Z");
  await tenant.travel(DAY);
  await tenant.travel(90.5);
  assert.equal(await tenant.now(), "2026-11-21T12:01:30.500Z");
  await tenant.travel(-2 * DAY);
  assert.equal(await tenant.now(), "2026-11-19T12:01:30.500Z");
  await tenant.reset();
  assert.equal(await tenant.now(), "2026-11-20T12:00:00.000Z");
});

test("without a time of its own the tenant has the machine's", async (t) => {
  const other = await start({ port: 0 });
  t.after(() => other.stop());
  const earliest = Date.now();
  const told = Date.parse(await other.now());
  assert.ok(told >= earliest && told <= Date.now());
  await other.travel(HOUR);
  const { iat } = claimsOf((await new App(other).signIn(adele)).access_token);
  assert.ok(iat >= Math.floor(earliest / 1000) + HOUR && iat <= Date.now() / 1000 + HOUR);
});

for (const seconds of [30 * DAY, -30 * DAY]) {
  test(`tokens, errors and the timeline carry the time, ${seconds / DAY} days away`, async () => {
    await tenant.travel(seconds);
    const { id_token: idToken, access_token: token, refresh_token: refreshToken } = await app.signIn(adele);
    const now = NOW / 1000 + seconds;
    assert.deepEqual([claimsOf(idToken).iat, claimsOf(idToken).exp], [now, now + HOUR]);
    assert.deepEqual([claimsOf(token).iat, claimsOf(token).nbf], [now, now]);
    assert.equal((await me(token)).status, 200);
    const { timestamp } = await app.refresh(refreshToken, { scope: "Mail.Send" });
    const iso = new Date(now * 1000).toISOString();
    assert.equal(timestamp, `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`);
    assert.equal((await tenant.requests()).at(-1).time, iso);
  });
}

test("an access token ends with its time, and one of the future has not begun", async () => {
  const { access_token: token, expires_in: seconds } = await app.signIn(adele);
  await tenant.travel(seconds - 1);
  assert.equal((await me(token)).status, 200);
  await tenant.travel(1);
  assert.match(challengeIn(await me(token)).error_description, /has expired/);
  await tenant.travel(-seconds);
  assert.equal((await me(token)).status, 200);
  await tenant.travel(-1);
  assert.match(challengeIn(await me(token)).error_description, /not valid yet/);
});

test("a code ends after ten minutes, a page after an hour, a session a day after its last use", async () => {
  const { code: first } = await app.authorizeAs(adele);
  await tenant.travel(599);
  assert.equal((await app.redeem(first)).status, 200);
  const { code: second } = await app.authorizeAs(adele);
  await tenant.travel(601);
  assertRefused(await app.redeem(second), "invalid_grant", 70008);
  const page = await app.authorize({ prompt: "consent" });
  await tenant.travel(HOUR + 60);
  assert.match((await app.browser.submit(page, { action: "accept" })).text, /has expired or was completed/);
  await tenant.travel(DAY - 2 * HOUR);
  assert.ok((await silently(app)).code);
  await tenant.travel(DAY + 60);
  assertError(await silently(app), "login_required", 50058);
});

test("a single-page app's refresh token ends after 24 hours, another one 90 days after its last use", async () => {
  const { refresh_token: ofPage } = await app.signIn(adele);
  const kit = fieldKit();
  const { code } = await kit.authorizeAs(adele);
  const { refresh_token: ofDevice } = await kit.redeem(code, {}, { origin: null });
  await tenant.travel(DAY - 10);
  const { refresh_token: successor, refresh_token_expires_in: left } = await app.refresh(ofPage);
  assert.equal(left, 10);
  await tenant.travel(10);
  for (const token of [ofPage, successor]) assertRefused(await app.refresh(token), "invalid_grant", 700084, "bad_token");
  await tenant.travel(89 * DAY - 10);
  const { refresh_token: renewed } = await kit.refresh(ofDevice, {}, { origin: null });
  await tenant.travel(DAY + 10);
  assertRefused(await kit.refresh(ofDevice, {}, { origin: null }), "invalid_grant", 700082, "bad_token");
  assert.equal((await kit.refresh(renewed, {}, { origin: null })).status, 200);
});

test("grantConsent: for a user there is no page, and for everyone there is none for anybody", async () => {
  const { clientId } = tenant;
  await tenant.grantConsent({ clientId, resource: GRAPH, permissions: ["User.Read", "Mail.Read"], user: adele.username });
  const { code } = responseOf(await app.authorizationPage(adele, { scope: `${SCOPE} Mail.Read` }));
  assert.equal((await app.redeem(code)).scope, "openid profile email User.Read Mail.Read");
  assert.deepEqual(listed(await new App(tenant).authorizationPage(bo)), ["User.Read"]);
  await tenant.grantConsent({ clientId, resource: ORDERS, permissions: ["Orders.Manage"] });
  const other = new App(tenant);
  const redirect = await other.authorizationPage(bo, { scope: `openid ${ORDERS}/Orders.Manage` });
  assert.equal(claimsOf((await other.redeem(responseOf(redirect).code, { scope: `${ORDERS}/Orders.Manage` })).access_token).scp, "Orders.Manage");
  assert.deepEqual(await tenant.permissionGrants(), [
    { clientId, consentType: "Principal", principalId: adele.oid, resource: GRAPH, scope: "User.Read Mail.Read" },
    { clientId, consentType: "AllPrincipals", resource: ORDERS, scope: "Orders.Manage" },
  ]);
});

test("grantConsent: a guest's is at home, or in the tenant that is named", async () => {
  const dana = tenant.users.find(({ username }) => username.startsWith("dana"));
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"], user: dana.username, tenant: tenant.tenantId });
  assert.ok(responseOf(await app.authorizationPage(dana)).code);
  const atHome = new App(tenant, { segment: dana.tenantId });
  assert.deepEqual(listed(await atHome.authorizationPage(dana)), ["User.Read"]);
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"], user: dana.username });
  assert.ok(responseOf(await new App(tenant, { segment: dana.tenantId }).authorizationPage(dana)).code);
  const principals = (await tenant.permissionGrants()).map(({ principalId }) => principalId);
  assert.deepEqual([principals.length, principals[1]], [2, dana.oid]);
});

test("grantConsent refuses what does not exist, and grants nothing of it", async () => {
  const good = { clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"], user: adele.username };
  for (const [changed, message] of [
    [{ clientId: "nobody" }, /no such app/], [{ resource: "https://nobody.example" }, /no such API/], [{ user: "nobody@contoso.example" }, /no such user/],
    [{ tenant: "nowhere" }, /no such tenant/], [{ tenant: "9188040d-6c67-4c5b-b112-36a304b66dad" }, /no such member/],
    [{ permissions: ["User.Read", "User.Raed"] }, /no such permission as https:\/\/graph\.microsoft\.com\/User\.Raed/],
    [{ permissions: "User.Read" }, /`consent.permissions` is an array/],
  ]) await assert.rejects(tenant.grantConsent({ ...good, ...changed }), message);
  assert.deepEqual(await tenant.permissionGrants(), []);
});

test("rotateKeys: the new key signs, the old one is published still and its tokens are good", async () => {
  const [before] = await publishedKeys();
  const { access_token: old, refresh_token: refreshToken } = await app.signIn(adele);
  await tenant.rotateKeys();
  const keys = await publishedKeys();
  assert.deepEqual([keys.length, keys[1]], [2, before]);
  const { access_token: token, id_token: idToken } = await app.refresh(refreshToken);
  for (const jwt of [token, idToken]) {
    assert.equal(kidOf(jwt), keys[0].kid);
    const [header, payload, signature] = jwt.split(".");
    assert.ok(verify("sha256", Buffer.from(`${header}.${payload}`), createPublicKey({ key: keys[0], format: "jwk" }), Buffer.from(signature, "base64url")));
  }
  assert.equal(kidOf(old), before.kid);
  for (const jwt of [old, token]) assert.equal((await me(jwt)).status, 200);
});

test("rotateKeys with retire: the old keys are gone, and so are their tokens", async () => {
  const [first] = await publishedKeys();
  await tenant.rotateKeys();
  const { access_token: old, refresh_token: refreshToken } = await app.signIn(adele);
  await tenant.rotateKeys({ retire: true });
  const keys = await publishedKeys();
  assert.equal(keys.length, 1);
  assert.ok(![first.kid, kidOf(old)].includes(keys[0].kid));
  assert.match(challengeIn(await me(old)).error_description, /not signed with a key of the tenant/);
  assert.equal((await me((await app.refresh(refreshToken)).access_token)).status, 200);
  await tenant.reset();
  assert.deepEqual(await publishedKeys(), [first]);
});

test("expireRefreshTokens: those of one user, or of all; new ones are good", async () => {
  const other = new App(tenant);
  const [ofAdele, ofBo] = [(await app.signIn(adele)).refresh_token, (await other.signIn(bo)).refresh_token];
  await tenant.expireRefreshTokens(adele.username);
  assertRefused(await app.refresh(ofAdele), "invalid_grant", 700084, "bad_token");
  assert.equal((await other.refresh(ofBo)).status, 200);
  await tenant.expireRefreshTokens();
  assertRefused(await other.refresh(ofBo), "invalid_grant", 700084, "bad_token");
  const { code } = await silently(app);
  assert.equal((await app.refresh((await app.redeem(code)).refresh_token)).status, 200);
});

test("disableUser, and back on", async () => {
  await tenant.disableUser(adele.username);
  assertErrorPage(await app.authorizationPage(adele), 50057, 403);
  await tenant.disableUser(adele.username, false);
  assert.equal((await app.signIn(adele)).status, 200);
});

/** A request in a frame of a page, with the browser's cookies. */
const framed = (url) => app.browser.request(url, { headers: { "Sec-Fetch-Dest": "iframe" } });
const openerPolicyOf = ({ response }) => response.headers.get("cross-origin-opener-policy");

/** By setting: a value, what it does, and values that it does not take. */
const SETTINGS = {
  userConsent: [false, async () => assert.equal(headingOf(await app.authorizationPage(adele)), "Need admin approval"), ["no", null, 0]],
  granularConsent: [true, async () => assert.match((await app.authorizationPage(adele)).text, /type="checkbox" name="[^"]+\/User\.Read" checked/), ["yes", null]],
  accessTokenSeconds: [77, async () => {
    const { expires_in: seconds, access_token: token } = await app.signIn(adele);
    assert.deepEqual([seconds, claimsOf(token).exp - claimsOf(token).iat], [77, 77]);
  }, [0, -1, 1.5, "60"]],
  silentConsentError: ["consent_required", async () => {
    await app.signIn(adele);
    assertError(await silently(app, { scope: "Mail.Send" }), "consent_required", 65001);
  }, ["login_required", null, true]],
  loopLimit: [3, async () => {
    const { refresh_token: refreshToken } = await app.signIn(adele);
    for (let count = 0; count < 3; count += 1) assert.equal((await app.refresh(refreshToken)).status, 200);
    for (let count = 0; count < 2; count += 1) assertRefused(await app.refresh(refreshToken), "invalid_grant", 50196);
    assert.equal((await app.refresh(refreshToken, { scope: "User.Read" })).status, 200);
    await tenant.travel(301);
    assert.equal((await app.refresh(refreshToken)).status, 200);
  }, [-1, 1.5, "3", null]],
  thirdPartyCookies: [false, async () => {
    await app.authorizeAs(adele);
    const response = await framed(app.authorizationUrl({ prompt: "none" }));
    assertError(responseOf({ url: response.headers.get("location") }), "login_required", 50058);
    for (const answer of [response, await framed(app.authorizationUrl())]) assert.deepEqual([answer.status, answer.headers.getSetCookie()], [303, []]);
    assert.ok((await silently(app)).code);
    await tenant.changeSettings({ thirdPartyCookies: true });
    const allowed = await framed(app.authorizationUrl({ prompt: "none" }));
    assert.ok(responseOf({ url: allowed.headers.get("location") }).code);
    assert.notEqual(allowed.headers.getSetCookie().length, 0);
  }, ["no", null]],
  openerPolicy: ["same-origin-allow-popups", async () => {
    const logout = `${tenant.authority}/oauth2/v2.0/logout`;
    const pages = () => Promise.all([app.authorize(), app.authorize({ redirect_uri: "https://evil.example/" }), app.browser.open(logout)]);
    assert.deepEqual((await pages()).map(openerPolicyOf), Array(3).fill("same-origin-allow-popups"));
    await tenant.changeSettings({ openerPolicy: "same-origin" });
    assert.deepEqual((await pages()).map(openerPolicyOf), Array(3).fill("same-origin"));
    await tenant.changeSettings({ openerPolicy: null });
    assert.deepEqual((await pages()).map(openerPolicyOf), Array(3).fill(null));
  }, ["unsafe-none", true]],
};

test("every setting has its case here", () => {
  assert.deepEqual(Object.keys(SETTINGS), Object.keys(createSettings({}).current));
});

for (const [name, [value, check, refused]] of Object.entries(SETTINGS)) {
  test(`changeSettings: ${name} = ${JSON.stringify(value)}`, async () => {
    await assert.rejects(check(), "the preset should not do this");
    await tenant.reset();
    app = new App(tenant);
    await tenant.changeSettings({ [name]: value });
    await check();
  });

  test(`${name} does not take ${JSON.stringify(refused)}`, async () => {
    for (const wrong of refused) {
      const message = new RegExp(`no such setting: ${name} = `);
      await assert.rejects(tenant.changeSettings({ accessTokenSeconds: 5, [name]: wrong }), message);
      if (wrong !== null) await assert.rejects(start({ port: 0, [name]: wrong }), message);
    }
    assert.notEqual((await app.signIn(adele)).expires_in, 5);
  });

  test(`${name} is an option too, and reset returns to it`, async (t) => {
    const other = await start({ port: 0, [name]: value, now: () => NOW });
    t.after(() => other.stop());
    const [outer, outerApp] = [tenant, app];
    t.after(() => { [tenant, app] = [outer, outerApp]; });
    tenant = other;
    app = new App(other);
    await check();
    await other.changeSettings(Object.fromEntries(Object.entries(createSettings({}).current).filter(([setting]) => setting === name)));
    await other.reset();
    app = new App(other);
    await check();
  });
}

test("loops are counted for each client and claims", async () => {
  await tenant.changeSettings({ loopLimit: 1 });
  const { refresh_token: refreshToken } = await app.signIn(adele);
  const { refresh_token: ofBo } = await new App(tenant).signIn(bo);
  assert.equal((await app.refresh(refreshToken)).status, 200);
  assert.equal((await app.refresh(refreshToken, { claims: CP1 })).status, 200);
  assert.equal((await app.refresh(ofBo)).status, 200);
  assertRefused(await app.refresh(refreshToken), "invalid_grant", 50196);
});
