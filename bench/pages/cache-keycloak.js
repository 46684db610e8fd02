/** The token of keycloak-js, which is in memory only. */
import Keycloak from "keycloak-js";
import { drive, scopeOf } from "./cache-page.js";
import { settings } from "./page.js";

const MINIMUM_SECONDS = 60;

await drive(() => {
  const keycloak = new Keycloak(settings().client);
  return {
    initialize: async () => {},
    handle: () => keycloak.init({ checkLoginIframe: false }),
    isSignedIn: async () => keycloak.authenticated === true,
    signIn: () => keycloak.login({ scope: `openid profile ${scopeOf(0)}`, redirectUri: `${location.origin}/` }),
    acquire: async () => {
      await keycloak.updateToken(MINIMUM_SECONDS);
      return keycloak.token;
    },
    renew: () => keycloak.updateToken(-1),
  };
});
