/**
 * Permissions and consent: what a request asks for, what is known of what was granted, and why something was refused.
 * Everything here is told by the server's answers; access tokens are never read.
 */

import type { AccountInfo, AuthenticationResult, AuthError, RedirectRequest } from "./index.js";

/** Names of permissions by Application ID URI: `{ "https://graph.microsoft.com": ["Mail.Read"] }`. */
export type ScopesByResource = Record<string, string[]>;

/**
 * Delegated permissions: a list as in MSAL, each `<Application ID URI>/<permission>` and Microsoft Graph's where no
 * Application ID URI is named; or by Application ID URI. Order, case and duplicates do not matter.
 */
export type Scopes = string[] | ScopesByResource;

/** What `acquireTokens` takes: permissions of any number of APIs. */
export interface TokensRequest extends RedirectRequest {
  /** Not here: a request with one is for one API. */
  resource?: never;
  /** Required. */
  scopes: Scopes;
  /**
   * `redirect` leaves the page once if the user is needed, to ask for everything that is missing; make the same call
   * again, without `askAgain`, when they are back. `none` asks nobody: what the user is needed for is among the errors. Default: `redirect`.
   */
  interaction?: "redirect" | "none";
}

/**
 * What `acquireTokens` brings, by Application ID URI as the request wrote it first. Each API of which a permission was named
 * is in one of the two.
 */
export interface TokensResult {
  /** What was had. */
  tokens: Record<string, AuthenticationResult>;
  /** Why the others were not. */
  errors: Record<string, AuthError>;
}

/** What is known of one API's permissions that were planned for; each is in one of the four. */
export interface ResourcePlan {
  /** The server has granted it. */
  granted: string[];
  /** Would be asked for. The server decides: what an admin has granted meanwhile is had without a question. */
  missing: string[];
  /** Was refused because an admin has to grant it. */
  adminOnly: string[];
  /** The user declined it. */
  declined: DeclinedScope[];
}

/** A permission that the user declined. */
export interface DeclinedScope {
  /** Its name. */
  scope: string;
  /** When. */
  on: Date;
}

/** What it takes to get a set of permissions. A hint: the server decides, and each of its answers corrects the plan. */
export interface ConsentPlan {
  /** By Application ID URI, in the order in which the APIs were named. */
  resources: Record<string, ResourcePlan>;
  /**
   * What gets the rest: nothing is missing (`none`), signing in (`login`), the user's consent (`consent`), an admin's
   * (`admin`), or the app's decision to ask again for what was declined (`declined`).
   */
  interaction: "none" | "login" | "consent" | "admin" | "declined";
  /**
   * The one request that asks for everything in `missing`: pass it to `loginRedirect` where `interaction` is `login`,
   * else to `acquireTokenRedirect`. `null` where there is nothing to ask the user.
   */
  request: {
    /** Of the API that the token is for. */
    scopes: string[];
    /** Of the others, to be consented to on the same page. */
    extraScopesToConsent: string[];
  } | null;
  /** The `scope` parameter of that request as it is sent; `null` without one. */
  authorizeScope: string | null;
  /** The token requests that follow, one for each API: their `scope` parameters as they are sent. */
  tokenRequests: {
    /** The Application ID URI. */
    resource: string;
    /** The parameter, permissions with a space between. */
    scope: string;
  }[];
}

/** What an administrator is asked for. */
export interface AdminConsentRequest {
  /** By name, or `.default` of one API: all that is registered for the app, the only way to application permissions. */
  scopes: Scopes;
  /** Whose tenant; only for the address that is opened. Default: the active account, else the only one, else that of `auth.authority`. */
  account?: AccountInfo;
  /** Overrides the configured redirect URI. */
  redirectUri?: string;
  /** The page to return to, of this origin. Default: the page that calls. */
  redirectStartPage?: string;
  /** The app's own text, returned in `AdminConsentResult.state`. */
  state?: string;
  /** A GUID for this request, which its result and errors have. Default: a new one. */
  correlationId?: string;
  /** Of `adminConsentPopup`: as for `acquireTokenPopup`. */
  signal?: AbortSignal;
}

/**
 * An administrator consented. No token comes with it: acquire one. The tenant that the answer names is not told, because
 * anybody can write one there.
 */
export interface AdminConsentResult {
  /** What the answer names; what was asked for where it names nothing. */
  scopes: ScopesByResource;
  /** The `state` of the request. */
  state?: string;
  /** That of the request. */
  correlationId: string;
}

/** A call that an API answered with status 403. */
export interface ForbiddenCall {
  /** The result of which the token was sent. */
  token: Pick<AuthenticationResult, "scopes" | "account">;
  /** The permissions that the API demands for this call. Default: those that its answer names. */
  scopes?: Scopes;
  /** The header `WWW-Authenticate` of the answer, where the API shows it to scripts. */
  wwwAuthenticate?: string | null;
}

/** Which cell of the table "client was granted" × "user may" a refusal is in. */
export interface ForbiddenExplanation {
  /**
   * - `consent`: the client lacks permissions; the user can grant them.
   * - `admin_consent`: the client lacks permissions that only an admin can grant.
   * - `declined`: the client lacks permissions that the user declined.
   * - `stale_token`: they were granted after the token was issued: acquire one with `forceRefresh: true`.
   * - `claims_challenge`: the API wants other claims, not other permissions.
   * - `user`: the client has them all: the user lacks the right, and no consent helps.
   * - `unknown`: neither the call nor the answer says which permissions are needed.
   */
  cause: "consent" | "admin_consent" | "declined" | "stale_token" | "claims_challenge" | "user" | "unknown";
  /** Whether asking the user or an admin can help. */
  consentCanHelp: boolean;
  /** What the client lacks; empty for the other causes. */
  missingScopes: ScopesByResource;
  /** What to do, in a sentence. */
  advice: string;
}

/** A request that could be smaller. */
export interface ScopeWarning {
  /** Which rule it breaks: docs/permissions-and-consent.md has them all. */
  rule: "redundant_scope" | "default_scope" | "unqualified_scope" | "many_resources" | "own_resource";
  /** The rule, and what to do. */
  message: string;
  /** The scopes in question, as they are sent. */
  scopes: string[];
  /** The smaller request; `null` where only you can tell. */
  instead: string[] | null;
}

/**
 * What a refusal means, whatever its `errorCode`:
 * - `consent_required`: the user has to consent to `missingScopes` first.
 * - `declined`: the user declined. Nothing asks again unless a request says `askAgain: true`, or the user clicks to sign in
 *   (`loginRedirect`).
 * - `admin_consent_required`: an administrator has to grant something of `missingScopes`, the server does not say which:
 *   see `getAdminConsentUrl`.
 * - `blocked`: a policy of the organization, or a missing assignment. Asking again does not help.
 * - `misconfigured`: the app registration or the request is wrong: see `remedy`.
 */
export type Outcome = "consent_required" | "declined" | "admin_consent_required" | "blocked" | "misconfigured";
