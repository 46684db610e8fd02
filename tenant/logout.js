/** The end session endpoint. No confirmation, and no `id_token_hint` needed: the platform signs out at once. */
import { signOut } from "./accounts.js";
import { readParameters } from "./forms.js";
import { signedOutPage } from "./pages/signed-out.js";

const LOGOUT = "/oauth2/v2.0/logout";

/**
 * A hint ends the session of the user it names, if there is one, and no other.
 * @param {import("./index.js").TenantContext} tenant
 */
export function endSessionEndpoint(tenant) {
  return async (ctx, next) => {
    if (ctx.path !== LOGOUT) return next();
    const request = await readParameters(ctx);
    await signOut(tenant, ctx, tenant.directory.user(request.logout_hint));
    const target = redirectTarget(tenant, request);
    if (target) ctx.redirect(target);
    else signedOutPage(tenant, ctx);
  };
}

/** Only a redirect URI that is registered for an app is followed. */
function redirectTarget({ directory }, { post_logout_redirect_uri: uri, state }) {
  if (uri === undefined || !URL.canParse(uri) || !directory.appWithRedirectUri(uri)) return undefined;
  const target = new URL(uri);
  if (state !== undefined) target.searchParams.set("state", state);
  return target.href;
}
