/** The entry point: importing it touches no global and loads no WebAssembly. */

import { defineClient } from "./client.js";
import { isEnough, load } from "./first.js";
import { toCore } from "./lending.js";

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
} from "./errors.js";
export { EventType } from "./events.js";
export { Logger, LogLevel } from "./logger.js";
export { NavigationClient } from "./navigation.js";
export { version } from "./version.js";
export const PublicClientApplication = /* @__PURE__ */ defineClient(
  () => import("./loader.js").then(({ wholeOf }) => wholeOf(toCore)),
  { isEnough, load }, // by name: of a namespace bundlers make a script that all others need
);
