/**
 * Why a call failed, what to do and who has to: an entry of its own, which only an app that imports it downloads.
 * It explains, and decides nothing: decide on the class of an error, or on its `outcome`.
 * @module consentry/explain
 */

/** The classes of this package, and `Error` for what is none of them. */
export type ErrorClass =
  | "AccessBlockedError"
  | "AdminConsentRequiredError"
  | "AuthError"
  | "BrowserAuthError"
  | "BrowserConfigurationAuthError"
  | "CacheError"
  | "ClientAuthError"
  | "ClientConfigurationError"
  | "ConsentDeclinedError"
  | "ConsentRequiredError"
  | "Error"
  | "InteractionRequiredAuthError"
  | "MisconfiguredError"
  | "ServerError";

/**
 * What an error is about. By number of the Microsoft identity platform: `sign-in`, `consent`, `policy`, `registration`,
 * `request`, `device`, `service`. By name: `protocol`, `suberror`. By what the core makes of it: `outcome`. Found on this
 * side: `configuration`, `usage`, `response`, `browser`. `class` where nothing more is known.
 */
export type Topic =
  | "sign-in"
  | "consent"
  | "policy"
  | "registration"
  | "request"
  | "device"
  | "service"
  | "protocol"
  | "suberror"
  | "outcome"
  | "configuration"
  | "usage"
  | "response"
  | "browser"
  | "class";

/** Who has to act; `nobody` where waiting is all that helps. */
export type Actor = "user" | "administrator" | "developer" | "nobody";

/**
 * Whether asking again can help: with the user (`interactive`: `loginRedirect`, `acquireTokenRedirect`), in the same way
 * after a while (`later`), or not before somebody has changed something or their mind (`no`).
 */
export type Again = "interactive" | "later" | "no";

/** What is known of one error. Texts are sentences for developers, without a capital and a full stop; names stand between backticks. */
export interface CatalogueEntry {
  /** `errorCode`, `suberror` for that topic; empty for the topics `outcome` and `class`. For a number: the code that it mostly comes with. */
  readonly code: string;
  /** The number of the Microsoft identity platform, without `AADSTS`. */
  readonly number?: string;
  /** The name of the error's `cause`, where the code alone has two meanings. */
  readonly causedBy?: string;
  /** Of the topic `outcome`: the error's `outcome`. */
  readonly outcome?: string;
  /** What it is about. */
  readonly topic: Topic;
  /** The class that it is thrown as, mostly: `error` and `suberror` of the server's answer decide, never the number. */
  readonly class: ErrorClass;
  /** Why it happened. */
  readonly cause: string;
  /** What to do. */
  readonly remedy: string;
  /** Who has to act. */
  readonly who: Actor;
  /** Whether asking again can help. */
  readonly again: Again;
  /** A page that says more. */
  readonly documentation?: string;
}

/** What `explain` makes of an error. */
export interface Explanation {
  /** `errorCode`; `unknown_error` where there is none. */
  readonly code: string;
  /** The number of the Microsoft identity platform, without `AADSTS`: for looking up and for support. */
  readonly number?: string;
  /** The class to catch: one of `ErrorClass`, or the name of whatever else was thrown. */
  readonly class: string;
  /** What it is about. */
  readonly topic: Topic;
  /** Why it happened, in a sentence: lower case, no full stop, names between backticks. */
  readonly cause: string;
  /** What to do, in a sentence. */
  readonly remedy: string;
  /** Who has to act. */
  readonly who: Actor;
  /** Whether asking again can help. */
  readonly again: Again;
  /** A page that says more. */
  readonly documentation?: string;
  /** Of the request that failed; on the Microsoft identity platform it is in the server's logs. */
  readonly correlationId?: string;
  /** The server's name for its answer, for support. */
  readonly traceId?: string;
  /** When the server refused, in its own words. */
  readonly timestamp?: string;
}

/**
 * Explains an error of this package or of MSAL.js, or anything with their `errorCode`, `errorNo`, `subError`. What is not known is
 * explained by its class. Throws nothing, whatever it is given.
 */
export declare function explain(error: unknown): Explanation;

/** Everything that is known, each entry once. */
export declare const catalogue: readonly CatalogueEntry[];
