// #region The client
import { InteractionRequiredAuthError, PublicClientApplication } from "consentry";
import config from "/config.js";

const client = new PublicClientApplication({
  auth: { clientId: config.clientId, authority: config.authority },
});

/** Loads the WebAssembly module. */
export const initialize = () => client.initialize();
// #endregion

// #region Start
/** Once on every page load, before anything else: the server's answer, or `null` if it did not open the page. */
export async function takeAnswer() {
  let answer = null;
  try {
    answer = await client.handleRedirectPromise();
    return answer;
  } finally {
    client.setActiveAccount(answer?.account ?? client.getActiveAccount() ?? client.getAllAccounts()[0] ?? null);
  }
}

/** Beside it: an administrator's answer, or `null`. */
export const takeAdminAnswer = () => client.handleAdminConsentPromise();
// #endregion

// #region Sign in
/** Leaves the page. `state` comes back in the answer and says where to go on. */
export const signIn = (request, state) => client.loginRedirect({ ...request, state });
// #endregion

// #region A token for one API
/**
 * A token, or `null` when the page is leaving to ask the user.
 * Without `state` nobody is asked: for calls that no click began. Who declined is asked again only with `askAgain`.
 * @param {string[]} scopes
 * @param {{ state?: string, askAgain?: boolean, forceRefresh?: boolean }} [how]
 */
export async function tokenFor(scopes, { state, askAgain = false, forceRefresh = false } = {}) {
  let claims;
  try {
    const token = await client.acquireTokenSilent({ scopes, forceRefresh });
    // The server may have let the user leave something out.
    if (!askAgain || token.missingScopes.length === 0) return token;
  } catch (error) {
    if (!state || !(error instanceof InteractionRequiredAuthError)) throw error;
    claims = error.claims || undefined;
  }
  await client.acquireTokenRedirect({ scopes, state, askAgain, claims });
  return null;
}
// #endregion

// #region What is missing
/** What is granted, missing, declined, or only an administrator's to grant, as far as it is known. Asks nobody. */
export const plan = (scopes) => client.plan(scopes);

/** What the server has granted so far, by Application ID URI. */
export const granted = () => (account() ? client.getGrantedScopes() : {});

/** What could be smaller about a request. */
export const review = (scopes) => client.reviewScopes(scopes);
// #endregion

// #region Several APIs at once
/**
 * A token for each API. With `state` the page leaves once, to ask for everything that is missing; when the user is back,
 * make the same call without it.
 * @param {import("consentry").Scopes} scopes
 * @param {{ state?: string, askAgain?: boolean }} [how]
 */
export const tokensFor = (scopes, { state, askAgain = false } = {}) =>
  client.acquireTokens({ scopes, state, askAgain, interaction: state ? "redirect" : "none" });
// #endregion

// #region Ask an administrator
/** A link for the user to send to an administrator. */
export const adminLink = (scopes) => client.getAdminConsentUrl({ scopes });

/** For an administrator who is here. `null` when the page is leaving, because the browser opened no window. */
export async function askAdmin(scopes, state) {
  try {
    return await client.adminConsentPopup({ scopes });
  } catch (error) {
    if (error.errorCode !== "popup_window_error") throw error;
    await client.adminConsentRedirect({ scopes, state });
    return null;
  }
}
// #endregion

// #region A refusal, explained
/** Why an API said 403, and whether consent can help. */
export const explainForbidden = (call) => client.explainForbidden(call);
// #endregion

// #region Sign out
/** Forgets the tokens, then leaves the page to end the session at the server. */
export const signOut = () => client.logoutRedirect();
// #endregion

export const account = () => client.getActiveAccount();
