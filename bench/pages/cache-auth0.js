/** The token cache of auth0-spa-js. */
import { Auth0Client } from "@auth0/auth0-spa-js";
import { apiOf, drive, PERMISSIONS, spell } from "./cache-page.js";
import { settings } from "./page.js";

const [PERMISSION] = PERMISSIONS;

await drive(() => {
  const client = new Auth0Client({
    ...settings().client,
    authorizationParams: { redirect_uri: `${location.origin}/`, audience: apiOf(0), scope: PERMISSION },
  });
  const named = (/** @type {number} */ at) => ({ audience: apiOf(at), scope: PERMISSION });
  return {
    initialize: async () => {},
    handle: async () => {
      if (!/[?&]code=/.test(location.search)) return;
      await client.handleRedirectCallback();
      history.replaceState(null, "", "/");
    },
    isSignedIn: () => client.isAuthenticated(),
    signIn: () => client.loginWithRedirect(),
    acquire: (at) => client.getTokenSilently({ authorizationParams: named(at) }),
    renew: (at) => client.getTokenSilently({ authorizationParams: named(at), cacheMode: "off" }),
    acquireSpelled: (spelling) => client.getTokenSilently({ authorizationParams: { audience: apiOf(0), scope: spell([...PERMISSIONS], spelling).join(" ") } }),
  };
});
