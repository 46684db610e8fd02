/** The endpoints: which there are, under which names, and what they say about each other. */
import assert from "node:assert/strict";
import { X509Certificate, createHash, createPublicKey } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { start } from "../index.js";
import { App, REDIRECT_URI, assertRefused, call, claimsOf, headingOf, responseOf } from "./client.js";

const CONTOSO = "3b6e1f0a-7c52-4d9b-8f14-e2a5d07c9b36";
const FABRIKAM = "c5a8d0e2-19f7-4b3d-a6c4-7e02b8f51d90";
/** The platform's id of the tenant that holds the personal accounts. */
const PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad";
const OTHER_ORIGIN = "https://any.example";
const METADATA = "/v2.0/.well-known/openid-configuration";

let tenant, adele, carla, kit;
before(async () => {
  tenant = await start({ port: 0 });
  [adele, , carla] = tenant.users;
  kit = tenant.apps.find(({ name }) => name === "Contoso Field Kit").clientId;
});
after(() => tenant.stop());
beforeEach(() => tenant.reset());

/** What a page of any other origin may read. */
async function readable(url) {
  const response = await fetch(url, { headers: { Origin: OTHER_ORIGIN } });
  assert.equal(response.headers.get("access-control-allow-origin"), "*", url);
  return { status: response.status, ...(await response.json()) };
}

/** By segment: the part of the path that the endpoints are named with, and the tenant in the issuer. */
const SEGMENTS = {
  [CONTOSO]: [CONTOSO, CONTOSO],
  "contoso.example": [CONTOSO, CONTOSO],
  [FABRIKAM]: [FABRIKAM, FABRIKAM],
  "fabrikam.example": [FABRIKAM, FABRIKAM],
  common: ["common", "{tenantid}"],
  organizations: ["organizations", "{tenantid}"],
  consumers: ["consumers", PERSONAL],
  [PERSONAL]: [PERSONAL, PERSONAL],
};
for (const [segment, [path, issuer]] of Object.entries(SEGMENTS)) {
  test(`metadata of ${segment}: issuer of ${issuer}, endpoints below ${path}`, async () => {
    const metadata = await readable(`${tenant.origin}/${segment}${METADATA}`);
    assert.equal(metadata.issuer, `${tenant.origin}/${issuer}/v2.0`);
    assert.equal(metadata.authorization_endpoint, `${tenant.origin}/${path}/oauth2/v2.0/authorize`);
    assert.equal(metadata.token_endpoint, `${tenant.origin}/${path}/oauth2/v2.0/token`);
    assert.equal(metadata.device_authorization_endpoint, `${tenant.origin}/${path}/oauth2/v2.0/devicecode`);
    assert.equal(metadata.end_session_endpoint, `${tenant.origin}/${path}/oauth2/v2.0/logout`);
    assert.equal(metadata.jwks_uri, `${tenant.origin}/${path}/discovery/v2.0/keys`);
    assert.equal(metadata.userinfo_endpoint, `${tenant.apis.graph.origin}/oidc/userinfo`);
  });

  test(`keys of ${segment}: issuer of ${issuer}`, async () => {
    const { keys } = await readable(`${tenant.origin}/${segment}/discovery/v2.0/keys`);
    assert.deepEqual(keys.map((key) => key.issuer), [`${tenant.origin}/${issuer}/v2.0`]);
  });

  test(`metadata of version 1 of ${segment}: its own issuer`, async () => {
    const { issuer: found } = await readable(`${tenant.origin}/${segment}/.well-known/openid-configuration`);
    assert.equal(found, `${tenant.origin}/${issuer}/`);
  });
}

test("metadata for an app names the keys of that app", async () => {
  const { jwks_uri: address } = await readable(`${tenant.authority}${METADATA}?appid=${tenant.clientId}`);
  assert.equal(address, `${tenant.authority}/discovery/v2.0/keys?appid=${tenant.clientId}`);
  const [{ kid }] = (await readable(address)).keys;
  const { id_token: idToken } = await new App(tenant).signIn(adele);
  assert.equal(JSON.parse(Buffer.from(idToken.split(".")[0], "base64url")).kid, kid);
});

test("metadata says what the platform can do, and no more", async () => {
  const metadata = await readable(`${tenant.authority}${METADATA}`);
  assert.deepEqual(metadata.response_modes_supported, ["query", "fragment", "form_post"]);
  assert.deepEqual(metadata.response_types_supported, ["code", "id_token", "code id_token"]);
  assert.deepEqual(metadata.scopes_supported, ["openid", "profile", "email", "offline_access"]);
  assert.deepEqual(metadata.subject_types_supported, ["pairwise"]);
  assert.deepEqual(metadata.id_token_signing_alg_values_supported, ["RS256"]);
  for (const absent of [
    "introspection_endpoint", "revocation_endpoint", "pushed_authorization_request_endpoint", "registration_endpoint", "check_session_iframe",
    "backchannel_logout_supported", "authorization_response_iss_parameter_supported", "dpop_signing_alg_values_supported",
  ]) assert.ok(!(absent in metadata), absent);
});

/** By what is not there: where the engine, or another server, would have it. */
const ABSENT = {
  introspection: ["/oauth2/v2.0/introspect", "/token/introspection"],
  revocation: ["/oauth2/v2.0/revoke", "/token/revocation"],
  "pushed authorization requests": ["/oauth2/v2.0/par", "/request"],
  "dynamic registration": ["/oauth2/v2.0/register", "/reg"],
  "session management": ["/oauth2/v2.0/checksession", "/oauth2/v2.0/check_session", "/session/check"],
  "user info at the authority": ["/oauth2/v2.0/userinfo", "/openid/userinfo", "/me"],
  "the engine's own metadata and keys": ["/.well-known/oauth-authorization-server", "/v2.0/.well-known/oauth-authorization-server", "/jwks"],
};
for (const [name, paths] of Object.entries(ABSENT)) {
  test(`not there: ${name}`, async () => {
    for (const path of paths) {
      for (const method of ["GET", "POST"]) {
        assert.equal((await fetch(`${tenant.authority}${path}`, { method })).status, 404, `${method} ${path}`);
      }
    }
  });
}

test("a tenant that does not exist has no metadata: 90002, readable", async () => {
  const body = await readable(`${tenant.origin}/tailspin.example${METADATA}`);
  assert.deepEqual([body.status, body.error, body.error_codes], [400, "invalid_request", [90002]]);
});

test("instance discovery: the names of a known host, and where its metadata is", async () => {
  const { host } = new URL(tenant.origin);
  for (const segment of ["common", CONTOSO]) {
    const endpoint = encodeURIComponent(`${tenant.origin}/${segment}/oauth2/v2.0/authorize`);
    const found = await readable(`${tenant.origin}/common/discovery/instance?api-version=1.1&authorization_endpoint=${endpoint}`);
    assert.equal(found.tenant_discovery_endpoint, `${tenant.origin}/${segment}${METADATA}`);
    assert.equal(found["api-version"], "1.1");
    assert.deepEqual(found.metadata, [{ preferred_network: host, preferred_cache: host, aliases: [host] }]);
  }
});

for (const endpoint of ["https://login.elsewhere.example/common/oauth2/v2.0/authorize", "nonsense", undefined]) {
  test(`instance discovery: invalid_instance for ${endpoint}`, async () => {
    const query = endpoint === undefined ? "" : `&authorization_endpoint=${encodeURIComponent(endpoint)}`;
    const body = await readable(`${tenant.origin}/common/discovery/instance?api-version=1.1${query}`);
    assert.deepEqual([body.status, body.error, body.error_codes], [400, "invalid_instance", [50049]]);
  });
}

test("a key: members, no alg, and a certificate of that key whose thumbprint names it", async () => {
  const { keys: [key] } = await readable(`${tenant.authority}/discovery/v2.0/keys`);
  assert.deepEqual(Object.keys(key).sort(), ["e", "issuer", "kid", "kty", "n", "use", "x5c", "x5t"]);
  assert.deepEqual([key.kty, key.use, key.x5c.length], ["RSA", "sig", 1]);
  const certificate = new X509Certificate(Buffer.from(key.x5c[0], "base64"));
  assert.ok(certificate.publicKey.equals(createPublicKey({ key, format: "jwk" })));
  assert.equal(key.x5t, createHash("sha1").update(certificate.raw).digest("base64url"));
  assert.equal(key.kid, key.x5t);
});

/** Each with the status of an endpoint that is there, and something that only this one says. */
const PATHS = {
  "/V2.0/.Well-Known/OpenID-Configuration": [200, `/${CONTOSO}/v2.0"`],
  "/.Well-Known/OpenID-Configuration": [200, "claims_supported"],
  "/Discovery/V2.0/Keys": [200, "x5c"],
  "/Discovery/Keys": [200, "x5c"],
  "/OAuth2/V2.0/Token": [405, "AADSTS900561"],
  "/OAuth2/V2.0/Logout": [200, "You are signed out"],
  "/V2.0/AdminConsent": [400, "AADSTS900144"],
  "/AdminConsent": [400, "AADSTS900144"],
  "/OAuth2/V2.0/Authorize": [400, "AADSTS900144"],
};
for (const [path, [status, said]] of Object.entries(PATHS)) {
  test(`the case of a path does not matter: ${path}`, async () => {
    for (const spelling of [path, path.toLowerCase(), path.toUpperCase()]) {
      const response = await fetch(`${tenant.origin}/${CONTOSO.toUpperCase()}${spelling}`);
      assert.equal(response.status, status, spelling);
      assert.ok((await response.text()).includes(said), spelling);
    }
  });
}

test("sign-in and tokens work under a path in capitals", async () => {
  const app = new App(tenant, { segment: CONTOSO.toUpperCase() });
  app.base = `${tenant.origin}/${CONTOSO.toUpperCase()}`;
  const url = app.authorizationUrl().replace("/oauth2/v2.0/authorize", "/OAUTH2/V2.0/AUTHORIZE");
  const page = await app.enterCredentials(adele, await app.browser.open(url));
  const { code } = responseOf(await app.browser.submit(page, { action: "accept" }));
  assert.equal((await app.redeem(code)).status, 200);
});

test("GET at the token endpoint, whatever it carries: 900561, and nothing is redeemed", async () => {
  const app = new App(tenant);
  const { code } = await app.authorizeAs(adele);
  const query = new URLSearchParams({ client_id: tenant.clientId, grant_type: "authorization_code", code, code_verifier: app.verifier, redirect_uri: REDIRECT_URI });
  const response = await fetch(`${tenant.authority}/oauth2/v2.0/token?${query}`);
  const { error, error_codes: codes } = await response.json();
  assert.deepEqual([response.status, error, codes], [405, "invalid_request", [900561]]);
  assert.equal((await app.redeem(code)).status, 200);
});

test("userinfo is on Graph, by GET and POST, and says no more than the documented claims", async () => {
  const { access_token: token, id_token: idToken } = await new App(tenant).signIn(adele);
  for (const method of ["GET", "POST"]) {
    const response = await call(`${tenant.apis.graph.origin}/oidc/userinfo`, token, { method });
    assert.equal(response.status, 200, method);
    assert.deepEqual(await response.json(), {
      sub: claimsOf(idToken).sub, name: "Adele Vance", given_name: "Adele", family_name: "Vance", email: "adele@contoso.example",
    });
  }
  assert.equal((await call(`${tenant.apis.graph.origin}/oidc/userinfo`)).status, 401);
});

test("logout: logout_hint is the claim login_hint of the ID token, by GET and POST", async () => {
  for (const method of ["GET", "POST"]) {
    const app = new App(tenant);
    const { id_token: idToken } = await app.signIn(adele);
    const parameters = { logout_hint: claimsOf(idToken).login_hint, post_logout_redirect_uri: REDIRECT_URI, state: "s-1" };
    const address = `${tenant.authority}/oauth2/v2.0/logout`;
    const { url } = await (method === "GET"
      ? app.browser.open(`${address}?${new URLSearchParams(parameters)}`)
      : app.browser.open(address, { method, form: parameters }));
    assert.equal(url, `${REDIRECT_URI}?state=s-1`, method);
    assert.equal(responseOf(await app.authorize({ prompt: "none" })).error, "login_required", method);
  }
});

test("adminconsent of version 1 asks for all that is registered, of version 2 for what is named", async () => {
  const consentAt = async (path, scope) => {
    await tenant.reset();
    const app = new App(tenant);
    const query = new URLSearchParams({ client_id: tenant.clientId, redirect_uri: REDIRECT_URI, state: "s-2", ...(scope ? { scope } : {}) });
    const page = await app.enterCredentials(carla, await app.browser.open(`${tenant.authority}${path}?${query}`));
    return responseOf(await app.browser.submit(page, { action: "accept" }));
  };
  const graph = "https://graph.microsoft.com";
  const orders = "api://9c1f6b52-3d0e-4a87-b6a4-51e0c8f7d2a9";
  assert.deepEqual(await consentAt("/v2.0/adminconsent", "https://graph.microsoft.com/Mail.Read"), {
    admin_consent: "True", tenant: CONTOSO, scope: `${graph}/Mail.Read`, state: "s-2",
  });
  assert.deepEqual(await consentAt("/adminconsent"), {
    admin_consent: "True", tenant: CONTOSO, state: "s-2",
    scope: [`${graph}/User.Read`, `${graph}/Mail.Read`, `${orders}/Orders.Read`, `${orders}/Orders.Read.All`].join(" "),
  });
  assert.deepEqual((await tenant.permissionGrants()).map(({ consentType }) => consentType), ["AllPrincipals", "AllPrincipals", "AllPrincipals"]);
});

test("device code: an endpoint of its own, and an address that a person can type", async () => {
  const response = await new App(tenant, { clientId: kit }).deviceCode();
  assert.equal(response.status, 200);
  const { browser } = new App(tenant);
  assert.equal(headingOf(await browser.open(response.verification_uri)), "Enter code");
  assert.equal((await fetch(`${tenant.authority}/oauth2/v2.0/devicecode`)).status, 405);
});

test("RFC 8707's parameter resource is refused with 901002 at each endpoint that takes scopes", async () => {
  const app = new App(tenant);
  const resource = "https://graph.microsoft.com";
  assert.match(responseOf(await app.authorize({ resource })).error_description, /^AADSTS901002: /);
  assertRefused(await app.refresh("any", { resource }), "invalid_request", 901002);
  assertRefused(await new App(tenant, { clientId: kit }).deviceCode({ resource }), "invalid_request", 901002);
});
