/**
 * The client's tokens for what people call APIs with: an entry of its own, which only an app that imports it downloads. Each adapter has the shape of
 * the other package's interface; none imports that package.
 * @module consentry/adapters
 */

import type { AccountInfo, PublicClientApplication } from "./index.js";

/** What an adapter asks: a client of `consentry` or of `consentry/msal`. */
export type TokenClient = Pick<PublicClientApplication, "acquireTokenPopup" | "acquireTokenRedirect" | "acquireTokenSilent" | "getActiveAccount" | "getAllAccounts">;

/** How the user may be met where a token can't be had silently. With `redirect` the call does not end: the page is left. */
export type Interaction = "none" | "popup" | "redirect";

/** What every adapter may be told. */
export interface AdapterOptions {
  /** Whose tokens. Default: the active account, else the only one, at the time of each call. */
  account?: AccountInfo;
  /** Default: `none`, and a call that needs the user is rejected with an InteractionRequiredAuthError. Browsers open a window in a click only. */
  interaction?: Interaction;
}

/** What the Graph client's adapter is told. */
export interface GraphOptions extends AdapterOptions {
  /** For requests that name none of their own by the middleware options of the Graph client. */
  scopes: string[];
}

/** `AuthenticationProvider` of `@microsoft/microsoft-graph-client`. */
export interface GraphAuthenticationProvider {
  /**
   * The access token of a request of the Graph client.
   * @throws as `acquireTokenSilent`, and where `interaction` allows more, as `acquireTokenPopup` or `acquireTokenRedirect`.
   */
  getAccessToken(options?: { scopes?: string[] }): Promise<string>;
}

/** For `Client.initWithMiddleware({ authProvider })`. The Graph client itself sends tokens to Microsoft Graph's hosts and its `customHosts` only. */
export declare function graphAuthenticationProvider(client: TokenClient, options: GraphOptions): GraphAuthenticationProvider;

/** An `AbortSignal`, or what the Azure SDK takes for one. */
export interface AbortSignalLike {
  /** Whether it was given up already. */
  readonly aborted: boolean;
  /** Has a function called when it is given up. */
  addEventListener(type: "abort", listener: () => void): void;
  /** Has it called no more. */
  removeEventListener(type: "abort", listener: () => void): void;
}

/** What an Azure SDK client says of the token that it wants. */
export interface GetTokenOptions {
  /** Of a challenge of the service, as JSON text. */
  claims?: string;
  /** The tenant that the service is in. */
  tenantId?: string;
  /** Gives the call up. */
  abortSignal?: AbortSignalLike;
}

/** `AccessToken` of `@azure/core-auth`. */
export interface AzureAccessToken {
  /** The access token. */
  token: string;
  /** In milliseconds since 1970. */
  expiresOnTimestamp: number;
  /** From when on the SDK asks for a new one, in milliseconds since 1970. */
  refreshAfterTimestamp?: number;
  /** How the SDK sends it. */
  tokenType: "Bearer";
}

/** `TokenCredential` of `@azure/core-auth`. */
export interface TokenCredential {
  /**
   * The access token for a service.
   * @throws ClientConfigurationError `invalid_field` when `tenantId` is another tenant than the account's; a `DOMException` named `AbortError` when
   *   `abortSignal` says so; and as `acquireTokenSilent`.
   */
  getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AzureAccessToken>;
}

/** For the clients of the Azure SDK. Which scopes are asked for they say. */
export declare function tokenCredential(client: TokenClient, options?: AdapterOptions): TokenCredential;

/** `AllowedHostsValidator` of `@microsoft/kiota-abstractions`. */
export interface HostsValidator {
  /** The hosts, without scheme. */
  getAllowedHosts(): string[];
  /** Whether an address is at one of them. */
  isUrlHostValid(url: string): boolean;
}

/** What the adapter for Kiota's clients is told. */
export interface AccessTokenProviderOptions<Hosts extends HostsValidator> extends AdapterOptions {
  /** Permissions of one API, for every request. */
  scopes: string[];
  /** Which hosts get a token. One without hosts allows none here, whatever it says of itself. */
  allowedHosts: Hosts;
}

/** `AccessTokenProvider` of `@microsoft/kiota-abstractions`. */
export interface AccessTokenProvider<Hosts extends HostsValidator> {
  /** Empty for a host that is not allowed, and where the token would travel unencrypted: by http to another than a loopback host. */
  getAuthorizationToken(url?: string, additionalAuthenticationContext?: Record<string, unknown>): Promise<string>;
  /** What `allowedHosts` was given. */
  getAllowedHostsValidator(): Hosts;
}

/** For the `BaseBearerTokenAuthenticationProvider` of a client that Kiota has generated. */
export declare function accessTokenProvider<Hosts extends HostsValidator>(client: TokenClient, options: AccessTokenProviderOptions<Hosts>): AccessTokenProvider<Hosts>;
