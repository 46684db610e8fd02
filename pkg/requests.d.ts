/** What methods are asked for. */

import type { Scopes } from "./consent.js";
import type { AccountInfo } from "./messages.js";

/** What every request may carry. */
export interface BaseAuthRequest {
  /** That of the configuration: a client speaks to one server, in one tenant. Another one is refused with `invalid_field`. */
  authority?: string;
  /** `Bearer`, the only scheme there is. */
  authenticationScheme?: "Bearer" | "bearer";
  /** Permissions of one API. `openid profile offline_access` are asked for as well, with `protocolMode` `OIDC` the configured `defaultScopes`. */
  scopes?: Scopes;
  /**
   * The API that the token is for, where the scopes do not say it: an absolute URI without fragment (RFC 8707). It is sent to the server, to the
   * letter, and the token is found by requests with the same one alone. With `system.protocolMode` `OIDC` only: on the Microsoft identity platform
   * the scopes name the API, and a request with a `resource` is refused with `invalid_field`. Default: none.
   */
  resource?: string;
  /**
   * Gives the call up: it rejects with the signal's `reason`, and a window that it has opened is closed, at the latest when it is back from the server's pages. A token that is on its way for others as well comes
   * all the same, and is kept. No effect on `loginRedirect` and `acquireTokenRedirect`.
   */
  signal?: AbortSignal;
  /** A GUID for this request. The Microsoft identity platform writes it in its logs; other servers are not sent it. Default: a new one. */
  correlationId?: string;
}

/** A request that shows the server's pages to the user. */
export interface RedirectRequest extends BaseAuthRequest {
  /**
   * The only user who may answer, unless `prompt` lets them choose. Default: the active account, else the only one; for
   * `loginRedirect` anybody may answer, and the active account is a hint.
   */
  account?: AccountInfo;
  /** Permissions of other APIs to be consented to on the same page; no token is requested for them. */
  extraScopesToConsent?: Scopes;
  /** Ask for permissions although they were declined, or an admin was needed. `prompt: "consent"` does too. Default: false. */
  askAgain?: boolean;
  /** Overrides the configured redirect URI. */
  redirectUri?: string;
  /** The page to return to, of this origin. Default: the page that calls. */
  redirectStartPage?: string;
  /** Fills in the sign-in name. */
  loginHint?: string;
  /** Skips the choice of an identity provider: `organizations`, `consumers` or a domain. */
  domainHint?: string;
  /**
   * What the server must show: `login`, `consent`, `select_account`, `create`, or `none`. With `protocolMode` `OIDC` a request that asks for
   * `offline_access` is sent with `consent` where none is given, as servers give a refresh token only then (OpenID Connect Core section 11);
   * not where the account has one and has had a token for all that is asked, nor where the server's metadata
   * has `prompt_values_supported` without it. Without it the server decides.
   */
  prompt?: "login" | "consent" | "select_account" | "create" | "none";
  /** The app's own text, returned in `AuthenticationResult.state`. */
  state?: string;
  /** An OpenID Connect `claims` parameter (JSON text), for example from a claims challenge. */
  claims?: string | undefined;
  /**
   * Added to the authorization request as they are, also where it is pushed; they cannot replace a parameter of the protocol, and
   * `request`, `request_uri` and `resource` are refused.
   */
  extraQueryParameters?: Record<string, string>;
}

/** A request that shows the server's pages in a window. The page that comes up in it afterwards is of this origin, and need not run any script. */
export interface PopupRequest extends Omit<RedirectRequest, "redirectStartPage"> {
  /** Pixels. Default: 483 by 600, over the middle of the page. */
  popupWindowAttributes?: PopupWindowAttributes;
  /** The window that opens it. Default: the page's own. */
  popupWindowParent?: Window;
  /** Give up a window that this page has open. Default: false, and the call is refused with `interaction_in_progress`. */
  overrideInteractionInProgress?: boolean;
}

/** How a window is to look, in pixels. */
export interface PopupWindowAttributes {
  /** How large it is. Default: 483 wide, 600 high. */
  popupSize?: {
    /** In pixels. */
    height: number;
    /** In pixels. */
    width: number;
  };
  /** Where it stands on the screen. Default: over the middle of the page. */
  popupPosition?: {
    /** From the upper edge, in pixels. */
    top: number;
    /** From the left edge, in pixels. */
    left: number;
  };
}

/**
 * Where `acquireTokenSilent` looks, by MSAL's numbers. 0, the default: in the cache, by refresh token, in a hidden frame. 1: in the cache alone.
 * 2: in the cache, by refresh token. 3: by refresh token. 4: by refresh token, in a hidden frame. 5: in a hidden frame.
 */
export type CacheLookupPolicy = 0 | 1 | 2 | 3 | 4 | 5;

/** A request that shows nothing. */
export interface SilentRequest extends BaseAuthRequest {
  /** Default: the active account, else the only account. */
  account?: AccountInfo;
  /** `true` skips the cached access token. Default: false. */
  forceRefresh?: boolean;
  /** Where to look for a token, and where not. With 1, where none is cached: `token_refresh_required`. */
  cacheLookupPolicy?: CacheLookupPolicy;
  /** The app's own text, returned in `AuthenticationResult.state`. */
  state?: string;
  /** A `claims` parameter (JSON text). Answered from the cache by a token that was asked for with the same claims. */
  claims?: string | undefined;
}

/** Signs in without showing anything. */
export interface SsoSilentRequest extends BaseAuthRequest {
  /** The only account that may answer. Default: anybody's; the active account is a hint. */
  account?: AccountInfo;
  /** Who is expected: their sign-in name, or the claim `login_hint`. */
  loginHint?: string;
  /** The session that is meant (claim `sid` of an ID token), on the Microsoft identity platform. It takes the place of other hints. */
  sid?: string;
  /** Skips the choice of an identity provider: `organizations`, `consumers` or a domain. */
  domainHint?: string;
  /** Overrides the configured redirect URI. */
  redirectUri?: string;
  /** Nothing is shown, whatever is said here: the request of a sign-in can be passed on as it is. */
  prompt?: RedirectRequest["prompt"];
  /** The app's own text, returned in `AuthenticationResult.state`. */
  state?: string;
  /** An OpenID Connect `claims` parameter (JSON text). */
  claims?: string | undefined;
  /** Added to the authorization request as they are, as for `RedirectRequest`. */
  extraQueryParameters?: Record<string, string>;
}

/** Redeems a code that the app's server has brought. */
export interface AuthorizationCodeRequest extends BaseAuthRequest {
  /** The code. It can be redeemed once. */
  code: string;
  /** Where the server had it sent to. Default: the configured redirect URI. */
  redirectUri?: string;
  /** The `claims` parameter that it was asked for with (JSON text). */
  claims?: string | undefined;
}

/** Asks who the user is. */
export interface UserInfoRequest {
  /** Default: the active account, else the only account. */
  account?: AccountInfo;
  /** A GUID for this request. The Microsoft identity platform writes it in its logs; other servers are not sent it. Default: a new one. */
  correlationId?: string;
  /** As for `acquireTokenSilent`. */
  signal?: AbortSignal;
}

/** Ends the session. */
export interface EndSessionRequest {
  /** Default, and with `null`: the active account, else the only account; with several and none active, all are forgotten. */
  account?: AccountInfo | null;
  /** Overrides the configured address; `null` for staying at the server. */
  postLogoutRedirectUri?: string | null;
  /** Default: the claim `login_hint` of the account. */
  logoutHint?: string;
  /** Sent as `id_token_hint`. Default: none on the Microsoft identity platform; elsewhere the account's ID token. */
  idTokenHint?: string;
  /** Returned by the server on the post-logout page. */
  state?: string;
  /** A GUID for this request, which its errors and events have. Default: a new one. */
  correlationId?: string;
}

/** Ends the session in a window. */
export interface EndSessionPopupRequest extends Omit<EndSessionRequest, "state"> {
  /** Where this page goes afterwards, of this origin. Default: nowhere. */
  mainWindowRedirectUri?: string;
  /** How the window is to look: as for `acquireTokenPopup`. */
  popupWindowAttributes?: PopupWindowAttributes;
  /** The window that opens it. Default: the page's own. */
  popupWindowParent?: Window;
  /** As for `acquireTokenPopup`; once the window is open the user has signed out here. */
  signal?: AbortSignal;
}

/** Which tokens to forget. */
export interface ClearCacheRequest {
  /** Default, and with `null`: all accounts of this client. */
  account?: AccountInfo | null;
  /** A GUID for this request, which its errors and events have. Default: a new one. */
  correlationId?: string;
}

/** How `handleRedirectPromise` finds and ends a response. */
export interface HandleRedirectPromiseOptions {
  /** The response, where the app has taken it out of the address bar itself: `#code=…&state=…`. Default or empty: the page's. */
  hash?: string;
  /** Return to the page that began the request. Default: true. */
  navigateToLoginRequestUrl?: boolean;
}
