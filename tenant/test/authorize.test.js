import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { start } from "../index.js";
import { App, GRAPH, ORDERS, REDIRECT_URI, responseOf } from "./client.js";

let tenant, adele;
before(async () => {
  tenant = await start({ port: 0 });
  [adele] = tenant.users;
});
after(() => tenant.stop());
beforeEach(() => tenant.reset());

/** The response to a request that is refused without a page. */
async function refused(parameters) {
  return responseOf(await new App(tenant).authorize(parameters));
}

test("a success carries code, state and session_state in the fragment, and no iss", async () => {
  const app = new App(tenant);
  const response = await app.authorizeAs(adele);
  assert.deepEqual(Object.keys(response), ["code", "state", "session_state"]);
  assert.equal(response.state, app.state);
  assert.match(response.session_state, /^[0-9a-f-]{36}$/);
});

test("client_info comes when it is asked for, and names user and home tenant", async () => {
  const { client_info: clientInfo } = await new App(tenant).authorizeAs(adele, { client_info: "1" });
  assert.deepEqual(JSON.parse(Buffer.from(clientInfo, "base64url")), { uid: adele.oid, utid: tenant.tenantId });
  assert.doesNotMatch(clientInfo, /=/);
});

test("response_mode: query is the default for code, fragment and form_post are honoured", async () => {
  const app = new App(tenant);
  await app.authorizeAs(adele);
  const query = new URL((await app.authorize({ response_mode: undefined })).url);
  assert.ok(query.searchParams.get("code"));
  assert.equal(query.hash, "");
  const fragment = new URL((await app.authorize({ response_mode: "fragment" })).url);
  assert.equal(fragment.search, "");
  assert.match(fragment.hash, /^#code=/);
  const { text } = await app.authorize({ response_mode: "form_post" });
  assert.match(text, new RegExp(`<form method="post" action="${REDIRECT_URI}">`));
  assert.match(text, /name="code"/);
});

test("the loopback port of a redirect URI does not matter, its path does", async () => {
  const moved = await new App(tenant, { redirectUri: "http://localhost:9/redirect.html" }).authorizeAs(adele);
  assert.ok(moved.code);
  for (const uri of ["http://localhost:9/other.html", "http://localhost:9/Redirect.html", "http://localhost.evil.example/redirect.html"]) {
    const { response, text } = await new App(tenant).authorize({ redirect_uri: uri });
    assert.equal(response.status, 400, uri);
    assert.match(text, /AADSTS50011/, uri);
  }
});

test("an unknown client or a missing redirect URI: a page, and no redirect", async () => {
  const unknown = await new App(tenant).authorize({ client_id: "00000000-0000-0000-0000-000000000001" });
  assert.equal(unknown.response.status, 400);
  assert.match(unknown.text, /AADSTS700016/);
  const missing = await new App(tenant).authorize({ redirect_uri: undefined });
  assert.match(missing.text, /AADSTS900971/);
  assert.match((await new App(tenant).authorize({ client_id: undefined })).text, /AADSTS900144/);
});

test("what a request says is escaped on a page", async () => {
  const { text } = await new App(tenant).authorize({ login_hint: "\"><script>alert(1)</script>" });
  assert.doesNotMatch(text, /<script>/);
  assert.match(text, /&quot;&gt;&lt;script&gt;/);
});

test("PKCE is required for a redirect URI of type spa", async () => {
  const response = await refused({ code_challenge: undefined, code_challenge_method: undefined });
  assert.equal(response.error, "invalid_request");
  assert.match(response.error_description, /^AADSTS9002325: /);
});

test("every refusal carries number, trace, correlation id of the request, time, error_uri and state", async () => {
  const correlationId = "7c1de6c0-54a7-4f44-9a1e-06c3f1c8a4c2";
  const app = new App(tenant);
  const response = responseOf(await app.authorize({ scope: "openid nothing/here", "client-request-id": correlationId }));
  assert.match(response.error_description, /^AADSTS70011: .*\r\nTrace ID: [0-9a-f-]{36}\r\nCorrelation ID: 7c1de6c0-54a7-4f44-9a1e-06c3f1c8a4c2\r\nTimestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
  assert.equal(response.state, app.state);
  const page = await fetch(response.error_uri);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /AADSTS70011/);
});

const REFUSED_SCOPES = [
  ["a permission that the resource lacks", "User.Raed", "invalid_client", 650053],
  ["an unknown resource", "api://3d2a7c1e-0000-4000-8000-000000000000/Read", "invalid_resource", 500011],
  ["a bare GUID", "9c1f6b52-3d0e-4a87-b6a4-51e0c8f7d2a9", "invalid_scope", 70011],
  [".default with another permission", `${GRAPH}/.default Mail.Read`, "invalid_scope", 70011],
  [".default of two resources", `${GRAPH}/.default ${ORDERS}/.default`, "invalid_scope", 70011],
  ["the unsupported scope address", "openid address", "invalid_client", 650053],
  ["no scope at all", undefined, "invalid_request", 900144],
];
for (const [name, scope, error, code] of REFUSED_SCOPES) {
  test(`scope: ${name} is refused with ${code}`, async () => {
    const response = await refused({ scope });
    assert.equal(response.error, error);
    assert.match(response.error_description, new RegExp(`^AADSTS${code}: `));
  });
}

test("the parameter resource is refused", async () => {
  assert.match((await refused({ resource: GRAPH })).error_description, /^AADSTS901002: /);
});

test("another response type, and an unknown prompt, are refused", async () => {
  assert.match((await refused({ response_type: "id_token" })).error_description, /^AADSTS700054: /);
  assert.match((await refused({ prompt: "sometimes" })).error_description, /^AADSTS90023: /);
});

test("the tenant answers under its id, its domain, common and organizations, in any case", async () => {
  for (const segment of [tenant.tenantId, "contoso.example", "CONTOSO.example", "common", "organizations"]) {
    await tenant.reset();
    const app = new App(tenant, { segment });
    const { code } = await app.authorizeAs(adele);
    assert.equal((await app.redeem(code)).status, 200, segment);
  }
});

test("another tenant does not exist", async () => {
  const response = await fetch(`${tenant.origin}/tailspin.example/oauth2/v2.0/authorize`);
  assert.equal(response.status, 400);
  assert.deepEqual((await response.json()).error_codes, [90002]);
});

test("the request may come as a form post", async () => {
  const app = new App(tenant);
  const url = new URL(app.authorizationUrl());
  const page = await app.browser.open(`${url.origin}${url.pathname}`, { method: "POST", form: url.searchParams });
  assert.match(page.text, /name="password"/);
});

test("a form that is too large is refused", async () => {
  const { response } = await new App(tenant).browser.open(`${tenant.authority}/oauth2/v2.0/authorize`, { method: "POST", form: { state: "x".repeat(65_536) } });
  assert.equal(response.status, 413);
});

test("the engine's own paths are out of reach", async () => {
  for (const path of ["/.well-known/openid-configuration", "/common/oauth2/v2.0/session/end", "/session/end", "/common/session/end/confirm"]) {
    assert.equal((await fetch(`${tenant.origin}${path}`)).status, 404, path);
  }
});
