/** What the client tells, and how pages are gone to. */

import type { INavigationClient, LoggerOptions, NavigationOptions } from "./messages.js";

/** What listeners are told of: by MSAL's names, and `consentry:` for what MSAL does not do. */
export declare const EventType: {
  readonly INITIALIZE_START: "msal:initializeStart";
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
  readonly HANDLE_REDIRECT_START: "msal:handleRedirectStart";
  readonly HANDLE_REDIRECT_END: "msal:handleRedirectEnd";
  /** The payload has the `popupWindow`. */
  readonly POPUP_OPENED: "msal:popupOpened";
  /** The payload is the request. */
  readonly LOGOUT_START: "msal:logoutStart";
  /** Somebody is not signed in any more. The payload has their account as it was. */
  readonly LOGOUT_SUCCESS: "msal:logoutSuccess";
  readonly LOGOUT_FAILURE: "msal:logoutFailure";
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
export type EventType = (typeof EventType)[keyof typeof EventType];

/** How much is logged. */
export declare const LogLevel: { readonly Error: 0; readonly Warning: 1; readonly Info: 2; readonly Verbose: 3; readonly Trace: 4 };
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

/** Hands what apps and wrappers log to `system.loggerOptions.loggerCallback`. */
export declare class Logger {
  constructor(options?: LoggerOptions, packageName?: string, packageVersion?: string);
  clone(packageName: string, packageVersion: string, correlationId?: string): Logger;
  isPiiLoggingEnabled(): boolean;
  error(message: string, correlationId?: string): void;
  warning(message: string, correlationId?: string): void;
  info(message: string, correlationId?: string): void;
  verbose(message: string, correlationId?: string): void;
  trace(message: string, correlationId?: string): void;
  errorPii(message: string, correlationId?: string): void;
  warningPii(message: string, correlationId?: string): void;
  infoPii(message: string, correlationId?: string): void;
  verbosePii(message: string, correlationId?: string): void;
  tracePii(message: string, correlationId?: string): void;
}

/** As browsers do it: for apps to extend. */
export declare class NavigationClient implements INavigationClient {
  navigateInternal(url: string, options: NavigationOptions): Promise<boolean>;
  navigateExternal(url: string, options: NavigationOptions): Promise<boolean>;
}
