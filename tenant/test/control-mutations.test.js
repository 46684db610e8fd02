/** Mutations: every response that can be wrong on purpose, every way to be wrong, every kind of signature that is none. */
import assert from "node:assert/strict";
import { createHmac, createPublicKey, verify } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { start } from "../index.js";
import { createKeys } from "../keys.js";
import { TARGETS } from "../mutations.js";
import { createRandom } from "../random.js";
import { App, GRAPH, call, claimsOf, responseOf } from "./client.js";
import { RepeatableApp, challengeIn } from "./steps.js";

const SEED = "mutations";
const SCOPE = "openid profile offline_access User.Read";

let tenant, adele, carla, app, signedIn;
before(async () => {
  tenant = await start({ port: 0, seed: SEED, now: () => Date.parse("2026-11-20T12:00:00Z") });
  [adele, , carla] = tenant.users;
});
after(() => tenant.stop());
beforeEach(begin);

/** The same state each time, so that what a mutation leaves alone can be compared. */
async function begin() {
  await tenant.reset();
  app = new RepeatableApp(tenant);
  signedIn = await app.signIn(adele, SCOPE);
}

const decoded = (part) => JSON.parse(Buffer.from(part, "base64url"));
const headerOf = (jwt) => decoded(jwt.split(".")[0]);
const refresh = async (parameters) => {
  const { status, headers, ...body } = await app.refresh(signedIn.refresh_token, parameters);
  return body;
};
const getJson = async (path) => (await fetch(`${tenant.authority}${path}`)).json();
const publishedKey = async () => (await getJson("/discovery/v2.0/keys")).keys[0];
const me = (token) => call(`${tenant.apis.graph.origin}/v1.0/me`, token);

/** By target: the members of one such response, and the names of some that it has. */
const RESPONSES = {
  idToken: [async () => claimsOf((await refresh()).id_token), ["aud", "nonce"]],
  accessToken: [async () => claimsOf((await refresh()).access_token), ["scp", "exp"]],
  clientInfo: [async () => decoded((await refresh({ client_info: "1" })).client_info), ["uid", "utid"]],
  tokenResponse: [() => refresh(), ["access_token", "expires_in"]],
  tokenError: [() => refresh({ scope: "Mail.Send" }), ["suberror", "error_codes"]],
  authorizationResponse: [async () => responseOf(await app.authorize()), ["code", "state"]],
  metadata: [() => getJson("/v2.0/.well-known/openid-configuration"), ["issuer", "jwks_uri"]],
  keys: [() => getJson("/discovery/v2.0/keys"), ["keys"]],
};

test("every target has its response here", async () => {
  assert.deepEqual(Object.keys(RESPONSES), Object.keys(TARGETS));
  for (const [target, [read, names]] of Object.entries(RESPONSES)) {
    const members = Object.keys(await read());
    assert.ok(names.every((name) => members.includes(name)), target);
  }
});

/** The response as it is, and the same one changed. */
async function both(target, mutation) {
  const [read] = RESPONSES[target];
  const whole = await read();
  await begin();
  await tenant.mutateResponses({ target, ...mutation });
  return [whole, await read()];
}

for (const [target, [read, names]] of Object.entries(RESPONSES)) {
  test(`${target}: members are added and replaced, and the others stay`, async () => {
    const set = { unheard_of: "new", [names[0]]: "replaced" };
    const [whole, changed] = await both(target, { set });
    assert.notEqual(whole[names[0]], "replaced");
    assert.deepEqual(changed, { ...whole, ...set });
  });

  test(`${target}: members are left out, and the others stay`, async () => {
    const [whole, changed] = await both(target, { remove: [...names, "not_there"] });
    assert.deepEqual(changed, Object.fromEntries(Object.entries(whole).filter(([name]) => !names.includes(name))));
  });

  test(`${target}: times counts the responses; restoreResponses and reset end it`, async () => {
    const isChanged = async () => "unheard_of" in await read();
    const mutation = { target, set: { unheard_of: "new" } };
    await tenant.mutateResponses({ ...mutation, times: 2 });
    assert.deepEqual([await isChanged(), await isChanged(), await isChanged()], [true, true, false]);
    await tenant.mutateResponses(mutation);
    assert.deepEqual([await isChanged(), await isChanged()], [true, true]);
    await tenant.restoreResponses();
    assert.equal(await isChanged(), false);
    await tenant.mutateResponses(mutation);
    await begin();
    assert.equal(await isChanged(), false);
  });

  test(`${target}: the other responses are as ever`, async () => {
    await tenant.mutateResponses({ target, set: { unheard_of: "new" } });
    for (const [other, [readOther]] of Object.entries(RESPONSES)) assert.equal("unheard_of" in await readOther(), other === target, other);
  });
}

const TOKENS = { idToken: "id_token", accessToken: "access_token" };

const isSignedWith = (jwt, key) => {
  const [header, payload, signature] = jwt.split(".");
  return verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"));
};
const toKey = (jwk) => createPublicKey({ key: jwk, format: "jwk" });

/** By kind of signature: what is true of the token, and what an API says of an access token like that. */
const SIGNATURES = {
  broken: [async (jwt, key) => {
    assert.deepEqual(headerOf(jwt), { typ: "JWT", alg: "RS256", kid: key.kid });
    assert.equal(Buffer.from(jwt.split(".")[2], "base64url").length, 256);
    assert.equal(isSignedWith(jwt, toKey(key)), false);
  }, /signature .* is wrong/],
  none: [async (jwt) => {
    assert.equal(headerOf(jwt).alg, "none");
    assert.equal(jwt.split(".")[2], "");
  }, /needs an access token/],
  foreign: [async (jwt, key) => {
    assert.deepEqual(headerOf(jwt), { typ: "JWT", alg: "RS256", kid: key.kid });
    const { publicKey } = createKeys(createRandom(SEED), SEED).foreign();
    assert.equal(isSignedWith(jwt, publicKey), true);
    assert.notEqual(publicKey.export({ format: "jwk" }).n, key.n);
    await tenant.rotateKeys();
    const { keys } = await getJson("/discovery/v2.0/keys");
    assert.deepEqual(keys.map((published) => isSignedWith(jwt, toKey(published))), [false, false]);
  }, /signature .* is wrong/],
  hs256: [async (jwt, key) => {
    assert.deepEqual(headerOf(jwt), { typ: "JWT", alg: "HS256", kid: key.kid });
    const [header, payload, signature] = jwt.split(".");
    const secret = toKey(key).export({ type: "spki", format: "pem" });
    assert.equal(createHmac("sha256", secret).update(`${header}.${payload}`).digest("base64url"), signature);
  }, /not signed with a key/],
};

for (const [target, member] of Object.entries(TOKENS)) {
  test(`${target}: the token is signed with the published key, unless it is to be otherwise`, async () => {
    const key = await publishedKey();
    assert.equal(isSignedWith((await refresh())[member], toKey(key)), true);
    await tenant.mutateResponses({ target, set: { iss: "https://evil.example/" }, remove: ["sub"] });
    const jwt = (await refresh())[member];
    assert.deepEqual([claimsOf(jwt).iss, claimsOf(jwt).sub], ["https://evil.example/", undefined]);
    assert.equal(isSignedWith(jwt, toKey(key)), true);
  });

  test(`${target}: members of the header are added and replaced, and the signature is of that header`, async () => {
    const key = await publishedKey();
    await tenant.mutateResponses({ target, header: { kid: "unheard-of", typ: "at+jwt", crit: ["exp"] } });
    const jwt = (await refresh())[member];
    assert.deepEqual(headerOf(jwt), { typ: "at+jwt", alg: "RS256", kid: "unheard-of", crit: ["exp"] });
    assert.equal(isSignedWith(jwt, toKey(key)), true);
  });

  for (const [signature, [check]] of Object.entries(SIGNATURES)) {
    test(`${target}: signature ${signature}, of claims that are right`, async () => {
      const key = await publishedKey();
      const claims = claimsOf((await refresh())[member]);
      await begin();
      await tenant.mutateResponses({ target, signature });
      const jwt = (await refresh())[member];
      assert.deepEqual(claimsOf(jwt), claims);
      await check(jwt, key);
    });
  }
}

for (const [signature, [, reason]] of Object.entries(SIGNATURES)) {
  test(`an API refuses an access token with signature ${signature}`, async () => {
    await tenant.mutateResponses({ target: "accessToken", signature, times: 1 });
    const response = await me((await refresh()).access_token);
    assert.equal(response.status, 401);
    assert.match(challengeIn(response).error_description ?? response.headers.get("www-authenticate"), reason);
    assert.equal((await me((await refresh()).access_token)).status, 200);
  });
}

test("claims, header and signature can be wrong together; of two signatures the later counts", async () => {
  const target = "idToken";
  await tenant.mutateResponses({ target, signature: "hs256", set: { nonce: "first", aud: "another" } });
  await tenant.mutateResponses({ target, signature: "none", header: { typ: "x" }, set: { nonce: "second" } });
  const jwt = (await refresh()).id_token;
  assert.deepEqual([headerOf(jwt).alg, headerOf(jwt).typ, jwt.split(".")[2]], ["none", "x", ""]);
  assert.deepEqual([claimsOf(jwt).nonce, claimsOf(jwt).aud], ["second", "another"]);
});

/** What clients have to refuse: an ID token that is right but for one claim. */
const EXAMPLES = {
  "another issuer": [{ set: { iss: "https://login.evil.example/v2.0" } }, (claims) => assert.equal(claims.iss, "https://login.evil.example/v2.0")],
  "another audience": [{ set: { aud: "00000000-0000-0000-0000-000000000001" } }, (claims) => assert.notEqual(claims.aud, tenant.clientId)],
  "another nonce": [{ set: { nonce: "replayed" } }, (claims) => assert.notEqual(claims.nonce, app.nonce)],
  "no nonce": [{ remove: ["nonce"] }, (claims) => assert.equal("nonce" in claims, false)],
  "no subject": [{ remove: ["sub"] }, (claims) => assert.equal("sub" in claims, false)],
  "no object id and tenant": [{ remove: ["oid", "tid"] }, (claims) => assert.deepEqual([claims.oid, claims.tid], [undefined, undefined])],
  "an end in the past": [{ set: { exp: 1 } }, (claims) => assert.ok(claims.exp < claims.iat)],
  "a time as text": [{ set: { exp: "tomorrow" } }, (claims) => assert.equal(claims.exp, "tomorrow")],
};
for (const [name, [mutation, check]] of Object.entries(EXAMPLES)) {
  test(`the ID token of a code with ${name}`, async () => {
    await tenant.mutateResponses({ target: "idToken", ...mutation });
    const { id_token: idToken, access_token: token } = await app.signIn(adele, SCOPE);
    check(claimsOf(idToken));
    assert.equal(isSignedWith(idToken, toKey(await publishedKey())), true);
    assert.equal((await me(token)).status, 200);
  });
}

test("an API refuses an access token of another issuer, audience or time", async () => {
  const wrong = [[{ iss: "https://evil.example/" }, /issuer/], [{ aud: "api://other" }, /another API/], [{ exp: 1 }, /expired/], [{ nbf: 4e9 }, /not valid yet/]];
  for (const [set, reason] of wrong) {
    await tenant.mutateResponses({ target: "accessToken", set, times: 1 });
    assert.match(challengeIn(await me((await refresh()).access_token)).error_description, reason);
  }
});

test("a narrowed scope, a token response without a token, an error without its number", async () => {
  await tenant.mutateResponses({ target: "tokenResponse", set: { scope: `${GRAPH}/User.Read`, token_type: "mac" }, remove: ["refresh_token"] });
  const { scope, token_type: type, refresh_token: refreshToken } = await refresh();
  assert.deepEqual([scope, type, refreshToken], [`${GRAPH}/User.Read`, "mac", undefined]);
  await tenant.mutateResponses({ target: "tokenError", remove: ["error_codes", "error_description", "suberror"] });
  assert.deepEqual(Object.keys(await refresh({ scope: "Mail.Send" })), ["error", "timestamp", "trace_id", "correlation_id", "error_uri"]);
});

test("an authorization response of an error is changed like one of a success", async () => {
  await tenant.mutateResponses({ target: "authorizationResponse", set: { state: "forged" }, times: 1 });
  const response = responseOf(await app.authorize({ prompt: "none", scope: "Mail.Send" }));
  assert.deepEqual([response.error, response.state], ["interaction_required", "forged"]);
});

test("an ID token of the authorization endpoint is changed too", async () => {
  const { clientId } = tenant.apps.find(({ name }) => name === "Contoso Payroll");
  const payroll = new App(tenant, { clientId, redirectUri: "http://localhost:5173/signin-oidc" });
  await tenant.mutateResponses({ target: "idToken", set: { c_hash: "wrong" }, signature: "none" });
  const { id_token: idToken, code } = await payroll.authorizeAs(carla, { response_type: "code id_token" });
  assert.ok(code);
  assert.deepEqual([claimsOf(idToken).c_hash, headerOf(idToken).alg], ["wrong", "none"]);
});

test("an error of the device code endpoint is a token error too", async () => {
  await tenant.mutateResponses({ target: "tokenError", set: { error: "surprise" } });
  const { status, error } = await app.deviceCode();
  assert.deepEqual([status, error], [401, "surprise"]);
});

const REFUSED = [
  [{ target: "idtoken" }, /no response "idtoken" to change\. There are: idToken, accessToken/],
  [{}, /`mutation.target` is a text/],
  [{ target: "idToken", signature: "rs512" }, /no signature "rs512"\. There are: broken, none, foreign, hs256/],
  [{ target: "tokenResponse", signature: "none" }, /Of tokenResponse neither a header nor a signature/],
  [{ target: "keys", header: { alg: "none" } }, /Of keys neither a header nor a signature/],
  [{ target: "idToken", set: ["nonce"] }, /`mutation.set` is an object/],
  [{ target: "idToken", remove: "nonce" }, /`mutation.remove` is an array/],
  [{ target: "idToken", times: 0 }, /`mutation.times` is a whole number from 1 on/],
  [{ target: "idToken", claims: {} }, /no `mutation.claims`/],
];
for (const [mutation, message] of REFUSED) {
  test(`refused: ${JSON.stringify(mutation)}`, async () => {
    await assert.rejects(tenant.mutateResponses(mutation), message);
    assert.equal(headerOf((await refresh()).id_token).alg, "RS256");
  });
}
