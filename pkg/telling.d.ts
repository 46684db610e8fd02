/** What the client tells, and how pages are gone to. */

import type { INavigationClient, LoggerOptions, NavigationOptions } from "./messages.js";

/** What listeners are told of: by MSAL's names, and `consentry:` for what MSAL does not do. */
export declare const EventType: {
  /** The client is loaded. */
  readonly INITIALIZE_START: "msal:initializeStart";
  /** It is ready. */
  readonly INITIALIZE_END: "msal:initializeEnd";
  /** Another account was chosen, or none: `getActiveAccount()`. No payload. */
  readonly ACTIVE_ACCOUNT_CHANGED: "msal:activeAccountChanged";
  /** Somebody is signed in who was not. The payload is their account. */
  readonly LOGIN_SUCCESS: "msal:loginSuccess";
  /** A token is asked for. The payload is the request. */
  readonly ACQUIRE_TOKEN_START: "msal:acquireTokenStart";
  /** It is there. The payload is the result. */
  readonly ACQUIRE_TOKEN_SUCCESS: "msal:acquireTokenSuccess";
  /** It could not be had: `error`. */
  readonly ACQUIRE_TOKEN_FAILURE: "msal:acquireTokenFailure";
  /** It was not at hand, and takes longer. */
  readonly ACQUIRE_TOKEN_NETWORK_START: "msal:acquireTokenFromNetworkStart";
  /** The page's address is looked at for an answer. */
  readonly HANDLE_REDIRECT_START: "msal:handleRedirectStart";
  /** That is over, whatever came of it. */
  readonly HANDLE_REDIRECT_END: "msal:handleRedirectEnd";
  /** The payload has the `popupWindow`. */
  readonly POPUP_OPENED: "msal:popupOpened";
  /** The payload is the request. */
  readonly LOGOUT_START: "msal:logoutStart";
  /** Somebody is not signed in any more. The payload has their account as it was. */
  readonly LOGOUT_SUCCESS: "msal:logoutSuccess";
  /** Signing out failed: `error`. */
  readonly LOGOUT_FAILURE: "msal:logoutFailure";
  /** Signing out is over, whatever came of it. */
  readonly LOGOUT_END: "msal:logoutEnd";
  /** The user has come back, by the browser's own button, to a page that was left. */
  readonly RESTORE_FROM_BFCACHE: "msal:restoreFromBFCache";
  /** An API demands more. The payload is the `ApiChallenge`. */
  readonly API_CHALLENGED: "consentry:apiChallenged";
  /** What came of it: the payload is the same, with `outcome` of `ApiExplanation`. Mostly not told where the page leaves for it. */
  readonly API_ANSWERED: "consentry:apiAnswered";
  /** A call waits, as the API wanted to be left alone. The payload has `url`, `method` and `seconds`. */
  readonly API_WAITING: "consentry:apiWaiting";
};
/** The name of an event. */
export type EventType = (typeof EventType)[keyof typeof EventType];

/** How much is logged. */
export declare const LogLevel: {
  /** What failed. */
  readonly Error: 0;
  /** What may fail. */
  readonly Warning: 1;
  /** What happens. */
  readonly Info: 2;
  /** In more detail. */
  readonly Verbose: 3;
  /** In every detail. */
  readonly Trace: 4;
};
/** The number of a level. */
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

/** Hands what apps and wrappers log to `system.loggerOptions.loggerCallback`. */
export declare class Logger {
  /** With no `loggerCallback` it writes nowhere. Each line names the package and its version. */
  constructor(options?: LoggerOptions, packageName?: string, packageVersion?: string);
  /** The same, for another package. */
  clone(packageName: string, packageVersion: string, correlationId?: string): Logger;
  /** `piiLoggingEnabled`. */
  isPiiLoggingEnabled(): boolean;
  /** A line of `LogLevel.Error`. */
  error(message: string, correlationId?: string): void;
  /** A line of `LogLevel.Warning`. */
  warning(message: string, correlationId?: string): void;
  /** A line of `LogLevel.Info`. */
  info(message: string, correlationId?: string): void;
  /** A line of `LogLevel.Verbose`. */
  verbose(message: string, correlationId?: string): void;
  /** A line of `LogLevel.Trace`. */
  trace(message: string, correlationId?: string): void;
  /** A line of `LogLevel.Error` that may name a person. */
  errorPii(message: string, correlationId?: string): void;
  /** A line of `LogLevel.Warning` that may name a person. */
  warningPii(message: string, correlationId?: string): void;
  /** A line of `LogLevel.Info` that may name a person. */
  infoPii(message: string, correlationId?: string): void;
  /** A line of `LogLevel.Verbose` that may name a person. */
  verbosePii(message: string, correlationId?: string): void;
  /** A line of `LogLevel.Trace` that may name a person. */
  tracePii(message: string, correlationId?: string): void;
}

/** As browsers do it: for apps to extend. */
export declare class NavigationClient implements INavigationClient {
  /** To a page of the app: `false` where this page stays. */
  navigateInternal(url: string, options: NavigationOptions): Promise<boolean>;
  /** To the server: `false` where this page stays. */
  navigateExternal(url: string, options: NavigationOptions): Promise<boolean>;
}
