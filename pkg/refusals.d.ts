/** What is thrown: the classes of errors. */

import type { Outcome, ScopesByResource } from "./consent.js";

/** The root of all errors of this package. No text of an error carries a token, a code or a verifier. */
export declare class AuthError extends Error {
  /** For wrappers and tests: the package throws them by itself. */
  constructor(errorCode: string, correlationId?: string, errorMessage?: string, subError?: string);
  /** A stable code. */
  errorCode: string;
  /** What is wrong, and what to do. */
  errorMessage: string;
  /** The server's `suberror`; empty where there is none. */
  subError: string;
  /** Of the request that failed; on the Microsoft identity platform it is in the server's logs. */
  correlationId: string;
  /** The `state` of the redirect request that failed, where it is known. */
  state?: string;
  /** What the refusal means; absent where it is none, or its meaning is not known. */
  outcome?: Outcome;
  /** The permissions that it is about, by Application ID URI; absent where it is about none. */
  missingScopes?: ScopesByResource;
  /** What to change, for `misconfigured`. */
  remedy?: string;
}

/** The server refused. */
export declare class ServerError extends AuthError {
  /** The number of the server's own error (AADSTS…), for diagnosis only. */
  errorNo?: string;
  /** The HTTP status, where there was one. */
  status?: number;
  /** After how many seconds to try again, where the server says so. */
  retryAfter?: number;
  /** To be passed on as `claims` of the interactive request, where the server says so. */
  claims?: string;
  /** When the server refused, in its own words. */
  timestamp?: string;
  /** The server's name for its answer, for support. */
  traceId?: string;
  /** The correlation id that the server itself named. */
  serverCorrelationId?: string;
}

/** The user is needed: call `acquireTokenRedirect` or `acquireTokenPopup`. */
export declare class InteractionRequiredAuthError extends AuthError {
  /** When the server refused, in its own words; empty where it does not say. */
  timestamp: string;
  /** The server's name for its answer, for support; empty where it has none. */
  traceId: string;
  /** To be passed on as `claims` of the interactive request. */
  claims: string;
  /** As of a `ServerError`. */
  errorNo?: string;
  /** As of a `ServerError`. */
  status?: number;
  /** As of a `ServerError`, in seconds. */
  retryAfter?: number;
  /** As of a `ServerError`. */
  serverCorrelationId?: string;
}

/** The user has to consent to `missingScopes` first: call `acquireTokenRedirect` with the same scopes. */
export declare class ConsentRequiredError extends InteractionRequiredAuthError {
  /** What the refusal means. */
  outcome: "consent_required";
  /** The permissions that it is about, by Application ID URI. */
  missingScopes: ScopesByResource;
}

/** The user declined `missingScopes`, now or earlier. `name` is that of the base class, as for the classes below. */
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

/** A response failed a check, or a call can't be made like that. */
export declare class ClientAuthError extends AuthError {}

/** A field of the configuration or of a request can't be used; the message names it. */
export declare class ClientConfigurationError extends AuthError {}

/** The browser did not do its part. */
export declare class BrowserAuthError extends AuthError {}

/** The browser denies what the configuration asks for. */
export declare class BrowserConfigurationAuthError extends AuthError {}

/** The browser's storage did not take what has to be remembered. */
export declare class CacheError extends AuthError {}
