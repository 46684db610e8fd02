import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { after, before, test } from "node:test";
import { start } from "../index.js";
import { App } from "./client.js";

let tenant;
before(async () => { tenant = await start({ port: 0 }); });
after(() => tenant.stop());

async function metadataOf(segment) {
  const response = await fetch(`${tenant.origin}/${segment}/v2.0/.well-known/openid-configuration`, { headers: { Origin: "https://any.example" } });
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  return response.json();
}

test("the metadata of the tenant, by id or domain, names its issuer and endpoints", async () => {
  for (const segment of [tenant.tenantId, "contoso.example"]) {
    const metadata = await metadataOf(segment);
    assert.equal(metadata.issuer, `${tenant.authority}/v2.0`);
    assert.equal(metadata.authorization_endpoint, `${tenant.authority}/oauth2/v2.0/authorize`);
    assert.equal(metadata.token_endpoint, `${tenant.authority}/oauth2/v2.0/token`);
    assert.equal(metadata.end_session_endpoint, `${tenant.authority}/oauth2/v2.0/logout`);
    assert.equal(metadata.jwks_uri, `${tenant.authority}/discovery/v2.0/keys`);
    assert.equal(metadata.userinfo_endpoint, `${tenant.apis.graph.origin}/oidc/userinfo`);
    assert.equal(metadata.authorization_response_iss_parameter_supported, undefined);
  }
});

test("common and organizations have a template for an issuer", async () => {
  for (const segment of ["common", "organizations"]) {
    const metadata = await metadataOf(segment);
    assert.equal(metadata.issuer, `${tenant.origin}/{tenantid}/v2.0`);
    assert.equal(metadata.token_endpoint, `${tenant.origin}/${segment}/oauth2/v2.0/token`);
  }
});

test("the keys are public, carry their issuer and no alg, and verify the ID token", async () => {
  const response = await fetch((await metadataOf("common")).jwks_uri, { headers: { Origin: "https://any.example" } });
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  const { keys: [key] } = await response.json();
  assert.deepEqual(Object.keys(key).sort(), ["e", "issuer", "kid", "kty", "n", "use", "x5c", "x5t"]);
  assert.equal(key.issuer, `${tenant.origin}/{tenantid}/v2.0`);
  const { id_token: idToken } = await new App(tenant).signIn(tenant.users[0]);
  const [header, payload, signature] = idToken.split(".");
  assert.equal(JSON.parse(Buffer.from(header, "base64url")).kid, key.kid);
  const publicKey = createPublicKey({ key, format: "jwk" });
  assert.ok(verify("sha256", Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, "base64url")));
});
