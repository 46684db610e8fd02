/**
 * A call to an API: the token that goes with it, and what is done when the API demands another one. What a challenge says, and what would
 * answer it, the core reads; here is decided how far to go for it, once, and for all calls that wait for the same.
 */

import { abortable, ask, BrowserAuthError, ClientAuthError, consult, EventType, pause, ServerError } from "./calls-lent.js";
import { mapOf, wrong } from "./resources.js";

/** @typedef {import("./index.js").ApiChallenge} ApiChallenge */
/** @typedef {import("./index.js").ApiExplanation} ApiExplanation */
/** @typedef {import("./index.js").ApiCallOptions & { method?: string, signal?: AbortSignal }} CallOptions */
/** @typedef {import("./index.js").AuthenticationResult} AuthenticationResult */
/** @typedef {InstanceType<typeof import("./index.js").PublicClientApplication> & import("./handle.js").Client} Client */
/** What has been done last for all who want the same: a token or an error, and when. @typedef {{ token?: AuthenticationResult, error?: unknown, policy?: string, at: number }} Doing */
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

/** How RFC 9110 writes a date begins with a day's name; what else browsers take for one is none. */
const DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/** Whether it is the user who is missing. @param {any} error */
const needsUser = (error) => error?.name === "InteractionRequiredAuthError";

/** The seconds of a `Retry-After` (RFC 9110 section 10.2.3); `undefined` where it says none. @param {unknown} text */
export function secondsOf(text) {
  if (typeof text !== "string") return undefined;
  const said = text.trim();
  const seconds = DATE.test(said) ? (Date.parse(said) - Date.now()) / 1000 : Number(/^\d{1,9}$/.test(said) ? said : NaN);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

/** How often a demand was answered in vain lately. @param {Api} api @param {string} key */
function timesInVain({ vain }, key) {
  const known = vain.get(key);
  return known && known.until > now() ? known.count : 0;
}

/**
 * One after the other: who was sent before the last one was done takes what that has got, unless it had that already; or failed with, unless it may go further: a
 * window that the user has closed is not opened again for a call whose answer comes late.
 * @param {Api} api @param {string} key
 * @param {{ since: number, policy: string, refused?: string, signal?: AbortSignal }} call  `since`: when its token was got.
 * @param {(signal: AbortSignal) => Promise<AuthenticationResult>} work  Given up when nobody waits for it any more.
 */
async function shared(api, key, { since, policy, refused, signal }, work) {
  signal?.throwIfAborted();
  for (const [other, { waiting, last }] of api.lanes) if (!waiting && (last?.at ?? 0) + REPEATED < now()) api.lanes.delete(other);
  const lane = api.lanes.get(key) ?? { tail: Promise.resolve(), waiting: 0 };
  api.lanes.set(key, lane);
  lane.waiting += 1;
  const turn = lane.tail.then(async () => {
    if (!lane.waiting) signal?.throwIfAborted(); // nobody wants it any more
    const { last } = lane;
    if (last?.token && last.at >= since && last.token.accessToken !== refused) return last.token;
    if (last && !last.token && last.at >= since && last.policy === policy) throw last.error;
    const controller = new AbortController();
    lane.controller = controller;
    try {
      const token = await work(controller.signal);
      lane.last = { token, at: now() };
      return token;
    } catch (error) {
      // Who gave up did so for nobody else.
      if (!controller.signal.aborted) lane.last = { error, policy, at: now() };
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

/** The user may have chosen another account in the window: its token is not the call's. @param {import("./index.js").AccountInfo | undefined} account @param {AuthenticationResult} token */
function ofAccount(account, token) {
  if (!account || token.account.homeAccountId === account.homeAccountId) return token;
  throw new ClientAuthError("account_mismatch", "", "another account answered than the one that was asked: start again with that one");
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
    if (!this.route && api.unlisted === "refuse") {
      throw new BrowserAuthError("unlisted_url", "", `${this.url.origin} with this path is not in \`api.resources\`: add it, or set \`api.unlisted\``);
    }
    this.place = `${this.route?.base}\n${this.route?.more.resource}\n${options.account?.homeAccountId ?? ""}`;
  }

  /** Gets the token; there is none for what the map does not have, and for what it says is public. */
  async begin() {
    const scopes = this.route?.scopes;
    if (!scopes) return this;
    await this.rest();
    this.take(await this.firstToken(scopes));
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
    const since = now();
    try {
      return await client.acquireTokenSilent({ scopes, ...this.route?.more, ...(account && { account }), ...(signal && { signal }) });
    } catch (error) {
      const challenge = needsUser(error) ? this.describe("interaction", scopes) : null;
      const policy = challenge && (await this.policyFor(challenge));
      if (policy !== "popup" && policy !== "redirect") throw error;
      this.tell(EventType.API_CHALLENGED, challenge);
      const { claims } = /** @type {any} */ (error);
      const call = { since, policy, ...(signal && { signal }) };
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
    const policy = typeof chosen === "function" ? await abortable(this.options.signal, async () => chosen(challenge)) : chosen;
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
    const before = api.meeting;
    const turn = abortable(signal, () => before).then(async () => {
      if (policy === "popup") return ofAccount(account, await client.acquireTokenPopup({ ...request, signal }));
      await client.acquireTokenRedirect({ ...request, ...(state && { state }) });
      throw new BrowserAuthError("page_left", "", "the page is leaving for what the API demands: go on when `handleRedirectPromise` has the answer, with the `state` of this call");
    });
    api.meeting = turn.catch(() => before);
    return turn;
  }

  /** @param {import("./index.js").ApiAnswer} answer */
  async answered({ status, headers, url }) {
    this.status = status;
    // Whoever the call was led on to has had no token, and nothing to demand of it.
    const isOwn = !url || (URL.canParse(url, this.url) && new URL(url, this.url).origin === this.url.origin);
    if (isOwn) this.noteRest(status, headers);
    if (!this.token || !this.route?.scopes || (status !== 401 && status !== 403)) return false;
    this.forget();
    if (!isOwn) return false;
    const said = headers.get("www-authenticate");
    const wwwAuthenticate = typeof said === "string" ? said : null;
    /** @type {Demand} */
    let demand;
    try {
      demand = await consult(this.client, "readChallenge", { token: { scopes: this.token.scopes, account: this.token.account }, scopes: this.route.scopes, wwwAuthenticate, status });
    } catch (error) {
      return this.failed(error); // the API's answer is there all the same
    }
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
    const kind = `${demand.kind}\n${this.place}\n${account.homeAccountId}`;
    const lane = `${kind}\n${challenge.scopes.join(" ")}`;
    const wanted = `${lane}\n${JSON.stringify(demand.request)}`;
    try {
      const policy = await this.policyFor(challenge);
      this.tell(EventType.API_CHALLENGED, challenge);
      if (policy === "refuse") this.outcome = "refused";
      if (policy === "refuse") return false;
      const isVain = timesInVain(api, wanted) > 0 || timesInVain(api, kind) >= MOST_IN_VAIN;
      if (isVain && (policy === "silent" || !hasClick())) return this.repeated(isHidden);
      if (this.sent >= MOST_SENT || this.hasAnswered) return this.repeated(isHidden, kind, wanted);
      const call = { since: this.since, policy, refused, ...(options.signal && { signal: options.signal }) };
      const got = await shared(api, lane, call, (signal) => {
        this.hasAnswered = true;
        return this.tokenFor(demand, policy, signal);
      });
      if (got.accessToken === refused) return this.repeated(isHidden, kind, wanted);
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
    if (error?.errorCode === "page_left") throw error;
    this.options.signal?.throwIfAborted();
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
