/** What an API checks about an access token: signature, issuer, audience, times, and that it is a user's. */
import { verify } from "node:crypto";
import { isIn } from "../directory.js";
import { issuers } from "../tokens.js";

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
 * @returns {(authorization: string | undefined) => TokenClaims}
 * @throws {InvalidTokenError}
 * @typedef {{ scp: string, oid: string, sub: string, tid: string, uti: string, xms_cc?: string[], acrs?: string[] }} TokenClaims
 */
export function createTokenCheck(tenant, api) {
  const { directory, keys, clock, origin } = tenant;
  return (authorization) => {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? "")?.[1];
    if (!token) throw new InvalidTokenError("The request needs an access token.", authorization !== undefined);
    const claims = verifiedClaims(token, keys);
    const home = directory.tenants.find(({ id }) => id === claims.tid);
    if (!home || !isIn(api, home)) throw new InvalidTokenError("The access token is of another tenant.");
    checkClaims(claims, expectedOf(api, issuers(origin, home)), clock.seconds());
    return claims;
  };
}

function expectedOf({ tokenVersion, applicationIdUri, clientId }, { v1, v2 }) {
  return tokenVersion === 1 ? { iss: v1, aud: applicationIdUri } : { iss: v2, aud: clientId };
}

function verifiedClaims(token, keys) {
  const [header, payload, signature] = token.split(".");
  const { alg, kid } = decode(header);
  const key = alg === "RS256" && keys.find(kid)?.publicKey;
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
