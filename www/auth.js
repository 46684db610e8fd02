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
// #endregion

// #region Sign in
/** Leaves the page. `state` comes back in the answer and says where to go on. */
export function signIn(scopes, state) {
  return client.loginRedirect({ scopes, state });
}
// #endregion

// #region A token for one API
/**
 * A token, or `null` when the page is leaving to ask the user.
 * Without `state` nobody is asked: for calls that no click began.
 */
export async function tokenFor(scopes, state) {
  try {
    return await client.acquireTokenSilent({ scopes });
  } catch (error) {
    if (!(error instanceof InteractionRequiredAuthError) || !state) throw error;
    await client.acquireTokenRedirect({ scopes, state, claims: error.claims || undefined });
    return null;
  }
}
// #endregion

// #region Sign out
/** Forgets the tokens, then leaves the page to end the session at the server. */
export function signOut() {
  return client.logoutRedirect();
}
// #endregion

export const account = () => client.getActiveAccount();

/** What the server has granted so far, by Application ID URI. */
export const granted = () => (account() ? client.getGrantedScopes() : {});
