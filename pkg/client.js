/**
 * The class that apps use: there before the WebAssembly core is, and no more than a way to it. Ordinary properties and
 * prototype methods, so that it can be wrapped in a proxy and spied on.
 */

import { abortable } from "./abort.js";
import { acquire, apiPart, ask, consult, forget, hit, mapped, run, seconds, send, warn } from "./call.js";
import { BrowserAuthError, fromRecord } from "./errors.js";
import { EventType, watch } from "./events.js";
import { grow } from "./grow.js";
import { ready } from "./handle.js";
import { complete, copy, dateOf, Hits } from "./hit.js";
import { acquireInWindow, acquiring, comeBack, endOf, inWindow, isForOpener, leave, loggingOut, logOutInWindow } from "./interaction.js";
import { Members } from "./members.js";
import { start } from "./start.js";

/** @typedef {import("./index.js").AuthenticationResult} AuthenticationResult */
/** @typedef {import("./handle.js").Core} Core */

/**
 * A call that can be given up.
 * @template {{ signal?: AbortSignal }} R, T
 * @param {R} request @param {(rest: Omit<R, "signal">) => Promise<T>} work
 */
const untilAborted = ({ signal, ...rest }, work) => abortable(signal, () => work(rest));

/** A call of an API for whoever is active now. @template {import("./index.js").ApiCallOptions} O @param {import("./handle.js").Client} client @param {O} [options] */
function ofActive(client, options) {
  const account = options?.account ?? ask(client, "getActiveAccount");
  return { ...options, ...(account && { account }) };
}

/**
 * @param {() => Promise<Core>} importWhole The core.
 * @param {typeof import("./first.js")} [first] The part of it that a page may start with.
 * @returns {typeof import("./index.js").PublicClientApplication}
 */
export const defineClient = (importWhole, first) => clientOf({ importWhole, first, small: new Set() });

/** @param {import("./grow.js").Page} page @returns {typeof import("./index.js").PublicClientApplication} */
const clientOf = (page) =>
  class PublicClientApplication extends Members {
    /** @param {import("./index.js").Configuration} configuration */
    constructor(configuration) {
      super(configuration);
      /** @type {Promise<void> | undefined} */
      this.starting = undefined;
      /** Answers by the text they were read from: one for all who ask. @type {Map<string, Promise<AuthenticationResult | null>>} */
      this.answers = new Map();
      this.page = page;
      /** @type {import("./handle.js").AnyCore | undefined} */
      this.module = undefined;
      /** @type {import("./handle.js").Handle | undefined} */
      this.core = undefined;
      this.isSmall = false;
      /** @type {Promise<void> | undefined} */
      this.growing = undefined;
      /** @type {Promise<void> | undefined} */
      this.parting = undefined;
      /** @type {number | undefined} */
      this.generation = undefined;
      /** What was warned of, for each to be told once; `null` where nobody is. @type {Set<string> | null | undefined} */
      this.warned = undefined;
      /** @type {import("./handle.js").Settled | undefined} */
      this.settled = undefined;
      this.watched = watch(() => (this.core && !this.reopening ? { accounts: this.getAllAccounts(), active: this.getActiveAccount() } : undefined));
      this.hits = new Hits();
      /** @type {import("./handle.js").Noted} */
      this.noted = { lines: new Map(), isWaiting: false, of: "" };
      /** Whether a new instance does not know yet what is stored. */
      this.reopening = false;
      /** What is on its way for a code, by code: each can be redeemed once. @type {Map<string, Promise<AuthenticationResult>>} */
      this.codes = new Map();
      /** Whether the opener of this window took its answer, once that was tried. @type {Promise<boolean> | undefined} */
      this.relaying = undefined;
      /** Whether nobody took it: what was a window of another page's is a page as any other. */
      this.isAlone = false;
      /** What the calls of APIs have in common, once there are any. @type {import("./challenge.js").Api | undefined} */
      this.api = undefined;
    }

    /** @param {import("./index.js").InitializeApplicationRequest} [request] */
    initialize(request) {
      if (!this.starting) this.watched.tell(EventType.INITIALIZE_START);
      Promise.resolve(request?.wasm).catch(() => {}); // told where it is awaited
      this.starting ??= start(this, request?.wasm).then(
        () => this.watched.tell(EventType.INITIALIZE_END),
        (error) => {
          this.starting = undefined; // so that a later call can try again
          throw error;
        },
      );
      return this.starting;
    }

    /** @param {import("./index.js").HandleRedirectPromiseOptions | string} [options] MSAL 4 took the hash alone. */
    async handleRedirectPromise(options) {
      ready(this); // so that a call that comes too early is not remembered
      const isTaken = isForOpener(this);
      if (isTaken && (await isTaken)) return null;
      const asked = typeof options === "string" ? { hash: options } : options;
      const hash = asked?.hash || "";
      const answer = this.answers.get(hash) ?? comeBack(this, asked);
      this.answers.set(hash, answer);
      return answer;
    }

    /** @param {import("./index.js").RedirectRequest} [request] */
    loginRedirect(request) {
      this.answers.clear();
      warn(this, { ...request, signIn: true });
      return leave(this, "loginRedirect", request);
    }

    /** @param {import("./index.js").RedirectRequest} request */
    acquireTokenRedirect(request) {
      this.answers.clear();
      warn(this, request);
      return leave(this, "acquireTokenRedirect", request);
    }

    /** @param {import("./index.js").PopupRequest} [request] */
    async loginPopup(request) {
      warn(this, { ...request, signIn: true });
      return acquireInWindow(this, "openLogin", request);
    }

    /** @param {import("./index.js").PopupRequest} request */
    async acquireTokenPopup(request) {
      warn(this, request);
      return acquireInWindow(this, "openRequest", request);
    }

    /** @param {import("./index.js").SilentRequest} request @returns {Promise<AuthenticationResult>} */
    async acquireTokenSilent(request) {
      if (request?.signal) return untilAborted(request, (rest) => this.acquireTokenSilent(rest));
      warn(this, request);
      if (!this.watched.hasListeners()) return hit(this, request) ?? acquire(this, request, run);
      return acquiring(this, "silent", request, async (named) => {
        const found = hit(this, named);
        if (found) return found;
        this.watched.tell(EventType.ACQUIRE_TOKEN_NETWORK_START, { type: "silent", payload: request, id: named.correlationId });
        return acquire(this, named, send);
      });
    }

    /** @param {import("./index.js").SsoSilentRequest} [request] @returns {Promise<AuthenticationResult>} */
    async ssoSilent(request) {
      if (request?.signal) return untilAborted(request, (rest) => this.ssoSilent(rest));
      warn(this, { ...request, signIn: true });
      return acquiring(this, "silent", request, async (named) => complete(await send(this, "ssoSilent", named)));
    }

    /** @param {import("./index.js").AuthorizationCodeRequest} request @returns {Promise<AuthenticationResult>} */
    async acquireTokenByCode(request) {
      if (request?.signal) return untilAborted(request, (rest) => this.acquireTokenByCode(rest));
      const { code, ...rest } = request ?? {};
      warn(this, { ...rest, signIn: true });
      const under = this.codes.get(code);
      if (under) return under;
      const answer = acquiring(this, "silent", rest, async (named) => complete(await send(this, "acquireTokenByCode", { ...named, code })));
      this.codes.set(code, answer);
      return answer.finally(() => this.codes.delete(code));
    }

    /**
     * @param {Pick<AuthenticationResult, "idToken"> & Partial<AuthenticationResult>} result
     * @param {import("./index.js").RedirectRequest | import("./index.js").SilentRequest} [request]
     */
    async hydrateCache(result, request) {
      const { expiresOn, refreshOn } = result ?? {};
      const { scopes, resource, claims, correlationId } = request ?? {};
      await run(this, "hydrateCache", { scopes, resource, claims, correlationId, result: { ...result, expiresOn: seconds(expiresOn), refreshOn: seconds(refreshOn) } });
    }

    /** @param {import("./index.js").TokensRequest} request @returns {Promise<import("./index.js").TokensResult>} */
    async acquireTokens(request) {
      if (request?.signal) return untilAborted(request, (rest) => this.acquireTokens(rest));
      this.answers.clear();
      warn(this, request);
      const [tokens, errors] = await run(this, "acquireTokens", request);
      return { tokens: mapped(tokens, complete), errors: mapped(errors, fromRecord) };
    }

    /** @param {import("./index.js").AdminConsentRequest} request */
    adminConsentRedirect(request) {
      return run(this, "adminConsentRedirect", request);
    }

    /** @param {import("./index.js").AdminConsentRequest} request */
    async adminConsentPopup(request) {
      // Before the window opens, which knows then what this tab knows: should this page go meanwhile, it takes the answer itself.
      if (this.isSmall) await grow(this);
      const address = ask(this, "openAdminConsent", request);
      return inWindow(this, request, () => address, (hash) => run(this, "handleAdminConsentPromise", { hash }));
    }

    async handleAdminConsentPromise() {
      return (await isForOpener(this)) ? null : run(this, "handleAdminConsentPromise", {});
    }

    /** @param {import("./index.js").AdminConsentRequest} request @returns {Promise<string>} */
    getAdminConsentUrl(request) {
      return consult(this, "getAdminConsentUrl", request);
    }

    /** @param {import("./index.js").UserInfoRequest} [request] @returns {Promise<import("./index.js").UserInfo>} */
    async loadUserInfo(request) {
      if (request?.signal) return untilAborted(request, (rest) => this.loadUserInfo(rest));
      return run(this, "loadUserInfo", request);
    }

    /** @param {import("./index.js").EndSessionRequest} [request] */
    logoutRedirect(request) {
      return loggingOut(this, "redirect", request, (named) => forget(this, "logoutRedirect", endOf(this, named)));
    }

    /** @param {import("./index.js").EndSessionPopupRequest} [request] */
    logoutPopup(request) {
      return loggingOut(this, "popup", request, (named) => logOutInWindow(this, named));
    }

    /** Of the page that the server loads in a frame when the user signs out elsewhere. */
    async handleFrontChannelLogout() {
      await forget(this, "signOutSilently", {});
      this.watched.look();
    }

    /** @param {import("./index.js").ClearCacheRequest} [request] */
    async clearCache(request) {
      try {
        await forget(this, "clearCache", request);
      } finally {
        this.watched.look();
      }
    }

    /** @param {import("./index.js").AccountFilter} [filter] */
    getAllAccounts(filter) {
      return ask(this, "getAllAccounts", filter).map(copy);
    }

    /** @param {import("./index.js").AccountFilter} filter */
    getAccount(filter) {
      return this.getAllAccounts(filter)[0] ?? null;
    }

    getActiveAccount() {
      return ask(this, "getActiveAccount");
    }

    /** @param {import("./index.js").AccountInfo | null} account */
    setActiveAccount(account) {
      ask(this, "setActiveAccount", account);
      this.watched.look();
    }

    /** @param {import("./index.js").EventCallback} callback @param {import("./index.js").EventType[]} [eventTypes] @returns {string | null} */
    addEventCallback(callback, eventTypes) {
      return this.watched.add(callback, eventTypes);
    }

    /** @param {string} callbackId */
    removeEventCallback(callbackId) {
      this.watched.remove(callbackId);
    }

    /** @param {import("./index.js").AccountInfo} [account] */
    getGrantedScopes(account) {
      return ask(this, "getGrantedScopes", account);
    }

    /**
     * @param {import("./index.js").Scopes} scopes
     * @param {import("./index.js").AccountInfo} [account]
     * @returns {Promise<import("./index.js").ConsentPlan>}
     */
    async plan(scopes, account) {
      const plan = await consult(this, "plan", { scopes, account });
      for (const { declined } of Object.values(plan.resources)) for (const part of declined) part.on = dateOf(part.on);
      return { request: null, authorizeScope: null, ...plan };
    }

    /** @param {RequestInfo | URL} input @param {RequestInit} [init] @param {import("./index.js").ApiCallOptions} [options] */
    async fetch(input, init, options) {
      ready(this);
      // At once, as `fetch` does: what it is made of, and who is active, may be others later.
      const request = new Request(input, init);
      const named = ofActive(this, options);
      const { api, fetchWithToken } = await apiPart(this);
      return fetchWithToken(this, api, request, init?.body instanceof ReadableStream, named);
    }

    /** @param {string | URL} url @param {import("./index.js").ApiCallOptions & { method?: string, signal?: AbortSignal }} [options] */
    async authorizeCall(url, options) {
      const address = String(url);
      const named = ofActive(this, options);
      const { api, authorizeCall } = await apiPart(this);
      return authorizeCall(this, api, address, named);
    }

    /** @param {Response} response */
    explainResponse(response) {
      const explanation = this.api?.explanations.get(response);
      if (explanation) return explanation;
      throw new BrowserAuthError("unknown_response", "", "this is no response of this client's `fetch`: pass the very object");
    }

    /** @param {import("./index.js").ForbiddenCall} call @returns {Promise<import("./index.js").ForbiddenExplanation>} */
    explainForbidden(call) {
      return consult(this, "explainForbidden", call);
    }

    /**
     * @param {import("./index.js").Scopes} scopes
     * @param {boolean} [signIn]
     * @returns {Promise<import("./index.js").ScopeWarning[]>}
     */
    async reviewScopes(scopes, signIn) {
      const warnings = await consult(this, "reviewScopes", { scopes, signIn });
      return warnings.map((/** @type {any} */ warning) => ({ instead: null, ...warning }));
    }
  };

