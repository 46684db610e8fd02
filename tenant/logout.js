/** The end session endpoint. No confirmation, and no `id_token_hint` needed: the platform signs out at once. */
import { readParameters } from "./forms.js";
import { signedOutPage } from "./pages/signed-out.js";

const LOGOUT = "/oauth2/v2.0/logout";

/** @param {import("./index.js").TenantContext} tenant */
export function endSessionEndpoint(tenant) {
  return async (ctx, next) => {
    if (ctx.path !== LOGOUT) return next();
    const request = await readParameters(ctx);
    await endSession(tenant, ctx, request.logout_hint);
    const target = redirectTarget(tenant, request);
    if (target) ctx.redirect(target);
    else signedOutPage(tenant, ctx);
  };
}

/** A hint that names somebody else means: that user, who is not signed in here. */
async function endSession({ engine, directory }, ctx, logoutHint) {
  const session = await engine.Session.get(ctx);
  const hinted = directory.user(logoutHint);
  if (session.accountId === undefined || (hinted && hinted.oid !== session.accountId)) return;
  await session.destroy();
  ctx.cookies.set(engine.cookieName("session"), null);
}

/** Only a redirect URI that is registered for an app is followed. */
function redirectTarget({ directory }, { post_logout_redirect_uri: uri, state }) {
  if (uri === undefined || !URL.canParse(uri) || !directory.appWithRedirectUri(uri)) return undefined;
  const target = new URL(uri);
  if (state !== undefined) target.searchParams.set("state", state);
  return target.href;
}
