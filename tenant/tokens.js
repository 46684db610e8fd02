/** What the tokens say. Times are the tenant's, see clock.js. */
import { randomBytes } from "node:crypto";
import { loginHint } from "./directory.js";
import { GRAPH } from "./fixtures.js";
import { permissionsIn } from "./scopes.js";

/** The ID token claims by scope: `oid` and `tid` need `profile`. */
export const ID_TOKEN_CLAIMS = {
  openid: ["sub", "iat", "nbf", "ver", "aio", "rh", "uti", "login_hint"],
  profile: ["oid", "tid", "name", "preferred_username"],
  email: ["email"],
};

/**
 * @param {import("./index.js").TenantContext} tenant
 * @param {import("./directory.js").User} user
 * @param {import("./directory.js").App} app
 */
export function idTokenClaims(tenant, user, app) {
  const seconds = tenant.clock.seconds();
  return {
    iat: seconds,
    nbf: seconds,
    ver: "2.0",
    ...opaqueClaims(),
    oid: user.oid,
    tid: tenant.directory.tenant.id,
    name: user.name,
    preferred_username: user.username,
    email: user.username,
    ...(app.optionalClaims.includes("login_hint") ? { login_hint: loginHint(user) } : {}),
  };
}

/**
 * Gives an access token the shape of the version that its API asks for; the API is the only one who reads it.
 * @param {import("./index.js").TenantContext} tenant
 * @param {{ payload: Record<string, unknown>, header?: object }} token
 * @param {{ scope?: string, accountId: string, clientId: string, expiration: number }} issued
 */
export function shapeAccessToken(tenant, token, issued) {
  const api = tenant.directory.api(token.payload.aud);
  const user = tenant.directory.user(issued.accountId);
  const iat = tenant.clock.seconds();
  const permissions = permissionsIn(issued.scope ?? "", api);
  const common = {
    iat,
    nbf: iat,
    exp: iat + issued.expiration,
    ...scopeClaim(api.applicationIdUri === GRAPH ? ["openid", "profile", "email", ...permissions] : permissions),
    sub: token.payload.sub,
    oid: user.oid,
    tid: tenant.directory.tenant.id,
    name: user.name,
    ...opaqueClaims(),
  };
  token.header = { typ: "JWT" };
  token.payload = api.tokenVersion === 1 ? version1(tenant, api, user, issued, common) : version2(tenant, api, user, issued, common);
}

/** A token for an app that exposes no permissions has none. */
function scopeClaim(permissions) {
  return permissions.length ? { scp: permissions.join(" ") } : {};
}

function version1(tenant, api, user, { clientId }, common) {
  return {
    aud: api.applicationIdUri, iss: tenant.issuers.v1, ...common,
    acr: "1", amr: ["pwd"], appid: clientId, appidacr: "0", unique_name: user.username, upn: user.username, ver: "1.0",
  };
}

function version2(tenant, api, user, { clientId }, common) {
  return { aud: api.clientId, iss: tenant.issuers.v2, ...common, azp: clientId, azpacr: "0", preferred_username: user.username, ver: "2.0" };
}

/** Claims that mean something to the server only. */
function opaqueClaims() {
  const opaque = (bytes) => randomBytes(bytes).toString("base64url");
  return { aio: opaque(48), rh: `1.${opaque(30)}.`, uti: opaque(16) };
}

/** The unsigned extra that tells a client which user, in which home tenant, a response is about. */
export function clientInfo(tenant, user) {
  return Buffer.from(JSON.stringify({ uid: user.oid, utid: tenant.directory.tenant.id })).toString("base64url");
}
