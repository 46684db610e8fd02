/**
 * What was ended before its time: sessions, and all that was issued to a user. Marked one by one, not compared by time, since what
 * a user signs in to in the same second is good.
 *
 * @typedef {ReturnType<typeof createRevocations>} Revocations
 */

/** Why: the number that says so for a session, and for a code or refresh token. */
const REASONS = { revoked: { session: 50133, token: 50173 }, passwordChanged: { session: 50132, token: 50173 } };

/** @param {ReturnType<typeof import("./adapter.js").createStore>} store */
export function createRevocations(store) {
  /** @type {Map<string, number>} by the session's uid */
  const sessions = new Map();
  /** @type {Map<string, { accountId: string, isRevoked: boolean }>} access tokens by the claim `uti` */
  const accessTokens = new Map();
  const revocations = {
    note: (uti, accountId) => accessTokens.set(uti, { accountId, isRevoked: false }),
    isRevoked: (uti) => accessTokens.get(uti)?.isRevoked === true,
    /** @returns {number | undefined} why a session is no longer good */
    sessionCode: (uid) => sessions.get(uid),
    /** The user has given the password again. */
    renew: (uid) => sessions.delete(uid),
    /** The access tokens alone: the refresh tokens get new ones. */
    revokeAccessTokens(accountId) {
      for (const token of accessTokens.values()) if (token.accountId === accountId) token.isRevoked = true;
    },
    /** @param {string} accountId @param {keyof typeof REASONS} why */
    revoke(accountId, why) {
      for (const { uid } of store.all("Session").filter((session) => session.accountId === accountId)) sessions.set(uid, REASONS[why].session);
      for (const model of ["AuthorizationCode", "DeviceCode", "RefreshToken"]) {
        for (const issued of store.all(model)) if (issued.accountId === accountId) issued.revokedBy = REASONS[why].token;
      }
      revocations.revokeAccessTokens(accountId);
    },
    reset() {
      sessions.clear();
      accessTokens.clear();
    },
  };
  return revocations;
}
