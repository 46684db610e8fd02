/**
 * The names of MSAL.js, as apps and its wrappers import them, over `consentry`, whose types these are. Of MSAL.js's own types there are those
 * that apps name.
 */

import {
  type AuthOptions,
  type Configuration,
  type EventCallback,
  EventType as OwnEventType,
  type InteractionType as Interaction,
  LogLevel as Levels,
  PublicClientApplication,
  type SystemOptions,
} from "consentry";

export * from "consentry";

export interface IPublicClientApplication extends PublicClientApplication {}
export type BrowserAuthOptions = AuthOptions;
export type BrowserConfiguration = any;
export type BrowserSystemOptions = SystemOptions;
export type EventCallbackFunction = EventCallback;
export type EventError = Error | null;
export type EventPayload = any;

export declare const InteractionType: { readonly Redirect: "redirect"; readonly Popup: "popup"; readonly Silent: "silent"; readonly None: "none" };
export type InteractionType = Interaction;
/** An enumeration of MSAL.js, the members of which are types as well. */
export declare namespace InteractionType {
  type Redirect = "redirect";
  type Popup = "popup";
  type Silent = "silent";
  type None = "none";
}

export declare const InteractionStatus: {
  readonly Startup: "startup";
  readonly Logout: "logout";
  readonly AcquireToken: "acquireToken";
  readonly HandleRedirect: "handleRedirect";
  readonly None: "none";
};
export type InteractionStatus = (typeof InteractionStatus)[keyof typeof InteractionStatus];

export declare const BrowserCacheLocation: {
  readonly LocalStorage: "localStorage";
  readonly SessionStorage: "sessionStorage";
  readonly MemoryStorage: "memoryStorage";
};
export type BrowserCacheLocation = (typeof BrowserCacheLocation)[keyof typeof BrowserCacheLocation];

export declare const WrapperSKU: { readonly React: "@azure/msal-react"; readonly Angular: "@azure/msal-angular" };
export type WrapperSKU = (typeof WrapperSKU)[keyof typeof WrapperSKU];

export declare const CacheLookupPolicy: {
  readonly Default: 0;
  readonly AccessToken: 1;
  readonly AccessTokenAndRefreshToken: 2;
  readonly RefreshToken: 3;
  readonly RefreshTokenAndNetwork: 4;
  readonly Skip: 5;
};
export type CacheLookupPolicy = (typeof CacheLookupPolicy)[keyof typeof CacheLookupPolicy];

/** Numbers by the names of methods. */
export declare const ApiId: Readonly<Record<string, number>>;

/** Nobody is told of brokers: none is asked. */
export declare const EventType: typeof OwnEventType & {
  readonly BROKERED_REQUEST_START: "msal:brokeredRequestStart";
  readonly BROKERED_REQUEST_SUCCESS: "msal:brokeredRequestSuccess";
  readonly BROKERED_REQUEST_FAILURE: "msal:brokeredRequestFailure";
  readonly BROKER_CONNECTION_ESTABLISHED: "msal:brokerConnectionEstablished";
};
export type EventType = (typeof EventType)[keyof typeof EventType];

export declare const LogLevel: typeof Levels & Readonly<Record<number, string>>;
export type LogLevel = Levels;

export declare const AuthenticationScheme: { readonly BEARER: "Bearer"; readonly POP: "pop"; readonly DPOP: "DPoP"; readonly SSH: "ssh-cert" };
export type AuthenticationScheme = (typeof AuthenticationScheme)[keyof typeof AuthenticationScheme];

export declare const ResponseMode: { readonly QUERY: "query"; readonly FRAGMENT: "fragment"; readonly FORM_POST: "form_post" };
export type ResponseMode = (typeof ResponseMode)[keyof typeof ResponseMode];

export declare const PromptValue: {
  readonly LOGIN: "login";
  readonly SELECT_ACCOUNT: "select_account";
  readonly CONSENT: "consent";
  readonly NONE: "none";
  readonly CREATE: "create";
  readonly NO_SESSION: "no_session";
};

export declare const JsonWebTokenTypes: { readonly Jwt: "JWT"; readonly Jwk: "JWK"; readonly Pop: "pop"; readonly Dpop: "dpop+jwt" };
export type JsonWebTokenTypes = (typeof JsonWebTokenTypes)[keyof typeof JsonWebTokenTypes];

export declare const ProtocolMode: { readonly AAD: "AAD"; readonly OIDC: "OIDC"; readonly EAR: "EAR" };
export type ProtocolMode = (typeof ProtocolMode)[keyof typeof ProtocolMode];

/** Hosts by the names of clouds. */
export declare const AzureCloudInstance: Readonly<Record<"None" | "AzurePublic" | "AzureChina" | "AzureGermany" | "AzureUsGovernment", string>>;

export declare const OIDC_DEFAULT_SCOPES: string[];
export declare const DEFAULT_IFRAME_TIMEOUT_MS: number;

/** Codes by MSAL.js's names for them. */
type Codes = Readonly<Record<string, string>>;
export declare const AuthErrorCodes: Codes;
export declare const BrowserAuthErrorCodes: Codes;
export declare const BrowserConfigurationAuthErrorCodes: Codes;
export declare const ClientAuthErrorCodes: Codes;
export declare const ClientConfigurationErrorCodes: Codes;
export declare const InteractionRequiredAuthErrorCodes: Codes;

/** What an app is doing with its user, told from the events of the client. */
export declare class EventMessageUtils {
  /** `null` where nothing changes. */
  static getInteractionStatusFromEvent(
    message: { eventType: EventType; interactionType: InteractionType | null },
    currentStatus?: InteractionStatus,
  ): InteractionStatus | null;
}

export declare const BrowserUtils: {
  createGuid(): string;
  isInIframe(): boolean;
  /** The page's address, without query and fragment. */
  getCurrentUri(): string;
  getHomepage(): string;
  /** @throws BrowserAuthError `block_iframe_reload` on a page that has come up in a hidden frame with an answer. */
  blockReloadInHiddenIframes(): void;
  /** @throws BrowserAuthError `redirect_in_iframe`. */
  blockRedirectInIframe(allowRedirectInIframe: boolean): void;
  /** @throws BrowserAuthError `non_browser_environment`. */
  blockNonBrowserEnvironment(): void;
  /** @throws BrowserAuthError `uninitialized_public_client_application`. */
  blockAPICallsBeforeInitialize(initialized: boolean): void;
};

/** A client that is initialized. */
export declare function createStandardPublicClientApplication(configuration: Configuration): Promise<PublicClientApplication>;

/** The client of a component that has been given none: it is asked in vain. */
export declare const stubbedPublicClientApplication: IPublicClientApplication;

/** None is asked: never. */
export declare function isPlatformBrokerAvailable(): Promise<boolean>;

/** Of MSAL.js: the version whose names these are. */
export declare const version: string;
