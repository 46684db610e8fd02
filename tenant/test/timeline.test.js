/** The timeline: what it tells, what it does not, and that a run with a seed and a fixed time repeats to the byte. */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { start } from "../index.js";
import { App, GRAPH, ORDERS, call, claimsOf, responseOf } from "./client.js";
import { record, repeatable, secretsIn } from "./recorder.js";
import { CP1, RepeatableApp, approve, enterUserCode, silently } from "./steps.js";

const SCOPE = "openid profile offline_access User.Read";
const NOW = Date.parse("2026-11-20T12:00:00.750Z");

async function withTenant(t, options) {
  const tenant = await start({ port: 0, ...options });
  t.after(() => tenant.stop());
  return tenant;
}

/** Sign-in, consent, redeem, refresh, a call, refusals, and connections that are cut. */
async function tour(tenant) {
  const [adele] = tenant.users;
  const app = new App(tenant);
  const { refresh_token: first } = await app.signIn(adele, SCOPE);
  const { refresh_token: second, access_token: token } = await app.refresh(first, { client_info: "1" });
  await call(`${tenant.apis.graph.origin}/v1.0/me`, token);
  await call(`${tenant.apis.graph.origin}/v1.0/me/messages`, token);
  await call(`${tenant.apis.graph.origin}/v1.0/me`, "a.b.c");
  await app.refresh(second, { scope: "Mail.Send" });
  await silently(app, { scope: "Mail.Send" });
  await app.authorize({ redirect_uri: "https://evil.example/" });
  for (const drop of ["before", "after"]) {
    await tenant.injectFault({ endpoint: "token", drop, times: 1 });
    await assert.rejects(app.refresh(second));
  }
  await call(`${tenant.apis.orders.origin}/orders`, token, { method: "POST", body: { item: "secret", quantity: 1 } });
  await app.browser.open(`${tenant.authority}/oauth2/v2.0/logout?post_logout_redirect_uri=${encodeURIComponent(app.redirectUri)}`);
}

const REDIRECT = "redirect_uri=http://localhost:5173/redirect.html";
const AUTHORIZE = `/contoso.example/oauth2/v2.0/authorize client_id="Contoso Workday" response_type=code ${REDIRECT} response_mode=fragment`;
const PKCE = (number) => `state=state:${number} nonce=nonce:${number} code_challenge=code_challenge:${number} code_challenge_method=S256`;
const TOKEN = "tenant POST /contoso.example/oauth2/v2.0/token client_id=\"Contoso Workday\"";
const REFRESH = (number, scope = `"${SCOPE}"`) => `${TOKEN} grant_type=refresh_token refresh_token=refresh_token:${number} scope=${scope}`;
const TOKENS = (number) => ["access_token", "refresh_token", "id_token"].map((name) => `${name}=${name}:${number}`).join(" ");
const GRANTED = (number) => `scope="openid profile email User.Read" expires_in=3600 ${TOKENS(number)}`;

/** What the tour looks like: the server, the request, the answer. */
const LINES = [
  `tenant GET ${AUTHORIZE} scope="${SCOPE}" ${PKCE(1)} → 303 to /interaction/…`,
  "tenant GET /interaction/… → 200 \"Sign in – Contoso\"",
  "tenant POST /interaction/… username=\"adele@contoso.example\" password=password:1 action=sign-in → 302 to /contoso.example/oauth2/v2.0/authorize/…",
  "tenant GET /contoso.example/oauth2/v2.0/authorize/… → 303 to /interaction/…",
  "tenant GET /interaction/… → 200 \"Allow Contoso Workday? – Contoso\"",
  "tenant POST /interaction/… action=accept → 302 to /contoso.example/oauth2/v2.0/authorize/…",
  "tenant GET /contoso.example/oauth2/v2.0/authorize/… → 303 to /redirect.html code=code:1 state=state:1 session_state=session_state:1",
  `${TOKEN} grant_type=authorization_code code=code:1 ${REDIRECT} code_verifier=code_verifier:1 scope="${SCOPE}" → 200 ${GRANTED(1)}`,
  `${REFRESH(1)} client_info=client_info:1 → 200 ${GRANTED(2)} client_info=client_info:2`,
  "api:graph GET /v1.0/me access_token=access_token:2 → 200",
  "api:graph GET /v1.0/me/messages access_token=access_token:2 → 403 error=insufficient_scope",
  "api:graph GET /v1.0/me access_token=access_token:3 → 401 error=invalid_token",
  `${REFRESH(2, "Mail.Send")} → 400 AADSTS65001 error=invalid_grant suberror=consent_required`,
  `tenant GET ${AUTHORIZE} scope=Mail.Send ${PKCE(2)} prompt=none → 303 to /redirect.html error=interaction_required AADSTS65001 state=state:2`,
  `tenant GET ${AUTHORIZE.replace(REDIRECT, "redirect_uri=https://evil.example/")} scope="${SCOPE}" ${PKCE(3)} → 400 "We can't sign you in – Contoso" AADSTS50011`,
  `${REFRESH(2)} → cut`,
  `${REFRESH(2)} → cut`,
  "api:orders POST /orders access_token=access_token:2 → 401 error=invalid_token",
  "tenant GET /contoso.example/oauth2/v2.0/logout post_logout_redirect_uri=http://localhost:5173/redirect.html → 302 to /redirect.html",
];

test("a line for each request, in order, with its number and time, what was asked, and what came of it", async (t) => {
  const tenant = await withTenant(t, { now: () => NOW, accessTokenSeconds: 3600 });
  const exchanges = await record(() => tour(tenant));
  const lines = (await tenant.timeline()).split("\n");
  assert.deepEqual(lines, LINES.map((line, index) => `${String(index + 1).padStart(4)} 12:00:00.750 ${line}`));
  assert.equal(lines.length, exchanges.length);
});

test("no code, token, verifier, password or cookie is in the timeline or in the requests, in whole or in part", async (t) => {
  const tenant = await withTenant(t);
  const exchanges = await record(async () => {
    await tour(tenant);
    await others(tenant);
  });
  const secrets = secretsIn(exchanges);
  assert.ok(secrets.has("local-tenant") && secrets.has("payroll-secret"));
  const kinds = { token: /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/, "code or refresh token": /^1\.[\w-]{60}$/, verifier: /^[\w-]{43}$/, "device code": /^[\w-]{80}$/ };
  for (const [kind, pattern] of Object.entries(kinds)) assert.ok([...secrets].some((secret) => pattern.test(secret)), kind);
  assert.ok(secrets.size > 60, String(secrets.size));
  const told = await tenant.timeline() + JSON.stringify(await tenant.requests());
  assert.deepEqual([...secrets].filter((secret) => told.includes(secret)), []);
  assert.doesNotMatch(told, /eyJ/);
});

/** What the tour does not come by: other kinds of apps, pages and secrets. */
async function others(tenant) {
  const [, bo, carla] = tenant.users;
  const idOf = (name) => tenant.apps.find((app) => app.name === name).clientId;
  const payroll = new RepeatableApp(tenant, { clientId: idOf("Contoso Payroll"), redirectUri: "http://localhost:5173/signin-oidc" });
  const { code, id_token: idToken } = await payroll.authorizeAs(carla, { response_type: "code id_token", scope: SCOPE });
  await payroll.redeem(code, { client_secret: "payroll-secret" }, { origin: null });
  await payroll.browser.open(`${tenant.authority}/oauth2/v2.0/logout?id_token_hint=${idToken}`);
  const admin = new RepeatableApp(tenant);
  await admin.browser.submit(await admin.adminConsentPage(carla, { scope: `${GRAPH}/.default`, state: "an-admins" }), { action: "accept" });
  await deviceFlow(tenant, new RepeatableApp(tenant, { clientId: idOf("Contoso Field Kit") }), bo);
}

async function deviceFlow(tenant, kit, user) {
  const device = await kit.deviceCode();
  await kit.pollFor(device.device_code);
  await kit.browser.submit(await kit.enterCredentials(user, await enterUserCode(kit, device)), { action: "accept" });
  assert.ok((await kit.pollFor(device.device_code)).refresh_token);
}

/** Of everything that the tenant draws or tells the time by, once. `pause` is waited in between: how long a run takes changes nothing. */
async function everything(tenant, pause) {
  const [adele] = tenant.users;
  const app = new RepeatableApp(tenant, { clientId: tenant.apps.find(({ name }) => name === "Contoso Order Desk").clientId });
  const scope = `${SCOPE} ${ORDERS}/Orders.Read ${ORDERS}/Orders.Write`;
  await tenant.requireMfa(adele.username, { maxAgeSeconds: 60 });
  const page = await app.authorizationPage(adele, { scope, claims: CP1 });
  await pause();
  const { code } = responseOf(await app.browser.submit(await approve(app, page), { action: "accept" }));
  await pause();
  const redeemed = await app.redeem(code, { claims: CP1, client_info: "1" });
  await pause();
  const forOrders = await app.refresh(redeemed.refresh_token, { scope: `${ORDERS}/Orders.Write` });
  const { access_token: token, refresh_token: refreshToken, refresh_token_expires_in: left } = forOrders;
  await call(`${tenant.apis.orders.origin}/orders`, token, { method: "POST", body: { item: "Ladder", quantity: 2 } });
  await call(`${tenant.apis.orders.origin}/orders/1001`, token, { method: "DELETE" });
  await app.refresh(refreshToken, { scope: "Mail.Send" });
  await silently(app, { scope: "Mail.Send" });
  await tenant.rotateKeys();
  await tenant.mutateResponses({ target: "idToken", signature: "foreign", times: 1 });
  await app.refresh(refreshToken);
  await tenant.travel(61);
  await app.refresh(refreshToken);
  await fetch(`${tenant.authority}/discovery/v2.0/keys`);
  await others(tenant);
  return { left, authTime: claimsOf(redeemed.id_token).auth_time };
}

async function transcript(tenant, pause = async () => {}) {
  let told;
  const exchanges = await record(async () => { told = await everything(tenant, pause); });
  return { told, exchanges: exchanges.map(repeatable), timeline: await tenant.timeline(), requests: await tenant.requests() };
}

/** Two tenants at the same ports, one after the other: their origins are in what they sign. */
async function inTwoTenants(options, use) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const port = randomInt(20_000, 30_000);
      const runs = [];
      for (const run of [0, 1]) {
        const tenant = await start({ port, ...options });
        try {
          runs.push(await use(tenant, run));
        } finally {
          await tenant.stop();
          // Time for `fetch` to notice that its connections are closed.
          await setTimeout(100);
        }
      }
      return runs;
    } catch (error) {
      if (error.code !== "EADDRINUSE" || attempt > 20) throw error;
    }
  }
}

test("with the same seed and a fixed time two tenants answer the same to the byte, however long the run takes", async () => {
  const pauses = [async () => {}, () => setTimeout(800)];
  const [first, second] = await inTwoTenants({ seed: "again", now: () => NOW }, (tenant, run) => transcript(tenant, pauses[run]));
  assert.equal(first.exchanges.length, second.exchanges.length);
  first.exchanges.forEach((exchange, index) => assert.deepEqual(second.exchanges[index], exchange));
  assert.equal(second.timeline, first.timeline);
  assert.deepEqual(second.requests, first.requests);
  assert.deepEqual([first.told, second.told], Array(2).fill({ left: 86_400, authTime: Math.floor(NOW / 1000) }));
  assert.deepEqual(secretsIn(second.exchanges), secretsIn(first.exchanges));
});

test("a reset makes the run repeat as well", async (t) => {
  const tenant = await withTenant(t, { seed: "reset", now: () => NOW });
  const first = await transcript(tenant);
  await tenant.liftPolicies(tenant.users[0].username);
  const unlike = await drawn(tenant);
  await tenant.reset();
  assert.equal(await tenant.timeline(), "");
  assert.deepEqual(await tenant.requests(), []);
  const second = await transcript(tenant);
  assert.deepEqual(second.exchanges, first.exchanges);
  assert.equal(second.timeline, first.timeline);
  assert.equal(JSON.stringify(second).includes(unlike.code), false);
});

/** What has to differ where there is no seed, or another one. */
async function drawn(tenant) {
  const [adele] = tenant.users;
  const app = new App(tenant);
  const { code, session_state: session } = await app.authorizeAs(adele, { scope: SCOPE });
  const { access_token: token, refresh_token: refreshToken, id_token: idToken } = await app.redeem(code);
  const { trace_id: trace, correlation_id: correlation } = await app.refresh(refreshToken, { scope: "Mail.Send" });
  const kit = new App(tenant, { clientId: tenant.apps.find(({ name }) => name === "Contoso Field Kit").clientId });
  const { device_code: deviceCode, user_code: userCode } = await kit.deviceCode();
  const { keys: [{ kid, n }] } = await (await fetch(`${tenant.authority}/discovery/v2.0/keys`)).json();
  const { uti, aio, rh, sub } = claimsOf(token);
  return { code, session, token, refreshToken, idToken, trace, correlation, deviceCode, userCode, kid, n, uti, aio, rh, sub };
}

for (const seeds of [[undefined, undefined], ["one", "another"]]) {
  test(`with ${seeds[0] ? "another seed" : "no seed"} nothing that is drawn repeats`, async (t) => {
    const [first, second] = await Promise.all(seeds.map(async (seed) => drawn(await withTenant(t, { seed, now: () => NOW }))));
    for (const name of Object.keys(first)) assert.notEqual(second[name], first[name], name);
  });
}

test("the same value has the same name wherever it comes, and another one has another", async (t) => {
  const tenant = await withTenant(t);
  const app = new App(tenant);
  const { refresh_token: refreshToken } = await app.signIn(tenant.users[0], SCOPE);
  await app.refresh(refreshToken);
  await app.refresh("made up");
  await app.refresh(refreshToken);
  const used = (await tenant.requests()).filter(({ parameters }) => parameters.grant_type === "refresh_token").map(({ parameters }) => parameters.refresh_token);
  assert.deepEqual(used, ["refresh_token:1", "refresh_token:3", "refresh_token:1"]);
});

test("control, style sheets and what has no answer yet are not told of; the time is the tenant's", async (t) => {
  const tenant = await withTenant(t, { now: () => NOW });
  await fetch(`${tenant.origin}/control/now`, { method: "POST" });
  await fetch(`${tenant.origin}/assets/tenant.css`);
  assert.equal(await tenant.timeline(), "");
  await tenant.travel(-45.5);
  await fetch(`${tenant.authority}/discovery/v2.0/keys`, { headers: { Origin: "http://localhost:5173" } });
  assert.deepEqual(await tenant.requests(), [{
    number: 1, time: "2026-11-20T11:59:15.250Z", server: "tenant", method: "GET", path: `/${tenant.tenantId}/discovery/v2.0/keys`,
    origin: "http://localhost:5173", parameters: {}, status: 200, answer: "",
  }]);
});

test("requests that are no requests are answered, and told or not, and harm nothing", async (t) => {
  const tenant = await withTenant(t);
  for (const [path, status] of [["//", 400], ["/nothing", 404], ["/%E0%A4%A", 404]]) {
    assert.equal((await fetch(`${tenant.origin}${path}`, { redirect: "manual" })).status, status, path);
  }
  await tenant.injectFault({ endpoint: "keys", headers: { Location: "http://" }, times: 1 });
  assert.equal((await fetch(`${tenant.authority}/discovery/v2.0/keys`, { redirect: "manual" })).status, 200);
  assert.match(await tenant.timeline(), /keys → 200 to an address that is none$/);
});
