import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { apps } from "../fixtures.js";
import { start } from "../index.js";
import { App, GRAPH, ORDERS, REDIRECT_URI, assertRefused, claimsOf, middleOfSecond } from "./client.js";

const DAY_SECONDS = 24 * 60 * 60;
const BASICS = "openid profile offline_access";
const WEB_REDIRECT_URI = "http://localhost:5173/web";

let tenant, adele, ahead, standing;
before(async () => {
  const [app] = apps;
  tenant = await start({
    port: 0,
    apps: [{ ...app, redirectUris: [...app.redirectUris, { type: "web", uri: "http://localhost/web" }] }],
    now: () => standing ?? Date.now() + ahead,
  });
  [adele] = tenant.users;
});
after(() => tenant.stop());
beforeEach(() => {
  ahead = 0;
  standing = undefined;
  return tenant.reset();
});

test("a code becomes tokens: the response has the platform's members", async () => {
  standing = middleOfSecond();
  const app = new App(tenant);
  const { code } = await app.authorizeAs(adele);
  const response = await app.redeem(code, { client_info: "1" });
  assert.equal(response.status, 200);
  assert.equal(response.token_type, "Bearer");
  assert.equal(response.scope, "openid profile email User.Read");
  assert.ok(response.expires_in >= 3600 && response.expires_in < 5400);
  assert.equal(response.ext_expires_in, response.expires_in);
  assert.equal(response.refresh_token_expires_in, DAY_SECONDS);
  assert.deepEqual(JSON.parse(Buffer.from(response.client_info, "base64url")), { uid: adele.oid, utid: tenant.tenantId });
  assert.equal(response.headers.get("cache-control"), "no-store");
});

test("client_info, id_token and refresh_token come only when they are asked for", async () => {
  const app = new App(tenant);
  const { code } = await app.authorizeAs(adele, { scope: "User.Read" });
  const response = await app.redeem(code, { scope: "User.Read" });
  assert.ok(response.access_token);
  for (const member of ["client_info", "id_token", "refresh_token", "refresh_token_expires_in"]) assert.equal(response[member], undefined, member);
});

test("a refresh request without openid gets no ID token", async () => {
  const app = new App(tenant);
  const { refresh_token: refreshToken } = await app.signIn(adele);
  assert.ok((await app.refresh(refreshToken, { scope: "openid User.Read" })).id_token);
  assert.equal((await app.refresh(refreshToken, { scope: "User.Read" })).id_token, undefined);
});

test("the ID token has the v2.0 claims", async () => {
  const app = new App(tenant);
  const claims = claimsOf((await app.signIn(adele)).id_token);
  assert.equal(claims.iss, `${tenant.origin}/${tenant.tenantId}/v2.0`);
  assert.equal(claims.aud, tenant.clientId);
  assert.equal(claims.nonce, app.nonce);
  assert.equal(claims.oid, adele.oid);
  assert.equal(claims.tid, tenant.tenantId);
  assert.equal(claims.name, "Adele Vance");
  assert.equal(claims.preferred_username, adele.username);
  assert.equal(claims.ver, "2.0");
  assert.equal(claims.nbf, claims.iat);
  assert.equal(claims.exp, claims.iat + 3600);
  assert.equal(claims.email, undefined);
  assert.ok(claims.sub !== adele.oid && claims.sub.length === 43);
});

test("profile brings oid and tid, email brings email", async () => {
  const bare = claimsOf((await new App(tenant).signIn(adele, "openid")).id_token);
  for (const claim of ["oid", "tid", "name", "preferred_username", "email"]) assert.equal(bare[claim], undefined, claim);
  assert.equal(claimsOf((await new App(tenant).signIn(adele, "openid email")).id_token).email, adele.username);
});

test("the subject is pairwise: another client gets another one", async (t) => {
  const [app] = apps;
  const clientId = "11111111-2222-4333-8444-555555555555";
  const other = await start({ port: 0, seed: "pairwise", apps: [app, { ...app, clientId }] });
  t.after(() => other.stop());
  const subjects = await Promise.all([undefined, clientId].map(async (id) =>
    claimsOf((await new App(other, { clientId: id }).signIn(adele)).id_token).sub));
  assert.notEqual(subjects[0], subjects[1]);
});

test("Graph's access token is of version 1, the Orders API's of version 2", async () => {
  const app = new App(tenant);
  const { access_token: graph, refresh_token: refreshToken } = await app.signIn(adele, `${BASICS} User.Read`);
  await app.authorizeAs(adele, { scope: `${ORDERS}/Orders.Read` });
  const { access_token: orders } = await app.refresh(refreshToken, { scope: `${ORDERS}/Orders.Read` });
  const v1 = claimsOf(graph);
  assert.deepEqual([v1.aud, v1.ver, v1.appid, v1.scp], [GRAPH, "1.0", tenant.clientId, "openid profile email User.Read"]);
  const v2 = claimsOf(orders);
  assert.deepEqual([v2.aud, v2.ver, v2.azp, v2.scp], [ORDERS.slice("api://".length), "2.0", tenant.clientId, "Orders.Read"]);
});

test("a code works once", async () => {
  const app = new App(tenant);
  const { code } = await app.authorizeAs(adele);
  const { refresh_token: refreshToken } = await app.redeem(code);
  assertRefused(await app.redeem(code), "invalid_grant", 54005);
  assert.equal((await app.refresh(refreshToken)).status, 200);
});

test("the verifier, the redirect URI and the client of the code must be right", async () => {
  const app = new App(tenant);
  const { code } = await app.authorizeAs(adele);
  assertRefused(await app.redeem(code, { code_verifier: "x".repeat(43) }), "invalid_grant", 501481);
  assertRefused(await app.redeem(code, { code_verifier: undefined }), "invalid_grant", 501481);
  assertRefused(await app.redeem(code, { redirect_uri: "http://localhost:5174/redirect.html" }), "invalid_grant", 500112);
  assertRefused(await app.redeem("unknown"), "invalid_grant", 70000);
  assertRefused(await app.token({ client_id: "00000000-0000-0000-0000-000000000001", grant_type: "authorization_code", code }), "unauthorized_client", 700016);
  assert.equal((await app.redeem(code)).status, 200);
});

test("a code lives for ten minutes", async () => {
  const app = new App(tenant);
  const { code } = await app.authorizeAs(adele);
  ahead = 601_000;
  assertRefused(await app.redeem(code), "invalid_grant", 70008);
});

test("several resources at authorize, one when a code is redeemed, the first of a refresh request", async () => {
  const app = new App(tenant);
  const both = `${BASICS} User.Read ${ORDERS}/Orders.Read`;
  const { code } = await app.authorizeAs(adele, { scope: both });
  assertRefused(await app.redeem(code, { scope: both }), "invalid_request", 28000);
  const graph = await app.redeem(code);
  const orders = await app.refresh(graph.refresh_token, { scope: `${BASICS} ${ORDERS}/Orders.Read` });
  assert.equal(orders.scope, `${ORDERS}/Orders.Read`);
  assert.equal((await app.refresh(graph.refresh_token, { scope: both })).scope, "openid profile email User.Read");
});

test("without a scope a code or refresh token is for the first resource of the authorization request", async () => {
  const app = new App(tenant);
  const { code } = await app.authorizeAs(adele, { scope: `${BASICS} ${ORDERS}/Orders.Read User.Read` });
  const redeemed = await app.redeem(code, { scope: undefined });
  assert.equal(redeemed.scope, `${ORDERS}/Orders.Read`);
  assert.ok(redeemed.id_token);
  const refreshed = await app.refresh(redeemed.refresh_token, { scope: undefined });
  assert.equal(refreshed.scope, `${ORDERS}/Orders.Read`);
});

test("the scope of the response: all that is consented for the resource, in the form of the request", async () => {
  const app = new App(tenant);
  const { refresh_token: refreshToken } = await app.signIn(adele, `${BASICS} User.Read Mail.Read`);
  const scopeFor = async (scope) => (await app.refresh(refreshToken, { scope })).scope;
  assert.equal(await scopeFor("USER.READ"), "openid profile email User.Read Mail.Read");
  assert.equal(await scopeFor(`${GRAPH}/User.Read`), `openid profile email ${GRAPH}/User.Read ${GRAPH}/Mail.Read`);
  assert.equal(await scopeFor(`${GRAPH}/.default`), `openid profile email ${GRAPH}/User.Read ${GRAPH}/Mail.Read`);
  assert.equal(await scopeFor("openid"), "openid profile email User.Read Mail.Read");
});

test("a resource may be named by the client id of its API, and in any case", async () => {
  const app = new App(tenant);
  const { refresh_token: refreshToken } = await app.signIn(adele, `${BASICS} ${ORDERS}/Orders.Read`);
  for (const resource of [ORDERS.toUpperCase().replace("API", "api"), ORDERS.slice("api://".length)]) {
    assert.equal((await app.refresh(refreshToken, { scope: `${resource}/orders.read` })).scope, `${ORDERS}/Orders.Read`, resource);
  }
});

test("what is not consented is refused, and works with the same refresh token after consent", async () => {
  const app = new App(tenant);
  const { refresh_token: refreshToken } = await app.signIn(adele);
  for (const scope of ["Mail.Send", `${ORDERS}/Orders.Read`, `${ORDERS}/.default`]) {
    assertRefused(await app.refresh(refreshToken, { scope }), "invalid_grant", 65001, "consent_required");
  }
  await app.authorizeAs(adele, { scope: `Mail.Send ${ORDERS}/Orders.Read` });
  for (const scope of ["Mail.Send", `${ORDERS}/Orders.Read`, `${ORDERS}/.default`]) {
    assert.equal((await app.refresh(refreshToken, { scope })).status, 200, scope);
  }
});

test("consent taken back by the tenant: of one resource, then of all", async () => {
  const app = new App(tenant);
  const { refresh_token: refreshToken } = await app.signIn(adele);
  await app.authorizeAs(adele, { scope: `${ORDERS}/Orders.Read` });
  await tenant.revokeConsent(adele.username, ORDERS);
  assertRefused(await app.refresh(refreshToken, { scope: `${ORDERS}/Orders.Read` }), "invalid_grant", 65001, "consent_required");
  assert.equal((await app.refresh(refreshToken)).status, 200);
  await tenant.revokeConsent(adele.username);
  assertRefused(await app.refresh(refreshToken), "invalid_grant", 65001, "consent_required");
  assertRefused(await app.refresh(refreshToken, { scope: "openid" }), "invalid_grant", 65001, "consent_required");
  assert.match((await app.authorize()).text, /Sign you in/);
});

test("refresh: a new refresh token with each use, and the old one keeps working", async () => {
  const app = new App(tenant);
  const { refresh_token: first } = await app.signIn(adele);
  const { refresh_token: second } = await app.refresh(first);
  const { refresh_token: third } = await app.refresh(first);
  assert.equal(new Set([first, second, third]).size, 3);
  for (const token of [first, second, third]) assert.equal((await app.refresh(token)).status, 200);
});

test("a refresh token and its successors live for 24 hours together", async () => {
  const app = new App(tenant);
  const { refresh_token: first } = await app.signIn(adele);
  ahead = (DAY_SECONDS - 3600) * 1000;
  const { refresh_token: second, refresh_token_expires_in: left } = await app.refresh(first);
  assert.ok(left > 3590 && left <= 3600, String(left));
  ahead = (DAY_SECONDS + 1) * 1000;
  for (const token of [first, second]) assertRefused(await app.refresh(token), "invalid_grant", 700084, "bad_token");
});

test("tokens carry the tenant's time", async () => {
  ahead = 5 * 3600_000;
  const { id_token: idToken, access_token: accessToken } = await new App(tenant).signIn(adele);
  for (const { iat, exp } of [idToken, accessToken].map(claimsOf)) {
    assert.ok(Math.abs(iat - (Date.now() + ahead) / 1000) < 5);
    assert.ok(exp - iat >= 3598 && exp - iat < 5400);
  }
});

test("CORS: the app's origin may read tokens and errors, a foreign origin neither", async () => {
  const app = new App(tenant);
  const { code } = await app.authorizeAs(adele);
  const refusal = await app.redeem("unknown");
  assert.equal(refusal.headers.get("access-control-allow-origin"), "http://localhost:5173");
  const foreign = await app.redeem(code, {}, { origin: "https://evil.example" });
  assertRefused(foreign, "invalid_request", 9002326);
  assert.equal(foreign.headers.get("access-control-allow-origin"), null);
  const moved = await app.redeem(code, {}, { origin: "http://localhost:9999" });
  assert.equal(moved.status, 200);
  assert.equal(moved.headers.get("access-control-allow-origin"), "http://localhost:9999");
  assert.match(moved.headers.get("access-control-expose-headers"), /x-ms-request-id/);
});

test("codes and refresh tokens of a spa redirect URI are for browsers only", async () => {
  const app = new App(tenant);
  const { code } = await app.authorizeAs(adele);
  assertRefused(await app.redeem(code, {}, { origin: null }), "invalid_request", 9002327);
  const { refresh_token: refreshToken } = await app.redeem(code);
  assertRefused(await app.refresh(refreshToken, {}, { origin: null }), "invalid_request", 9002327);
});

test("codes of a web redirect URI are not for browsers, and need a secret elsewhere", async () => {
  const app = new App(tenant, { redirectUri: WEB_REDIRECT_URI });
  const { code } = await app.authorizeAs(adele, { code_challenge: undefined, code_challenge_method: undefined });
  const browser = await app.redeem(code, { code_verifier: undefined });
  assertRefused(browser, "invalid_request", 9002326);
  assert.equal(browser.headers.get("access-control-allow-origin"), "http://localhost:5173");
  assertRefused(await app.redeem(code, { code_verifier: undefined }, { origin: null }), "invalid_client", 7000218);
  assertRefused(await app.redeem(code, { redirect_uri: REDIRECT_URI, code_verifier: undefined }), "invalid_grant", 500112);
});

test("a public client sends no secret; resource is no parameter; the grant type must be known", async () => {
  const app = new App(tenant);
  const { code } = await app.authorizeAs(adele);
  assertRefused(await app.redeem(code, { client_secret: "s" }), "invalid_client", 700025);
  assertRefused(await app.redeem(code, { resource: GRAPH }), "invalid_request", 901002);
  assertRefused(await app.token({ grant_type: "password" }), "unsupported_grant_type", 70003);
  assertRefused(await app.token({ grant_type: "authorization_code", redirect_uri: REDIRECT_URI }), "invalid_request", 900144);
  assertRefused(await app.token({ client_id: undefined, grant_type: "authorization_code" }), "invalid_request", 900144);
});

test("GET is refused", async () => {
  const response = await fetch(`${tenant.authority}/oauth2/v2.0/token`);
  assert.equal(response.status, 405);
  assert.deepEqual((await response.json()).error_codes, [900561]);
});

test("an error body has trace, time, and the correlation id of the request", async () => {
  const correlationId = "0b0f3f5e-6c6e-4b1a-8a52-0f6c7d0e2b11";
  const response = await fetch(`${tenant.authority}/oauth2/v2.0/token?client-request-id=${correlationId}`, {
    method: "POST", headers: { Origin: "http://localhost:5173" },
    body: new URLSearchParams({ client_id: tenant.clientId, grant_type: "refresh_token", refresh_token: "unknown" }),
  });
  const body = await response.json();
  assert.equal(body.correlation_id, correlationId);
  assert.match(body.trace_id, /^[0-9a-f-]{36}$/);
  assert.match(body.timestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
  assert.equal(body.error_description, `AADSTS70000: The code or refresh token is malformed, unknown, or was issued to another client. `
    + `Trace ID: ${body.trace_id} Correlation ID: ${correlationId} Timestamp: ${body.timestamp}`);
  assert.equal(response.headers.get("x-ms-request-id"), body.trace_id);
});
