/** What the package itself says of an error; nothing until that is loaded. @type {(error: unknown) => import("consentry/explain").Explanation | null} */
let reasonOf = () => null;
export const loadReasons = async () => {
  reasonOf = (await import("consentry/explain")).explain;
};

/**
 * What went wrong, in the words of the page.
 * @typedef {object} Explanation
 * @property {string} title
 * @property {string} advice  What the user can do.
 * @property {string} code
 * @property {string} message
 * @property {import("consentry/explain").Explanation | null} reason  For developers; `null` where an API refused.
 * @property {string | null} retry  The label of the button; `null` where trying again can't help.
 * @property {boolean} calm  Nothing is broken: the user decided, or is about to.
 * @property {boolean} [needsAdmin]  Only an administrator can lift it.
 */

const declined = {
  title: "You declined.",
  advice: "That is fine: nothing was changed, and the page won’t ask again by itself.",
  retry: "Ask me again",
  calm: true,
};

const needsAdmin = {
  title: "An administrator has to allow this.",
  advice: "Nothing is broken, and asking you again would not help. Send this link to an administrator of your organization, or consent here if you are one. When that is done, go on: you won’t be asked.",
  retry: "Go on",
  calm: true,
  needsAdmin: true,
};

const adminDeclined = {
  title: "The administrator declined.",
  advice: "Nothing was changed. Talk to them, and send the link again when they agree.",
  retry: "Go on",
  calm: true,
};

const misconfigured = {
  title: "The app is not set up right.",
  advice: "Only its developer can mend this: the message names the field.",
  retry: null,
};

/** What a refusal means, whatever its code. */
const byOutcome = {
  consent_required: {
    title: "Your consent is needed.",
    advice: "You have not been asked for this yet. Continue, and the server will ask.",
    retry: "Continue",
    calm: true,
  },
  declined,
  admin_consent_required: needsAdmin,
  blocked: {
    title: "Your organization does not allow this.",
    advice: "A policy refused, and asking again does not help: turn to whoever runs it.",
    retry: null,
  },
  misconfigured,
};

/** Why an API said 403: consent cures only the app's missing permission, not the user's. */
const byCause = {
  consent: {
    title: "The page lacks a permission.",
    advice: "The API asks for one that you can grant. Continue to be asked for it.",
    retry: "Continue",
    calm: true,
  },
  admin_consent: needsAdmin,
  declined,
  stale_token: {
    title: "The token is older than the permission.",
    advice: "It was granted after the token was issued. Continue with a new one.",
    retry: "Continue",
    calm: true,
  },
  claims_challenge: {
    title: "The API wants to know you better.",
    advice: "It asks for another proof of who you are, not for another permission.",
    retry: "Continue",
    calm: true,
  },
  user: {
    title: "You may not do this.",
    advice: "The page has the permission; what is missing is a right of yours. No consent helps: ask whoever can give you the right.",
    retry: null,
    calm: true,
  },
  unknown: {
    title: "The API refused.",
    advice: "It does not say what is missing. Try again; if it stays like this, ask whoever runs the API.",
    retry: "Try again",
  },
};

const unreachable = {
  title: "The server did not answer.",
  advice: "Check the connection and that the tenant is running, then try again.",
  retry: "Try again",
};

const unreachableCodes = new Set(["no_network_connectivity", "get_request_failed", "post_request_failed", "timed_out", "no_answer"]);

const windowClosed = {
  title: "The window was closed.",
  advice: "Nothing was changed. Open it again when you like.",
  retry: "Go on",
  calm: true,
};

/** By the class of the error: who has to act. */
const byClass = {
  InteractionRequiredAuthError: {
    title: "You are needed for this.",
    advice: "The server can’t go on without you. Continue, and it will ask.",
    retry: "Continue",
    calm: true,
  },
  ServerError: {
    title: "The server refused.",
    advice: "Try again. If it says the same, the person who runs this app has to look at it.",
    retry: "Try again",
  },
  ClientAuthError: {
    title: "The answer was not used.",
    advice: "It failed a check, so nothing of it was kept. Start again from here.",
    retry: "Start again",
  },
  ClientConfigurationError: misconfigured,
  BrowserAuthError: {
    title: "The browser did not do its part.",
    advice: "Try again. If it stays like this, reload the page.",
    retry: "Try again",
  },
  ApiError: {
    title: "The API refused.",
    advice: "Try again.",
    retry: "Try again",
  },
};

const unexpected = {
  title: "Something unexpected happened.",
  advice: "Try again. If it stays like this, reload the page.",
  retry: "Try again",
};

/**
 * @param {any} error
 * @param {object} [context]
 * @param {boolean} [context.isFromAdmin]  An administrator was asked, not the user.
 * @returns {Explanation}
 */
export function explain(error, { isFromAdmin = false } = {}) {
  // What the API demands was tried, and that failed.
  if (error.answer?.outcome === "failed") return explain(error.answer.error);
  return {
    calm: false,
    code: error.errorCode ?? error.name,
    message: error.errorMessage ?? error.message,
    reason: error.name === "ApiError" ? null : reasonOf(error),
    ...causeOf(error, isFromAdmin),
    ...(error.remedy ? { advice: `Only its developer can mend this: ${error.remedy}.` } : {}),
  };
}

function causeOf(error, isFromAdmin) {
  const { forbidden, outcome } = error.answer ?? {};
  if (forbidden) return byCause[forbidden.cause];
  if (outcome === "needs_user") return byCause.claims_challenge;
  if (unreachableCodes.has(error.errorCode)) return unreachable;
  if (isFromAdmin && error.outcome === "declined") return adminDeclined;
  if (error.errorCode === "user_cancelled") return windowClosed;
  return byOutcome[error.outcome] ?? byClass[error.name] ?? unexpected;
}
