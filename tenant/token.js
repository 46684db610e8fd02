/** The token endpoint: what the platform checks before the engine redeems, and what its response adds. */
import { AadstsError, errorBody } from "./errors.js";
import { GRAPH } from "./fixtures.js";
import { DEFAULT, echoScope, engineOidcScope, parseScope } from "./scopes.js";
import { clientInfo } from "./tokens.js";
import { traceOf } from "./trace.js";

/**
 * Runs around the engine's handler of a grant type.
 * @param {import("./index.js").TenantContext} tenant
 */
export async function redeem(tenant, ctx, handler) {
  const { body, params } = ctx.oidc;
  if (body.client_secret !== undefined || body.client_assertion !== undefined) throw new AadstsError(700025);
  if (body.resource !== undefined) throw new AadstsError(901002);
  requireSpa(tenant, ctx);
  ctx.state.scopeRequest = body.scope === undefined ? undefined : parseTokenScope(tenant, ctx);
  if (ctx.state.scopeRequest) [params.resource] = [...ctx.state.scopeRequest.resources.keys()].map((api) => api.applicationIdUri);
  delete params.scope;
  await handler(ctx);
  ctx.body = tokenResponse(tenant, ctx);
}

function parseTokenScope({ directory }, { oidc: { body: { scope }, client } }) {
  const request = parseScope(scope, directory, client.clientId);
  if (request.resources.size > 1) throw new AadstsError(28000, `Scope: '${scope}'.`);
  return request;
}

/** Refresh tokens descend from codes of a `spa` redirect URI only: no other code is ever redeemed. */
function requireSpa({ directory }, ctx) {
  const { client_id: clientId, redirect_uri: uri } = ctx.oidc.body;
  const isWeb = uri !== undefined && directory.redirectUri(directory.app(clientId), uri)?.type === "web";
  const isBrowser = ctx.get("Origin") !== "";
  if (isWeb) throw new AadstsError(isBrowser ? 9002326 : 7000218);
  if (!isBrowser) throw new AadstsError(9002327);
}

/**
 * Called when the engine has checked the code or refresh token and wants to know about the resource. Where users can leave out
 * permissions on the consent page, the code's token comes with those that are left.
 */
export function requireConsent({ consents }, ctx, api) {
  const { grant: { accountId, clientId }, params } = ctx.oidc;
  if (api.clientId === clientId) return;
  const granted = consents.granted(api, clientId, accountId);
  const wanted = [...ctx.state.scopeRequest?.resources.get(api) ?? []];
  const missing = wanted.filter((name) => (name === DEFAULT ? granted.length === 0 : !granted.includes(name)));
  const isNarrowed = consents.settings.granularConsent && params.grant_type === "authorization_code";
  const isForUserInfo = api.applicationIdUri === GRAPH && consents.hasBasics(clientId, accountId);
  if (missing.length > 0 && !isNarrowed) throw new AadstsError(65001, `Missing: '${missing.join(" ")}'.`);
  if (granted.length === 0 && !isForUserInfo) throw new AadstsError(65001);
}

export function wantsRefreshToken(ctx, code) {
  return code.scopes.has(engineOidcScope("offline_access")) || ctx.state.scopeRequest?.oidc.has("offline_access") === true;
}

function tokenResponse(tenant, ctx) {
  const { body, oidc, state: { scopeRequest } } = ctx;
  const api = tenant.directory.api(oidc.accessToken.resourceServer.identifier());
  const { accountId, clientId } = oidc.grant;
  const response = {
    token_type: "Bearer",
    scope: echoScope(api, tenant.consents.granted(api, clientId, accountId), { graphInFull: scopeRequest?.graphInFull === true, clientId }),
    expires_in: body.expires_in,
    ext_expires_in: body.expires_in,
    access_token: body.access_token,
  };
  if (body.refresh_token) {
    response.refresh_token = body.refresh_token;
    response.refresh_token_expires_in = oidc.refreshToken.remainingTTL;
  }
  if (body.id_token && (scopeRequest?.oidc.has("openid") ?? true)) response.id_token = body.id_token;
  if (oidc.body.client_info === "1") response.client_info = clientInfo(tenant, tenant.directory.user(accountId));
  return response;
}

/** Around the engine: only POST, refusals in the platform's shape, and the headers that a script may read. */
export function tokenEndpoint(tenant, path) {
  return async (ctx, next) => {
    if (ctx.path !== path) return next();
    if (ctx.method !== "POST" && ctx.method !== "OPTIONS") ctx.state.error = new AadstsError(900561);
    else await next();
    if (ctx.state.error) refuse(tenant, ctx);
    const { traceId, correlationId } = traceOf(tenant, ctx);
    ctx.set({ "x-ms-request-id": traceId, "client-request-id": correlationId });
    if (ctx.response.get("Access-Control-Allow-Origin")) {
      ctx.set("Access-Control-Expose-Headers", "x-ms-request-id, client-request-id, Retry-After");
    }
  };
}

function refuse(tenant, ctx) {
  const { status, body } = errorBody(ctx.state.error, traceOf(tenant, ctx));
  ctx.status = status;
  ctx.type = "json";
  ctx.body = body;
}
