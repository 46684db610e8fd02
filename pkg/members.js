/** What MSAL's class has that asks no server: settings, logging, and members that do nothing here or are gone. */

import { ClientAuthError } from "./errors.js";
import { Logger } from "./logger.js";
import { NavigationClient } from "./navigation.js";

/** What apps for MSAL 2 to 4 still call, and what to call in its place. */
const GONE = {
  getAccountByHomeId: "getAccount({ homeAccountId })",
  getAccountByLocalId: "getAccount({ localAccountId })",
  getAccountByUsername: "getAccount({ username })",
  getTokenCache: "hydrateCache",
  enableAccountStorageEvents: "addEventCallback, which hears of other tabs",
  disableAccountStorageEvents: "removeEventCallback",
  logout: "logoutRedirect or logoutPopup",
};

export class Members {
  /** @param {import("./index.js").Configuration} configuration */
  constructor(configuration) {
    /** What the app has said. */
    this.configuration = configuration;
    /** @type {import("./index.js").INavigationClient} */
    this.navigation = configuration?.system?.navigationClient ?? new NavigationClient();
    /** @type {Logger} */
    this.logger = new Logger(configuration?.system?.loggerOptions, "consentry");
  }

  getLogger() {
    return this.logger;
  }

  /** @param {Logger} logger */
  setLogger(logger) {
    this.logger = logger;
  }

  /** @param {import("./index.js").INavigationClient} client */
  setNavigationClient(client) {
    this.navigation = client;
  }

  getConfiguration() {
    const { auth, cache, system } = this.configuration ?? {};
    return {
      auth: { authority: "https://login.microsoftonline.com/common/", clientCapabilities: [], knownAuthorities: [], ...auth },
      cache: { cacheLocation: "sessionStorage", ...cache },
      system: { allowRedirectInIframe: false, loggerOptions: {}, protocolMode: "AAD", tokenRenewalOffsetSeconds: 300, ...system },
      experimental: {},
      telemetry: { application: { appName: "", appVersion: "" } },
    };
  }

  /** Nothing here depends on the framework around it. */
  initializeWrapperLibrary() {}

  /** Nothing is measured: the id is for `removePerformanceCallback` alone. */
  addPerformanceCallback() {
    return "";
  }

  removePerformanceCallback() {
    return false;
  }
}

for (const [name, instead] of Object.entries(GONE)) {
  Object.defineProperty(Members.prototype, name, {
    configurable: true,
    writable: true,
    value: () => {
      throw new ClientAuthError("method_not_implemented", "", `\`${name}\` is gone since MSAL 5: use ${instead}`);
    },
  });
}
