/**
 * Where the events are meant to differ from those of MSAL.js, by what is done in events.test.mjs: what each tells, and why. Everything
 * else is the same.
 *
 * @type {Record<string, { ours: string[], theirs: string[], why: string }>}
 */
const ASKED = "who waits for its end hears it on every page, also on one that has no answer";
const STARTED = ["initializeStart none nothing", "initializeEnd none nothing"];
const HANDLED = ["handleRedirectStart redirect nothing", "handleRedirectEnd redirect nothing"];
const LEFT = ["logoutStart redirect request", "logoutSuccess redirect request"];

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
