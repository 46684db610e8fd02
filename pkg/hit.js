/** The way of a call that can be answered at once: as little of it as there can be on each side. The core decides whether it can. */

/** @typedef {import("./index.js").AccountInfo} AccountInfo */
/** @typedef {import("./index.js").SilentRequest} SilentRequest */

/** What changes nothing about the token. */
const PLAIN = new Set(["scopes", "account", "correlationId"]);

/**
 * A request as lines, which pass into the core in one go: the account's three keys and the scopes. `undefined` for one that asks for
 * more than that.
 * @param {SilentRequest} request
 */
export function brief(request) {
  for (const name in request) {
    const value = request[/** @type {keyof SilentRequest} */ (name)];
    if (!PLAIN.has(name) && value !== undefined && value !== null && value !== false) return undefined;
  }
  const { scopes, account } = request;
  if (!Array.isArray(scopes)) return undefined;
  if (!account) return `\n\n\n${scopes.join("\n")}`;
  const { environment, homeAccountId, tenantId, localAccountId } = account;
  // Anything else is a filter, of which the core makes more than that.
  if (!environment || !homeAccountId || tenantId === undefined || localAccountId === undefined) return undefined;
  return `${environment}\n${homeAccountId}\n${tenantId}\n${scopes.join("\n")}`;
}

/**
 * A result of its own for each call: who changes it changes no other.
 * @param {[any, AccountInfo, number | null]} parts of the token and of the account, as the core keeps them, and when its refresh token ends
 * @param {string} [correlationId]
 */
export const whole = ([token, account, refreshTokenExpiresOn], correlationId) => ({
  ...token,
  scopes: [...token.scopes],
  missingScopes: [],
  account: copy(account),
  refreshTokenExpiresOn,
  fromCache: true,
  correlationId: correlationId ?? crypto.randomUUID(),
});

/** @param {AccountInfo} account @returns {AccountInfo} */
export const copy = (account) => ({ ...account, idTokenClaims: account.idTokenClaims && { ...account.idTokenClaims } });
