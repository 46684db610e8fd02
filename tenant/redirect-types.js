/** Which client may redeem what: the type of the redirect URI decides, for a code and for the refresh tokens that descend from it. */
import { AadstsError } from "./errors.js";

/**
 * @param {import("./index.js").TenantContext} tenant
 * @param {import("./adapter.js").Facts | undefined} facts of what is redeemed; nothing where it is unknown
 */
export function requireRedirectType({ directory }, ctx, facts) {
  const { client: { clientId }, body: { redirect_uri: uri, client_secret: secret, client_assertion: assertion } } = ctx.oidc;
  const app = directory.app(clientId);
  const named = uri === undefined ? undefined : directory.redirectUri(app, uri)?.type;
  const type = named ?? facts?.redirectType ?? defaultType(app);
  const isBrowser = ctx.get("Origin") !== "";
  if (type !== "spa" && isBrowser) throw new AadstsError(9002326);
  if (type === "spa" && !isBrowser) throw new AadstsError(9002327);
  requireSecret(app, type, secret ?? assertion);
}

function defaultType({ redirectUris, isFallbackPublicClient }) {
  return isFallbackPublicClient ? "native" : redirectUris[0]?.type;
}

/** A secret is for redirect URIs of type `web`, and only for them. */
function requireSecret(app, type, secret) {
  if (type !== "web") {
    if (secret !== undefined) throw new AadstsError(700025);
  } else if (secret === undefined) {
    throw new AadstsError(7000218);
  } else if (!app.secrets?.includes(secret)) {
    throw new AadstsError(7000215);
  }
}
