/** The authorization endpoint: the platform's request in the engine's terms. */
import { chooseAccount } from "./accounts.js";
import { parseClaims } from "./claims.js";
import { AadstsError, injectedError } from "./errors.js";
import { readParameters } from "./forms.js";
import { DEFAULT, parseScope, toEngine } from "./scopes.js";
import { appObstacle } from "./segments.js";

/** The engine refuses these without `openid`; the platform ignores them then. */
const NEED_OPENID = ["nonce", "max_age", "id_token_hint", "acr_values"];
/** Not documented; far above what a client needs, and below what Node reads of a request's head. */
const MOST_QUERY_CHARACTERS = 8_192;

/** @param {import("./index.js").TenantContext} tenant */
export function authorizationEndpoint(tenant, path) {
  return async (ctx, next) => {
    if (ctx.path !== path) return next();
    const request = await readParameters(ctx);
    ctx.state.offence = injectedError(ctx);
    if (ctx.querystring.length > MOST_QUERY_CHARACTERS) ctx.state.offence = new AadstsError(90015);
    chooseAccount(tenant, ctx, request);
    ctx.method = "GET";
    ctx.query = toAuthorizationRequest(tenant, ctx, request);
    return next();
  };
}

/**
 * A bad request is refused later, when the engine has proved the redirect URI that the refusal goes to. The engine keeps the
 * parameters over the pages, so what the tenant adds travels with them: `segment`, and `claims` under another name, as the engine
 * has its own idea of it.
 */
export function toAuthorizationRequest(tenant, ctx, { scope, resource, claims, ...rest }) {
  const request = { ...rest, segment: ctx.state.segment.name, wanted_claims: claims ?? "" };
  try {
    if (ctx.state.offence) throw ctx.state.offence;
    if (resource !== undefined) throw new AadstsError(901002);
    parseClaims(claims);
    const parsed = parseRequest(tenant, ctx, { scope, clientId: rest.client_id });
    if (!parsed.oidc.has("openid")) for (const name of NEED_OPENID) delete request[name];
    return { ...request, ...toEngine(parsed) };
  } catch (error) {
    ctx.state.offence = error;
    return { ...request, scope: "openid" };
  }
}

function parseRequest({ directory }, { state: { segment, isAdminConsent } }, { scope, clientId }) {
  const app = directory.app(clientId);
  const obstacle = app && appObstacle(directory, segment, app);
  if (obstacle) throw new AadstsError(obstacle);
  const parsed = parseScope(scope, directory, clientId, segment.tenant);
  requireRegistered(app, parsed, isAdminConsent);
  return parsed;
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
