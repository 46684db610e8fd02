/**
 * A call to an API: the token that goes with it, and what is done when the API demands another one. What a challenge says, and what would
 * answer it, the core reads; here is decided how far to go for it, once, and for all calls that wait for the same.
 */

import { abortable, pause } from "./abort.js";
import { ask } from "./call.js";
import { BrowserAuthError, ServerError } from "./errors.js";
import { EventType } from "./events.js";
import { mapOf, wrong } from "./resources.js";

/** @typedef {import("./index.js").ApiChallenge} ApiChallenge */
/** @typedef {import("./index.js").ApiExplanation} ApiExplanation */
/** @typedef {import("./index.js").ApiCallOptions & { method?: string, signal?: AbortSignal }} CallOptions */
/** @typedef {import("./index.js").AuthenticationResult} AuthenticationResult */
/** @typedef {InstanceType<typeof import("./index.js").PublicClientApplication> & import("./call.js").Client} Client */
/** What has been done last for all who want the same: a token or an error, and when. @typedef {{ token?: AuthenticationResult, error?: unknown, at: number }} Doing */
/** @typedef {{ tail: Promise<unknown>, waiting: number, controller?: AbortController, last?: Doing }} Lane */
/** @typedef {{ kind: ApiChallenge["kind"] | null, request: any, way: "token" | "frame", mayAsk: boolean, forbidden: any }} Demand What the core makes of an answer. */
/** @typedef {ReturnType<typeof apiOf>} Api */

const POLICIES = ["silent", "popup", "redirect", "refuse"];
/** How long a demand that was answered in vain is not answered again, in milliseconds; and after how many of them none of its kind is. */
const REPEATED = 60_000;
const MOST_IN_VAIN = 3;
const DEFAULT_WAIT_SECONDS = 10;
/** How often a call is sent at most: once more for its own demand, once for what others have got meanwhile. */
const MOST_SENT = 3;

/** What the map's permissions are asked for with. Where they do not name their API, the request does (RFC 8707). @param {Client} client @returns {import("./resources.js").Compose} */
const composing = (client) => (names, resource) => {
  const { system } = /** @type {import("./index.js").Configuration} */ (client.configuration);
  const isIndicated = system?.protocolMode === "OIDC" && resource !== undefined;
  const scopes = ask(client, "composeScopes", { scopes: resource === undefined || isIndicated ? names : { [resource]: names } });
  return { scopes, more: isIndicated ? { resource } : {} };
};

/** What the calls of a client have in common. @param {Client} client */
export function apiOf(client) {
  const { resources, unlisted = "anonymous", onChallenge = "silent", longestWait = DEFAULT_WAIT_SECONDS } = /** @type {any} */ (client.configuration)?.api ?? {};
  if (unlisted !== "anonymous" && unlisted !== "refuse") wrong("api.unlisted", "`anonymous` or `refuse`");
  if (typeof onChallenge !== "function" && !POLICIES.includes(onChallenge)) wrong("api.onChallenge", `a function, or one of ${POLICIES.join(", ")}`);
  if (!Number.isFinite(longestWait) || longestWait < 0) wrong("api.longestWait", "a number of seconds");
  return {
    map: mapOf(resources, composing(client)),
    unlisted,
    onChallenge,
    longestWait,
    /** @type {Map<string, Lane>} */
    lanes: new Map(),
    /** Who meets the user goes one after the other. @type {Promise<unknown>} */
    meeting: Promise.resolve(),
    /** What was answered in vain, how often, and until when that counts. @type {Map<string, { count: number, until: number }>} */
    vain: new Map(),
    /** Who wants to be left alone, until when. @type {Map<string, number>} */
    resting: new Map(),
    /** @type {WeakMap<Response, ApiExplanation>} */
    explanations: new WeakMap(),
  };
}

const now = () => performance.now();
const hasClick = () => Boolean(globalThis.navigator?.userActivation?.isActive);

/** Whether it is the user who is missing. @param {any} error */
const needsUser = (error) => error?.name === "InteractionRequiredAuthError";

/** The seconds of a `Retry-After` (RFC 9110 section 10.2.3); `undefined` where it says none. @param {unknown} text */
export function secondsOf(text) {
  if (typeof text !== "string") return undefined;
  const seconds = /^\d{1,9}$/.test(text.trim()) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

/** How often a demand was answered in vain lately. @param {Api} api @param {string} key */
function timesInVain({ vain }, key) {
  const known = vain.get(key);
  return known && known.until > now() ? known.count : 0;
}

/**
 * One after the other: who comes later takes what the one before has got, or failed with, unless it had that already.
 * @param {Api} api @param {string} key
 * @param {{ since: number, refused?: string, signal?: AbortSignal }} call  `since`: when its token was got.
 * @param {(signal: AbortSignal) => Promise<AuthenticationResult>} work  Given up when nobody waits for it any more.
 */
async function shared(api, key, { since, refused, signal }, work) {
  const lane = api.lanes.get(key) ?? { tail: Promise.resolve(), waiting: 0 };
  api.lanes.set(key, lane);
  lane.waiting += 1;
  const came = now();
  const turn = lane.tail.then(async () => {
    const { last } = lane;
    if (last?.token && last.at >= since && last.token.accessToken !== refused) return last.token;
    if (last && !last.token && last.at >= came) throw last.error;
    lane.controller = new AbortController();
    try {
      const token = await work(lane.controller.signal);
      lane.last = { token, at: now() };
      return token;
    } catch (error) {
      lane.last = { error, at: now() };
      throw error;
    }
  });
  lane.tail = turn.catch(() => {});
  try {
    return await abortable(signal, () => turn);
  } finally {
    lane.waiting -= 1;
    if (!lane.waiting && signal?.aborted) lane.controller?.abort(signal.reason);
  }
}

/** @implements {Pick<import("./index.js").AuthorizedCall, "headers">} */
export class Call {
  /** @type {{ authorization?: string }} */
  headers = {};
  status = 0;
  sent = 1;
  since = 0;
  /** @type {AuthenticationResult | undefined} */
  token = undefined;
  /** @type {ApiExplanation["outcome"]} */
  outcome = "none";
  /** @type {ApiChallenge | null} */
  challenge = null;
  /** @type {any} */
  request = null;
  /** @type {any} */
  forbidden = null;
  /** @type {any} */
  error = null;

  /** @param {Client} client @param {Api} api @param {string | URL} url @param {CallOptions} options */
  constructor(client, api, url, { method = "GET", ...options }) {
    this.client = client;
    this.api = api;
    this.url = new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href);
    this.method = method;
    this.options = options;
    this.route = api.map.find(this.url, method);
    this.place = `${this.route?.base}\n${options.account?.homeAccountId ?? ""}`;
  }

  /** Gets the token; there is none for what the map does not have, and for what it says is public. */
  async begin() {
    const { api, route } = this;
    if (!route && api.unlisted === "refuse") {
      throw new BrowserAuthError("unlisted_url", "", `${this.url.origin} with this path is not in \`api.resources\`: add it, or set \`api.unlisted\``);
    }
    if (!route?.scopes) return this;
    await this.rest();
    this.take(await this.firstToken(route.scopes));
    return this;
  }

  /** Waits for as long as the API wanted to be left alone. */
  async rest() {
    const { api, place, options } = this;
    const seconds = ((api.resting.get(place) ?? 0) - now()) / 1000;
    if (seconds <= 0) return;
    if (seconds > api.longestWait) {
      const error = new ServerError("api_throttled", "", "the API wants to be left alone for a while: call again after `retryAfter` seconds");
      throw Object.assign(error, { retryAfter: Math.ceil(seconds) });
    }
    this.tell(EventType.API_WAITING, { ...this.target(), seconds });
    await pause(seconds * 1000, options.signal);
  }

  /** @param {string[]} scopes */
  async firstToken(scopes) {
    const { client, options } = this;
    const { account, signal } = options;
    try {
      return await client.acquireTokenSilent({ scopes, ...this.route?.more, ...(account && { account }), ...(signal && { signal }) });
    } catch (error) {
      const challenge = needsUser(error) ? this.describe("interaction", scopes) : null;
      const policy = challenge && (await this.policyFor(challenge));
      if (policy !== "popup" && policy !== "redirect") throw error;
      this.tell(EventType.API_CHALLENGED, challenge);
      const { claims } = /** @type {any} */ (error);
      const call = { since: now(), ...(signal && { signal }) };
      return shared(this.api, `interaction\n${this.place}\n${scopes.join(" ")}`, call, (given) => this.meet(policy, { scopes, claims }, given));
    }
  }

  /** @param {AuthenticationResult} token */
  take(token) {
    this.token = token;
    this.since = now();
    this.headers = { authorization: `Bearer ${token.accessToken}` };
  }

  target() {
    return { url: this.url.origin + this.url.pathname, method: this.method };
  }

  /** @param {ApiChallenge["kind"]} kind @param {string[]} scopes @returns {ApiChallenge} */
  describe(kind, scopes) {
    return { kind, ...this.target(), scopes, account: this.token?.account ?? this.options.account ?? null };
  }

  /** @param {import("./events.js").EventName} name @param {unknown} payload */
  tell(name, payload) {
    this.client.watched.tell(name, { payload });
  }

  /** @param {ApiChallenge} challenge */
  async policyFor(challenge) {
    const chosen = this.options.onChallenge ?? this.api.onChallenge;
    const policy = typeof chosen === "function" ? await chosen(challenge) : chosen;
    return POLICIES.includes(policy) ? policy : wrong("onChallenge", `one of ${POLICIES.join(", ")}`);
  }

  /**
   * Asks the user.
   * @param {"popup" | "redirect"} policy @param {any} wanted @param {AbortSignal} signal
   * @returns {Promise<AuthenticationResult>}
   */
  meet(policy, { scopes, claims, extraQueryParameters }, signal) {
    const { client, api, options, token } = this;
    const { state, redirectUri, askAgain } = options;
    const account = token?.account ?? options.account;
    const request = { scopes, ...this.route?.more, ...(claims && { claims }), ...(extraQueryParameters && { extraQueryParameters }), ...(account && { account }), ...(redirectUri && { redirectUri }), ...(askAgain && { askAgain }) };
    const turn = api.meeting.then(async () => {
      signal.throwIfAborted();
      if (policy === "popup") return client.acquireTokenPopup({ ...request, signal });
      await client.acquireTokenRedirect({ ...request, ...(state && { state }) });
      throw new BrowserAuthError("page_left", "", "the page is leaving for what the API demands: go on when `handleRedirectPromise` has the answer, with the `state` of this call");
    });
    api.meeting = turn.catch(() => {});
    return turn;
  }

  /** @param {import("./index.js").ApiAnswer} answer */
  async answered({ status, headers, url }) {
    this.status = status;
    this.noteRest(status, headers);
    if (!this.token || !this.route?.scopes || (status !== 401 && status !== 403)) return false;
    this.forget();
    // Whoever the call was led on to has had no token, and nothing to demand of it.
    if (url && new URL(url).origin !== this.url.origin) return false;
    const said = headers.get("www-authenticate");
    const wwwAuthenticate = typeof said === "string" ? said : null;
    /** @type {Demand} */
    const demand = ask(this.client, "readChallenge", { token: { scopes: this.token.scopes, account: this.token.account }, scopes: this.route.scopes, wwwAuthenticate, status });
    this.forbidden = demand.forbidden ?? null;
    if (!demand.kind || !demand.request) return false;
    this.challenge = this.describe(demand.kind, demand.request.scopes);
    const { forceRefresh, ...request } = demand.request;
    this.request = forceRefresh ? null : { ...request, ...this.route.more };
    return this.answer(demand, status === 401 && wwwAuthenticate === null && this.url.origin !== globalThis.location?.origin);
  }

  /** What an earlier answer came to. */
  forget() {
    this.challenge = this.request = this.forbidden = this.error = null;
    this.outcome = "none";
  }

  /** @param {Demand} demand @param {boolean} isHidden */
  async answer(demand, isHidden) {
    const { api, token, options } = this;
    const challenge = /** @type {ApiChallenge} */ (this.challenge);
    const { account, accessToken: refused } = /** @type {AuthenticationResult} */ (token);
    const lane = `${demand.kind}\n${this.place}\n${account.homeAccountId}\n${challenge.scopes.join(" ")}`;
    const wanted = `${lane}\n${JSON.stringify(demand.request)}`;
    try {
      const policy = await this.policyFor(challenge);
      this.tell(EventType.API_CHALLENGED, challenge);
      if (policy === "refuse") this.outcome = "refused";
      if (policy === "refuse") return false;
      const isVain = timesInVain(api, wanted) > 0 || timesInVain(api, lane) >= MOST_IN_VAIN;
      if (isVain && (policy === "silent" || !hasClick())) return this.repeated(isHidden);
      if (this.sent >= MOST_SENT || this.hasAnswered) return this.repeated(isHidden, lane, wanted);
      const call = { since: this.since, refused, ...(options.signal && { signal: options.signal }) };
      const got = await shared(api, lane, call, (signal) => {
        this.hasAnswered = true;
        return this.tokenFor(demand, policy, signal);
      });
      if (got.accessToken === refused) return this.repeated(isHidden, lane, wanted);
      this.take(got);
      this.sent += 1;
      this.outcome = "answered";
      return true;
    } catch (error) {
      return this.failed(error);
    } finally {
      this.tell(EventType.API_ANSWERED, { ...challenge, outcome: this.outcome });
    }
  }

  /** What it demands it has got. @param {boolean} isHidden @param {...string} inVain What is to be remembered of that. */
  repeated(isHidden, ...inVain) {
    const { vain } = this.api;
    for (const [key, { until }] of vain) if (until <= now()) vain.delete(key);
    for (const key of inVain) vain.set(key, { count: timesInVain(this.api, key) + 1, until: now() + REPEATED });
    this.outcome = isHidden ? "hidden" : "repeated";
    return false;
  }

  /** Whether the call has got a token for its own demand, not only one that others got. */
  hasAnswered = false;

  /** @param {any} error */
  failed(error) {
    const isOver = error?.errorCode === "page_left" || this.options.signal?.aborted;
    if (isOver) throw error;
    this.error = error;
    this.outcome = needsUser(error) && this.request ? "needs_user" : "failed";
    return false;
  }

  /** @param {Demand} demand @param {string} policy @param {AbortSignal} signal */
  async tokenFor({ request, way, mayAsk }, policy, signal) {
    const { client, token } = this;
    const asked = { ...request, ...this.route?.more, account: token?.account, signal };
    try {
      return await (way === "frame" ? client.ssoSilent(asked) : client.acquireTokenSilent(asked));
    } catch (/** @type {any} */ error) {
      // A frame that the browser keeps from the server says nothing about the user.
      const isNeeded = needsUser(error) || (way === "frame" && error?.name === "BrowserAuthError");
      if (!isNeeded || !mayAsk || (policy !== "popup" && policy !== "redirect")) throw error;
      return this.meet(policy, { ...request, claims: request.claims ?? error.claims }, signal);
    }
  }

  /** @param {number} status @param {import("./index.js").ApiAnswer["headers"]} headers */
  noteRest(status, headers) {
    const seconds = status === 429 || status === 503 ? secondsOf(headers.get("retry-after")) : undefined;
    if (seconds) this.api.resting.set(this.place, now() + seconds * 1000);
  }

  /** @returns {ApiExplanation} */
  explain() {
    const { status, token, challenge, outcome, request, forbidden, error } = this;
    return { status, scopes: token ? [...token.scopes] : [], challenge, outcome, request, forbidden, error };
  }
}
