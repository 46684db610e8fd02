/**
 * Responses that the specifications say to refuse, and those that they say to take, through the package in a browser: the tenant
 * changes one thing in each. Whatever is refused leaves nobody signed in and nothing stored.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { GRAPH, arrival, brought, call, depart, openApp, openWorld } from "./support/consent.mjs";
import { giveCredentials, storageOf } from "./support/story.mjs";

const DAY_SECONDS = 24 * 60 * 60;
const REQUEST = { scopes: ["User.Read"] };
const CLIENT_ID_OF_NOBODY = "11111111-2222-4333-8444-555555555555";

let world, tenant, page;
before(async () => {
  world = await openWorld();
  ({ tenant } = world);
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"] });
});
after(() => world?.stop());

/** The session at the server makes every further sign-in one without a page. */
async function signedIn(t) {
  page = await openApp(t, world);
  await depart(page, "loginRedirect", REQUEST);
  await giveCredentials(page, world.adele);
  assert.equal((await arrival(page)).answer.error, undefined);
}

/** What a sign-in comes to while the tenant's responses are wrong. @param {object | object[]} mutations */
async function signIn(mutations) {
  await brought(page, "clearCache");
  await page.evaluate(() => sessionStorage.clear());
  await page.reload();
  await arrival(page);
  for (const mutation of [mutations].flat()) await tenant.mutateResponses(mutation);
  await depart(page, "loginRedirect", { ...REQUEST, loginHint: world.adele.username });
  await page.waitForFunction(() => window.client && document.title === "ready");
  const outcome = await page.evaluate(() => ({ answer: window.answer, refused: window.refused, accounts: client.getAllAccounts().length }));
  await tenant.restoreResponses();
  return { ...outcome, error: outcome.refused ?? outcome.answer?.error };
}

async function assertNothingKept() {
  const kept = Object.keys(await storageOf(page)).filter((key) => /\|(?:account|access|consent)\|/.test(key));
  assert.deepEqual(kept, []);
}

/** RFC 9207: the server says that its answers name it. */
const NAMED = { target: "metadata", set: { authorization_response_iss_parameter_supported: true } };
const answerOf = (iss) => ({ target: "authorizationResponse", set: { iss } });
const claims = (set, remove) => ({ target: "idToken", set, remove });
const now = () => Math.floor(Date.now() / 1000);

/** By name: what is wrong, and the code of the error. */
const REFUSED = {
  "a signature that is none of the text's": [() => ({ target: "idToken", signature: "broken" }), "id_token_signature_invalid"],
  "a signature by nobody's key under a published name": [() => ({ target: "idToken", signature: "foreign" }), "id_token_signature_invalid"],
  "no signature, alg none": [() => ({ target: "idToken", signature: "none" }), "token_parsing_error"],
  "alg none beside a signature": [() => ({ target: "idToken", header: { alg: "none" } }), "id_token_algorithm_not_accepted"],
  "a MAC with the public key": [() => ({ target: "idToken", signature: "hs256" }), "id_token_algorithm_not_accepted"],
  "a key that is not published": [() => ({ target: "idToken", header: { kid: "unknown" } }), "id_token_key_not_found"],
  "no keys at all": [() => ({ target: "keys", set: { keys: [] } }), "id_token_key_not_found"],
  "another issuer": [() => claims({ iss: "https://evil.example/v2.0" }), "invalid_id_token"],
  "no issuer": [() => claims({}, ["iss"]), "invalid_id_token"],
  "the issuer of another tenant": [() => claims({ iss: `${tenant.origin}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0` }), "invalid_id_token"],
  "another audience": [() => claims({ aud: CLIENT_ID_OF_NOBODY }), "invalid_id_token"],
  "no audience": [() => claims({}, ["aud"]), "invalid_id_token"],
  "an audience beside ours": [() => claims({ aud: [tenant.clientId, CLIENT_ID_OF_NOBODY] }), "invalid_id_token"],
  "an authorized party that we are not": [() => claims({ azp: CLIENT_ID_OF_NOBODY }), "invalid_id_token"],
  "an expired token": [() => claims({ exp: now() - DAY_SECONDS }), "invalid_id_token"],
  "no end": [() => claims({}, ["exp"]), "invalid_id_token"],
  "no beginning": [() => claims({}, ["iat"]), "invalid_id_token"],
  "a token of tomorrow": [() => claims({ iat: now() + DAY_SECONDS }), "invalid_id_token"],
  "a token that is not valid yet": [() => claims({ nbf: now() + DAY_SECONDS }), "invalid_id_token"],
  "no subject": [() => claims({}, ["sub"]), "invalid_id_token"],
  "another nonce": [() => claims({ nonce: "another" }), "nonce_mismatch"],
  "no nonce": [() => claims({}, ["nonce"]), "nonce_mismatch"],
  "no ID token": [() => ({ target: "tokenResponse", remove: ["id_token"] }), "invalid_token_response"],
  "an ID token that is none": [() => ({ target: "tokenResponse", set: { id_token: "none.at.all" } }), "token_parsing_error"],
  "no access token": [() => ({ target: "tokenResponse", remove: ["access_token"] }), "invalid_token_response"],
  "another token type": [() => ({ target: "tokenResponse", set: { token_type: "mac" } }), "invalid_token_response"],
  "no token type": [() => ({ target: "tokenResponse", remove: ["token_type"] }), "invalid_token_response"],
  "another state": [() => ({ target: "authorizationResponse", set: { state: "another" } }), "state_mismatch"],
  "no state": [() => ({ target: "authorizationResponse", remove: ["state"] }), "state_not_found"],
  "an answer of another server": [() => answerOf("https://evil.example/v2.0"), "response_issuer_mismatch"],
  "an answer of another tenant's server": [() => answerOf(`${tenant.origin}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`), "response_issuer_mismatch"],
  "an answer that names nobody, though the server always does": [() => NAMED, "response_issuer_mismatch"],
  "neither code nor error": [() => ({ target: "authorizationResponse", remove: ["code"] }), "authorization_code_missing_from_server_response"],
  "an error beside the code": [() => ({ target: "authorizationResponse", set: { error: "access_denied" } }), "access_denied"],
  "metadata of another issuer": [() => ({ target: "metadata", set: { issuer: "https://evil.example/v2.0" } }), "openid_config_error"],
  "metadata without a token endpoint": [() => ({ target: "metadata", remove: ["token_endpoint"] }), "openid_config_error"],
  "metadata without keys": [() => ({ target: "metadata", remove: ["jwks_uri"] }), "openid_config_error"],
  "client_info that can't be read": [() => ({ target: "tokenResponse", set: { client_info: "{}" } }), "client_info_decoding_error"],
};

test("what the specifications say to refuse is refused, and leaves nothing behind", async (t) => {
  await signedIn(t);
  for (const [name, [mutation, code]] of Object.entries(REFUSED)) {
    await t.test(name, async () => {
      const { error, accounts } = await signIn(mutation());
      assert.equal(error?.errorCode, code);
      assert.equal(accounts, 0);
      await assertNothingKept();
    });
  }
});

/** By name: what is unusual, and nevertheless right. */
const TAKEN = {
  "an audience as a list": () => claims({ aud: [tenant.clientId] }),
  "a clock that is four minutes ahead": () => claims({ iat: now() + 240, nbf: now() + 240 }),
  "a token that ended four minutes ago": () => claims({ exp: now() - 240 }),
  "no name of the key": () => ({ target: "idToken", header: { kid: undefined } }),
  "no e-mail, no name": () => claims({}, ["email", "name"]),
  "a token type in another case": () => ({ target: "tokenResponse", set: { token_type: "bEARER" } }),
  "no lifetime": () => ({ target: "tokenResponse", remove: ["expires_in", "ext_expires_in"] }),
  "a lifetime as a text": () => ({ target: "tokenResponse", set: { expires_in: "3600" } }),
  "no scope": () => ({ target: "tokenResponse", remove: ["scope"] }),
  "no refresh token": () => ({ target: "tokenResponse", remove: ["refresh_token"] }),
  "an answer that names the server": () => [NAMED, answerOf(`${tenant.authority}/v2.0`)],
  "an answer that names the server, though it does not say so": () => answerOf(`${tenant.authority}/v2.0`),
  "members that nobody knows": () => ({ target: "tokenResponse", set: { unheard_of: { by: "anyone" } } }),
  "parameters that nobody knows": () => ({ target: "authorizationResponse", set: { unheard_of: "by anyone" } }),
};

test("what is unusual and right is taken", async (t) => {
  await signedIn(t);
  for (const [name, mutation] of Object.entries(TAKEN)) {
    await t.test(name, async () => {
      const { error, accounts, answer } = await signIn(mutation());
      assert.equal(error, undefined);
      assert.deepEqual([accounts, answer.value.account.username], [1, world.adele.username]);
    });
  }
});

/** By name: what is wrong about the answer to a refresh token. */
const NOT_CONTINUED = {
  "another subject": [() => claims({ sub: "another" }), "invalid_id_token"],
  "another issuer": [() => claims({ iss: `${tenant.origin}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0` }), "invalid_id_token"],
  "another nonce": [() => claims({ nonce: "another" }), "invalid_id_token"],
  "another's signature": [() => ({ target: "idToken", signature: "foreign" }), "id_token_signature_invalid"],
};

test("a refresh speaks of the same user, or changes nothing", async (t) => {
  await signedIn(t);
  for (const [name, [mutation, code]] of Object.entries(NOT_CONTINUED)) {
    await t.test(name, async () => {
      const before = await storageOf(page);
      await tenant.mutateResponses({ ...mutation(), times: 1 });
      const { error } = await call(page, "acquireTokenSilent", { ...REQUEST, forceRefresh: true });
      assert.equal(error?.errorCode, code);
      assert.deepEqual(await storageOf(page), before);
      assert.equal((await brought(page, "acquireTokenSilent", REQUEST)).fromCache, true);
    });
  }
});

test("keys are asked for once, and again when the server has changed them", async (t) => {
  await tenant.reset();
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"] });
  await signedIn(t);
  const asked = async () => (await tenant.requests()).filter(({ path }) => path.endsWith("/keys")).length;
  const force = { ...REQUEST, forceRefresh: true };
  for (let round = 0; round < 3; round += 1) assert.equal((await brought(page, "acquireTokenSilent", force)).fromCache, false);
  assert.equal(await asked(), 1);
  for (const times of [2, 3]) {
    await tenant.rotateKeys();
    for (let round = 0; round < 3; round += 1) assert.equal((await brought(page, "acquireTokenSilent", force)).fromCache, false);
    assert.equal(await asked(), times);
  }
  await tenant.mutateResponses({ target: "idToken", header: { kid: "made-up" } });
  for (let round = 0; round < 3; round += 1) {
    const { error } = await call(page, "acquireTokenSilent", force);
    assert.equal(error?.errorCode, "id_token_key_not_found");
    assert.equal(await asked(), 4, "whoever makes up names of keys has us ask once a minute");
  }
  await tenant.restoreResponses();
  assert.equal((await brought(page, "acquireTokenSilent", force)).fromCache, false);
});
