/** An app as its authors write it, with keycloak-js. */
import Keycloak from "keycloak-js";
import { run, settings } from "./page.js";

await run(async () => {
  const keycloak = new Keycloak(settings());
  return {
    // Its frame that watches the session needs an address that the tenant, like the platform, does not publish.
    handle: () => keycloak.init({ checkLoginIframe: false }),
    isSignedIn: () => keycloak.authenticated === true,
    // Without offline_access: it takes a refresh token for a JWT, which the tenant's, like the platform's, is not.
    signIn: () => keycloak.login({ scope: "openid profile User.Read", redirectUri: `${location.origin}/` }),
  };
});
