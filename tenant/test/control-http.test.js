/** Control over HTTP: every function by its path, and what it answers to arguments that are wrong. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { ACTIONS } from "../control.js";
import { start } from "../index.js";
import { App, GRAPH, assertErrorPage, assertRefused, call, claimsOf, headingOf } from "./client.js";
import { CP1, challengeIn, silently } from "./steps.js";

const SCOPE = "openid profile offline_access User.Read";
const NOW = Date.parse("2026-11-20T12:00:00Z");

let tenant, adele, app, signedIn;
before(async () => {
  tenant = await start({ port: 0, now: () => NOW });
  [adele] = tenant.users;
});
after(() => tenant.stop());
beforeEach(async () => {
  await tenant.reset();
  app = new App(tenant);
  const { code } = await app.authorizeAs(adele, { scope: SCOPE, claims: CP1 });
  signedIn = await app.redeem(code, { scope: SCOPE, claims: CP1 });
});

const control = (path, body) => fetch(`${tenant.origin}/control/${path}`, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
const refresh = () => app.refresh(signedIn.refresh_token);
const challenged = async () => challengeIn(await call(`${tenant.apis.graph.origin}/v1.0/me`, signedIn.access_token)).error;
const keys = async () => (await (await fetch(`${tenant.authority}/discovery/v2.0/keys`)).json()).keys;
const asJson = (value) => JSON.parse(JSON.stringify(value));
/** Some functions undo what another one did first. */
const already = (name, ...values) => tenant[name](...values);

/** By function: the body of a request, what has to be true then, and what comes before it. `answer` is the response's JSON. */
const EXAMPLES = {
  travel: [{ seconds: 60 }, async () => assert.equal(await tenant.now(), "2026-11-20T12:01:00.000Z")],
  now: [{}, async (answer) => assert.equal(answer, "2026-11-20T12:00:00.000Z")],
  revokeConsent: [{ user: "adele@contoso.example", resource: GRAPH }, async () => assertRefused(await refresh(), "invalid_grant", 65001, "consent_required")],
  revokeAdminConsent: [
    { resource: GRAPH }, async () => assert.equal((await tenant.permissionGrants()).some(({ consentType }) => consentType === "AllPrincipals"), false),
    () => already("grantConsent", { clientId: tenant.clientId, resource: GRAPH, permissions: ["Mail.Read"] }),
  ],
  grantConsent: [
    { consent: { clientId: "6f0d2c1b-94a3-4e7f-8b25-7a1c3e5d9f48", resource: GRAPH, permissions: ["Mail.Send"] } },
    async () => assert.equal((await app.refresh(signedIn.refresh_token, { scope: "Mail.Send" })).status, 200),
  ],
  permissionGrants: [{}, async (answer) => assert.deepEqual(answer, [
    { clientId: tenant.clientId, consentType: "Principal", principalId: adele.oid, resource: GRAPH, scope: "User.Read" },
  ])],
  changeSettings: [{ settings: { accessTokenSeconds: 11 } }, async () => assert.equal((await refresh()).expires_in, 11)],
  requireMfa: [
    { user: "adele@contoso.example", rule: { resource: GRAPH } }, async () => assertRefused(await refresh(), "invalid_grant", 50076, "basic_action"),
  ],
  block: [{ user: "adele@contoso.example" }, async () => assertRefused(await refresh(), "invalid_grant", 53003, "message_only")],
  limitSignIn: [{ rule: { seconds: 60 } }, async () => {
    await tenant.travel(61);
    assertRefused(await refresh(), "invalid_grant", 70043, "token_expired");
  }],
  liftPolicies: [{ user: "adele@contoso.example" }, async () => assert.equal((await refresh()).status, 200), () => already("block", adele.username)],
  disableUser: [{ user: "adele@contoso.example", isDisabled: true }, async () => assertErrorPage(await app.authorize(), 50057, 403)],
  changePassword: [{ user: "adele@contoso.example", password: "another-one" }, async () => assert.match((await silently(app)).error_description, /^AADSTS50132/)],
  forgetSecondFactor: [
    { user: "adele@contoso.example" }, async () => assert.equal(headingOf(await app.authorize()), "More information required"), () => already("requireMfa"),
  ],
  revokeSessions: [{ user: "adele@contoso.example" }, async () => assertRefused(await refresh(), "invalid_grant", 50173)],
  challengeTokens: [{ user: "adele@contoso.example" }, async () => assert.equal(await challenged(), "insufficient_claims")],
  expireRefreshTokens: [{ user: "adele@contoso.example" }, async () => assertRefused(await refresh(), "invalid_grant", 700084, "bad_token")],
  rotateKeys: [{ options: { retire: true } }, async () => assert.equal(await challenged(), "invalid_token")],
  injectFault: [{ fault: { endpoint: "token", code: 90055 } }, async () => assert.equal((await refresh()).status, 429)],
  clearFaults: [{}, async () => assert.equal((await refresh()).status, 200), () => already("injectFault", { endpoint: "token", status: 500 })],
  mutateResponses: [
    { mutation: { target: "idToken", set: { nonce: "replayed" } } }, async () => assert.equal(claimsOf((await refresh()).id_token).nonce, "replayed"),
  ],
  restoreResponses: [
    {}, async () => assert.equal(claimsOf((await refresh()).id_token).nonce, app.nonce),
    () => already("mutateResponses", { target: "idToken", set: { nonce: "replayed" } }),
  ],
  requests: [{}, async (answer) => {
    const [{ number, server, method, status }] = answer;
    assert.deepEqual({ number, server, method, status }, { number: 1, server: "tenant", method: "GET", status: 303 });
    assert.deepEqual(asJson(answer), asJson(await tenant.requests()));
  }],
  timeline: [{}, async (answer) => assert.match(answer, /^ {3}1 12:00:00\.000 tenant GET \/.*authorize/)],
  reset: [{}, async () => assertRefused(await refresh(), "invalid_grant", 70000)],
};

test("every function of control has its example, its path and its arguments", async () => {
  assert.deepEqual(Object.keys(EXAMPLES), Object.keys(ACTIONS));
  for (const [name, { path, parameters }] of Object.entries(ACTIONS)) {
    assert.equal(typeof tenant[name], "function", name);
    assert.match(path, /^[a-z-]+$/);
    assert.deepEqual(Object.keys(EXAMPLES[name][0]).filter((argument) => !parameters.includes(argument)), []);
  }
  assert.equal(new Set(Object.values(ACTIONS).map(({ path }) => path)).size, Object.keys(ACTIONS).length);
});

for (const [name, [body, check, prepare]] of Object.entries(EXAMPLES)) {
  test(`${name}, as POST /control/${ACTIONS[name].path}`, async () => {
    await prepare?.();
    const response = await control(ACTIONS[name].path, body);
    const text = await response.text();
    assert.equal(response.status, text === "" ? 204 : 200, text);
    if (text !== "") assert.match(response.headers.get("content-type"), /^application\/json/);
    await check(text === "" ? undefined : JSON.parse(text));
  });

  test(`${name}, called as a function`, async () => {
    await prepare?.();
    await check(await tenant[name](...ACTIONS[name].parameters.map((parameter) => body[parameter])));
  });
}

/** By function: bodies that are wrong, and what the message has to name. */
const WRONG = {
  travel: [[{}, "seconds"], [{ seconds: "1" }, "seconds"], [{ seconds: null }, "seconds"], [{ seconds: 1e15 }, "seconds"]],
  now: [[{ seconds: 1 }, "seconds"]],
  revokeConsent: [[{}, "user"], [{ user: "nobody" }, "user"], [{ user: "adele@contoso.example", resource: "nothing" }, "API"], [{ user: 5 }, "user"]],
  revokeAdminConsent: [[{ resource: "nothing" }, "API"], [{ resource: {} }, "resource"]],
  grantConsent: [[{}, "consent"], [{ consent: null }, "consent"], [{ consent: { clientId: 1 } }, "consent.clientId"], [{ consent: [] }, "consent"]],
  permissionGrants: [[{ user: "adele@contoso.example" }, "user"]],
  changeSettings: [
    [{}, "settings"], [{ settings: 1 }, "settings"], [{ settings: { colour: "red" } }, "colour"], [{ settings: { loopLimit: "x" } }, "loopLimit"],
  ],
  requireMfa: [
    [{ user: "nobody" }, "user"], [{ rule: 5 }, "rule"], [{ rule: { seconds: 5 } }, "rule.seconds"], [{ rule: { maxAgeSeconds: "5" } }, "rule.maxAgeSeconds"],
  ],
  block: [[{ user: "nobody" }, "user"], [{ rule: { resource: "nothing" } }, "API"], [{ rule: { maxAgeSeconds: 5 } }, "rule.maxAgeSeconds"]],
  limitSignIn: [[{}, "rule.seconds"], [{ rule: {} }, "rule.seconds"], [{ rule: { seconds: -1 } }, "rule.seconds"]],
  liftPolicies: [[{ user: "nobody" }, "user"]],
  disableUser: [[{}, "user"], [{ user: "adele@contoso.example", isDisabled: "no" }, "isDisabled"]],
  changePassword: [[{ user: "adele@contoso.example" }, "password"], [{ password: "x" }, "user"]],
  forgetSecondFactor: [[{}, "user"]],
  revokeSessions: [[{}, "user"], [{ username: "adele@contoso.example" }, "username"]],
  challengeTokens: [[{}, "user"]],
  expireRefreshTokens: [[{ user: "nobody" }, "user"]],
  rotateKeys: [[{ options: { retire: "yes" } }, "options.retire"], [{ retire: true }, "retire"]],
  injectFault: [[{}, "fault.endpoint"], [{ fault: { endpoint: "nowhere" } }, "nowhere"], [{ endpoint: "token" }, "endpoint"]],
  clearFaults: [[{ endpoint: "token" }, "endpoint"]],
  mutateResponses: [[{}, "mutation.target"], [{ mutation: { target: "nothing" } }, "nothing"]],
  restoreResponses: [[{ target: "keys" }, "target"]],
  requests: [[{ server: "tenant" }, "server"]],
  timeline: [[{ server: "tenant" }, "server"]],
  reset: [[{ all: true }, "all"]],
};

test("every function of control has its wrong arguments", () => {
  assert.deepEqual(Object.keys(WRONG), Object.keys(ACTIONS));
});

for (const [name, bodies] of Object.entries(WRONG)) {
  test(`${name}: wrong arguments are 400, are named, and change nothing`, async () => {
    for (const [body, wanted] of bodies) {
      const response = await control(ACTIONS[name].path, body);
      const text = await response.text();
      assert.equal(response.status, 400, `${JSON.stringify(body)}: ${text}`);
      assert.ok(text.includes(wanted), `${JSON.stringify(body)}: ${text}`);
    }
    assert.equal(await tenant.now(), "2026-11-20T12:00:00.000Z");
    assert.equal((await keys()).length, 1);
    assert.equal((await refresh()).status, 200);
    assert.equal(await call(`${tenant.apis.graph.origin}/v1.0/me`, signedIn.access_token).then(({ status }) => status), 200);
  });
}

test("a body that is no JSON is 400; none at all is one without arguments", async () => {
  for (const body of ["{", "seconds=5"]) {
    const response = await control("travel", body);
    assert.deepEqual([response.status, /JSON/.test(await response.text())], [400, true], body);
  }
  assert.equal((await control("travel", "")).status, 400);
  assert.equal((await control("now", "")).status, 200);
});

test("what is no path of control is 404, and so is any other method", async () => {
  for (const path of ["", "nothing", "constructor", "revokeSessions", "now/"]) assert.equal((await control(path, {})).status, 404, path);
  for (const method of ["GET", "PUT", "DELETE"]) assert.equal((await fetch(`${tenant.origin}/control/now`, { method })).status, 404, method);
});

test("control is not for pages, in any function", async () => {
  for (const { path } of Object.values(ACTIONS)) {
    const response = await fetch(`${tenant.origin}/control/${path}`, { method: "POST", headers: { Origin: "http://localhost:5173" }, body: "{}" });
    assert.equal(response.status, 403, path);
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  }
  assert.equal((await refresh()).status, 200);
});
