/** The ways to a client, and what stands in where there is none. */

import { BrowserConfigurationAuthError, PublicClientApplication } from "consentry";

/** @param {import("consentry").Configuration} configuration */
export async function createStandardPublicClientApplication(configuration) {
  const client = new PublicClientApplication(configuration);
  await client.initialize();
  return client;
}

/** None is asked here. */
export const isPlatformBrokerAvailable = async () => false;

const refusal = () =>
  new BrowserConfigurationAuthError("stubbed_public_client_application_called", "", "there is no client here: put the component inside MsalProvider");
const reject = () => Promise.reject(refusal());
const refuse = () => {
  throw refusal();
};
const ignore = () => {};
const none = () => null;

/** The client of a component that has been given none. */
export const stubbedPublicClientApplication = {
  initialize: reject,
  acquireTokenPopup: reject,
  acquireTokenRedirect: reject,
  acquireTokenSilent: reject,
  acquireTokenByCode: reject,
  handleRedirectPromise: reject,
  loginPopup: reject,
  loginRedirect: reject,
  logoutPopup: reject,
  logoutRedirect: reject,
  ssoSilent: reject,
  hydrateCache: reject,
  clearCache: reject,
  getConfiguration: refuse,
  getLogger: refuse,
  getAllAccounts: () => [],
  getAccount: none,
  getActiveAccount: none,
  addEventCallback: none,
  addPerformanceCallback: () => "",
  removePerformanceCallback: () => false,
  removeEventCallback: ignore,
  setLogger: ignore,
  setActiveAccount: ignore,
  initializeWrapperLibrary: ignore,
  setNavigationClient: ignore,
};
