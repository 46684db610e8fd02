/** The authorization endpoint: the platform's request in the engine's terms. */
import { AadstsError } from "./errors.js";
import { readParameters } from "./forms.js";
import { DEFAULT, parseScope, toEngine } from "./scopes.js";

/** The engine refuses these without `openid`; the platform ignores them then. */
const NEED_OPENID = ["nonce", "max_age", "id_token_hint", "acr_values"];

/** @param {import("./index.js").TenantContext} tenant */
export function authorizationEndpoint(tenant, path) {
  return async (ctx, next) => {
    if (ctx.path !== path) return next();
    const request = await readParameters(ctx);
    ctx.method = "GET";
    ctx.query = toAuthorizationRequest(tenant, ctx, request);
    return next();
  };
}

/** A bad scope is refused later, when the engine has proved the redirect URI that the refusal goes to. */
export function toAuthorizationRequest({ directory }, ctx, { scope, resource, ...rest }) {
  try {
    if (resource !== undefined) throw new AadstsError(901002);
    const request = parseScope(scope, directory, rest.client_id);
    requireRegistered(directory.app(rest.client_id), request, ctx.state.isAdminConsent);
    if (!request.oidc.has("openid")) for (const name of NEED_OPENID) delete rest[name];
    return { ...rest, ...toEngine(request) };
  } catch (error) {
    ctx.state.offence = error;
    return { ...rest, scope: "openid" };
  }
}

/** `.default` stands for what is registered: with nothing registered there is nothing to consent to. Users consent to no app roles. */
function requireRegistered(app, { resources }, isAdminConsent) {
  const [[api, permissions]] = resources;
  if (!app || !permissions.has(DEFAULT) || app.clientId === api.clientId || api.preAuthorizedApplications?.[app.clientId]) return;
  const registered = [app.registeredPermissions, isAdminConsent ? app.registeredAppRoles ?? {} : {}];
  if (registered.every((byApi) => Object.keys(byApi).length === 0)) throw new AadstsError(650056);
  if (!registered.some((byApi) => byApi[api.applicationIdUri]?.length)) throw new AadstsError(650057, `Resource: '${api.applicationIdUri}'.`);
}

/** For the engine: called when client and redirect URI are known to be good. */
export function refuseOffendingRequest(ctx) {
  if (ctx.state.offence) throw ctx.state.offence;
}
