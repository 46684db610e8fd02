/** What goes into the client and what comes out of it: configuration, accounts, results. Requests are in requests.d.ts. */

import type { ApiOptions } from "./api.js";
import type { EventType, LogLevel } from "./telling.js";
import type { Scopes } from "./consent.js";

/** Where tokens are kept. `memoryStorage` forgets them with the page. */
export type CacheLocation = "sessionStorage" | "localStorage" | "memoryStorage";

/** Who the app is and whom it trusts. */
export interface AuthOptions {
  /** The application (client) ID of the app registration. Required, not empty. */
  clientId: string;
  /**
   * The authorization server, with the tenant as its path, for example
   * `https://login.microsoftonline.com/contoso.onmicrosoft.com`; of B2C with the policy after it, of External ID the host alone if you
   * like. `https` only; `http` for a loopback host. Default: `https://login.microsoftonline.com/common`. With `system.protocolMode`
   * `OIDC`: the issuer, to the letter, which has no default.
   */
  authority?: string;
  /**
   * A redirect URI that is registered for the app, absolute or relative to the page. Default: the page itself, without query and
   * fragment. Clients of two servers on one page need one each, unless the servers name themselves in their answers (RFC 9207).
   */
  redirectUri?: string;
  /** Where the server sends the user after sign-out. Default: the page itself, without query and fragment. `null`: the user stays at the server. */
  postLogoutRedirectUri?: string | null;
  /** Is told where the page is about to be left to, by redirect; `false` keeps the user here. */
  onRedirectNavigate?: (url: string) => boolean | void;
  /** The server's OpenID Connect metadata as JSON text, in place of a discovery request; with `jwks_uri`, for the signature of ID tokens. With `protocolMode`
   * `OIDC` its `issuer` has to be `authority`; with `AAD` that is yours to answer for. */
  authorityMetadata?: string;
  /**
   * What the app can do: every request for a code or a token tells the server, by the claim `xms_cc` that it demands of the access
   * token beside the request's own `claims`. `["CP1"]`: it answers claims challenges, and in return the platform's tokens live for up to
   * 28 hours (docs/cache.md). Say it only of an app that does. Default: nothing.
   */
  clientCapabilities?: string[];
  /** What is said to servers other than the Microsoft identity platform; no effect with `system.protocolMode` `AAD`. */
  OIDCOptions?: OIDCOptions;
  /**
   * When authorization requests are handed to the server first, so that the address has no more than their name (RFC 9126): where the
   * server's metadata demands it (`required`), or wherever its metadata has an endpoint for it (`advertised`), for a server that
   * demands it of this app alone. The endpoint has to allow the page's origin (CORS). No effect with `system.protocolMode` `AAD`.
   * Default: `required`.
   */
  pushedAuthorizationRequests?: "required" | "advertised";
}

/** How an OpenID provider is asked. */
export interface OIDCOptions {
  /**
   * What every request asks for besides its permissions; `openid` is always among it. Without `offline_access` no refresh token is
   * asked for, and so no consent (OpenID Connect Core section 11). Default: `["openid", "profile", "offline_access"]`.
   */
  defaultScopes?: Scopes;
}

/** Where tokens are kept. */
export interface CacheOptions {
  /** Default: `sessionStorage`. */
  cacheLocation?: CacheLocation;
  /**
   * A storage of the app's own, in the place of `cacheLocation`. In a worker only this and `memoryStorage` start, and with the latter nobody can sign in there: `hydrateCache`
   * can bring a result. It is read at `initialize()`, before each renewal and when the server has answered it, before what a sign-in or `hydrateCache` brings is stored, before a sign-out, and where
   * a token is asked for and nobody is known whom it could be for.
   */
  storage?: CustomStorage;
  /**
   * Whether what is kept in `localStorage` is encrypted: AES-GCM, by a key in IndexedDB that no script can read out. Default: true.
   * What that is good for, and what not: docs/cache.md.
   */
  encryption?: boolean;
  /**
   * Whether users are still signed in when the browser was closed and started anew, with `localStorage` and `encryption`. With `false` the key
   * is of one browser session: what an earlier one has left can't be read by anybody. Default: true.
   */
  keepAfterRestart?: boolean;
}

/** How the user is asked. */
export type InteractionType = "redirect" | "popup" | "silent" | "none";

/** What has happened, on this page or, with `localStorage`, on another. */
export interface EventMessage {
  /** What it was. */
  eventType: EventType;
  /** `null` for what another page has done, and for what is no interaction. */
  interactionType: InteractionType | null;
  /** See `EventType`. */
  payload: any;
  /** Why it failed, for the events that end in `FAILURE`. */
  error: Error | null;
  /** Of the call; empty for what another page has done. */
  correlationId: string;
  /** In milliseconds since 1970. */
  timestamp: number;
}

/** Is called with each event, one after the other; what it returns is not read. */
export type EventCallback = (message: EventMessage) => void;

/** What a navigation client is told. */
export interface NavigationOptions {
  /** Always 0: MSAL's number for its telemetry. */
  apiId: number;
  /** Whether there is to be no way back to this page. */
  noHistory: boolean;
  /** How long leaving the page may take, in milliseconds. */
  timeout: number;
}

/** Where the app's log goes. */
export interface LoggerOptions {
  /** Is called with each line that is to be logged. `containsPii` is true for what may name a person. */
  loggerCallback?: (level: LogLevel, message: string, containsPii: boolean) => void;
  /** What is more detailed is left out. Default: `LogLevel.Info`. */
  logLevel?: LogLevel;
  /** Whether lines that may name a person are passed on. Default: false. */
  piiLoggingEnabled?: boolean;
}

/** How the client behaves. */
export interface SystemOptions {
  /** Whether the page may be left although it is in a frame of another page: most servers do not show themselves there. Default: false. */
  allowRedirectInIframe?: boolean;
  /** How pages are gone to, for example by the app's router. Default: by the browser. */
  navigationClient?: INavigationClient;
  /** How long leaving the page may take, in milliseconds. Default: 30,000. */
  redirectNavigationTimeout?: number;
  /** Where `getLogger()` writes to. Default: nowhere. */
  loggerOptions?: LoggerOptions;
  /**
   * Whether `acquireTokenSilent` asks the server in a hidden frame where no refresh token is left, for example after the 24 hours that one
   * lasts. The page of `redirectUri` comes up in it. `false` leaves that to `ssoSilent` and to the user. Default: true.
   */
  allowSilentFrame?: boolean;
  /** A token with less than this many seconds to live is renewed before it is returned. Default: 300. */
  tokenRenewalOffsetSeconds?: number;
  /**
   * `AAD`: the Microsoft identity platform, with `auth.authority` a tenant of it. `OIDC`: any OpenID provider, with `auth.authority` its
   * issuer (OpenID Connect Discovery section 3); it is sent nothing that only the platform knows. Default: `AAD`.
   */
  protocolMode?: "AAD" | "OIDC";
  /**
   * Whether requests that could be smaller are named on the console, each once: see `reviewScopes`. Default: on
   * `localhost` and other loopback hosts only, so never in production.
   */
  scopeWarnings?: boolean;
}

/** What `new PublicClientApplication()` takes. */
export interface Configuration {
  /** Who the app is and whom it trusts. Required. */
  auth: AuthOptions;
  /** Where tokens are kept. */
  cache?: CacheOptions;
  /** How the client behaves. */
  system?: SystemOptions;
  /** Which token goes to which API, for `fetch` and `authorizeCall`. Default: none does. */
  api?: ApiOptions;
}

/** A signed-in user. Key users by `homeAccountId`, never by `username`, which can change. */
export interface AccountInfo {
  /** `uid.utid`: the user in the home tenant; of B2C the policy is part of it. With `protocolMode` `OIDC` the claim `sub`. */
  homeAccountId: string;
  /** The host of the authority; of a B2C policy with its path, and with `protocolMode` `OIDC` the issuer without its scheme. */
  environment: string;
  /** The tenant that signed the user in (claim `tid`); empty where there is none, and with `protocolMode` `OIDC`. */
  tenantId: string;
  /**
   * The claim `preferred_username`, else `upn`; empty if the server sends neither. With `protocolMode` `OIDC`, and once `loadUserInfo` has asked for it, also
   * that of userinfo, else `email`. For display only.
   */
  username: string;
  /** The user in that tenant (claim `oid`, else `sub`). */
  localAccountId: string;
  /** The claim `login_hint`, if the app asked for it. */
  loginHint?: string;
  /** The claim `name`; with `protocolMode` `OIDC` that of userinfo where the ID token has none. */
  name?: string;
  /** The ID token as received. */
  idToken?: string;
  /** The claims of the ID token. */
  idTokenClaims?: IdTokenClaims;
}

/** The claims of a checked ID token. `email` is often absent: be prepared for that. */
export interface IdTokenClaims {
  /** Who issued it. */
  iss: string;
  /** The user, as this client knows them at that server. */
  sub: string;
  /** For whom it is: this client. */
  aud: string | string[];
  /** When it ends, in seconds since 1970. */
  exp: number;
  /** When it was issued, in seconds since 1970. */
  iat: number;
  /** Checked against the request's. */
  nonce?: string;
  /** The user's name, for display. */
  name?: string;
  /** The sign-in name. It can change: for display. */
  preferred_username?: string;
  /** The user's address. It need not be verified. */
  email?: string;
  /** On the Microsoft identity platform: the user in the tenant. */
  oid?: string;
  /** On the Microsoft identity platform: the tenant that signed the user in. */
  tid?: string;
  /** Whatever else the server says. */
  [claim: string]: unknown;
}

/** Which account is meant: the properties that are given must all be equal. One without any fits nobody. */
export interface AccountFilter {
  /** As of `AccountInfo`. */
  homeAccountId?: string;
  /** As of `AccountInfo`. */
  localAccountId?: string;
  /** As of `AccountInfo`. */
  username?: string;
  /** As of `AccountInfo`. */
  tenantId?: string;
  /** The same as `tenantId`. */
  realm?: string;
  /** As of `AccountInfo`. */
  environment?: string;
  /** As of `AccountInfo`. */
  name?: string;
  /** As of `AccountInfo`. */
  loginHint?: string;
  /** The claim `upn`. */
  upn?: string;
  /** The claim `sid`. */
  sid?: string;
}

/** What the server says of the user; which claims is its decision. `email` is often absent: be prepared for that. */
export interface UserInfo {
  /** The `sub` of the ID token. */
  sub: string;
  /** The full name, for display. */
  name?: string;
  /** The first names. */
  given_name?: string;
  /** The last names. */
  family_name?: string;
  /** The sign-in name. It can change: for display. */
  preferred_username?: string;
  /** The address of a picture. It is the server's to say: load it as any picture of others. */
  picture?: string;
  /** The user's address. */
  email?: string;
  /** Whether the server has verified that address. */
  email_verified?: boolean;
  /** Whatever else the server says. */
  [claim: string]: unknown;
}

/** A token and whom it speaks for. */
export interface AuthenticationResult {
  /** The server that issued it: `auth.authority`, normalized. */
  authority: string;
  /** Equal to `account.localAccountId`. */
  uniqueId: string;
  /** Equal to `account.tenantId`. */
  tenantId: string;
  /** What was granted, which can be less or more than what was asked for. */
  scopes: string[];
  /** What was asked for and not granted; mostly empty. Asking again silently brings the same. */
  missingScopes: string[];
  /** Whom it speaks for. */
  account: AccountInfo;
  /** The ID token as received: for the app alone, never for an API. */
  idToken: string;
  /** Its claims, which were checked. */
  idTokenClaims: IdTokenClaims;
  /** Opaque: for the API only. Empty at B2C where no permission was asked for. */
  accessToken: string;
  /** Whether it was in the cache, and the server was not asked. */
  fromCache: boolean;
  /** When the access token ends. `null` where the server did not say. */
  expiresOn: Date | null;
  /** From then on it is renewed in the background when it is served: when the server said, else some time before its end. */
  refreshOn?: Date;
  /**
   * When the refresh token ends, so that the user has to be asked for the next token at the latest: on the platform 24 hours after they
   * signed in. `null` where the server did not say, or there is no refresh token.
   */
  refreshTokenExpiresOn: Date | null;
  /** How the API is sent it: `Bearer`. */
  tokenType: string;
  /** That of the request. */
  correlationId: string;
  /** The `state` of the request. */
  state?: string;
}

/** Where the WebAssembly module comes from. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module | Promise<Response>;

/** What `initialize()` takes. */
export interface InitializeApplicationRequest {
  /** The WebAssembly module, where it is not beside the package's own script. */
  wasm?: WasmSource;
  /** Has no effect: nothing that it could name is sent. */
  correlationId?: string;
}

/** How pages are gone to. `false` says that this page stays, and goes on. */
export interface INavigationClient {
  /** To a page of the app. */
  navigateInternal(url: string, options: NavigationOptions): Promise<boolean>;
  /** To the server. */
  navigateExternal(url: string, options: NavigationOptions): Promise<boolean>;
}

/**
 * A storage of the app's own. Each method may answer at once or by a promise; what throws, rejects, or takes longer than 10 seconds counts
 * as failed. `localStorage` fits but for `keys`. The client keeps what it needs in memory, writes one entry after the other, and
 * leaves keys alone that are not its own.
 */
export interface CustomStorage {
  /** The text of an entry; anything else where there is none. */
  getItem(key: string): string | null | undefined | PromiseLike<string | null | undefined>;
  /** Keeps a text, in place of an earlier one. */
  setItem(key: string, value: string): unknown;
  /** Removes an entry, which may be absent. */
  removeItem(key: string): unknown;
  /** The keys of all entries. */
  keys(): Iterable<string> | PromiseLike<Iterable<string>>;
}
