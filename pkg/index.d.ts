/**
 * Client authorization for single-page apps on the Microsoft identity platform.
 *
 * Names and shapes are those of `@azure/msal-browser`; what became of each of its members and fields says docs/coming-from-msal.md. What would silently change what is asked or kept is
 * refused (`invalid_field`): of a request `nonce`, `storeInCache`, another `authority` than the client's, another `authenticationScheme` than `Bearer` and, but for `ssoSilent`, `sid`; of a
 * configuration `auth.clientSecret` and `protocolMode` `EAR`. Fields that are not declared here have no effect, also those that change what MSAL asks for:
 * `azureCloudOptions`, `instanceAware`, `isMcp`, `extraParameters`, `attributeTokens`. Durations whose names end in `Seconds` are in seconds; every `Date` is a real `Date`.
 * @module consentry
 */

import type { ApiCalls } from "./api.js";
import type { EventType, Logger } from "./telling.js";
import type {
  AccountFilter,
  AccountInfo,
  AuthenticationResult,
  Configuration,
  EventCallback,
  INavigationClient,
  InitializeApplicationRequest,
  UserInfo,
} from "./messages.js";
import type {
  AuthorizationCodeRequest,
  ClearCacheRequest,
  EndSessionPopupRequest,
  EndSessionRequest,
  HandleRedirectPromiseOptions,
  PopupRequest,
  RedirectRequest,
  SilentRequest,
  SsoSilentRequest,
  UserInfoRequest,
} from "./requests.js";
import type {
  AdminConsentRequest,
  AdminConsentResult,
  ConsentPlan,
  ForbiddenCall,
  ForbiddenExplanation,
  Scopes,
  ScopesByResource,
  ScopeWarning,
  TokensRequest,
  TokensResult,
} from "./consent.js";

export {
  AccessBlockedError,
  AdminConsentRequiredError,
  AuthError,
  BrowserAuthError,
  BrowserConfigurationAuthError,
  CacheError,
  ClientAuthError,
  ClientConfigurationError,
  ConsentDeclinedError,
  ConsentRequiredError,
  InteractionRequiredAuthError,
  MisconfiguredError,
  ServerError,
} from "./refusals.js";
export { EventType, Logger, LogLevel, NavigationClient } from "./telling.js";
export type * from "./api.js";
export type * from "./consent.js";
export type * from "./messages.js";
export type * from "./requests.js";

export interface PublicClientApplication extends ApiCalls {}

/**
 * The client. All but events, the logger, the navigation client and the configuration needs `await initialize()` first: a BrowserAuthError
 * `uninitialized_public_client_application` says so.
 */
export declare class PublicClientApplication {
  /** Keeps the configuration; checks nothing and loads nothing: `initialize()` does. */
  constructor(configuration: Configuration);

  /**
   * Loads the WebAssembly module once and checks the configuration. Can be called any number of times. Users whom `@azure/msal-browser` has
   * signed in with the same client id, server and `cacheLocation` are taken over the first time, if nobody is signed in here; what it has stored
   * stays as it is, and is not looked at again once somebody has signed out.
   * @throws ClientConfigurationError when a field of the configuration can't be used, BrowserAuthError `wasm_load_failed` when the
   *   module is not there, or the page's Content-Security-Policy does not allow WebAssembly, BrowserConfigurationAuthError
   *   `storage_not_supported` when the browser denies the storage of `cache.cacheLocation`, or `cache.storage` can't be read, and
   *   `crypto_key_not_found` when it denies the key for `cache.encryption`.
   */
  initialize(request?: InitializeApplicationRequest): Promise<void>;

  /**
   * Reads the server's answer from the page's address, if there is one: call it once on every page load, and start a
   * router that reads the fragment afterwards. Further calls on the same page share the answer.
   * `null` where the page was not opened by the server, or not in answer to this client.
   * @throws AuthError with the request's `state` when the server refused, or the answer failed a check.
   */
  handleRedirectPromise(options?: HandleRedirectPromiseOptions | string): Promise<AuthenticationResult | null>;

  /**
   * Leaves the page to sign the user in. After a refusal it does so only in a click of the user, or with `askAgain: true`:
   * a page that signs in while it loads would ask on and on.
   * @throws ConsentDeclinedError and its like when the last sign-in of this tab was refused and no click began this one;
   *   BrowserAuthError `interaction_loop`; ClientConfigurationError; ServerError when the server refuses a pushed request.
   */
  loginRedirect(request?: RedirectRequest): Promise<void>;

  /**
   * Leaves the page to get a token that needs the user: a permission that is not granted yet, for example.
   * Nobody else than the account may answer.
   * @throws ConsentDeclinedError or AdminConsentRequiredError when that was refused before: see `askAgain`; BrowserAuthError
   *   `interaction_loop`; ClientConfigurationError; ServerError when the server refuses a pushed request.
   */
  acquireTokenRedirect(request: RedirectRequest): Promise<void>;

  /**
   * The same in a window of its own: call it in a click, so that the browser lets it open. One redirect URI serves for both: its page need not
   * run any script, and one that calls `handleRedirectPromise` gets `null` in the window, which closes.
   * @throws BrowserAuthError `popup_window_error` when the browser opens none, `user_cancelled` when it was closed (a server can keep that from this
   *   page: then after three seconds in which this page has the focus; should an answer come after all, the user is signed in),
   *   `interaction_in_progress` while this page has another one open, `block_nested_popups` in such a window; and as `loginRedirect`.
   */
  loginPopup(request?: PopupRequest): Promise<AuthenticationResult>;

  /**
   * `acquireTokenRedirect` in a window: see `loginPopup`.
   * @throws as both.
   */
  acquireTokenPopup(request: PopupRequest): Promise<AuthenticationResult>;

  /**
   * A token for one API, from the cache or by refresh token. Where none is left, the server is asked in a hidden frame, as by
   * `ssoSilent`: see `system.allowSilentFrame`.
   * @throws InteractionRequiredAuthError when the user is needed: call `acquireTokenRedirect` or `acquireTokenPopup` with the same scopes;
   *   BrowserAuthError `no_account_error` when nobody is signed in, `ambiguous_account` when it is not said who is meant, others when there is no
   *   network; ClientConfigurationError for scopes that can't be asked for; ServerError when the server refused; ClientAuthError when its answer
   *   failed a check, `token_refresh_required` where `cacheLookupPolicy` lets nothing be asked.
   */
  acquireTokenSilent(request: SilentRequest): Promise<AuthenticationResult>;

  /**
   * Signs in whoever has a session at the server, in a hidden frame and without showing anything (`prompt=none`). Who is meant can be
   * said by `account`, `sid` or `loginHint`; with none of them the active account is a hint, and whoever is there may answer.
   * Waits ten seconds at most for the frame. The page of `redirectUri` comes up in it: one without scripts is the lightest, and it has to let
   * itself be framed by its own origin.
   * @throws InteractionRequiredAuthError when the server has to show something (`login_required` and its like); `frame_timed_out` when nothing
   *   comes: a policy of the server or the redirect page forbids it to be framed, or the browser stopped on the way; `frame_blocked` when this
   *   page's Content-Security-Policy forbids the frame: call `loginRedirect`.
   * @throws BrowserAuthError `block_iframe_reload` when this page is in such a frame itself; others when there is no network.
   * @throws ClientAuthError `account_mismatch` when another account answers than `account`; others when the answer failed a check.
   */
  ssoSilent(request?: SsoSilentRequest): Promise<AuthenticationResult>;

  /**
   * Redeems a code that the app's server has brought to the page: of the hybrid flow, or one that the platform gives to single-page apps
   * beside the server's own. It was not asked for here, so there is no `code_verifier` to send, and neither `state` nor `nonce` is checked:
   * see to it that the code is of the user who is there. Calls with one code at once share the answer.
   * @throws BrowserAuthError `auth_code_required` when there is none; ServerError when the server refuses it; ClientAuthError when the answer
   *   fails a check.
   */
  acquireTokenByCode(request: AuthorizationCodeRequest): Promise<AuthenticationResult>;

  /**
   * Remembers a result that came from elsewhere: the app's server, or another client of the same app registration. The account is there
   * afterwards, and the access token, while it lives, is found by `acquireTokenSilent`. A refresh token is not taken. The ID token may have
   * ended; issuer, audience and subject are checked, its signature and `nonce` are not: pass on only what you have from where you trust it. An
   * account that is known keeps the newer of its ID tokens, and a token that lives longer stays.
   * @param request What the result answers: `scopes`, `resource` and `claims` of it are read. Default: one for just the scopes of the result.
   * @throws ClientAuthError `token_parsing_error` or `invalid_id_token` for an ID token that is malformed, of another server or for another
   *   client; ClientConfigurationError `invalid_field` for a `homeAccountId` that is not of its user.
   */
  hydrateCache(result: Pick<AuthenticationResult, "idToken"> & Partial<AuthenticationResult>, request?: RedirectRequest | SilentRequest | SsoSilentRequest | PopupRequest): Promise<void>;

  /**
   * Asks the server who the user is (OpenID Connect Core section 5.3). Some servers say it in the ID token, some here only. What comes is of
   * the user of the ID token, or nothing is returned. It is not kept, but for `username` and `name` of an account whose ID token lacks
   * them, with `protocolMode` `OIDC`.
   * @throws InteractionRequiredAuthError when the user is needed: the server takes none of the account's tokens.
   * @throws ServerError for any other refusal, with its `status`.
   * @throws ClientAuthError `userinfo_endpoint_not_supported` when the server has no such endpoint, `userinfo_subject_mismatch` for the claims of
   *   somebody else or of nobody, `invalid_userinfo_response` for an answer that is no JSON object: signed ones are not read.
   */
  loadUserInfo(request?: UserInfoRequest): Promise<UserInfo>;

  /**
   * Forgets the account's tokens, then leaves the page to end the session at the server.
   * @throws ClientConfigurationError for an address that can't be used; ClientAuthError `end_session_endpoint_not_supported` and BrowserAuthError
   *   when the server can't be asked: here the user has signed out all the same.
   */
  logoutRedirect(request?: EndSessionRequest): Promise<void>;

  /**
   * The same in a window. Who closes it has signed out here all the same.
   * @throws as `logoutRedirect`; BrowserAuthError `popup_window_error` when the browser opens none: here the user has signed out then, too.
   */
  logoutPopup(request?: EndSessionPopupRequest): Promise<void>;

  /**
   * Forgets whose session is over: call it on the page that is registered as the front-channel logout URL, which the server loads in a frame of
   * its own (OpenID Connect Front-Channel Logout section 2). Browsers that keep storage of other sites' frames apart show it nothing.
   * @throws as `clearCache`.
   */
  handleFrontChannelLogout(): Promise<void>;

  /**
   * Forgets tokens here, without asking the server.
   * @throws BrowserConfigurationAuthError or CacheError when the storage lets nothing be removed.
   */
  clearCache(request?: ClearCacheRequest): Promise<void>;

  /** The accounts that are signed in, oldest first. */
  getAllAccounts(filter?: AccountFilter): AccountInfo[];

  /** The first account that the filter fits. */
  getAccount(filter: AccountFilter): AccountInfo | null;

  /** The account that requests without an account mean. */
  getActiveAccount(): AccountInfo | null;

  /**
   * Chooses that account; `null` chooses none.
   * @throws BrowserAuthError `no_account_error` when it is not signed in.
   */
  setActiveAccount(account: AccountInfo | null): void;

  /**
   * Has a function called for what happens here, by `EventType`; and when somebody has signed in or out, or another account was chosen, also for
   * another page of this origin, with `localStorage`. Can be called before `initialize()`.
   * @returns what `removeEventCallback` takes.
   */
  addEventCallback(callback: EventCallback, eventTypes?: EventType[]): string | null;

  /** Has it called no more. */
  removeEventCallback(callbackId: string): void;

  /** Where the app and wrappers write to: `system.loggerOptions`. The client itself writes nothing there. */
  getLogger(): Logger;
  /** Has the app and wrappers write there from now on. */
  setLogger(logger: Logger): void;
  /** Has pages gone to by this one from now on: see `system.navigationClient`. */
  setNavigationClient(client: INavigationClient): void;
  /** What the app has configured, with defaults. */
  getConfiguration(): any;
  /** Does nothing: no telemetry is sent. */
  initializeWrapperLibrary(sku: string, version: string): void;
  /** Does nothing: nothing is measured. */
  addPerformanceCallback(callback: (events: any[]) => void): string;
  /** Does nothing, and says so: `false`. */
  removePerformanceCallback(callbackId: string): boolean;

  /**
   * What the server has granted so far, by Application ID URI. Default account: the active one, else the only one.
   * @throws BrowserAuthError `no_account_error` when nobody is signed in, `ambiguous_account` when it is not said who is meant.
   */
  getGrantedScopes(account?: AccountInfo): ScopesByResource;

  /**
   * What it takes to get permissions, from what is known here: asks nobody. Default account: the active one, else the
   * only one; with none the plan begins with signing in.
   * @throws ClientConfigurationError for scopes that can't be asked for; BrowserAuthError `wasm_load_failed` when the part of the core for it does not
   * load, as with whatever else is a promise.
   */
  plan(scopes: Scopes, account?: AccountInfo): Promise<ConsentPlan>;

  /**
   * Tokens for several APIs: silently where that is possible, after at most one interaction for all the rest. An API
   * that fails does not lose the tokens of the others.
   * @throws ClientConfigurationError for scopes that can't be asked for, BrowserAuthError when nobody is signed in.
   */
  acquireTokens(request: TokensRequest): Promise<TokensResult>;

  /**
   * Leaves the page for an administrator to consent for the whole organization.
   * @throws ClientConfigurationError for scopes or addresses that can't be used; BrowserAuthError `interaction_loop`, others when the page can't be left.
   */
  adminConsentRedirect(request: AdminConsentRequest): Promise<void>;

  /**
   * The same in a window of its own: call it in a click, so that the browser lets it open. The page of the redirect URI
   * has to call `handleRedirectPromise` or `handleAdminConsentPromise`: it sends the answer here, and closes.
   * @throws as `adminConsentRedirect` and `handleAdminConsentPromise`; BrowserAuthError `popup_window_error` when the browser did not let it open,
   *   `user_cancelled` when it was closed.
   */
  adminConsentPopup(request: AdminConsentRequest): Promise<AdminConsentResult>;

  /**
   * Reads the answer to `adminConsentRedirect` from the page's address, if there is one: call it on the page that the
   * redirect URI names, beside `handleRedirectPromise`.
   * @throws AuthError when the administrator declined, or the server refused.
   */
  handleAdminConsentPromise(): Promise<AdminConsentResult | null>;

  /**
   * A link for a user to send to an administrator. Whoever opens it needs no session here, and brings none.
   * @throws ClientConfigurationError for scopes that can't be asked for.
   */
  getAdminConsentUrl(request: AdminConsentRequest): Promise<string>;

  /**
   * Why an API said 403, and whether consent can help. Asks nobody.
   * @throws ClientConfigurationError for a call that is none.
   */
  explainForbidden(call: ForbiddenCall): Promise<ForbiddenExplanation>;

  /**
   * What could be smaller about a request; `signIn` for one that only signs the user in. Asks nobody.
   * @throws ClientConfigurationError for scopes that can't be asked for.
   */
  reviewScopes(scopes: Scopes, signIn?: boolean): Promise<ScopeWarning[]>;
}

/** The version of this package. */
export declare const version: string;
