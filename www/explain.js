/**
 * What went wrong, in the words of the page.
 * @typedef {object} Explanation
 * @property {string} title
 * @property {string} advice  What the user can do.
 * @property {string} code
 * @property {string} message
 * @property {string | null} retry  The label of the button; `null` where trying again can't help.
 * @property {boolean} calm  Nothing is broken: the user decided.
 */

const declined = {
  title: "You declined.",
  advice: "That is fine: nothing was changed, and the page won’t ask again by itself.",
  retry: "Ask me again",
  calm: true,
};

const unreachable = {
  title: "The server did not answer.",
  advice: "Check the connection and that the tenant is running, then try again.",
  retry: "Try again",
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
  ClientConfigurationError: {
    title: "The app is not set up right.",
    advice: "Only its developer can mend this: the message names the field.",
    retry: null,
  },
  BrowserAuthError: {
    title: "The browser did not do its part.",
    advice: "Try again. If it stays like this, reload the page.",
    retry: "Try again",
  },
};

const unexpected = {
  title: "Something unexpected happened.",
  advice: "Try again. If it stays like this, reload the page.",
  retry: "Try again",
};

const unreachableCodes = new Set(["no_network_connectivity", "get_request_failed", "post_request_failed", "timed_out", "no_answer"]);

/**
 * @param {any} error
 * @param {boolean} isGranted  Whether the server has granted the permission that the call needs.
 * @returns {Explanation}
 */
export function explain(error, isGranted) {
  return {
    calm: false,
    code: error.errorCode ?? error.name,
    message: error.errorMessage ?? error.message,
    ...causeOf(error, isGranted),
  };
}

export const isDeclined = (error) => error.errorCode === "access_denied";

function causeOf(error, isGranted) {
  if (isDeclined(error)) return declined;
  if (unreachableCodes.has(error.errorCode)) return unreachable;
  if (error.name === "ApiError") return refusedByApi(error, isGranted);
  return byClass[error.name] ?? unexpected;
}

/** A refusal has two causes, and consent cures only one: the app's missing permission, not the user's. */
function refusedByApi(error, isGranted) {
  const refused = { title: "The API refused.", advice: "Try again.", retry: "Try again" };
  if (error.status !== 403) return refused;
  if (!isGranted) return { ...refused, advice: "The permission is missing. Try again to be asked for it." };
  return { ...refused, advice: "The app has the permission but you may not do this. Consent can’t help: ask whoever runs the API.", retry: null };
}
