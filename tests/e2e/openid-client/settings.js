/** The settings of an oidc-client-ts `UserManager`. The test puts the server's part into every page as `settings`. */
import { IndexedDbDPoPStore } from "oidc-client-ts";

export function settingsOf({ isBound, ...server }) {
  const { origin } = location;
  return {
    ...server,
    redirect_uri: `${origin}/`,
    popup_redirect_uri: `${origin}/redirect.html`,
    silent_redirect_uri: `${origin}/redirect.html`,
    post_logout_redirect_uri: `${origin}/`,
    // Renewing is the test's doing.
    automaticSilentRenew: false,
    ...(isBound ? { dpop: { bind_authorization_code: true, store: new IndexedDbDPoPStore() } } : {}),
  };
}
