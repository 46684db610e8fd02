/** What the tokens say, and their signature. Times are the tenant's, see clock.js. */
import { createHash } from "node:crypto";
import { loginHint } from "./directory.js";
import { GRAPH } from "./fixtures.js";
import { guidFor, jwt, pairwiseSubject } from "./keys.js";

const HOUR = 60 * 60;
/** Above these a token says where the groups are, not which. */
const MOST_GROUPS = { token: 200, authorization: 6 };

/** The claims that the metadata names. */
export const CLAIMS = ["iss", "aud", "exp", "nonce", "sub", "iat", "nbf", "ver", "aio", "rh", "uti", "login_hint", "oid", "tid", "name", "preferred_username", "email"];

/** @param {string} origin @param {{ id: string }} tenant */
export function issuers(origin, { id }) {
  return { v1: `${origin}/${id}/`, v2: `${origin}/${id}/v2.0` };
}

/**
 * @typedef {object} IdTokenRequest
 * @property {import("./directory.js").Member} member
 * @property {import("./directory.js").App} app
 * @property {Set<string>} scopes OpenID Connect scopes: `oid` and `tid` need `profile`
 * @property {{ authTime: number, nonce?: string, sessionUid?: string }} signIn
 * @property {{ code?: string }} [front] from the authorization endpoint, and the code that comes with it
 */

/**
 * @param {import("./index.js").TenantContext} tenant
 * @param {IdTokenRequest} request
 */
export function idToken(tenant, { member, app, scopes, signIn, front }) {
  const { user, oid } = member;
  const seconds = tenant.clock.seconds();
  return sign(tenant, "idToken", {
    aud: app.clientId,
    iss: issuers(tenant.origin, member.tenant).v2,
    iat: seconds,
    nbf: seconds,
    exp: seconds + HOUR,
    ...(signIn.nonce === undefined ? {} : { nonce: signIn.nonce }),
    ...(front?.code === undefined ? {} : { c_hash: halfHash(front.code) }),
    sub: pairwiseSubject(tenant.secrets.pairwise, oid, app.clientId),
    ...(scopes.has("profile") ? { name: user.name, oid, preferred_username: user.username, tid: member.tenant.id } : {}),
    ...(scopes.has("email") && user.email !== null ? { email: user.email ?? user.username } : {}),
    ...(member.isGuest ? { idp: issuers(tenant.origin, { id: user.tenant }).v1 } : {}),
    ...optionalClaims(tenant, { member, app, signIn, most: front ? MOST_GROUPS.authorization : MOST_GROUPS.token }),
    ...opaqueClaims(tenant),
    ver: "2.0",
  });
}

function optionalClaims(tenant, { member: { user, oid }, app, signIn, most }) {
  const claims = {
    login_hint: () => ({ login_hint: loginHint(user) }),
    sid: () => (signIn.sessionUid === undefined ? {} : { sid: sessionId(signIn.sessionUid) }),
    auth_time: () => ({ auth_time: signIn.authTime }),
    groups: () => groupClaims(tenant, user.groups ?? [], oid, most),
  };
  return Object.assign({}, ...app.optionalClaims.map((name) => claims[name]()));
}

function groupClaims({ apiOrigins }, groups, oid, most) {
  if (groups.length === 0) return {};
  if (groups.length <= most) return { groups };
  if (most === MOST_GROUPS.authorization) return { hasgroups: true };
  const endpoint = `${apiOrigins.graph}/v1.0/users/${oid}/getMemberObjects`;
  return { _claim_names: { groups: "src1" }, _claim_sources: { src1: { endpoint } } };
}

/** The claim and parameter `sid`. */
export function sessionId(uid) {
  return guidFor(`session id ${uid}`);
}

/**
 * An access token in the shape of the version that its API asks for; the API is the only one who reads it.
 * @param {import("./index.js").TenantContext} tenant
 * @param {object} request
 * @param {import("./directory.js").Member} request.member
 * @param {string} request.clientId
 * @param {import("./directory.js").Api} request.api
 * @param {string[]} request.permissions
 * @param {number} request.lifetime in seconds
 * @param {import("./conditional-access.js").SignIn} request.signIn
 * @param {import("./claims.js").ClaimsRequest} request.claims what of it is met
 */
export function accessToken(tenant, request) {
  const { member, clientId, api, permissions, lifetime, claims } = request;
  const iat = tenant.clock.seconds();
  const opaque = opaqueClaims(tenant);
  tenant.revocations.note(opaque.uti, member.user.oid);
  return sign(tenant, "accessToken", {
    ...(api.tokenVersion === 1 ? version1(tenant, request) : version2(tenant, request)),
    iat,
    nbf: iat,
    exp: iat + lifetime,
    ...scopeClaim(api.applicationIdUri === GRAPH ? ["openid", "profile", "email", ...permissions] : permissions),
    sub: pairwiseSubject(tenant.secrets.pairwise, member.oid, clientId),
    oid: member.oid,
    tid: member.tenant.id,
    name: member.user.name,
    ...(claims.capabilities.length ? { xms_cc: claims.capabilities } : {}),
    ...(claims.contexts.length ? { acrs: claims.contexts } : {}),
    ...opaque,
  });
}

/** A token for an app that exposes no permissions has none. */
function scopeClaim(permissions) {
  return permissions.length ? { scp: permissions.join(" ") } : {};
}

function version1({ origin }, { member, clientId, api, signIn }) {
  const { username } = member.user;
  return {
    aud: api.applicationIdUri, iss: issuers(origin, member.tenant).v1, ver: "1.0",
    acr: "1", amr: signIn.amr ?? ["pwd"], appid: clientId, appidacr: clientProof(signIn), unique_name: username, upn: username,
    ...(member.isGuest ? { idp: issuers(origin, { id: member.user.tenant }).v1 } : {}),
  };
}

function version2({ origin }, { member, clientId, api, signIn }) {
  return {
    aud: api.clientId, iss: issuers(origin, member.tenant).v2, ver: "2.0",
    azp: clientId, azpacr: clientProof(signIn), preferred_username: member.user.username,
  };
}

/** How the client proved itself: by nothing, as a public client does, or by a secret. */
function clientProof({ facts }) {
  return facts.redirectType === "web" ? "1" : "0";
}

/** Claims that mean something to the server only. */
function opaqueClaims({ random }) {
  return { aio: random.text("aio", 48), rh: `1.${random.text("rh", 30)}.`, uti: random.text("uti", 16) };
}

/** The unsigned extra that tells a client which user, in which home tenant, a response is about. */
export function clientInfo({ mutations }, { user }) {
  return Buffer.from(JSON.stringify(mutations.apply("clientInfo", { uid: user.oid, utid: user.tenant }))).toString("base64url");
}

/** Signed by the current key, unless a test wants it otherwise. */
function sign({ keys, mutations }, kind, payload) {
  const { claims, header, signText } = mutations.applyToToken(kind, payload);
  return jwt({ typ: "JWT", alg: "RS256", kid: keys.current().kid, ...header }, claims, signText);
}

/** OpenID Connect Core 3.3.2.11: half of the hash, for RS256 of SHA-256. */
function halfHash(text) {
  return createHash("sha256").update(text).digest().subarray(0, 16).toString("base64url");
}
