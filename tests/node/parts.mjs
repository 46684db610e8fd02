/** A result as the core says it, in parts. */

/** @param {{ account: object, [field: string]: unknown }} result */
export function partsOf({ account, refreshTokenExpiresOn, missingScopes = [], fromCache = false, correlationId = "id", state, scopes = [], ...token }) {
  return [{ scopes, ...token }, account, refreshTokenExpiresOn, missingScopes, fromCache, correlationId, state];
}
