/** The token cache of oidc-client-ts: one token. */
import { UserManager, WebStorageStateStore } from "oidc-client-ts";
import { drive, scopeOf } from "./cache-page.js";
import { settings } from "./page.js";

await drive(() => {
  const manager = new UserManager({
    ...settings().client,
    redirect_uri: `${location.origin}/`,
    scope: `openid profile offline_access ${scopeOf(0)}`,
    userStore: new WebStorageStateStore({ store: localStorage }),
  });
  return {
    initialize: async () => {},
    handle: async () => {
      if (!/[?&]code=/.test(location.search)) return;
      await manager.signinCallback();
      history.replaceState(null, "", "/");
    },
    isSignedIn: async () => (await manager.getUser()) !== null,
    signIn: () => manager.signinRedirect(),
    // It renews by a timer, or where the app asks: this is how an app asks.
    acquire: async () => {
      const user = await manager.getUser();
      return user && (user.expires_in ?? 0) > 60 ? user : manager.signinSilent();
    },
    renew: () => manager.signinSilent(),
  };
});
