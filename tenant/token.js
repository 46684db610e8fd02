/** The token endpoint: what the platform checks before the engine redeems, and what its response says. */
import { parseClaims } from "./claims.js";
import { decide } from "./conditional-access.js";
import { DEVICE_GRANTS } from "./device.js";
import { AadstsError, errorBody, injectedError } from "./errors.js";
import { GRAPH } from "./fixtures.js";
import { requireRedirectType } from "./redirect-types.js";
import { DEFAULT, OIDC_SCOPES, echoScope, engineOidcScope, parseScope } from "./scopes.js";
import { appObstacle, memberFor } from "./segments.js";
import { accessToken, clientInfo, idToken } from "./tokens.js";
import { traceOf } from "./trace.js";

/** By grant type: the engine's model of what is redeemed, and the parameter that names it. */
const GRANTS = {
  authorization_code: ["AuthorizationCode", "code"],
  refresh_token: ["RefreshToken", "refresh_token"],
  ...Object.fromEntries(DEVICE_GRANTS.map((name) => [name, ["DeviceCode", "device_code"]])),
};

const HOUR = 60 * 60;
/** A client that answers claims challenges gets long-lived tokens, and is told when to renew them. */
const LONG_LIVED = { from: 20 * HOUR, to: 28 * HOUR };

/**
 * Runs around the engine's handler of a grant type.
 * @param {import("./index.js").TenantContext} tenant
 */
export async function redeem(tenant, ctx, handler) {
  const { body, params } = ctx.oidc;
  const injected = injectedError(ctx);
  if (injected) throw injected;
  requireApp(tenant, ctx);
  if (body.resource !== undefined) throw new AadstsError(901002);
  const [model, parameter] = GRANTS[body.grant_type];
  const issued = tenant.store.issued(model, body[parameter]);
  ctx.state.issued = issued;
  ctx.state.facts = issued?.facts;
  requireRedirectType(tenant, ctx, issued?.facts);
  if (issued) requireFresh(tenant, ctx, model, issued);
  ctx.state.claimsRequest = parseClaims(body.claims);
  ctx.state.scopeRequest = parseTokenScope(tenant, ctx, issued);
  if (ctx.state.scopeRequest) [params.resource] = [...ctx.state.scopeRequest.resources.keys()].map((api) => api.applicationIdUri);
  delete params.scope;
  await handler(ctx);
  ctx.body = tokenResponse(tenant, ctx);
}

function requireApp({ directory }, { oidc: { client }, state: { segment } }) {
  const obstacle = appObstacle(directory, segment, directory.app(client.clientId));
  if (obstacle) throw new AadstsError(obstacle);
}

/** What the engine cannot know of a code or refresh token of this client. */
function requireFresh({ clock }, { oidc: { client, params }, state: { segment } }, model, issued) {
  if (issued.clientId !== client.clientId) return;
  if (issued.revokedBy) throw new AadstsError(issued.revokedBy);
  if (params.code_verifier !== undefined && issued.codeChallenge === undefined) throw new AadstsError(501481);
  if (model === "AuthorizationCode" && issued.facts.segment !== segment.name) throw new AadstsError(700005);
  if (model !== "RefreshToken" || issued.exp > clock.seconds()) return;
  throw new AadstsError(issued.facts.redirectType === "spa" ? 700084 : 700082);
}

/** A code is for one resource; of several that a refresh request names the first is meant. */
function parseTokenScope({ directory }, { oidc: { body, client }, state: { segment } }, issued) {
  const { scope, grant_type: grantType } = body;
  if (scope?.trim() === "" && grantType === "authorization_code") throw new AadstsError(28003);
  if (!scope) {
    const [first] = [issued?.resource ?? []].flat();
    if (first && directory.api(first).clientId === client.clientId) throw new AadstsError(90009);
    return undefined;
  }
  const request = parseScope(scope, directory, client.clientId, segment.tenant);
  if (request.resources.size > 1 && grantType !== "refresh_token") throw new AadstsError(28000, `Scope: '${scope}'.`);
  return request;
}

/**
 * Called when the engine has checked the code or refresh token and wants to know about the resource: here the tenant decides
 * whether there is a token for it.
 * @returns {number} its lifetime in seconds
 */
export function authorizeToken(tenant, ctx, api) {
  const { client: { clientId } } = ctx.oidc;
  const { issued, segment, claimsRequest } = ctx.state;
  const app = tenant.directory.app(clientId);
  const member = memberFor(tenant.directory, segment, tenant.directory.user(issued.accountId));
  if (!member) throw new AadstsError(50020);
  requireConsent(tenant, ctx, api, member);
  const refusal = decide(tenant, { member, app, apis: [api], signIn: issued, claims: claimsRequest });
  if (refusal) throw new AadstsError(refusal.code, undefined, refusal.claims);
  tenant.loops.refuse([clientId, member.oid, ctx.oidc.body.grant_type, api.applicationIdUri, ctx.oidc.body.scope, ctx.oidc.body.claims]);
  Object.assign(ctx.state, { api, member, lifetime: lifetimeOf(tenant, claimsRequest) });
  return ctx.state.lifetime;
}

function lifetimeOf({ settings: { current }, random }, { capabilities }) {
  if (current.accessTokenSeconds !== null) return current.accessTokenSeconds;
  return capabilities.includes("cp1")
    ? random.integer("lifetime", LONG_LIVED.from, LONG_LIVED.to)
    : random.integer("lifetime", HOUR, 1.5 * HOUR);
}

/** Where users can leave out permissions on the consent page, the code's token comes with those that are left. */
function requireConsent({ consents, settings }, ctx, api, member) {
  const { client: { clientId }, params } = ctx.oidc;
  if (api.clientId === clientId) return;
  const granted = consents.granted(api, clientId, member);
  const wanted = [...ctx.state.scopeRequest?.resources.get(api) ?? []];
  const missing = wanted.filter((name) => (name === DEFAULT ? granted.length === 0 : !granted.includes(name)));
  const isNarrowed = settings.current.granularConsent && params.grant_type === "authorization_code";
  const isForUserInfo = api.applicationIdUri === GRAPH && consents.hasBasics(clientId, member);
  if (missing.length > 0 && !isNarrowed) throw new AadstsError(65001, `Missing: '${missing.join(" ")}'.`);
  if (granted.length === 0 && !isForUserInfo) throw new AadstsError(65001);
}

export function wantsRefreshToken(ctx, source) {
  return source.scopes.has(engineOidcScope("offline_access")) || ctx.state.scopeRequest?.oidc.has("offline_access") === true;
}

function tokenResponse(tenant, ctx) {
  const { body, oidc, state: { scopeRequest, claimsRequest, issued, api, member, lifetime } } = ctx;
  const { clientId } = oidc.client;
  const permissions = tenant.consents.granted(api, clientId, member);
  const response = {
    token_type: "Bearer",
    scope: echoScope(api, permissions, { graphInFull: scopeRequest?.graphInFull === true, clientId }),
    expires_in: lifetime,
    ext_expires_in: lifetime,
    ...(lifetime > 2 * HOUR ? { refresh_in: Math.floor(lifetime / 2) } : {}),
    access_token: accessToken(tenant, { member, clientId, api, permissions, lifetime, signIn: issued, claims: metClaims(claimsRequest, issued) }),
  };
  if (body.refresh_token) {
    response.refresh_token = body.refresh_token;
    const { exp } = tenant.store.issued("RefreshToken", body.refresh_token);
    if (issued.facts.redirectType === "spa") response.refresh_token_expires_in = exp - tenant.clock.seconds();
  }
  const scopes = scopeRequest?.oidc ?? oidcScopesOf(issued);
  if (scopes.has("openid")) response.id_token = idToken(tenant, { member, app: tenant.directory.app(clientId), scopes, signIn: issued });
  if (oidc.body.client_info === "1") response.client_info = clientInfo(tenant, member);
  return tenant.mutations.apply("tokenResponse", response);
}

/** The authentication contexts of the sign-in stay with it; the capabilities are the request's. */
function metClaims({ capabilities, contexts }, { facts }) {
  return { capabilities, contexts: [...new Set([...facts.acrs, ...contexts])] };
}

function oidcScopesOf({ scope }) {
  const engineScopes = new Set(scope.split(" "));
  return new Set(OIDC_SCOPES.filter((name) => engineScopes.has(engineOidcScope(name))));
}

/** Around the engine: only POST, refusals in the platform's shape, and the headers that a script may read. */
export function tokenEndpoint(tenant, paths) {
  return async (ctx, next) => {
    if (!paths.includes(ctx.path)) return next();
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
  ctx.body = tenant.mutations.apply("tokenError", body);
}
