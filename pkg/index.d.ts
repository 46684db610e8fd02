/**
 * Client authorization for single-page apps on the Microsoft identity platform.
 *
 * Names and shapes are those of `@azure/msal-browser`, as far as there are methods here. A field of MSAL's that is not
 * declared here is refused where it would change what is asked for, and has no effect elsewhere. Every duration in a
 * configuration whose name ends in `Seconds` is in seconds; every `Date` is a real `Date`.
 */

/** Where tokens are kept. `memoryStorage` forgets them with the page. */
export type CacheLocation = "sessionStorage" | "localStorage" | "memoryStorage";

/** Who the app is and whom it trusts. */
export interface AuthOptions {
  /** The application (client) ID of the app registration. Required, not empty. */
  clientId: string;
  /**
   * The authorization server, with the tenant as its path, for example
   * `https://login.microsoftonline.com/contoso.onmicrosoft.com`. `https` only; `http` for a loopback host.
   * Default: `https://login.microsoftonline.com/common/`.
   */
  authority?: string;
  /** A redirect URI that is registered for the app, absolute or relative to the page. Default: the page itself, without query and fragment. */
  redirectUri?: string;
  /** Where the server sends the user after sign-out. Default: the page itself, without query and fragment. */
  postLogoutRedirectUri?: string;
  /** The server's OpenID Connect metadata as JSON text, in place of a discovery request. */
  authorityMetadata?: string;
}

/** Where tokens are kept. */
export interface CacheOptions {
  /** Default: `sessionStorage`. */
  cacheLocation?: CacheLocation;
}

/** How the client behaves. */
export interface SystemOptions {
  /** A token with less than this many seconds to live is renewed before it is returned. Default: 300. */
  tokenRenewalOffsetSeconds?: number;
}

/** What `new PublicClientApplication()` takes. */
export interface Configuration {
  auth: AuthOptions;
  cache?: CacheOptions;
  system?: SystemOptions;
}

/** A signed-in user. Key users by `homeAccountId`, never by `username`, which can change. */
export interface AccountInfo {
  /** `uid.utid`: the user in the home tenant. */
  homeAccountId: string;
  /** The host of the authority. */
  environment: string;
  /** The tenant that signed the user in (claim `tid`). */
  tenantId: string;
  /** The claim `preferred_username`; empty if the server sends none. For display only. */
  username: string;
  /** The user in that tenant (claim `oid`, else `sub`). */
  localAccountId: string;
  /** The claim `login_hint`, if the app asked for it. */
  loginHint?: string;
  /** The claim `name`. */
  name?: string;
  /** The ID token as received. */
  idToken?: string;
  /** The claims of the ID token. */
  idTokenClaims?: IdTokenClaims;
}

/** The claims of a checked ID token. `email` is often absent: be prepared for that. */
export interface IdTokenClaims {
  iss: string;
  sub: string;
  aud: string | string[];
  exp: number;
  iat: number;
  nonce?: string;
  name?: string;
  preferred_username?: string;
  email?: string;
  oid?: string;
  tid?: string;
  [claim: string]: unknown;
}

/** Which account is meant: the properties that are given must all be equal. One without any fits nobody. */
export interface AccountFilter {
  homeAccountId?: string;
  localAccountId?: string;
  username?: string;
  tenantId?: string;
  /** The same as `tenantId`. */
  realm?: string;
  environment?: string;
  name?: string;
  loginHint?: string;
  /** The claim `upn`. */
  upn?: string;
  /** The claim `sid`. */
  sid?: string;
}

/** What every request may carry. */
export interface BaseAuthRequest {
  /**
   * Delegated permissions of one API, each as `<Application ID URI>/<permission>`; without an Application ID URI
   * the permission is Microsoft Graph's. `openid profile offline_access` are always asked for as well.
   */
  scopes?: string[];
  /** A GUID that the server writes in its logs. Default: a new one. */
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
  extraScopesToConsent?: string[];
  /** Overrides the configured redirect URI. */
  redirectUri?: string;
  /** The page to return to, of this origin. Default: the page that calls. */
  redirectStartPage?: string;
  /** Fills in the sign-in name. */
  loginHint?: string;
  /** Skips the choice of an identity provider: `organizations`, `consumers` or a domain. */
  domainHint?: string;
  /** What the server must show: `login`, `consent`, `select_account`, `create`, or `none`. */
  prompt?: "login" | "consent" | "select_account" | "create" | "none";
  /** The app's own text, returned in `AuthenticationResult.state`. */
  state?: string;
  /** An OpenID Connect `claims` parameter (JSON text), for example from a claims challenge. */
  claims?: string;
  /** Added to the authorization URL as they are; they cannot replace a parameter of the protocol. */
  extraQueryParameters?: Record<string, string>;
}

/** A request that shows nothing. */
export interface SilentRequest extends BaseAuthRequest {
  /** Default: the active account, else the only account. */
  account?: AccountInfo;
  /** `true` skips the cached access token. Default: false. */
  forceRefresh?: boolean;
  /** A `claims` parameter (JSON text); a request with claims is never answered from the cache. */
  claims?: string;
}

/** Ends the session. */
export interface EndSessionRequest {
  /** Default: the active account, else the only account; with several and none active, all are forgotten. */
  account?: AccountInfo;
  /** Overrides the configured address. */
  postLogoutRedirectUri?: string;
  /** Default: the claim `login_hint` of the account. */
  logoutHint?: string;
  /** Sent as `id_token_hint`. Entra needs none. */
  idTokenHint?: string;
  /** Returned by the server on the post-logout page. */
  state?: string;
  correlationId?: string;
}

/** Which tokens to forget. */
export interface ClearCacheRequest {
  /** Default: all accounts of this client. */
  account?: AccountInfo;
  correlationId?: string;
}

/** How `handleRedirectPromise` finds and ends a response. */
export interface HandleRedirectPromiseOptions {
  /** The response, where the app has taken it out of the address bar itself: `#code=…&state=…`. Default or empty: the page's. */
  hash?: string;
  /** Return to the page that began the request. Default: true. */
  navigateToLoginRequestUrl?: boolean;
}

/** A token and whom it speaks for. */
export interface AuthenticationResult {
  authority: string;
  /** Equal to `account.localAccountId`. */
  uniqueId: string;
  tenantId: string;
  /** What was granted, which can be less or more than what was asked for. */
  scopes: string[];
  /** What was asked for and not granted; mostly empty. Asking again silently brings the same. */
  missingScopes: string[];
  account: AccountInfo;
  idToken: string;
  idTokenClaims: IdTokenClaims;
  /** Opaque: for the API only. */
  accessToken: string;
  fromCache: boolean;
  /** `null` where the server did not say. */
  expiresOn: Date | null;
  tokenType: string;
  correlationId: string;
  /** The `state` of the request. */
  state?: string;
}

/** The permissions that the server granted to this client for one account, by Application ID URI. */
export type GrantedScopes = Record<string, string[]>;

/** Where the WebAssembly module comes from. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module | Promise<Response>;

/** What `initialize()` takes. */
export interface InitializeApplicationRequest {
  /** The WebAssembly module, where it is not beside the package's own script. */
  wasm?: WasmSource;
  correlationId?: string;
}

/** The client. Every method but the constructor needs `await initialize()` first. */
export declare class PublicClientApplication {
  /** Keeps the configuration; checks nothing and loads nothing: `initialize()` does. */
  constructor(configuration: Configuration);

  /**
   * Loads the WebAssembly module once and checks the configuration. Can be called any number of times.
   * @throws ClientConfigurationError when a field of the configuration can't be used.
   */
  initialize(request?: InitializeApplicationRequest): Promise<void>;

  /**
   * Reads the server's answer from the page's address, if there is one: call it once on every page load, and start a
   * router that reads the fragment afterwards. Further calls on the same page share the answer.
   * `null` where the page was not opened by the server, or not in answer to this client.
   * @throws AuthError with the request's `state` when the server refused, or the answer failed a check.
   */
  handleRedirectPromise(options?: HandleRedirectPromiseOptions): Promise<AuthenticationResult | null>;

  /** Leaves the page to sign the user in. */
  loginRedirect(request?: RedirectRequest): Promise<void>;

  /**
   * Leaves the page to get a token that needs the user: a permission that is not granted yet, for example.
   * Nobody else than the account may answer.
   */
  acquireTokenRedirect(request: RedirectRequest): Promise<void>;

  /**
   * A token for one API, from the cache or by refresh token.
   * @throws InteractionRequiredAuthError when the user is needed: call `acquireTokenRedirect` with the same scopes.
   */
  acquireTokenSilent(request: SilentRequest): Promise<AuthenticationResult>;

  /** Forgets the account's tokens, then leaves the page to end the session at the server. */
  logoutRedirect(request?: EndSessionRequest): Promise<void>;

  /** Forgets tokens here, without asking the server. */
  clearCache(request?: ClearCacheRequest): Promise<void>;

  /** The accounts that are signed in, oldest first. */
  getAllAccounts(filter?: AccountFilter): AccountInfo[];

  /** The first account that the filter fits. */
  getAccount(filter: AccountFilter): AccountInfo | null;

  /** The account that requests without an account mean. */
  getActiveAccount(): AccountInfo | null;

  /** Chooses that account; `null` chooses none. */
  setActiveAccount(account: AccountInfo | null): void;

  /** What the server has granted so far, by Application ID URI. Default account: the active one, else the only one. */
  getGrantedScopes(account?: AccountInfo): GrantedScopes;
}

/** The root of all errors of this package. No text of an error carries a token, a code or a verifier. */
export declare class AuthError extends Error {
  constructor(errorCode: string, correlationId?: string, errorMessage?: string, subError?: string);
  /** A stable code. */
  errorCode: string;
  /** What is wrong, and what to do. */
  errorMessage: string;
  subError: string;
  /** Of the request that failed, as the server has it in its logs. */
  correlationId: string;
  /** The `state` of the redirect request that failed, where it is known. */
  state?: string;
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
  timestamp?: string;
  traceId?: string;
  /** The correlation id that the server itself named. */
  serverCorrelationId?: string;
}

/** The user is needed: call `acquireTokenRedirect`. */
export declare class InteractionRequiredAuthError extends AuthError {
  timestamp: string;
  traceId: string;
  /** To be passed on as `claims` of the interactive request. */
  claims: string;
  errorNo?: string;
  status?: number;
  retryAfter?: number;
  serverCorrelationId?: string;
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

/** The version of this package. */
export declare const version: string;
