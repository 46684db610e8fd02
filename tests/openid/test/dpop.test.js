/** DPoP (RFC 9449): tokens that are of use only to who holds a key, proved with a nonce of the server. */
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { start } from "../provider.js";
import { App, claimsOf, EVERYTHING, metadataOf, refusalOf } from "./client.js";

const INVALID_GRANT = { status: 400, error: "invalid_grant" };

let server, metadata, noor;
before(async () => {
  server = await start();
  metadata = await metadataOf(server);
  [noor] = server.users;
});
after(() => server.stop());

/** A key and its proofs. */
class Key {
  static async create() {
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    return Object.assign(new Key(), { privateKey, jwk: await exportJWK(publicKey) });
  }

  thumbprint() {
    return calculateJwkThumbprint(this.jwk);
  }

  async proof(url, { method = "POST", nonce, accessToken } = {}) {
    const ath = accessToken && createHash("sha256").update(accessToken).digest("base64url");
    const claims = { jti: randomUUID(), htm: method, htu: url, ...(nonce ? { nonce } : {}), ...(ath ? { ath } : {}) };
    const proof = new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk: this.jwk }).setIssuedAt();
    return { DPoP: await proof.sign(this.privateKey) };
  }

  /** For the token endpoint. */
  forTokens(nonce) {
    return this.proof(metadata.token_endpoint, { nonce });
  }
}

/** Signs in. The first try, without a nonce, brings one. */
async function signIn(app, key, parameters) {
  const { code } = await app.authorize(noor, app.request(parameters));
  const refused = await app.redeem(code, {}, await key.forTokens());
  assert.deepEqual(refusalOf(refused), { status: 400, error: "use_dpop_nonce" });
  const nonce = refused.headers.get("dpop-nonce");
  assert.equal(typeof nonce, "string");
  assert.match(refused.headers.get("access-control-expose-headers"), /DPoP-Nonce/);
  return { nonce, tokens: await app.redeem(code, {}, await key.forTokens(nonce)) };
}

const bound = () => new App(metadata, { clientId: server.clients.dpop });

test("a proof needs the server's nonce; with it the tokens are bound", async () => {
  const key = await Key.create();
  const { tokens } = await signIn(bound(), key);
  assert.deepEqual([tokens.status, tokens.token_type, tokens.scope], [200, "DPoP", EVERYTHING]);
});

test("a nonce of somebody else is refused with a fresh one", async () => {
  const [app, key] = [bound(), await Key.create()];
  const { code } = await app.authorize(noor);
  const refused = await app.redeem(code, {}, await key.forTokens("made-up"));
  assert.deepEqual(refusalOf(refused), { status: 400, error: "use_dpop_nonce" });
  const tokens = await app.redeem(code, {}, await key.forTokens(refused.headers.get("dpop-nonce")));
  assert.equal(tokens.status, 200);
});

test("the client that has to prove a key gets nothing without a proof", async () => {
  const app = bound();
  const { code } = await app.authorize(noor);
  assert.deepEqual(refusalOf(await app.redeem(code)), INVALID_GRANT);
});

test("a proof is good once", async () => {
  const [app, key] = [bound(), await Key.create()];
  const { nonce, tokens } = await signIn(app, key);
  const proof = await key.forTokens(nonce);
  const refreshed = await app.refresh(tokens.refresh_token, {}, proof);
  assert.equal(refreshed.status, 200);
  assert.deepEqual(refusalOf(await app.refresh(refreshed.refresh_token, {}, proof)), INVALID_GRANT);
});

test("refreshing needs the same key, and brings another refresh token", async () => {
  const [app, key, stranger] = [bound(), await Key.create(), await Key.create()];
  const { nonce, tokens } = await signIn(app, key);
  assert.deepEqual(refusalOf(await app.refresh(tokens.refresh_token, {}, await stranger.forTokens(nonce))), INVALID_GRANT);
  assert.deepEqual(refusalOf(await app.refresh(tokens.refresh_token)), INVALID_GRANT);
  const refreshed = await app.refresh(tokens.refresh_token, {}, await key.forTokens(nonce));
  assert.deepEqual([refreshed.status, refreshed.token_type], [200, "DPoP"]);
  assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
});

test("a code that is bound to a key is for that key", async () => {
  const [app, key, stranger] = [bound(), await Key.create(), await Key.create()];
  const { tokens, nonce } = await signIn(app, key, { dpop_jkt: await key.thumbprint() });
  assert.equal(tokens.status, 200);
  const { code } = await app.authorize(noor, app.request({ dpop_jkt: await key.thumbprint() }));
  assert.deepEqual(refusalOf(await app.redeem(code, {}, await stranger.forTokens(nonce))), INVALID_GRANT);
});

test("userinfo wants the proof too, with a nonce, and no bearer", async () => {
  const [app, key] = [bound(), await Key.create()];
  const { access_token: accessToken } = (await signIn(app, key)).tokens;
  const prove = (nonce) => key.proof(metadata.userinfo_endpoint, { method: "GET", accessToken, nonce });

  const refused = await app.userinfo(accessToken, { scheme: "DPoP", ...(await prove()) });
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get("www-authenticate"), /^DPoP .*error="use_dpop_nonce"/);
  const answer = await app.userinfo(accessToken, { scheme: "DPoP", ...(await prove(refused.headers.get("dpop-nonce"))) });
  assert.equal((await answer.json()).sub, noor.sub);
  assert.equal((await app.userinfo(accessToken)).status, 401);
});

test("an API's token names the key", async () => {
  const [app, key] = [bound(), await Key.create()];
  const { identifier } = server.resources.one;
  const { nonce, tokens } = await signIn(app, key, { scope: `${EVERYTHING} notes.read`, resource: identifier });
  const api = await app.refresh(tokens.refresh_token, { resource: identifier }, await key.forTokens(nonce));
  const { aud, cnf } = claimsOf(api.access_token);
  assert.deepEqual({ aud, cnf }, { aud: identifier, cnf: { jkt: await key.thumbprint() } });
});

test("a client that need not prove a key may", async () => {
  const [app, key] = [new App(metadata), await Key.create()];
  const { tokens } = await signIn(app, key, { scope: "openid profile", prompt: undefined });
  assert.deepEqual([tokens.status, tokens.token_type], [200, "DPoP"]);
  assert.equal((await app.signIn(noor)).token_type, "Bearer");
});
