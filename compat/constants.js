/** MSAL's constants, also those of what never comes here: apps compare with them. */

import { EventType as Own, LogLevel as Levels } from "consentry";

export const InteractionType = { Redirect: "redirect", Popup: "popup", Silent: "silent", None: "none" };

export const InteractionStatus = { Startup: "startup", Logout: "logout", AcquireToken: "acquireToken", HandleRedirect: "handleRedirect", None: "none" };

export const BrowserCacheLocation = { LocalStorage: "localStorage", SessionStorage: "sessionStorage", MemoryStorage: "memoryStorage" };

export const WrapperSKU = { React: "@azure/msal-react", Angular: "@azure/msal-angular" };

export const CacheLookupPolicy = { Default: 0, AccessToken: 1, AccessTokenAndRefreshToken: 2, RefreshToken: 3, RefreshTokenAndNetwork: 4, Skip: 5 };

export const ApiId = {
  acquireTokenRedirect: 861,
  acquireTokenPopup: 862,
  ssoSilent: 863,
  acquireTokenSilent_authCode: 864,
  handleRedirectPromise: 865,
  acquireTokenByCode: 866,
  acquireTokenSilent_silentFlow: 61,
  logout: 961,
  logoutPopup: 962,
  hydrateCache: 963,
  loadExternalTokens: 964,
};

/** No broker is asked here, so none is told of. */
export const EventType = {
  ...Own,
  BROKERED_REQUEST_START: "msal:brokeredRequestStart",
  BROKERED_REQUEST_SUCCESS: "msal:brokeredRequestSuccess",
  BROKERED_REQUEST_FAILURE: "msal:brokeredRequestFailure",
  BROKER_CONNECTION_ESTABLISHED: "msal:brokerConnectionEstablished",
};

/** With the names by number, for apps that write them. */
export const LogLevel = { ...Levels, 0: "Error", 1: "Warning", 2: "Info", 3: "Verbose", 4: "Trace" };

export const AuthenticationScheme = { BEARER: "Bearer", POP: "pop", DPOP: "DPoP", SSH: "ssh-cert" };

export const ResponseMode = { QUERY: "query", FRAGMENT: "fragment", FORM_POST: "form_post" };

export const PromptValue = { LOGIN: "login", SELECT_ACCOUNT: "select_account", CONSENT: "consent", NONE: "none", CREATE: "create", NO_SESSION: "no_session" };

export const JsonWebTokenTypes = { Jwt: "JWT", Jwk: "JWK", Pop: "pop", Dpop: "dpop+jwt" };

export const ProtocolMode = { AAD: "AAD", OIDC: "OIDC", EAR: "EAR" };

export const AzureCloudInstance = {
  None: "none",
  AzurePublic: "https://login.microsoftonline.com",
  AzureChina: "https://login.chinacloudapi.cn",
  AzureGermany: "https://login.microsoftonline.de",
  AzureUsGovernment: "https://login.microsoftonline.us",
};

export const OIDC_DEFAULT_SCOPES = ["openid", "profile", "offline_access"];

/** In milliseconds. */
export const DEFAULT_IFRAME_TIMEOUT_MS = 10_000;
