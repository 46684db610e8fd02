/**
 * The client for apps and wrappers that keep the installed `@azure/msal-browser` (`^5`): they go on importing everything else from there.
 * It is an `IPublicClientApplication` of that package, and its errors are of that package's classes.
 * @module consentry/msal
 */

import {
  type AccountInfo as PeerAccountInfo,
  type AuthenticationResult as PeerResult,
  type Configuration as PeerConfiguration,
  InteractionRequiredAuthError,
  type IPublicClientApplication,
  ServerError,
} from "@azure/msal-browser";
import type { AccountInfo, AuthenticationResult, Configuration, PublicClientApplication as Client, ScopesByResource } from "./index.js";

/** What is said in the peer's types alone: they are classes and enumerations, which nothing but themselves fits. */
type Peers = "addEventCallback" | "addPerformanceCallback" | "getConfiguration" | "getLogger" | "initializeWrapperLibrary" | "setLogger" | "setNavigationClient";

export {}; // what has no `export` is not one

/** Accounts and results fit the types of both packages. */
type Fitting<T> = T extends AuthenticationResult ? AuthenticationResult & PeerResult : T extends AccountInfo ? AccountInfo & PeerAccountInfo : T;
type Answer<T> = T extends Promise<infer V> ? Promise<Fitting<V>> : T extends (infer V)[] ? Fitting<V>[] : Fitting<T>;
type Own = { [Name in keyof Client as Exclude<Name, Peers>]: Client[Name] extends (...args: infer Args) => infer T ? (...args: Args) => Answer<T> : never };

/** Everything that `consentry` has, with its own types, and what only the peer's types allow. */
type Members = Own & IPublicClientApplication;

export interface PublicClientApplication extends Members {}
/** All members of `PublicClientApplication` of `consentry`; accounts and results fit the types of both packages. */
export declare class PublicClientApplication {
  /** Keeps the configuration, which may be written for either package; `initialize()` checks it. */
  constructor(configuration: Configuration | PeerConfiguration);
}

/** The user has to consent to `missingScopes` first: call `acquireTokenRedirect` with the same scopes. */
export declare class ConsentRequiredError extends InteractionRequiredAuthError {
  /** What the refusal means. */
  outcome: "consent_required";
  /** The permissions that it is about, by Application ID URI. */
  missingScopes: ScopesByResource;
}

/** The user declined `missingScopes`, now or earlier. */
export declare class ConsentDeclinedError extends ServerError {
  /** What the refusal means. */
  outcome: "declined";
  /** The permissions that it is about, by Application ID URI. */
  missingScopes: ScopesByResource;
}

/** An administrator has to grant something of `missingScopes`: the server does not say which. */
export declare class AdminConsentRequiredError extends ServerError {
  /** What the refusal means. */
  outcome: "admin_consent_required";
  /** The permissions that it is about, by Application ID URI. */
  missingScopes: ScopesByResource;
}

/** A policy of the organization refused. */
export declare class AccessBlockedError extends ServerError {
  /** What the refusal means. */
  outcome: "blocked";
}

/** The app registration or the request is wrong. */
export declare class MisconfiguredError extends ServerError {
  /** What the refusal means. */
  outcome: "misconfigured";
  /** What to change, in a sentence. */
  remedy: string;
}
