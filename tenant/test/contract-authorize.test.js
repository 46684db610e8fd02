/** The authorization request and its responses, in what the tests by topic do not already cover. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { start } from "../index.js";
import { App, REDIRECT_URI, assertErrorPage, assertSentBack, claimsOf, headingOf, responseOf } from "./client.js";

const FABRIKAM = "fabrikam.example";
const PAYROLL_URI = "http://localhost:5173/signin-oidc";
const BASICS = "openid profile offline_access";

let tenant, adele, bo, carla, dana, clients;
before(async () => {
  tenant = await start({ port: 0 });
  [adele, bo, carla, dana] = tenant.users;
  clients = Object.fromEntries(tenant.apps.map(({ name, clientId }) => [name, clientId]));
});
after(() => tenant.stop());
beforeEach(() => tenant.reset());

const payroll = () => new App(tenant, { clientId: clients["Contoso Payroll"], redirectUri: PAYROLL_URI });
const desk = (segment) => new App(tenant, { clientId: clients["Contoso Order Desk"], segment });
const kit = (redirectUri) => new App(tenant, { clientId: clients["Contoso Field Kit"], redirectUri });

/** An app of a user who is signed in and has consented. */
async function signedIn(user = adele, app = new App(tenant)) {
  assert.ok((await app.authorizeAs(user)).code);
  return app;
}

const halfHash = (text) => createHash("sha256").update(text).digest().subarray(0, 16).toString("base64url");

test("code id_token: both in the fragment, bound to each other and to the request", async () => {
  const app = payroll();
  const request = { response_type: "code id_token", response_mode: undefined, client_info: "1" };
  await app.authorizeAs(carla, request);
  const { url } = await app.authorize(request);
  assert.equal(new URL(url).search, "");
  const response = responseOf({ url });
  assert.deepEqual(Object.keys(response), ["code", "id_token", "client_info", "state", "session_state"]);
  const claims = claimsOf(response.id_token);
  assert.deepEqual([claims.nonce, claims.aud, claims.c_hash, claims.oid], [app.nonce, app.clientId, halfHash(response.code), carla.oid]);
  assert.ok(!("at_hash" in claims));
  const redeemed = await app.redeem(response.code, { client_secret: "payroll-secret" }, { origin: null });
  assert.equal(redeemed.status, 200);
  assert.equal(claimsOf(redeemed.id_token).sub, claims.sub);
});

test("id_token alone: in the fragment, without a code and its hash", async () => {
  const app = payroll();
  const response = await app.authorizeAs(carla, { response_type: "id_token", response_mode: undefined, scope: "openid profile" });
  assert.deepEqual(Object.keys(response), ["id_token", "state", "session_state"]);
  const claims = claimsOf(response.id_token);
  assert.deepEqual([claims.nonce, claims.c_hash, claims.name], [app.nonce, undefined, "Carla Núñez"]);
});

test("id_token as a form post", async () => {
  const app = payroll();
  await app.authorizeAs(carla, { response_type: "id_token" });
  const { text } = await app.authorize({ response_type: "id_token", response_mode: "form_post" });
  assert.match(text, new RegExp(`action="${PAYROLL_URI}"`));
  assert.match(text, /name="id_token" value="eyJ/);
});

/** By name: the app, the parameters, and the refusal that goes back to it. */
const REFUSED = {
  "an app that is not enabled for ID tokens, id_token": [() => new App(tenant), { response_type: "id_token" }, "unsupported_response_type", 700054],
  "an app that is not enabled for ID tokens, code id_token": [() => new App(tenant), { response_type: "code id_token" }, "unsupported_response_type", 700054],
  "a token at the authorization endpoint": [payroll, { response_type: "token" }, "unsupported_response_type", 700054],
  "query for an ID token": [payroll, { response_type: "id_token", response_mode: "query" }, "unsupported_response_mode", 70007],
  "query for a code with an ID token": [payroll, { response_type: "code id_token", response_mode: "query" }, "unsupported_response_mode", 70007],
  "a response mode that there is not": [() => new App(tenant), { response_mode: "web_message" }, "unsupported_response_mode", 70007],
  "an ID token without a nonce": [payroll, { response_type: "id_token", nonce: undefined }, "invalid_request", 900144],
  "a code with an ID token, without a nonce": [payroll, { response_type: "code id_token", nonce: undefined }, "invalid_request", 900144],
  "no response type": [() => new App(tenant), { response_type: undefined }, "invalid_request", 900144],
  "claims that are not JSON": [() => new App(tenant), { claims: "{access_token" }, "invalid_request", 90023],
  "claims that are no object": [() => new App(tenant), { claims: "[\"xms_cc\"]" }, "invalid_request", 90023],
  "a prompt of another product": [() => new App(tenant), { prompt: "create" }, "invalid_request", 90023],
  "none beside another prompt": [() => new App(tenant), { prompt: "none login" }, "invalid_request", 90023],
  "a code challenge that is too short": [() => new App(tenant), { code_challenge: "x".repeat(42) }, "invalid_request", 50147],
  "a code challenge that is too long": [() => new App(tenant), { code_challenge: "x".repeat(129) }, "invalid_request", 50147],
  "a code challenge in another alphabet": [() => new App(tenant), { code_challenge: `${"x".repeat(42)}=` }, "invalid_request", 50147],
  "no code challenge from a single-page app": [() => new App(tenant), { code_challenge: undefined, code_challenge_method: undefined }, "invalid_request", 9002325],
};
for (const [name, [make, parameters, error, code]] of Object.entries(REFUSED)) {
  test(`refused with ${code}: ${name}`, async () => {
    const app = make();
    assertSentBack(app, await app.authorize(parameters), error, code);
  });
}

/** With a user who is signed in and has consented to everything that is asked for. */
const PROMPTS = {
  login: "Sign in",
  consent: "Allow Contoso Workday?",
  select_account: "Choose an account",
};
for (const [prompt, heading] of Object.entries(PROMPTS)) {
  test(`prompt=${prompt} shows a page: ${heading}`, async () => {
    assert.equal(headingOf(await (await signedIn()).authorize({ prompt })), heading);
  });
}

test("without a prompt, and with none, no page is shown to a user who is signed in", async () => {
  const app = await signedIn();
  for (const prompt of [undefined, "none"]) assert.ok(responseOf(await app.authorize({ prompt })).code, prompt);
});

test("prompt=login takes no other password than the user's", async () => {
  const app = await signedIn();
  const page = await app.enterCredentials({ ...adele, password: "wrong" }, await app.authorize({ prompt: "login" }));
  assert.equal(headingOf(page), "Sign in");
  assert.match(page.text, /role="alert"/);
  assert.ok(responseOf(await app.enterCredentials(adele, page)).code);
});

test("a query string that is too long: 90015 on a page; as a form post it is not too long", async () => {
  const app = await signedIn();
  assertErrorPage(await app.authorize({ login_hint: "x".repeat(9_000) }), 90015);
  const url = new URL(app.authorizationUrl({ state: "x".repeat(9_000) }));
  const { url: target } = await app.browser.open(url.origin + url.pathname, { method: "POST", form: url.searchParams });
  assert.equal(responseOf({ url: target }).state.length, 9_000);
});

test("POST: the whole request may come in the body, and is answered like one in the query", async () => {
  const app = await signedIn();
  const url = new URL(app.authorizationUrl({ prompt: "none" }));
  const response = responseOf(await app.browser.open(url.origin + url.pathname, { method: "POST", form: url.searchParams }));
  assert.equal(response.state, app.state);
  assert.equal((await app.redeem(response.code)).status, 200);
});

test("what MSAL sends besides does no harm", async () => {
  const extras = {
    "x-client-SKU": "msal.js.browser", "x-client-VER": "5.0.0", "x-client-OS": "", "x-client-CPU": "", "client-request-id": "0b0f3f5e-6c6e-4b1a-8a52-0f6c7d0e2b11",
    "X-AnchorMailbox": `Oid:${adele.oid}@${tenant.tenantId}`, "x-ms-lib-capability": "retry-after, h429", client_info: "1", clidata: "1", instance_aware: "true",
  };
  const app = new App(tenant);
  const { code } = await app.authorizeAs(adele, extras);
  assert.equal((await app.redeem(code, extras)).status, 200);
});

for (const segment of ["common", "organizations"]) {
  test(`an app of a single tenant at ${segment}: 50194 on a page, silently in the redirect`, async () => {
    assertErrorPage(await desk(segment).authorize(), 50194);
    const app = desk(segment);
    assertSentBack(app, await app.authorize({ prompt: "none" }), "invalid_request", 50194);
  });
}

for (const segment of [FABRIKAM, "consumers"]) {
  test(`an app of a single tenant at ${segment}: 700016 on a page`, async () => {
    assertErrorPage(await desk(segment).authorize(), 700016);
  });
}

test("a user of another tenant is told so on the sign-in page, and stays there", async () => {
  const app = new App(tenant, { segment: FABRIKAM });
  const page = await app.authorizationPage(adele);
  assert.equal(headingOf(page), "Sign in");
  assert.match(page.text, /role="alert" id="refused">This account is of another organization\./);
  assert.match(page.text, /name="username"[^>]* value="adele@contoso\.example"/);
  assert.equal(headingOf(await app.enterCredentials(dana, page)), "Allow Contoso Workday?");
});

test("silently with an account that is not in the tenant: interaction_required, 16000; with a page: the sign-in", async () => {
  const app = (await signedIn()).at(FABRIKAM);
  assertSentBack(app, await app.authorize({ prompt: "none" }), "interaction_required", 16000);
  assert.equal(headingOf(await app.authorize()), "Sign in");
});

test("sid picks the session that it names, and no other", async () => {
  const app = desk();
  const { code } = await app.authorizeAs(adele);
  const { sid } = claimsOf((await app.redeem(code)).id_token);
  assert.ok(responseOf(await app.authorize({ prompt: "none", sid })).code);
  const other = "6f9d6a2e-0d7e-4f57-8a59-3d4b4f7a1c11";
  assertSentBack(app, await app.authorize({ prompt: "none", sid: other }), "login_required", 50058);
  assert.equal(headingOf(await app.authorize({ sid: other })), "Sign in");
});

test("login_hint silently: another user than the one who is signed in is 50058", async () => {
  const app = await signedIn();
  assertSentBack(app, await app.authorize({ prompt: "none", login_hint: bo.username }), "login_required", 50058);
});

test("an error redirect is a form: + for a space, lines that are parted by CR LF", async () => {
  const app = await signedIn();
  for (const [mode, mark] of [["fragment", "#"], ["query", "?"]]) {
    const { url } = await app.authorize({ response_mode: mode, resource: "x", state: "a b+c&d" });
    assert.ok(url.startsWith(`${REDIRECT_URI}${mark}`), url);
    const raw = Object.fromEntries(url.slice(REDIRECT_URI.length + 1).split("&").map((pair) => pair.split("=")));
    assert.deepEqual(Object.keys(raw), ["error", "error_description", "error_uri", "state"]);
    const [text, trace, correlation, timestamp] = raw.error_description.toLowerCase().split("%0d%0a");
    assert.match(text, /^aadsts901002%3a\+the\+parameter\+/);
    assert.match(trace, /^trace\+id%3a\+[0-9a-f-]{36}$/);
    assert.match(correlation, /^correlation\+id%3a\+[0-9a-f-]{36}$/);
    assert.match(timestamp, /^timestamp%3a\+\d{4}-\d\d-\d\d\+\d\d%3a\d\d%3a\d\dz$/);
    assert.equal(raw.state.toLowerCase(), "a+b%2bc%26d");
  }
});

for (const error of ["interaction_required", "consent_required"]) {
  test(`silently without consent: ${error}, where the setting says so`, async () => {
    await tenant.changeSettings({ silentConsentError: error });
    const app = await signedIn();
    assertSentBack(app, await app.authorize({ prompt: "none", scope: `${BASICS} Mail.Send` }), error, 65001);
  });
}

test("a declined consent: access_denied, 65004, and the subcode that says it was cancelled", async () => {
  const app = new App(tenant);
  const response = responseOf(await app.browser.submit(await app.authorizationPage(adele), { action: "cancel" }));
  assert.deepEqual([response.error, response.error_subcode, response.state], ["access_denied", "cancel", app.state]);
  assert.match(response.error_description, /^AADSTS65004: /);
});

test("a refusal with claims brings them along", async () => {
  await tenant.requireMfa(adele.username);
  const app = new App(tenant);
  const page = await app.authorizationPage(adele);
  assert.equal(headingOf(page), "Approve sign-in");
  const response = responseOf(await app.authorize({ prompt: "none" }));
  assert.match(response.error_description, /^AADSTS50076: /);
  assert.equal(response.error, "interaction_required");
  assert.equal(JSON.parse(response.claims).access_token.capolids.essential, true);
});

/** By redirect URI of the request, with `http://localhost` registered for a native app: where the response goes. */
const LOOPBACK = {
  "http://localhost": "http://localhost/",
  "http://localhost:41999": "http://localhost:41999/",
};
for (const [uri, target] of Object.entries(LOOPBACK)) {
  test(`redirect URI ${uri}: any port, and a path of / in the response`, async () => {
    const app = kit(uri);
    await app.authorizeAs(adele);
    for (const [mode, mark] of [["fragment", "#"], ["query", "?"]]) {
      const { url } = await app.authorize({ response_mode: mode });
      assert.ok(url.startsWith(`${target}${mark}code=`), url);
    }
    const { code } = responseOf(await app.authorize());
    assert.equal((await app.redeem(code, {}, { origin: null })).status, 200);
  });
}

const UNREGISTERED = [
  "https://localhost", "http://127.0.0.1", "http://[::1]", "http://localhost/path", "http://localhost?a=b", "http://localhost.evil.example",
  "msald2e6b80f-47c9-4135-b0a8-16f9c3d75e2a://other", "javascript:alert(1)",
];
for (const uri of UNREGISTERED) {
  test(`redirect URI ${uri} is another one than http://localhost: 50011 on a page`, async () => {
    assertErrorPage(await kit(uri).authorize(), 50011);
  });
}

test("a redirect URI of an app's own scheme", async () => {
  const app = kit("msald2e6b80f-47c9-4135-b0a8-16f9c3d75e2a://auth");
  const page = await app.authorizationPage(adele, { response_mode: "query" });
  const response = await app.browser.request(page.url, { method: "POST", form: { action: "accept" } });
  const { headers } = await app.browser.request(response.headers.get("location"));
  assert.match(headers.get("location"), /^msald2e6b80f-47c9-4135-b0a8-16f9c3d75e2a:\/\/auth\?code=/);
});
