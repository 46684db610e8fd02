/** The authorization endpoint: the platform's request in the engine's terms, and the engine's response in the platform's. */
import { AadstsError, errorParameters } from "./errors.js";
import { readParameters } from "./forms.js";
import { guidFor } from "./keys.js";
import { DEFAULT, parseScope, toEngine } from "./scopes.js";
import { clientInfo } from "./tokens.js";
import { traceOf } from "./trace.js";

/** The engine refuses these without `openid`; the platform ignores them then. */
const NEED_OPENID = ["nonce", "max_age", "id_token_hint", "acr_values"];

/** @param {import("./index.js").TenantContext} tenant */
export function authorizationEndpoint(tenant, path) {
  return async (ctx, next) => {
    if (ctx.path !== path) return next();
    const request = await readParameters(ctx);
    ctx.method = "GET";
    ctx.query = translate(tenant, ctx, request);
    return next();
  };
}

/** A bad scope is refused later, when the engine has proved the redirect URI that the refusal goes to. */
function translate({ directory }, ctx, { scope, resource, ...rest }) {
  try {
    if (resource !== undefined) throw new AadstsError(901002);
    const request = parseScope(scope, directory);
    requireRegistered(directory.app(rest.client_id), request);
    if (!request.oidc.has("openid")) for (const name of NEED_OPENID) delete rest[name];
    return { ...rest, ...toEngine(request) };
  } catch (error) {
    ctx.state.offence = error;
    return { ...rest, scope: "openid" };
  }
}

/** `.default` stands for what is registered: with nothing registered there is nothing to consent to. */
function requireRegistered(app, { resources }) {
  const [[api, permissions]] = resources;
  if (app && permissions.has(DEFAULT) && !app.registeredPermissions[api.applicationIdUri]?.length) {
    throw new AadstsError(650057, `Resource: '${api.applicationIdUri}'.`);
  }
}

/** For the engine: called when client and redirect URI are known to be good. */
export function refuseOffendingRequest(ctx) {
  if (ctx.state.offence) throw ctx.state.offence;
}

/** The parameters that go to the redirect URI, for success and for failure. There is no `iss` (RFC 9207). */
export function toResponseParameters(tenant, ctx, parameters) {
  const { state } = parameters;
  const echoed = state === undefined ? {} : { state };
  if (ctx.state.error) return { ...errorParameters(ctx.state.error, traceOf(tenant, ctx)), ...echoed };
  const { params, session } = ctx.oidc;
  return {
    code: parameters.code,
    ...(params.client_info === "1" ? { client_info: clientInfo(tenant, tenant.directory.user(session.accountId)) } : {}),
    ...echoed,
    session_state: guidFor(`session state ${session.uid}`),
  };
}
