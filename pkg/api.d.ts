/** Calling APIs: which token goes where, and what is done about an answer that demands more. */

import type { ForbiddenExplanation } from "./consent.js";
import type { AccountInfo } from "./messages.js";
import type { AuthError } from "./index.js";

/** What `configuration.api` may say. It is checked by `initialize()`. */
export interface ApiOptions {
  /** Which token goes where: nothing else gets one. */
  resources: ProtectedResource[];
  /** What becomes of a call to a URL that `resources` does not have: it is sent without a token, or refused with `unlisted_url`. Default: `anonymous`. */
  unlisted?: "anonymous" | "refuse";
  /** How the user may be met. Default: `silent`. */
  onChallenge?: OnChallenge;
  /** The longest `Retry-After` that a call waits for by itself, in seconds. 0: none. Default: 10. */
  longestWait?: number;
}

/** An API, or a part of one. */
export interface ProtectedResource {
  /**
   * Origin and path, `https://graph.microsoft.com/v1.0`: the token goes to this origin alone, and to paths that begin with all segments of this one,
   * compared to the letter. https, or http on a loopback host.
   */
  url: string;
  /**
   * The Application ID URI that `scopes` are of. Default: each names its own, and those that do not are Microsoft Graph's. With `system.protocolMode` `OIDC`: the
   * `resource` of the requests for the token (RFC 8707).
   */
  resource?: string;
  /** Permissions of one API, for all that no route names; `null` for none: no token is sent. Default: only the routes are the API. */
  scopes?: string[] | null;
  /** Of several that fit the one with most segments counts, then the one without `*`, then the one that names the method. */
  routes?: ResourceRoute[];
}

/** Calls that need permissions of their own. */
export interface ResourceRoute {
  /** Below the resource's `url`: `/me/messages`. A segment `*` is any one segment. */
  path: string;
  /** HTTP methods. Default: all. */
  methods?: string[];
  /** Permissions of one API; `null`: no token is sent. */
  scopes: string[] | null;
}

/**
 * How far a call may go for an answer to a challenge: `silent` by itself only, `popup` with a window, `redirect` leaving the page, `refuse`
 * not at all.
 */
export type ChallengePolicy = "silent" | "popup" | "redirect" | "refuse";

/** The same for all challenges, or for each. */
export type OnChallenge = ChallengePolicy | ((challenge: ApiChallenge) => ChallengePolicy | Promise<ChallengePolicy>);

/** What an API demands of a call. */
export interface ApiChallenge {
  /**
   * - `claims`: other claims in the token (`insufficient_claims`): the session was revoked, or an authentication context is needed.
   * - `authentication`: a stronger or newer sign-in (RFC 9470).
   * - `scope`: more permissions, which consent can bring (RFC 6750 section 3.1).
   * - `token`: a valid token, or it does not say what.
   * - `interaction`: nothing yet: the server that issues tokens wants the user before the call can be made.
   */
  kind: "claims" | "authentication" | "scope" | "token" | "interaction";
  /** Of the call, without query and fragment. */
  url: string;
  /** The HTTP method of the call. */
  method: string;
  /** The permissions to be asked for, as they are sent. */
  scopes: string[];
  /** Whose token was sent; `null` before there is one. */
  account: AccountInfo | null;
}

/** What a single call may say. */
export interface ApiCallOptions {
  /** Whose token. Default: the active account, else the only one. */
  account?: AccountInfo;
  /** In place of `api.onChallenge`. */
  onChallenge?: OnChallenge;
  /** Ask the user for permissions although they were declined. Default: false. */
  askAgain?: boolean;
  /** Where a challenge makes the page leave: the app's own text, returned in `AuthenticationResult.state`, to go on with. */
  state?: string;
  /** Where a challenge makes the page leave, or opens a window: in place of the configured redirect URI. */
  redirectUri?: string;
}

/** A call that another HTTP client makes. */
export interface AuthorizedCall {
  /** What the request has to carry: `{ authorization }`, or nothing where the URL gets no token. Changes when a challenge was answered. */
  readonly headers: {
    /** `Bearer`, a space, and the token. */
    authorization?: string;
  };
  /**
   * Takes the API's answer, of any status. Resolves with true where the call is to be sent once more, with the `headers` that are there now.
   * Never rejects but with `page_left`, and with the reason of an aborted `signal`.
   */
  answered(response: ApiAnswer): Promise<boolean>;
  /** What came of it. */
  explain(): ApiExplanation;
}

/** What is read of an API's answer: a `Response` will do. */
export interface ApiAnswer {
  /** The HTTP status. */
  status: number;
  /** The headers: only `WWW-Authenticate` and `Retry-After` are read. */
  headers: {
    /** The value of a header; anything but a text where there is none. */
    get(name: string): unknown;
  };
  /** Where the answer came from, after redirects. Challenges of other origins are not answered. Default: where the call went. */
  url?: string;
}

/** What a call came to, and what can be done. */
export interface ApiExplanation {
  /** Of the answer; 0 without one. */
  status: number;
  /** Of the token that was sent; empty without one. */
  scopes: string[];
  /** What the API demanded, the last time that it did; `null` where it demanded nothing. */
  challenge: ApiChallenge | null;
  /**
   * - `none`: there was nothing to do, or nothing that helps.
   * - `answered`: there is another token, and the call was sent again with it.
   * - `needs_user`: pass `request` to `acquireTokenPopup` or `acquireTokenRedirect`, and call again.
   * - `refused`: `onChallenge` said so.
   * - `not_replayable`: there is another token, but the body was a stream: call again.
   * - `repeated`: what it demands it has got, by this call or one of the last minute: nothing more is tried.
   * - `hidden`: it does not let scripts read what it demands: `Access-Control-Expose-Headers: WWW-Authenticate` is missing. A new token did not help.
   * - `failed`: see `error`.
   */
  outcome: "none" | "answered" | "needs_user" | "refused" | "not_replayable" | "repeated" | "hidden" | "failed";
  /** What gets the token that is demanded; `null` where none does. */
  request: {
    /** The permissions, as they are sent. */
    scopes: string[];
    /** With `system.protocolMode` `OIDC`: the API. */
    resource?: string;
    /** The claims that are demanded, as JSON text. */
    claims?: string;
    /** What a stronger or newer sign-in is asked for by: `acr_values` and `max_age`. */
    extraQueryParameters?: Record<string, string>;
  } | null;
  /** Of a 403: whether consent helps. */
  forbidden: ForbiddenExplanation | null;
  /** Why no other token came. */
  error: AuthError | null;
}

/** The part of the client that calls APIs. */
export interface ApiCalls {
  /**
   * `fetch`, with the token that `configuration.api` names for the URL. What the API demands more (`WWW-Authenticate`) is got, as far as
   * `onChallenge` lets it, and the call is sent once more; calls that meet the same demand at once share its answer. A `Retry-After` of 429 or 503
   * is waited for, up to `api.longestWait`. Resolves with the API's last answer, of whatever status, which `explainResponse` explains. An
   * `authorization` header of the caller's stays, and its challenges are the caller's. A body that is a stream is sent once.
   * @throws InteractionRequiredAuthError and its like as `acquireTokenSilent`, before anything is sent; BrowserAuthError `unlisted_url`, `no_cors_call`, `page_left` when
   *   the page is leaving to answer a challenge; ServerError `api_throttled` while the API wants to be left alone for longer than `longestWait`, with
   *   `retryAfter` in seconds; what `fetch` throws, and the reason of an aborted `signal`.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit, options?: ApiCallOptions): Promise<Response>;

  /**
   * The same for other HTTP clients, in two steps: the headers to send, and what to do about the answer.
   * @throws as `fetch`, before the call.
   */
  authorizeCall(url: string | URL, options?: ApiCallOptions & { method?: string; signal?: AbortSignal }): Promise<AuthorizedCall>;

  /**
   * What came of a call, by its response: of `fetch`, and the very object.
   * @throws BrowserAuthError `unknown_response` for any other.
   */
  explainResponse(response: Response): ApiExplanation;
}
