/**
 * Where this package is meant to differ from MSAL.js, by what is done in events.test.mjs: in what each tells, and in what comes of it; and
 * why. Everything else is the same.
 */

const ASKED = "who waits for its end hears it on every page, also on one that has no answer";
const STARTED = ["initializeStart none nothing", "initializeEnd none nothing"];
const HANDLED = ["handleRedirectStart redirect nothing", "handleRedirectEnd redirect nothing"];
const LEFT = ["logoutStart redirect request", "logoutSuccess redirect request"];

/** A silent call that does not go the whole way, by how it ends. @param {string[]} ends */
const silently = (...ends) => ["acquireTokenStart silent request", ...ends];
const NETWORK = "acquireTokenFromNetworkStart silent request";
/** @param {string} code */
const refused = (code) => `acquireTokenFailure silent nothing ${code}`;

const EARLY = "it is told before the stored tokens are opened, which takes a while: who shows that something is under way shows it in time";
const SIGNED_OUT = "whoever is not signed in here is not signed in by a silent call for them: that takes `ssoSilent`, or the user";
const FAILED = "a status of 500 is the server's failure, whatever stands in the answer: it is asked again later";
const NO_ANSWER = "a frame that brings nothing will bring nothing the next time: apps and wrappers have to know that the user is the way out";
const CLOSED = "the user has closed the window, and is not kept waiting for a minute";

/** In the events. @type {Record<string, { ours: string[], theirs: string[], why: string }>} */
export const DIFFERENCES = {
  "start": { ours: [...STARTED, ...HANDLED], theirs: STARTED, why: ASKED },
  "logoutRedirect": { ours: [...LEFT, ...STARTED, ...HANDLED], theirs: [...LEFT, ...STARTED], why: ASKED },
  "acquireTokenSilent, nobody": {
    ours: [
      "acquireTokenStart silent request", "acquireTokenFromNetworkStart silent request", "acquireTokenFailure silent nothing no_account_error",
    ],
    theirs: [],
    why: "every call that fails is told: who logs failures should not miss the most frequent one",
  },
  "acquireTokenSilent, from an empty cache alone": {
    ours: silently(NETWORK, refused("token_refresh_required")),
    theirs: silently(refused("token_refresh_required")),
    why: EARLY,
  },
  "acquireTokenSilent, no scopes": {
    ours: silently(NETWORK, "acquireTokenSuccess silent result"),
    theirs: silently("acquireTokenSuccess silent result"),
    why: EARLY,
  },
  "acquireTokenSilent, somebody who is not here": {
    ours: silently(NETWORK, refused("no_account_error")),
    theirs: silently(NETWORK, refused("login_required")),
    why: SIGNED_OUT,
  },
  "acquireTokenSilent, the server fails": {
    ours: silently(NETWORK, refused("server_error")),
    theirs: silently(NETWORK, refused("failed_to_parse_response")),
    why: FAILED,
  },
  "ssoSilent, no answer": { ours: silently(refused("frame_timed_out")), theirs: silently(refused("timed_out")), why: NO_ANSWER },
  "loginPopup, closed": {
    ours: ["acquireTokenStart popup request", "popupOpened popup window", "acquireTokenFailure popup nothing user_cancelled"],
    theirs: ["acquireTokenStart popup request", "popupOpened popup window", "acquireTokenFailure popup nothing timed_out"],
    why: CLOSED,
  },
  "clearCache": {
    ours: ["logoutSuccess none request"],
    theirs: [],
    why: "whoever shows who is signed in has to hear that nobody is any more, by whatever call",
  },
  "another tab": {
    ours: [
      "loginSuccess none account", "activeAccountChanged none nothing", "activeAccountChanged none nothing", "logoutSuccess none request",
    ],
    theirs: [
      "loginSuccess popup account", "activeAccountChanged none nothing", "activeAccountChanged none nothing", "logoutSuccess popup request",
    ],
    why: "another tab learns it from the storage, which can't be missed, and does not say how the user was met",
  },
};

/** @typedef {Record<string, { ours: string, theirs: string, why: string }>} Apart By path of a result or an error. */

const NO_BROKER = "of the platform's brokers and other clouds, which this package does not speak to: it would always say the same";
const NEW = "new here: an app learns what it would have to ask for again, and when";
const AUTHORITY = "3b6e1f0a-7c52-4d9b-8f14-e2a5d07c9b36";

/** What is meant to differ in every result. @type {Apart} */
export const RESULT = {
  "account.authorityType": { ours: "nothing", theirs: '"MSSTS"', why: "an account is of one server, whose kind the app has configured itself" },
  "account.kmsi": { ours: "nothing", theirs: "boolean", why: "what is kept is encrypted whether or not the user stays signed in at the server" },
  "account.tenantProfiles": { ours: "nothing", theirs: "object", why: "each tenant's account is an account of its own, with its own ID token" },
  "authority": { ours: `"<tenant>/${AUTHORITY}"`, theirs: `"<tenant>/${AUTHORITY}/"`, why: "one form, by which the client knows its server, however it was configured" },
  "cloudGraphHostName": { ours: "nothing", theirs: "string", why: NO_BROKER },
  "extExpiresOn": { ours: "nothing", theirs: "Date", why: "a token is served until it ends, and not for a while after" },
  "familyId": { ours: "nothing", theirs: "string", why: NO_BROKER },
  "fromPlatformBroker": { ours: "nothing", theirs: "boolean", why: NO_BROKER },
  "missingScopes": { ours: "array", theirs: "nothing", why: NEW },
  "msGraphHost": { ours: "nothing", theirs: "string", why: NO_BROKER },
  "refreshOn": { ours: "Date", theirs: "nothing", why: "a token is renewed when the server says, before it ends" },
  "refreshTokenExpiresOn": { ours: "Date", theirs: "nothing", why: NEW },
  "requestId": { ours: "nothing", theirs: "string", why: "a call has its correlation id, and an error the server's trace id" },
};

const NARROWER = "what the user, an administrator or the developer has to do is a class of its own, below the one that MSAL.js throws";
const SERVER = "ServerError < AuthError < Error";
const DECLINED = { error: { ours: `ConsentDeclinedError < ${SERVER}`, theirs: SERVER, why: NARROWER } };
const USER = "InteractionRequiredAuthError < AuthError < Error";

/** The paths of two errors that differ. @param {Record<string, [ours: string, theirs: string]>} paths @param {string} why @returns {Apart} */
const apart = (paths, why) => Object.fromEntries(Object.entries(paths).map(([path, [ours, theirs]]) => [path, { ours, theirs, why }]));
const BROWSER = "BrowserAuthError < AuthError < Error";
const SILENT = "redirect_bridge_timeout";

/** What else is meant to differ, by what is done. @type {Record<string, Apart>} */
export const OUTCOMES = {
  "acquireTokenSilent, somebody who is not here": apart({
    error: [BROWSER, USER], name: ["BrowserAuthError", "InteractionRequiredAuthError"], errorCode: ["no_account_error", "login_required"],
  }, SIGNED_OUT),
  "acquireTokenSilent, the server fails": apart({
    error: [SERVER, BROWSER], name: ["ServerError", "BrowserAuthError"], errorCode: ["server_error", "failed_to_parse_response"],
  }, FAILED),
  "ssoSilent, no answer": apart({
    error: [USER, BROWSER], name: ["InteractionRequiredAuthError", "BrowserAuthError"], errorCode: ["frame_timed_out", "timed_out"], subError: ["", SILENT],
  }, NO_ANSWER),
  "loginPopup, closed": apart({ errorCode: ["user_cancelled", "timed_out"], subError: ["", SILENT] }, CLOSED),
  "acquireTokenSilent, refused": { error: { ours: `ConsentRequiredError < ${USER}`, theirs: USER, why: NARROWER } },
  "acquireTokenSilent, the app is unknown": { error: { ours: `MisconfiguredError < ${SERVER}`, theirs: SERVER, why: NARROWER } },
  "acquireTokenPopup": { state: { ours: "nothing", theirs: '""', why: "an app that has no text of its own gets none" } },
  "acquireTokenPopup, declined": DECLINED,
  "loginPopup, declined": DECLINED,
  "loginRedirect, declined": DECLINED,
};
