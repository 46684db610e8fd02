/**
 * The class that apps use: there before the WebAssembly core is, and no more than a way to it. Ordinary properties and
 * prototype methods, so that it can be wrapped in a proxy and spied on.
 */

import { BrowserAuthError, fromRecord } from "./errors.js";

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
    }

    /** @param {import("./index.js").InitializeApplicationRequest} [request] */
    initialize(request) {
      this.starting ??= this.start(request?.wasm).catch((error) => {
        this.starting = undefined; // so that a later call can try again
        throw error;
      });
      return this.starting;
    }

    /** @param {import("./index.js").HandleRedirectPromiseOptions} [options] */
    handleRedirectPromise(options) {
      this.returning ??= this.run("handleRedirectPromise", options).then((result) => result && complete(result));
      return this.returning;
    }

    /** @param {import("./index.js").RedirectRequest} [request] */
    loginRedirect(request) {
      this.returning = undefined;
      return this.run("loginRedirect", request);
    }

    /** @param {import("./index.js").RedirectRequest} request */
    acquireTokenRedirect(request) {
      this.returning = undefined;
      return this.run("acquireTokenRedirect", request);
    }

    /** @param {import("./index.js").SilentRequest} request */
    async acquireTokenSilent(request) {
      return complete(await this.run("acquireTokenSilent", request));
    }

    /** @param {import("./index.js").EndSessionRequest} [request] */
    logoutRedirect(request) {
      return this.run("logoutRedirect", request);
    }

    /** @param {import("./index.js").ClearCacheRequest} [request] */
    clearCache(request) {
      return this.run("clearCache", request);
    }

    /** @param {import("./index.js").AccountFilter} [filter] */
    getAllAccounts(filter) {
      return this.ask("getAllAccounts", filter);
    }

    /** @param {import("./index.js").AccountFilter} filter */
    getAccount(filter) {
      return this.getAllAccounts(filter)[0] ?? null;
    }

    getActiveAccount() {
      return this.ask("getActiveAccount");
    }

    /** @param {import("./index.js").AccountInfo | null} account */
    setActiveAccount(account) {
      this.ask("setActiveAccount", account);
    }

    /** @param {import("./index.js").AccountInfo} [account] */
    getGrantedScopes(account) {
      return this.ask("getGrantedScopes", account);
    }

    /** @param {import("./index.js").WasmSource} [wasm] */
    async start(wasm) {
      try {
        this.module ??= await importCore();
        await this.module.start(wasm);
      } catch (cause) {
        throw notLoaded(cause);
      }
      this.core = this.guard(() => new /** @type {Core} */ (this.module).ClientHandle(this.configuration));
    }

    /** A method that waits. @param {string} method @param {unknown} request @returns {Promise<any>} */
    async run(method, request) {
      const core = this.ready();
      return this.guard(() => core.run(method, request ?? {})).catch(thrown);
    }

    /** A method that does not. @param {string} method @param {unknown} [argument] @returns {any} */
    ask(method, argument) {
      const core = this.ready();
      return this.guard(() => core.ask(method, argument ?? null));
    }

    ready() {
      if (this.core) return this.core;
      throw new BrowserAuthError(
        "uninitialized_public_client_application",
        "",
        this.starting ? "initialize() has not finished: await it first" : "call and await initialize() first",
      );
    }

    /** Calls the core. After a trap its memory can't be trusted: the next call finds a new instance. @template T @param {() => T} call @returns {T} */
    guard(call) {
      try {
        return call();
      } catch (error) {
        if (error instanceof WebAssembly.RuntimeError && this.module) {
          this.module.restart();
          this.core = new this.module.ClientHandle(this.configuration);
          throw new BrowserAuthError("wasm_trap", "", "the WebAssembly core failed and was started anew: try again");
        }
        return thrown(error);
      }
    }
  };

/** @param {any} error @returns {never} */
function thrown(error) {
  throw error?.errorCode && !(error instanceof Error) ? fromRecord(error) : error;
}

/** Writes out what a result repeats of its account. @param {any} result @returns {AuthenticationResult} */
function complete(result) {
  const { account, expiresOn } = result;
  result.expiresOn = expiresOn === undefined ? null : new Date(expiresOn * 1000);
  result.uniqueId = account.localAccountId;
  result.tenantId = account.tenantId;
  result.idToken = account.idToken;
  result.idTokenClaims = account.idTokenClaims;
  return result;
}

/** @param {unknown} cause */
function notLoaded(cause) {
  const hint =
    cause instanceof WebAssembly.CompileError
      ? "allow it in the page's Content-Security-Policy: script-src 'wasm-unsafe-eval'"
      : "serve consentry_core_bg.wasm beside the package's script, or pass its address as initialize({ wasm })";
  const error = new BrowserAuthError("wasm_load_failed", "", `the WebAssembly core did not load: ${hint}`);
  error.cause = cause;
  return error;
}
