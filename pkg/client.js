/**
 * The class that apps use: there before the WebAssembly core is, and no more than a way to it. Ordinary properties and
 * prototype methods, so that it can be wrapped in a proxy and spied on.
 */

import { BrowserAuthError, fromRecord } from "./errors.js";
import { watch } from "./events.js";
import { brief, copy, recall } from "./hit.js";
import { answerFrom, answerOpener } from "./popup.js";

/** @typedef {import("./index.js").AuthenticationResult} AuthenticationResult */
/** @typedef {typeof import("./loader.js")} Core */

/**
 * @param {() => Promise<Core>} importCore
 * @returns {typeof import("./index.js").PublicClientApplication}
 */
export const defineClient = (importCore) =>
  class PublicClientApplication {
    /** @param {import("./index.js").Configuration} configuration */
    constructor(configuration) {
      this.configuration = configuration;
      /** @type {Promise<void> | undefined} */
      this.starting = undefined;
      /** Answers by the text they were read from: one for all who ask. @type {Record<string, Promise<AuthenticationResult | null>>} */
      this.answers = {};
      /** @type {Core | undefined} */
      this.module = undefined;
      /** @type {InstanceType<Core["ClientHandle"]> | undefined} */
      this.core = undefined;
      /** @type {number | undefined} */
      this.generation = undefined;
      /** What was warned of, for each to be told once; `null` where nobody is. @type {Set<string> | null | undefined} */
      this.warned = undefined;
      /** The configuration as the core takes it, and the app's own storage. @type {Awaited<ReturnType<Core["settled"]>> | undefined} */
      this.settled = undefined;
      this.watched = watch(() => (this.core && !this.reopening ? { accounts: this.getAllAccounts(), active: this.getActiveAccount() } : undefined));
      this.hits = new Map();
      /** Whether a new instance does not know yet what is stored. */
      this.reopening = false;
      /** Whether the opener of this window took its answer, once that was tried. @type {Promise<boolean> | undefined} */
      this.relaying = undefined;
    }

    /** @param {import("./index.js").InitializeApplicationRequest} [request] */
    initialize(request) {
      this.starting ??= start(this, importCore(), request?.wasm).catch((error) => {
        this.starting = undefined; // so that a later call can try again
        throw error;
      });
      return this.starting;
    }

    /** @param {import("./index.js").HandleRedirectPromiseOptions} [options] */
    async handleRedirectPromise(options) {
      ready(this); // so that a call that comes too early is not remembered
      const isTaken = isForOpener(this);
      if (isTaken && (await isTaken)) return null;
      const hash = options?.hash || "";
      this.answers[hash] ??= run(this, "handleRedirectPromise", options).then((result) => result && complete(result));
      return this.answers[hash];
    }

    /** @param {import("./index.js").RedirectRequest} [request] */
    loginRedirect(request) {
      this.answers = {};
      warn(this, { ...request, signIn: true });
      return run(this, "loginRedirect", request);
    }

    /** @param {import("./index.js").RedirectRequest} request */
    acquireTokenRedirect(request) {
      this.answers = {};
      warn(this, request);
      return run(this, "acquireTokenRedirect", request);
    }

    /** @param {import("./index.js").SilentRequest} request */
    async acquireTokenSilent(request) {
      warn(this, request);
      return hit(this, request) ?? complete(await run(this, "acquireTokenSilent", request));
    }

    /** @param {import("./index.js").SsoSilentRequest} [request] */
    async ssoSilent(request) {
      warn(this, { ...request, signIn: true });
      return complete(await run(this, "ssoSilent", request));
    }

    /** @param {import("./index.js").TokensRequest} request */
    async acquireTokens(request) {
      this.answers = {};
      warn(this, request);
      const { tokens, errors } = await run(this, "acquireTokens", request);
      return { tokens: mapped(tokens, complete), errors: mapped(errors, fromRecord) };
    }

    /** @param {import("./index.js").AdminConsentRequest} request */
    adminConsentRedirect(request) {
      return run(this, "adminConsentRedirect", request);
    }

    /** @param {import("./index.js").AdminConsentRequest} request */
    async adminConsentPopup(request) {
      const { url, name } = ask(this, "openAdminConsent", request);
      const take = (/** @type {string} */ hash) => run(this, "handleAdminConsentPromise", { hash });
      return take(await answerFrom(url, name, (text) => void take(text).catch(() => {})));
    }

    async handleAdminConsentPromise() {
      return (await isForOpener(this)) ? null : run(this, "handleAdminConsentPromise", {});
    }

    /** @param {import("./index.js").AdminConsentRequest} request @returns {string} */
    getAdminConsentUrl(request) {
      return ask(this, "getAdminConsentUrl", request);
    }

    /** @param {import("./index.js").UserInfoRequest} [request] */
    loadUserInfo(request) {
      return run(this, "loadUserInfo", request);
    }

    /** @param {import("./index.js").EndSessionRequest} [request] */
    logoutRedirect(request) {
      return forget(this, "logoutRedirect", request);
    }

    /** @param {import("./index.js").ClearCacheRequest} [request] */
    clearCache(request) {
      return forget(this, "clearCache", request);
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
     * @returns {import("./index.js").ConsentPlan}
     */
    plan(scopes, account) {
      const plan = ask(this, "plan", { scopes, account });
      for (const { declined } of Object.values(plan.resources)) for (const part of declined) part.on = date(part.on);
      return { request: null, authorizeScope: null, ...plan };
    }

    /** @param {import("./index.js").ForbiddenCall} call @returns {import("./index.js").ForbiddenExplanation} */
    explainForbidden(call) {
      return ask(this, "explainForbidden", call);
    }

    /**
     * @param {import("./index.js").Scopes} scopes
     * @param {boolean} [signIn]
     * @returns {import("./index.js").ScopeWarning[]}
     */
    reviewScopes(scopes, signIn) {
      return ask(this, "reviewScopes", { scopes, signIn }).map((/** @type {any} */ warning) => ({ instead: null, ...warning }));
    }
  };

/**
 * @typedef {object} Client
 * @property {unknown} configuration
 * @property {Promise<void>} [starting]
 * @property {Core} [module]
 * @property {InstanceType<Core["ClientHandle"]>} [core]
 * @property {number} [generation] Of the instance that `core` belongs to.
 * @property {Set<string> | null} [warned]
 * @property {boolean} reopening
 * @property {import("./hit.js").Hits} hits What was said at once, and can be said again.
 * @property {Record<string, Promise<AuthenticationResult | null>>} answers
 * @property {Awaited<ReturnType<Core["settled"]>>} [settled]
 * @property {ReturnType<typeof watch>} watched
 * @property {Promise<boolean>} [relaying]
 */

/** @param {Client} client @param {Promise<Core>} importing @param {import("./index.js").WasmSource} [wasm] */
async function start(client, importing, wasm) {
  const module = await importing.catch(notLoaded);
  await module.start(wasm).catch(notLoaded);
  const { configuration, custom } = await module.settled(client.configuration);
  client.module = module;
  client.settled = { configuration, custom };
  const core = guard(client, () => connect(client, module));
  await guard(client, () => core.run("initialize", {})).catch((/** @type {unknown} */ error) => {
    client.core = undefined; // without what it takes to read the storage there is no client
    return thrown(error);
  });
  client.watched.look();
  module.onChange(() => {
    client.hits.clear(); // who signs out elsewhere leaves no token here
    run(client, "initialize", undefined).catch(() => {});
  });
}

/** @param {Client} client @param {Core} module */
function connect(client, module) {
  client.generation = module.generation;
  client.hits = new Map();
  return (client.core = new module.ClientHandle(client.settled?.configuration, client.settled?.custom));
}

/** After a trap. What is encrypted the new instance knows a little later: until then nobody is told that everybody has signed out. @param {Client} client @param {Core} module */
function reconnect(client, module) {
  const core = connect(client, module);
  client.reopening = true;
  core.run("initialize", {}).catch(() => {}).finally(() => {
    client.reopening = false;
    client.watched.look();
  });
  return core;
}

/** What can be had at once, without the way of all others. @param {Client} client @param {import("./index.js").SilentRequest} request @returns {any} */
function hit(client, request) {
  const lines = request && brief(request);
  if (lines === undefined) return undefined;
  const core = ready(client);
  return guard(client, () => recall(core, client.hits, lines, request.correlationId));
}

/** A method that waits. @param {Client} client @param {string} method @param {unknown} request @returns {Promise<any>} */
async function run(client, method, request) {
  const core = ready(client);
  try {
    return await guard(client, () => core.run(method, request ?? {})).catch(thrown);
  } finally {
    client.watched.look();
  }
}

/** A method after which nothing of a token is left here: what is said meanwhile is forgotten too. @param {Client} client @param {string} method @param {unknown} request */
async function forget(client, method, request) {
  try {
    return await run(client, method, request);
  } finally {
    client.hits.clear();
    client.answers = {};
  }
}

/** A method that does not. @param {Client} client @param {string} method @param {unknown} [argument] @returns {any} */
function ask(client, method, argument) {
  const core = ready(client);
  return guard(client, () => core.ask(method, argument ?? null));
}

/** Whether the answer in the address was another page's, and was taken there. @param {Client} client */
function isForOpener(client) {
  const answer = client.relaying ? null : ask(client, "answerForOpener");
  if (answer) client.relaying = answerOpener(answer.name, answer.text);
  return client.relaying ?? false;
}

/**
 * Names what a request could do without, where a developer may be looking. The call itself says what is wrong with it.
 * @param {Client} client @param {any} request
 */
function warn(client, request) {
  try {
    const { scopes, extraScopesToConsent, signIn } = request ?? {};
    if (client.warned === undefined) client.warned = ask(client, "warns") ? new Set() : null;
    if (!client.warned) return;
    const asked = JSON.stringify([scopes, extraScopesToConsent, signIn]);
    if (client.warned.has(asked)) return;
    client.warned.add(asked);
    for (const warning of ask(client, "reviewScopes", { scopes, extraScopesToConsent, signIn })) {
      const smaller = warning.instead ? `; instead: ${warning.instead.join(" ")}` : "";
      const text = `consentry: ${warning.scopes.join(" ")}: ${warning.message}${smaller}`;
      if (!client.warned.has(text)) console.warn(text);
      client.warned.add(text);
    }
  } catch {
    // Whatever it is, the call meets it too.
  }
}

/** @param {Client} client */
function ready(client) {
  const { core, generation, module, starting } = client;
  // Another client of the page may have met a trap.
  if (core && module) return generation === module.generation ? core : reconnect(client, module);
  throw new BrowserAuthError(
    "uninitialized_public_client_application",
    "",
    starting ? "initialize() has not finished: await it first" : "call and await initialize() first",
  );
}

/**
 * Calls the core. After a trap its memory can't be trusted: the next call finds a new instance.
 * @template T
 * @param {Client} client
 * @param {() => T} call
 * @returns {T}
 */
function guard(client, call) {
  try {
    return call();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError && client.module) {
      client.module.restart();
      throw new BrowserAuthError("wasm_trap", "", "the WebAssembly core failed and was started anew: try again");
    }
    return thrown(error);
  }
}

/** @param {any} error @returns {never} */
function thrown(error) {
  throw error?.errorCode && !(error instanceof Error) ? fromRecord(error) : error;
}

/** Writes out what a result repeats of its account. @param {any} result @returns {AuthenticationResult} */
function complete(result) {
  const { account, refreshOn } = result;
  for (const end of ["expiresOn", "refreshTokenExpiresOn"]) result[end] = (result[end] ?? null) === null ? null : date(result[end]);
  if (refreshOn !== undefined) result.refreshOn = date(refreshOn);
  result.uniqueId = account.localAccountId;
  result.tenantId = account.tenantId;
  result.idToken = account.idToken;
  result.idTokenClaims = account.idTokenClaims;
  return result;
}

/** @param {number} seconds Since 1970. */
const date = (seconds) => new Date(seconds * 1000);

/**
 * @template T
 * @param {Record<string, any>} records
 * @param {(record: any) => T} change
 * @returns {Record<string, T>}
 */
const mapped = (records, change) => Object.fromEntries(Object.entries(records).map(([key, record]) => [key, change(record)]));

/** @param {unknown} cause @returns {never} */
function notLoaded(cause) {
  const hint = mayCompile()
    ? "serve consentry_core_bg.wasm beside the package's script, or pass its address as initialize({ wasm })"
    : "allow it in the page's Content-Security-Policy: script-src 'wasm-unsafe-eval'";
  const error = new BrowserAuthError("wasm_load_failed", "", `the WebAssembly core did not load: ${hint}`);
  error.cause = cause;
  throw error;
}

/** A page that may not fails with the smallest module there is: what a browser says of a policy, it says of a broken file too. */
function mayCompile() {
  try {
    return new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch {
    return null;
  }
}
