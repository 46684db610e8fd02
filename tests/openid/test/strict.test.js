/** That the server is as strict as it is meant to be: a client that works with it cannot owe that to leniency. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { start } from "../provider.js";
import { App, answerOf, claimsOf, EVERYTHING, metadataOf, REDIRECT_URI, refusalOf } from "./client.js";

const INVALID_GRANT = { status: 400, error: "invalid_grant" };
const INVALID_TARGET = { status: 400, error: "invalid_target" };

let server, metadata, noor, one, two;
before(async () => {
  server = await start({ accessTokenSeconds: 90 });
  metadata = await metadataOf(server);
  [noor] = server.users;
  ({ one, two } = server.resources);
});
after(() => server.stop());

test("the metadata says what is asked for", () => {
  assert.equal(metadata.issuer, server.origin);
  assert.equal(metadata.authorization_response_iss_parameter_supported, true);
  assert.deepEqual(metadata.code_challenge_methods_supported, ["S256"]);
  assert.deepEqual(metadata.response_types_supported, ["code"]);
  assert.deepEqual(metadata.token_endpoint_auth_methods_supported, ["none"]);
  assert.ok(metadata.dpop_signing_alg_values_supported.includes("ES256"));
});

test("a code, with the issuer beside it, becomes tokens", async () => {
  const app = new App(metadata);
  const { code, ...rest } = await app.authorize(noor);
  assert.deepEqual(rest, { state: app.state, iss: server.issuer });
  const tokens = await app.redeem(code);
  assert.deepEqual([tokens.status, tokens.token_type, tokens.expires_in, tokens.scope], [200, "Bearer", 90, EVERYTHING]);
  const { iss, aud, sub, nonce } = claimsOf(tokens.id_token);
  assert.deepEqual({ iss, aud, sub, nonce }, { iss: server.issuer, aud: "spa", sub: noor.sub, nonce: app.nonce });
});

test("a refusal has the issuer beside it as well", async () => {
  const app = new App(metadata);
  const { error, state, iss } = await app.authorize(noor, app.request(), "cancel");
  assert.deepEqual({ error, state, iss }, { error: "access_denied", state: app.state, iss: server.issuer });
});

test("a wrong password leads back to the sign-in page", async () => {
  const app = new App(metadata);
  const page = await app.browser.submit(await app.open(app.request()), { username: noor.username, password: "wrong" });
  assert.match(page.text, /User name or password is wrong\./);
});

test("a code that comes twice takes back all that came of it", async () => {
  const app = new App(metadata);
  const { code } = await app.authorize(noor);
  const tokens = await app.redeem(code);
  assert.equal((await app.userinfo(tokens.access_token)).status, 200);
  assert.deepEqual(refusalOf(await app.redeem(code)), INVALID_GRANT);
  assert.deepEqual(refusalOf(await app.refresh(tokens.refresh_token)), INVALID_GRANT);
  assert.equal((await app.userinfo(tokens.access_token)).status, 401);
});

test("every use of a refresh token brings another one", async () => {
  const app = new App(metadata);
  const first = await app.signIn(noor);
  const second = await app.refresh(first.refresh_token);
  const third = await app.refresh(second.refresh_token);
  assert.deepEqual([second.status, third.status], [200, 200]);
  assert.equal(new Set([first, second, third].map((tokens) => tokens.refresh_token)).size, 3);
});

test("a refresh token that comes twice takes back the whole family", async () => {
  const app = new App(metadata);
  const first = await app.signIn(noor);
  const second = await app.refresh(first.refresh_token);
  assert.equal((await app.userinfo(second.access_token)).status, 200);
  assert.deepEqual(refusalOf(await app.refresh(first.refresh_token)), INVALID_GRANT);
  assert.deepEqual(refusalOf(await app.refresh(second.refresh_token)), INVALID_GRANT);
  assert.equal((await app.userinfo(second.access_token)).status, 401);
});

test("a revoked refresh token is of no use", async () => {
  const app = new App(metadata);
  const { refresh_token: token } = await app.signIn(noor);
  assert.equal((await app.post(metadata.revocation_endpoint, { token })).status, 200);
  assert.deepEqual(refusalOf(await app.refresh(token)), INVALID_GRANT);
});

test("PKCE is needed, with S256 and the right verifier", async () => {
  const app = new App(metadata);
  const offers = [
    { code_challenge: undefined, code_challenge_method: undefined },
    { code_challenge_method: undefined },
    { code_challenge_method: "plain" },
  ];
  for (const offer of offers) {
    const { error, code } = answerOf(await app.open(app.request(offer)));
    assert.deepEqual({ error, code }, { error: "invalid_request", code: undefined }, JSON.stringify(offer));
  }
  const { code } = await app.authorize(noor);
  assert.deepEqual(refusalOf(await app.redeem(code, { code_verifier: undefined })), INVALID_GRANT);
  assert.deepEqual(refusalOf(await app.redeem(code, { code_verifier: "x".repeat(43) })), INVALID_GRANT);
});

test("a client that has to push its requests is refused without, and accepted with", async () => {
  const app = new App(metadata, { clientId: server.clients.par });
  const { error, error_description: description } = answerOf(await app.open(app.request()));
  assert.equal(error, "invalid_request");
  assert.match(description, /Pushed Authorization Request/);

  const pushed = await app.push(app.request());
  assert.equal(pushed.status, 201);
  const { code, state, iss } = await app.authorize(noor, { client_id: app.clientId, request_uri: pushed.request_uri });
  assert.deepEqual({ state, iss }, { state: app.state, iss: server.issuer });
  const tokens = await app.redeem(code);
  assert.deepEqual([tokens.status, claimsOf(tokens.id_token).aud], [200, server.clients.par]);
});

test("a token is for the one resource that is asked for", async () => {
  const app = new App(metadata);
  const both = app.request({ scope: `${EVERYTHING} notes.read files.read`, resource: [one.identifier, two.identifier] });
  const first = await app.signIn(noor, both, { resource: one.identifier });
  assert.deepEqual([first.status, first.scope], [200, "notes.read"]);
  const { aud, scope, iss, sub } = claimsOf(first.access_token);
  assert.deepEqual({ aud, scope, iss, sub }, { aud: one.identifier, scope: "notes.read", iss: server.issuer, sub: noor.sub });

  const second = await app.refresh(first.refresh_token, { resource: two.identifier });
  assert.deepEqual([claimsOf(second.access_token).aud, second.scope], [two.identifier, "files.read"]);

  const none = await app.refresh(second.refresh_token);
  assert.deepEqual([none.scope, (await app.userinfo(none.access_token)).status], [EVERYTHING, 200]);
  const refused = await app.refresh(none.refresh_token, { resource: [one.identifier, two.identifier] });
  assert.deepEqual(refusalOf(refused), INVALID_TARGET);
});

test("a resource that was not granted, or that nobody knows, is refused", async () => {
  const app = new App(metadata);
  const request = app.request({ scope: `${EVERYTHING} notes.read`, resource: one.identifier });
  const tokens = await app.signIn(noor, request, { resource: one.identifier });
  assert.equal(tokens.status, 200);
  assert.deepEqual(refusalOf(await app.refresh(tokens.refresh_token, { resource: two.identifier })), INVALID_TARGET);
  const unknown = answerOf(await app.open(app.request({ resource: "https://api.unknown.example" })));
  assert.equal(unknown.error, "invalid_target");
});

test("without a session nothing is silent; with one, a code comes without a page", async () => {
  const app = new App(metadata);
  const silent = { prompt: "none", scope: "openid profile" };
  assert.equal(answerOf(await app.open(app.request(silent))).error, "login_required");
  await app.signIn(noor);
  const tokens = await app.redeem(answerOf(await app.open(app.request(silent))).code);
  assert.deepEqual([tokens.status, claimsOf(tokens.id_token).sub], [200, noor.sub]);
  const wider = answerOf(await app.open(app.request({ ...silent, scope: "openid notes.read", resource: one.identifier })));
  assert.equal(wider.error, "consent_required");
});

test("offline_access without asking for consent brings no refresh token", async () => {
  const app = new App(metadata);
  const tokens = await app.signIn(noor, app.request({ prompt: undefined }));
  assert.deepEqual([tokens.status, tokens.refresh_token, tokens.scope], [200, undefined, "openid profile email"]);
});

test("the app's host may read the answers on any port, and no other origin", async () => {
  const app = new App(metadata);
  const { refresh_token: token, access_token: accessToken, headers } = await app.signIn(noor);
  assert.equal(headers.get("access-control-allow-origin"), new URL(REDIRECT_URI).origin);
  for (const origin of ["https://localhost:5173", "http://elsewhere.example", "null"]) {
    const refused = await app.refresh(token, {}, { Origin: origin });
    assert.deepEqual([refused.status, refused.headers.get("access-control-allow-origin")], [400, null], origin);
    const userinfo = await app.userinfo(accessToken, { Origin: origin });
    assert.deepEqual([userinfo.status, userinfo.headers.get("access-control-allow-origin")], [400, null], origin);
  }
  const elsewhere = await app.refresh(token, {}, { Origin: "http://localhost:5174" });
  assert.deepEqual([elsewhere.status, elsewhere.headers.get("access-control-allow-origin")], [200, "http://localhost:5174"]);
});

test("redirect URIs are registered ones, at any port of localhost", async () => {
  for (const redirectUri of ["http://localhost:5174/", "http://localhost:80/redirect.html"]) {
    const app = new App(metadata, { redirectUri });
    assert.equal((await app.signIn(noor)).status, 200, redirectUri);
  }
  for (const redirectUri of ["http://localhost:5173/elsewhere", "http://127.0.0.1:5173/callback", "https://localhost/callback"]) {
    const app = new App(metadata, { redirectUri });
    const { response, text } = await app.open(app.request());
    assert.equal(response.status, 400, redirectUri);
    assert.match(text, /invalid_redirect_uri/);
  }
});

test("userinfo has what the scopes allow, which the ID token has not, and takes no API's token", async () => {
  const app = new App(metadata);
  const tokens = await app.signIn(noor);
  assert.equal(claimsOf(tokens.id_token).name, undefined);
  const { sub, username, name, email } = noor;
  const all = { sub, name, preferred_username: username, email, email_verified: true };
  assert.deepEqual(await (await app.userinfo(tokens.access_token)).json(), all);

  const fewer = await app.signIn(noor, app.request({ scope: "openid" }));
  assert.deepEqual(await (await app.userinfo(fewer.access_token)).json(), { sub });

  const request = app.request({ scope: "openid notes.read", resource: one.identifier });
  const api = await app.signIn(noor, request, { resource: one.identifier });
  assert.equal((await app.userinfo(api.access_token)).status, 401);
});

test("signing out ends the session, after asking, and leads back", async () => {
  const app = new App(metadata);
  const { id_token: hint, refresh_token: kept } = await app.signIn(noor);
  const query = new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: "http://localhost:5173/", state: "bye" });
  const page = await app.browser.open(`${metadata.end_session_endpoint}?${query}`);
  const [, xsrf] = /name="xsrf" value="(\w+)"/.exec(page.text);
  const { url } = await app.browser.open(`${metadata.end_session_endpoint}/confirm`, { method: "POST", form: { xsrf, logout: "yes" } });
  assert.equal(url, "http://localhost:5173/?state=bye");
  assert.equal(answerOf(await app.open(app.request({ prompt: "none", scope: "openid" }))).error, "login_required");
  assert.equal((await app.refresh(kept)).status, 200);
});

test("signing out leads to registered addresses only", async () => {
  const app = new App(metadata);
  const { id_token: hint } = await app.signIn(noor);
  const query = new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: "http://localhost:5173/elsewhere" });
  const { response } = await app.browser.open(`${metadata.end_session_endpoint}?${query}`);
  assert.equal(response.status, 400);
});
