/**
 * The client for apps and wrappers that keep the installed `@azure/msal-browser`: what goes wrong is an error of that package's classes, so
 * that `instanceof` says the same to whoever imports them from there.
 */

import * as peer from "@azure/msal-browser";
import * as own from "./errors.js";
import { PublicClientApplication as Client, version } from "./index.js";

/** The peer's constructors make whatever extends them one of the peer's again. @template {new (...args: any[]) => Error} Base @param {Base} base */
const extensible = (base) =>
  class extends base {
    /** @param {any[]} args */
    constructor(...args) {
      super(...args);
      Object.setPrototypeOf(this, new.target.prototype);
    }
  };

export class ConsentRequiredError extends extensible(peer.InteractionRequiredAuthError) {}

export class ConsentDeclinedError extends extensible(peer.ServerError) {}

export class AdminConsentRequiredError extends extensible(peer.ServerError) {}

export class AccessBlockedError extends extensible(peer.ServerError) {}

export class MisconfiguredError extends extensible(peer.ServerError) {}

/** What an error of ours is there. The peer has a class for what its storage does not take, and keeps it to itself. @type {[Function, Function][]} */
const CLASSES = [
  [own.AccessBlockedError, AccessBlockedError],
  [own.AdminConsentRequiredError, AdminConsentRequiredError],
  [own.AuthError, peer.AuthError],
  [own.BrowserAuthError, peer.BrowserAuthError],
  [own.BrowserConfigurationAuthError, peer.BrowserConfigurationAuthError],
  [own.CacheError, peer.AuthError],
  [own.ClientAuthError, peer.ClientAuthError],
  [own.ClientConfigurationError, peer.ClientConfigurationError],
  [own.ConsentDeclinedError, ConsentDeclinedError],
  [own.ConsentRequiredError, ConsentRequiredError],
  [own.InteractionRequiredAuthError, peer.InteractionRequiredAuthError],
  [own.MisconfiguredError, MisconfiguredError],
  [own.ServerError, peer.ServerError],
];
const CLASS_OF = new Map(CLASSES);

/** The same error, of the peer's class; everything else as it is. @template T @param {T} error @returns {T} */
function ofPeer(error) {
  const found = error instanceof own.AuthError ? CLASS_OF.get(error.constructor) : undefined;
  return found ? Object.setPrototypeOf(error, found.prototype) : error;
}

/** @param {unknown} error @returns {never} */
function rethrow(error) {
  throw ofPeer(error);
}

/** @param {(...args: any[]) => unknown} method */
const refusing = (method) =>
  /** @this {unknown} @param {...unknown} args */
  function (...args) {
    try {
      const result = method.apply(this, args);
      return result instanceof Promise ? result.catch(rethrow) : result;
    } catch (error) {
      return rethrow(error);
    }
  };

export class PublicClientApplication extends Client {
  /** @param {import("./index.js").Configuration} configuration */
  constructor(configuration) {
    super(configuration);
    const { loggerOptions } = /** @type {import("@azure/msal-browser").Configuration} */ (configuration)?.system ?? {};
    this.setLogger(/** @type {any} */ (new peer.Logger(loggerOptions ?? {}, "consentry", version)));
  }

  /** @param {import("./index.js").EventCallback} callback @param {import("./index.js").EventType[]} [eventTypes] */
  addEventCallback(callback, eventTypes) {
    return super.addEventCallback((message) => {
      ofPeer(message.error);
      callback(message);
    }, eventTypes);
  }

  /** @param {import("./index.js").TokensRequest} request */
  async acquireTokens(request) {
    const result = await super.acquireTokens(request).catch(rethrow);
    Object.values(result.errors).forEach(ofPeer);
    return result;
  }
}

for (let from = Client.prototype; from !== Object.prototype; from = Object.getPrototypeOf(from)) {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(from))) {
    if (Object.hasOwn(PublicClientApplication.prototype, name)) continue;
    Object.defineProperty(PublicClientApplication.prototype, name, { configurable: true, writable: true, value: refusing(value) });
  }
}
