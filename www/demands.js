import { setStatus } from "./view/page.js";
import { addDemand } from "./view/trace.js";

/** What an API can demand of a call. */
const wishes = {
  claims: "other claims",
  authentication: "another sign-in",
  scope: "more permissions",
  token: "a valid token",
};

/** What can come of it. */
const outcomes = {
  needs_user: "needs you",
  refused: "not answered",
  not_replayable: "to be called again",
  repeated: "answered in vain",
  hidden: "answered in vain",
  failed: "failed",
};

const keyOf = ({ kind, url, method }) => `${kind} ${method} ${url}`;

/**
 * Shows what APIs demand while they are called, and what came of it.
 * @param {typeof import("./auth.js")} auth
 * @param {import("./steps.js").Step[]} steps
 */
export function watchDemands(auth, steps) {
  const names = new Map(steps.map(({ api }) => [api.origin, api.name]));
  const open = new Map();
  let isUserMet = false;
  const callOf = ({ url, method }) => ({ name: names.get(new URL(url).origin), call: `${method} ${new URL(url).pathname}` });

  const tellers = {
    "consentry:apiChallenged": (challenge) => {
      const { name, call } = callOf(challenge);
      isUserMet = false;
      // Before the call it is the server that asks, and its answer is a token like any other.
      if (!wishes[challenge.kind]) return setStatus(`The server needs you before ${name} can be called.`);
      const demand = `${name} demanded ${wishes[challenge.kind]}`;
      setStatus(`${demand}.`);
      open.set(keyOf(challenge), addDemand(demand, call));
    },
    "consentry:apiAnswered": (challenge) => {
      const { outcome } = challenge;
      open.get(keyOf(challenge))?.(outcome === "answered" ? `answered ${isUserMet ? "with you" : "silently"}` : outcomes[outcome] ?? "left for it");
      open.delete(keyOf(challenge));
    },
    "consentry:apiWaiting": ({ seconds, ...target }) => {
      const { name, call } = callOf(target);
      addDemand(`${name} asked to wait`, call)(`${Math.ceil(seconds)} s`);
    },
  };
  auth.watchCalls(({ eventType, interactionType, payload }) => {
    if (interactionType === "popup") isUserMet = true;
    tellers[eventType]?.(payload);
  });
}
