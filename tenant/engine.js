/** The engine (npm `oidc-provider`) and what makes it speak the platform's dialect: hooks only. What a token says is not the engine's. */
import Provider from "oidc-provider";
import { generateKeyPairSync } from "node:crypto";
import { refuseForgedAdminConsent } from "./admin-consent.js";
import { respond } from "./authorization-response.js";
import { refuseOffendingRequest } from "./authorize.js";
import { DEVICE_GRANTS, DEVICE_ROUTES, deviceFlow } from "./device.js";
import { AadstsError } from "./errors.js";
import { createGrantAdapter, loadGrant } from "./grants.js";
import { errorPage } from "./pages/error.js";
import { createPolicy } from "./policy.js";
import { ENGINE_OIDC_SCOPES, engineScopesOf } from "./scopes.js";
import { authorizeToken, redeem, wantsRefreshToken } from "./token.js";
import { issuers } from "./tokens.js";

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
/** Of a refresh token that is not a single-page app's: counted anew with each use. */
const IDLE_DAYS = 90;

/** Paths below the tenant's segment, which the engine sees as its mount path. */
export const ROUTES = {
  authorization: "/oauth2/v2.0/authorize",
  token: "/oauth2/v2.0/token",
  ...DEVICE_ROUTES,
};

/** The engine's own tokens are never shown: the client gets those of tokens.js. */
const ENGINE_SIGNATURE = "ES256";

/** Parameters that the engine does not know. The last two are the tenant's own, see authorize.js. */
const EXTRA_PARAMS = {
  admin_consent: refuseForgedAdminConsent,
  client_info: refuseOffendingRequest,
  "client-request-id": undefined,
  sid: undefined,
  domain_hint: undefined,
  segment: undefined,
  wanted_claims: undefined,
};

/** @param {import("./index.js").TenantContext} tenant */
export function createEngine(tenant) {
  /** What the engine registers of its own accord is wrapped here: the grants and the response modes. */
  class Engine extends Provider {
    registerGrantType(name, handler, parameters, duplicates) {
      const names = DEVICE_GRANTS.includes(name) ? DEVICE_GRANTS : [name];
      for (const each of names) super.registerGrantType(each, (ctx) => redeem(tenant, ctx, handler), parameters, duplicates);
    }

    registerResponseMode(name, handler) {
      super.registerResponseMode(name, (ctx, redirectUri, parameters) => respond(tenant, handler, ctx, redirectUri, parameters));
    }
  }
  const engine = new Engine(issuers(tenant.origin, tenant.directory.tenant).v2, configuration(tenant));
  engine.on("authorization.error", keepError);
  engine.on("grant.error", keepError);
  engine.on("device_authorization.error", keepError);
  engine.on("server_error", (ctx, err) => {
    ctx.state.error = err;
    // One that is wanted (faults.js) is no news.
    if (!(err instanceof AadstsError)) console.error(err);
  });
  drawIds(engine, tenant.random);
  engine.Session.prototype.past = function past(age) { return tenant.clock.seconds() - this.authTime() > Number(age); };
  return engine;
}

/** What Conditional Access wants goes along with the refusal. */
function keepError(ctx, err) {
  ctx.state.error = err;
  if (ctx.state.refusal && err.error_description === String(ctx.state.refusal.code)) err.claims = ctx.state.refusal.claims;
}

/** Everything that the engine names at random and others see comes from the tenant's chance, so that it repeats with a seed. */
function drawIds(engine, random) {
  for (const model of ["AuthorizationCode", "RefreshToken"]) {
    engine[model].prototype.generateTokenId = () => `1.${random.text(model, 45)}`;
  }
  engine.DeviceCode.prototype.generateTokenId = function generateTokenId() {
    this.userCode = random.bytes("user code", 9).toString("base64").replace(/[+/=]/g, "A").slice(0, 9).toUpperCase();
    return random.text("DeviceCode", 60);
  };
  const { instantiate } = engine.Session;
  engine.Session.instantiate = function instantiateSession(payload) {
    const session = instantiate.call(this, payload);
    if (payload?.jti === undefined) Object.assign(session, { uid: random.text("session", 16), jti: random.text("session", 16) });
    return session;
  };
  engine.Session.prototype.resetIdentifier = function resetIdentifier() {
    this.oldId = this.id;
    this.id = random.text("session", 16);
    this.touched = true;
  };
}

function configuration(tenant) {
  const { directory } = tenant;
  return {
    adapter: (model) => (model === "Grant" ? createGrantAdapter(tenant) : tenant.store.adapter(model)),
    clientAuthMethods: ["none"],
    clientBasedCORS: (ctx, origin, client) => directory.ownsOrigin(directory.app(client.clientId), origin),
    clients: directory.apps.map(toClient),
    cookies: cookies(tenant),
    enabledJWA: { idTokenSigningAlgValues: [ENGINE_SIGNATURE] },
    expiresWithSession: () => false,
    extraParams: EXTRA_PARAMS,
    features: features(tenant),
    findAccount: (ctx, oid) => (directory.user(oid) ? { accountId: oid, claims: () => ({ sub: oid }) } : undefined),
    interactions: { policy: createPolicy(tenant), url: () => `/interaction/${tenant.random.text("interaction", 16)}` },
    issueRefreshToken: (ctx, client, source) => wantsRefreshToken(ctx, source),
    jwks: { keys: [engineKey()] },
    loadExistingGrant: (ctx) => loadGrant(tenant, ctx),
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: (ctx) => requirePkce(tenant, ctx) },
    renderError: (ctx, out, err) => errorPage(tenant, ctx, err),
    responseTypes: ["code", "id_token", "code id_token"],
    revokeGrantPolicy: () => false,
    rotateRefreshToken: true,
    routes: ROUTES,
    scopes: ENGINE_OIDC_SCOPES,
    ttl: lifetimes(tenant),
  };
}

function engineKey() {
  return { ...generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }), use: "sig", alg: ENGINE_SIGNATURE };
}

/** `native` is the engine's name for "ignore the port of a loopback redirect URI". */
function toClient(app) {
  const issuesIdTokens = app.mayIssueIdTokens === true;
  return {
    application_type: "native",
    client_id: app.clientId,
    client_name: app.name,
    grant_types: [
      "authorization_code", "refresh_token",
      ...(issuesIdTokens ? ["implicit"] : []),
      ...(app.isFallbackPublicClient ? DEVICE_GRANTS : []),
    ],
    id_token_signed_response_alg: ENGINE_SIGNATURE,
    redirect_uris: app.redirectUris.map(({ uri }) => uri),
    response_types: ["code", ...(issuesIdTokens ? ["id_token", "code id_token"] : [])],
    token_endpoint_auth_method: "none",
  };
}

/** Browsers do not tell ports apart in cookies, so two tenants need different names. */
function cookies({ origin, secrets }) {
  const { port } = new URL(origin);
  return {
    keys: [secrets.cookie],
    names: { session: `session-${port}`, interaction: `interaction-${port}`, resume: `resume-${port}` },
  };
}

function features(tenant) {
  return {
    deviceFlow: deviceFlow(tenant),
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx, client, oneOf) => oneOf?.[0],
      getResourceServerInfo: (ctx, resource) => resourceServer(tenant, ctx, resource),
      useGrantedResource: () => true,
    },
    rpInitiatedLogout: { enabled: false },
    userinfo: { enabled: false },
  };
}

function resourceServer(tenant, ctx, resource) {
  const api = tenant.directory.api(resource);
  const accessTokenTTL = ctx.oidc.route === "token" ? authorizeToken(tenant, ctx, api) : HOUR;
  return { accessTokenFormat: "opaque", accessTokenTTL, scope: engineScopesOf(api) };
}

function requirePkce({ directory }, ctx) {
  if (ctx.state.isAdminConsent) return false;
  const { client_id: clientId, redirect_uri: uri, response_type: responseType } = ctx.oidc.params;
  if (!responseType?.includes("code")) return false;
  if (directory.redirectUri(directory.app(clientId), uri)?.type === "spa") throw new AadstsError(9002325);
  return false;
}

/** Seconds. The refresh token of a single-page app inherits what is left of its predecessor's 24 hours. */
function lifetimes(tenant) {
  return {
    AccessToken: (ctx, token) => token.resourceServer.accessTokenTTL,
    AuthorizationCode: 10 * 60,
    DeviceCode: 15 * 60,
    IdToken: HOUR,
    Interaction: HOUR,
    RefreshToken: (ctx) => (ctx.state.facts?.redirectType === "spa" ? remainingSeconds(tenant, ctx) ?? DAY : IDLE_DAYS * DAY),
    Session: DAY,
  };
}

/** Of the refresh token that is used, in the tenant's time. */
function remainingSeconds({ clock }, { oidc, state: { issued } }) {
  return oidc.entities.RotatedRefreshToken && issued.exp - clock.seconds();
}
