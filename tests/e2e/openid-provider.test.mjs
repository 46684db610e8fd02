/** The package with another OpenID provider: plain and strict, and nothing like the Microsoft identity platform. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch as launchServer } from "../openid/launch.mjs";
import { arrival, brought, call, depart } from "./support/consent.mjs";
import { openProviderApp, openProviderWorld, signIn as signInAt, watch as watchServer } from "./support/provider.mjs";
import { giveCredentials, storageOf } from "./support/story.mjs";

const SIGN_IN = { scopes: ["profile"] };
const FORCE = { scopes: ["profile"], forceRefresh: true };

let world, server, noor;
before(async () => {
  world = await openProviderWorld();
  ({ server, noor } = world);
});
after(() => world?.stop());

const openApp = (t, { allow, clientId, ...auth } = {}) => openProviderApp(t, world, { allow, clientId, auth });
const watch = (page, of = server) => watchServer(page, { server: of });
const signIn = (page, request = SIGN_IN) => signInAt(page, world, request);

test("signs in; the answer names the server, and what is sent is the specifications' alone", async (t) => {
  const page = await openApp(t);
  const sent = watch(page);
  const { account } = await signIn(page);
  // The server says who it is in the ID token, and how they are called at its userinfo endpoint only.
  assert.deepEqual([account.homeAccountId, account.localAccountId, account.tenantId], [noor.sub, noor.sub, ""]);
  assert.equal(account.environment, new URL(server.issuer).host);
  const asked = sent.find(({ path }) => path === "/auth");
  assert.deepEqual(Object.keys(asked.query).sort(), [
    "client_id", "code_challenge", "code_challenge_method", "nonce", "prompt", "redirect_uri", "response_mode", "response_type", "scope", "state",
  ]);
  assert.equal(asked.query.prompt, "consent", "the server gives a refresh token to nobody else (OpenID Connect Core section 11)");
  const redeemed = sent.find(({ path }) => path === "/token");
  assert.deepEqual(redeemed.query, {});
  assert.deepEqual(Object.keys(redeemed.form).sort(), ["client_id", "code", "code_verifier", "grant_type", "redirect_uri", "scope"]);
});

/** What is in the address that the user was sent to, and what the server was handed. */
async function pushed(page, sent) {
  const { account } = await signIn(page);
  assert.equal(account.homeAccountId, noor.sub);
  const [{ query }] = sent.filter(({ path }) => path === "/auth");
  const handed = sent.filter(({ path }) => path === "/request");
  assert.deepEqual([Object.keys(query).sort(), handed.length], [["client_id", "request_uri"], 1]);
  assert.equal((await brought(page, "acquireTokenSilent", FORCE)).fromCache, false);
  return { uri: query.request_uri, form: handed[0].form };
}

test("hands requests to a server that demands it of this app alone, each by a name of its own", async (t) => {
  const page = await openApp(t, { clientId: server.clients.par, pushedAuthorizationRequests: "advertised" });
  const sent = watch(page);
  const { uri, form } = await pushed(page, sent);
  assert.equal(form.prompt, "consent");
  await depart(page, "acquireTokenRedirect", SIGN_IN);
  assert.equal((await arrival(page)).answer.error, undefined);
  const last = sent.filter(({ path }) => path === "/auth").at(-1);
  assert.ok(last.query.request_uri && last.query.request_uri !== uri);
});

test("hands requests to a server that demands it of every app, and takes its refusal for one", async (t) => {
  const strict = await launchServer({ requirePushedRequests: true });
  t.after(() => strict.stop());
  const page = await openApp(t, { authority: strict.issuer, allow: [/status of 400/] });
  await pushed(page, watch(page, strict));
  const { error } = await call(page, "loginRedirect", { ...SIGN_IN, extraQueryParameters: { max_age: "soon" } });
  assert.deepEqual([error.errorCode, error.outcome], ["invalid_request", "misconfigured"]);
});

test("learns how the user is called, which this server tells at its userinfo endpoint alone", async (t) => {
  const page = await openApp(t);
  const { account } = await signIn(page);
  assert.deepEqual([account.username, account.name], ["", undefined]);
  const asked = page.waitForRequest(`${server.origin}/me`);
  const claims = await brought(page, "loadUserInfo");
  assert.deepEqual(claims, { sub: noor.sub, name: noor.name, preferred_username: noor.username });
  assert.equal((await asked).method(), "GET");
  await page.reload();
  await arrival(page);
  const [kept] = await brought(page, "getAllAccounts");
  assert.deepEqual([kept.username, kept.name], [noor.username, noor.name]);
});

const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

test("gets a token for the API that is named beside the scopes, each for its own", async (t) => {
  const { one, two } = server.resources;
  const page = await openApp(t, { allow: [/status of 400/] });
  const forOne = { scopes: ["notes.read"], resource: one.identifier };
  const { accessToken, scopes } = await signIn(page, forOne);
  assert.deepEqual([claimsOf(accessToken).aud, claimsOf(accessToken).scope, scopes], [one.identifier, "notes.read", ["notes.read"]]);
  assert.equal((await brought(page, "acquireTokenSilent", forOne)).accessToken, accessToken);
  const renewed = await brought(page, "acquireTokenSilent", { ...forOne, forceRefresh: true });
  assert.equal(claimsOf(renewed.accessToken).aud, one.identifier);
  assert.equal((await brought(page, "loadUserInfo")).sub, noor.sub, "by a token that is for no API");

  const forTwo = { scopes: ["files.read"], resource: two.identifier };
  const { error } = await call(page, "acquireTokenSilent", forTwo);
  assert.ok(error.classes.includes("ConsentRequiredError"), error.message);
  await depart(page, "acquireTokenRedirect", forTwo);
  await page.getByRole("button", { name: "Accept" }).click();
  const { answer } = await arrival(page);
  assert.equal(claimsOf(answer.value.accessToken).aud, two.identifier);
  assert.equal((await brought(page, "acquireTokenSilent", forOne)).accessToken, renewed.accessToken, "the other's is as good as before");
});

/** By name: what the userinfo endpoint answers, and the code of the error. */
const NOT_OF_THE_USER = {
  "another subject": [{ json: { sub: "user-ivo", name: "Ivo Marić" } }, "userinfo_subject_mismatch"],
  "the subject in another case": [{ json: { sub: "USER-NOOR" } }, "userinfo_subject_mismatch"],
  "no subject in userinfo": [{ json: { name: "Ivo Marić" } }, "userinfo_subject_mismatch"],
  "a signed answer": [{ contentType: "application/jwt", body: "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyLW5vb3IifQ.c2ln" }, "invalid_userinfo_response"],
  "a redirect": [{ status: 302, headers: { Location: "/elsewhere" } }, "request_redirected"],
};

test("userinfo that is not the user's is refused, and nothing of it is kept", async (t) => {
  const page = await openApp(t, { allow: [/Failed to load resource/, /blocked by CORS policy/, /redirect/i] });
  await signIn(page);
  const before = await storageOf(page);
  for (const [name, [answer, code]] of Object.entries(NOT_OF_THE_USER)) {
    await page.route(`${server.origin}/me`, (route) => (route.request().method() === "OPTIONS" ? route.continue() : route.fulfill({
      ...answer, headers: { "Access-Control-Allow-Origin": "*", ...answer.headers },
    })));
    const { error, value } = await call(page, "loadUserInfo");
    assert.deepEqual([error?.errorCode, value], [code, undefined], name);
    assert.deepEqual(await storageOf(page), before, name);
    await page.unroute(`${server.origin}/me`);
  }
});

test("refreshes: each refresh token once, as the server ends all of them otherwise", async (t) => {
  const page = await openApp(t);
  await signIn(page);
  const sent = watch(page);
  const [first, second] = [await brought(page, "acquireTokenSilent", FORCE), await brought(page, "acquireTokenSilent", FORCE)];
  const together = await page.evaluate((request) => Promise.all([1, 2, 3].map(() => client.acquireTokenSilent(request))), FORCE);
  assert.equal(new Set([first, second, ...together].map(({ accessToken }) => accessToken)).size, 3, "calls at once share a request");
  const used = sent.filter(({ path }) => path === "/token").map(({ form }) => form.refresh_token);
  assert.deepEqual([used.length, new Set(used).size], [3, 3]);
});

test("asks the user no more than it needs to, and not at all for what the app does without", async (t) => {
  const page = await openApp(t);
  await signIn(page);
  await depart(page, "acquireTokenRedirect", SIGN_IN);
  assert.equal((await arrival(page)).answer.error, undefined, "there was no page");
  assert.equal((await brought(page, "acquireTokenSilent", FORCE)).fromCache, false, "and the refresh token is as good as before");

  const other = await openApp(t, { OIDCOptions: { defaultScopes: ["openid"] } });
  const sent = watch(other);
  await depart(other, "loginRedirect", { scopes: ["email"] });
  await giveCredentials(other, noor);
  await other.getByRole("button", { name: "Accept" }).click();
  assert.equal((await arrival(other)).answer.error, undefined);
  const asked = sent.find(({ path }) => path === "/auth");
  assert.deepEqual([asked.query.scope, asked.query.prompt], ["email openid", undefined]);
  const request = { scopes: ["email"], forceRefresh: true };
  assert.equal((await brought(other, "acquireTokenSilent", request)).fromCache, false, "the session brings it");
  await other.context().clearCookies();
  const { error } = await call(other, "acquireTokenSilent", request);
  assert.equal(error.errorCode, "no_tokens_found");
});

test("learns that the user declined", async (t) => {
  const page = await openApp(t);
  await depart(page, "loginRedirect", SIGN_IN);
  await giveCredentials(page, noor);
  await page.getByRole("button", { name: "Cancel" }).click();
  const { answer } = await arrival(page);
  assert.equal(answer.error.errorCode, "access_denied");
  assert.ok(answer.error.classes.includes("ConsentDeclinedError"));
});

test("signs out at the server, which needs to know who it is", async (t) => {
  const page = await openApp(t);
  await signIn(page);
  const sent = watch(page);
  await depart(page, "logoutRedirect", {});
  await page.getByRole("button", { name: "Sign out" }).click();
  await arrival(page);
  assert.equal(await page.evaluate(() => client.getAllAccounts().length), 0);
  const { query } = sent.find(({ path }) => path === "/session/end");
  assert.equal(query.client_id, server.clients.plain);
  assert.equal(claimsOf(query.id_token_hint).sub, noor.sub);
});

test("an issuer that is not the configured one to the letter is refused", async (t) => {
  const page = await openApp(t);
  const { error } = await page.evaluate(async (issuer) => {
    const other = new consentry.PublicClientApplication({ auth: { clientId: "spa", authority: issuer }, system: { protocolMode: "OIDC" } });
    await other.initialize();
    return told(other.loginRedirect({ scopes: ["profile"] }));
  }, server.issuer.replace("localhost", "127.0.0.1"));
  assert.equal(error.errorCode, "openid_config_error");
  const { error: admin } = await call(page, "adminConsentRedirect", { scopes: ["notes.read"] });
  assert.equal(admin.errorCode, "invalid_field");
});
