/** What an API checks about an access token: signature, issuer, audience, times, and that it is a user's. */
import { createPublicKey, verify } from "node:crypto";

export class InvalidTokenError extends Error {
  /** @param {boolean} [hadToken] */
  constructor(message, hadToken = true) {
    super(message);
    this.hadToken = hadToken;
  }
}

/**
 * @param {import("../index.js").TenantContext} tenant
 * @param {import("../directory.js").Api} api
 * @returns {(authorization: string | undefined) => Promise<{ scp: string, oid: string, sub: string }>} the claims
 * @throws {InvalidTokenError}
 */
export function createTokenCheck(tenant, api) {
  const findKey = createKeySource(`${tenant.origin}/common/discovery/v2.0/keys`);
  const expected = api.tokenVersion === 1
    ? { iss: tenant.issuers.v1, aud: api.applicationIdUri }
    : { iss: tenant.issuers.v2, aud: api.clientId };
  return async (authorization) => {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? "")?.[1];
    if (!token) throw new InvalidTokenError("The request needs an access token.", authorization !== undefined);
    const claims = await verifiedClaims(token, findKey);
    checkClaims(claims, expected, tenant.clock.seconds());
    return claims;
  };
}

/** Keys are fetched once, and again for a key that is not known yet. */
function createKeySource(url) {
  /** @type {Map<string, import("node:crypto").KeyObject>} */
  let keys = new Map();
  return async (kid) => {
    if (!keys.has(kid)) {
      const jwks = await (await fetch(url)).json();
      keys = new Map(jwks.keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: "jwk" })]));
    }
    return keys.get(kid);
  };
}

async function verifiedClaims(token, findKey) {
  const [header, payload, signature] = token.split(".");
  const { alg, kid } = decode(header);
  const key = alg === "RS256" && await findKey(kid);
  if (!key) throw new InvalidTokenError("The access token is not signed with a key of the tenant.");
  if (!verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"))) {
    throw new InvalidTokenError("The signature of the access token is wrong.");
  }
  return decode(payload);
}

function decode(part) {
  try {
    return { ...JSON.parse(Buffer.from(part, "base64url").toString("utf8")) };
  } catch {
    throw new InvalidTokenError("The access token is malformed.");
  }
}

function checkClaims(claims, { iss, aud }, seconds) {
  if (claims.iss !== iss) throw new InvalidTokenError("The issuer of the access token is wrong.");
  if (claims.aud !== aud) throw new InvalidTokenError("The access token is for another API.");
  if (!(claims.exp > seconds)) throw new InvalidTokenError("The access token has expired.");
  if (claims.nbf > seconds) throw new InvalidTokenError("The access token is not valid yet.");
  if (typeof claims.scp !== "string") throw new InvalidTokenError("The access token has no scope.");
}
