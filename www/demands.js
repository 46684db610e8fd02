import { apiOf } from "./steps.js";
import { setStatus } from "./view/page.js";
import { addDemand, addTrace, howSilent } from "./view/trace.js";

/** What an API can demand of a call. */
const wishes = {
  claims: "other claims",
  authentication: "another sign-in",
  scope: "more permissions",
  token: "a valid token",
};

/** What came of it, where there is no other token. */
const outcomes = {
  needs_user: "needs you",
  refused: "not answered",
  not_replayable: "to be called again",
  repeated: "answered in vain",
  hidden: "answered in vain",
  failed: "failed",
};

/** Where the page keeps what is not answered yet: it may leave for it. */
const key = "sample.demand";
const keyOf = ({ kind, url, method }) => `${kind} ${method} ${url}`;

/** What APIs demand while they are called, and what tokens the calls get. */
export class Demands {
  /** Those that are not answered yet. */
  #open = new Map();
  #isUserMet = false;

  /**
   * @param {typeof import("./auth.js")} auth
   * @param {import("./steps.js").Step[]} steps
   */
  constructor(auth, steps) {
    this.steps = steps;
    const tellers = {
      "msal:acquireTokenSuccess": (message) => this.#got(message),
      "consentry:apiChallenged": ({ payload }) => this.#demand(payload),
      "consentry:apiAnswered": ({ payload }) => this.#answer(payload),
      "consentry:apiWaiting": ({ payload }) => addDemand(`${this.#nameOf(payload)} asked to wait`, callOf(payload), `${Math.ceil(payload.seconds)} s`),
    };
    auth.watchCalls((message) => tellers[message.eventType](message));
  }

  /** Whether the page had left for a demand. @param {boolean} isAnswered */
  comeBack(isAnswered) {
    const text = sessionStorage.getItem(key);
    sessionStorage.removeItem(key);
    if (!text) return false;
    const [demand, call] = text.split("\n");
    addDemand(demand, call, isAnswered ? "answered with you" : "not answered");
    return isAnswered;
  }

  /** Who comes back to the page is told elsewhere. */
  #got({ interactionType, payload }) {
    if (interactionType === "redirect") return;
    this.#isUserMet = interactionType === "popup";
    addTrace({ api: apiOf(payload, this.steps) }, this.#isUserMet ? "in a window" : howSilent(payload), payload);
  }

  #demand(challenge) {
    const name = this.#nameOf(challenge);
    // Before the call it is the server that asks, not the API.
    if (challenge.kind === "interaction") return setStatus(`The server needs you before the page can call ${name}.`);
    const demand = `${name} demanded ${wishes[challenge.kind]}`;
    setStatus(`${demand}.`);
    sessionStorage.setItem(key, `${demand}\n${callOf(challenge)}`);
    this.#open.set(keyOf(challenge), addDemand(demand, callOf(challenge), "…"));
  }

  #answer(challenge) {
    const { outcome } = challenge;
    if (outcome === "none") return; // the page is leaving
    sessionStorage.removeItem(key);
    this.#open.get(keyOf(challenge))?.(outcome === "answered" ? `answered ${this.#isUserMet ? "with you" : "silently"}` : outcomes[outcome]);
  }

  #nameOf({ url }) {
    return this.steps.find(({ api }) => api.origin === new URL(url).origin)?.api.name;
  }
}

const callOf = ({ url, method }) => `${method} ${new URL(url).pathname}`;
