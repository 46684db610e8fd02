/** The entry for pages whose Content-Security-Policy allows no WebAssembly: the same core as plain JavaScript, which is larger and slower. */

import { defineClient } from "./client.js";

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
  EventType,
  InteractionRequiredAuthError,
  Logger,
  LogLevel,
  MisconfiguredError,
  NavigationClient,
  ServerError,
  version,
} from "./index.js";
export const PublicClientApplication = defineClient(() => import("./plain-loader.js"));
