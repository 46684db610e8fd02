// #region The client
import { EventType, InteractionRequiredAuthError, NavigationClient, PublicClientApplication } from "consentry";
import config from "/config.js";

const { graph, orders } = config;
const client = new PublicClientApplication({
  // CP1: this page answers the challenges of APIs. Only then do they send any.
  auth: { clientId: config.clientId, authority: config.authority, clientCapabilities: ["CP1"] },
  api: {
    resources: [
      {
        // What other calls of it need, the API says itself.
        url: `${graph.origin}/v1.0`, resource: graph.resource, scopes: ["User.Read"],
        routes: [{ path: "/me/messages", scopes: ["Mail.Read"] }],
      },
      {
        url: `${orders.origin}/orders`, resource: orders.resource, scopes: ["Orders.Read"],
        routes: [
          { path: "/all", scopes: ["Orders.Manage"] },
          { path: "/*", methods: ["DELETE"], scopes: ["Orders.Write"] },
        ],
      },
    ],
    unlisted: "refuse",
  },
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

// #region Call an API
/**
 * `fetch`, with the token that the client's map names for the URL. What the API demands more is got as far as
 * `onChallenge` says, and the call is sent again. `null` when the page is leaving for it: the answer comes with
 * `state`, to go on with.
 * @param {string} url
 * @param {import("consentry").ApiCallOptions & { method?: string }} [how]
 */
export async function call(url, { method, ...options } = {}) {
  try {
    return await client.fetch(url, { method }, options);
  } catch (error) {
    if (error.errorCode !== "page_left") throw error;
    return null;
  }
}
// #endregion

// #region Ask in a window
/** The same in a click: in a window beside the page or, where the browser opens none, by leaving the page. */
export async function callInWindow(url, { method, state }) {
  const hasNone = (error) => error?.errorCode === "popup_window_error";
  try {
    const response = await call(url, { method, onChallenge: "popup" });
    if (!hasNone(client.explainResponse(response).error)) return response;
  } catch (error) {
    if (!hasNone(error)) throw error;
  }
  return call(url, { method, onChallenge: "redirect", state });
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
/** What an API demanded and what came of it; of a 403 also why, and whether consent can help. */
export const explainAnswer = (response) => client.explainResponse(response);

const { ACQUIRE_TOKEN_SUCCESS, API_CHALLENGED, API_ANSWERED, API_WAITING } = EventType;
const inCalls = [ACQUIRE_TOKEN_SUCCESS, API_CHALLENGED, API_ANSWERED, API_WAITING];
/** Tells what goes on in a call before its answer is there. */
export const watchCalls = (tell) => client.addEventCallback(tell, inCalls);
// #endregion

// #region Watch
/** Tells everything that the client tells. */
export const watchEvents = (tell) => client.addEventCallback(tell);

/** Tells where the page is about to be left to, and leaves it as browsers do. */
export function watchLeaving(tell) {
  class Told extends NavigationClient {
    navigateExternal(url, options) {
      tell(url);
      return super.navigateExternal(url, options);
    }
  }
  client.setNavigationClient(new Told());
}
// #endregion

// #region Sign out
/** Forgets the tokens, then leaves the page to end the session at the server. */
export const signOut = () => client.logoutRedirect();
// #endregion

export const account = () => client.getActiveAccount();
export const accounts = () => client.getAllAccounts();
