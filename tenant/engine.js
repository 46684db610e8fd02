/** The engine (npm `oidc-provider`) and what makes it speak the platform's dialect: hooks only. */
import Provider from "oidc-provider";
import { randomInt } from "node:crypto";
import { refuseForgedAdminConsent } from "./admin-consent.js";
import { toResponseParameters } from "./authorization-response.js";
import { refuseOffendingRequest } from "./authorize.js";
import { AadstsError } from "./errors.js";
import { createGrantAdapter, loadGrant } from "./grants.js";
import { pairwiseSubject } from "./keys.js";
import { errorPage } from "./pages/error.js";
import { createPolicy } from "./policy.js";
import { ENGINE_OIDC_SCOPES, engineScopesOf } from "./scopes.js";
import { redeem, requireConsent, wantsRefreshToken } from "./token.js";
import { ID_TOKEN_CLAIMS, idTokenClaims, shapeAccessToken } from "./tokens.js";

const HOUR = 60 * 60;
const DAY = 24 * HOUR;

/** Paths below the tenant's segment, which the engine sees as its mount path. */
export const ROUTES = {
  authorization: "/oauth2/v2.0/authorize",
  token: "/oauth2/v2.0/token",
  jwks: "/discovery/v2.0/keys",
};

/** @param {import("./index.js").TenantContext} tenant */
export function createEngine(tenant) {
  /** What the engine registers of its own accord is wrapped here: the grants and the response modes. */
  class Engine extends Provider {
    registerGrantType(name, handler, parameters, duplicates) {
      super.registerGrantType(name, (ctx) => redeem(tenant, ctx, handler), parameters, duplicates);
    }

    registerResponseMode(name, handler) {
      super.registerResponseMode(name, (ctx, redirectUri, parameters) =>
        handler(ctx, redirectUri, toResponseParameters(tenant, ctx, parameters)));
    }
  }
  const engine = new Engine(tenant.issuers.v2, configuration(tenant));
  engine.on("authorization.error", (ctx, err) => { ctx.state.error = err; });
  engine.on("grant.error", (ctx, err) => { ctx.state.error = err; });
  engine.on("server_error", (ctx, err) => {
    ctx.state.error = err;
    console.error(err);
  });
  return engine;
}

function configuration(tenant) {
  const { directory, secrets } = tenant;
  return {
    adapter: (model) => (model === "Grant" ? createGrantAdapter(tenant) : tenant.store.adapter(model)),
    claims: ID_TOKEN_CLAIMS,
    clientAuthMethods: ["none"],
    clientBasedCORS: (ctx, origin, client) => directory.ownsOrigin(directory.app(client.clientId), origin),
    clients: directory.apps.map(toClient),
    conformIdTokenClaims: false,
    cookies: cookies(tenant),
    expiresWithSession: () => false,
    extraParams: { admin_consent: refuseForgedAdminConsent, client_info: refuseOffendingRequest, "client-request-id": undefined },
    features: features(tenant),
    findAccount: (ctx, oid) => findAccount(tenant, ctx, oid),
    formats: { customizers: { jwt: (ctx, issued, token) => shapeAccessToken(tenant, token, issued) } },
    interactions: { policy: createPolicy(directory), url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: (ctx, client, code) => wantsRefreshToken(ctx, code),
    jwks: { keys: [secrets.signingKey] },
    loadExistingGrant: (ctx) => loadGrant(tenant, ctx),
    allowOmittingSingleRegisteredRedirectUri: false,
    pairwiseIdentifier: (ctx, oid, client) => pairwiseSubject(secrets.pairwiseSecret, oid, client.clientId),
    pkce: { required: (ctx) => requirePkce(tenant, ctx) },
    renderError: (ctx, out, err) => errorPage(tenant, ctx, err),
    responseTypes: ["code"],
    revokeGrantPolicy: () => false,
    rotateRefreshToken: true,
    routes: ROUTES,
    scopes: ENGINE_OIDC_SCOPES,
    sectorIdentifierUriValidate: () => false,
    subjectTypes: ["pairwise"],
    ttl: lifetimes(tenant),
  };
}

/**
 * `native` is the engine's name for "ignore the port of a loopback redirect URI"; with a sector identifier, which it is told
 * not to fetch, the redirect URIs may be of several hosts.
 */
function toClient(app) {
  return {
    application_type: "native",
    client_id: app.clientId,
    client_name: app.name,
    grant_types: ["authorization_code", "refresh_token"],
    redirect_uris: app.redirectUris.map(({ uri }) => uri),
    response_types: ["code"],
    sector_identifier_uri: `https://${app.clientId}.invalid/`,
    subject_type: "pairwise",
    token_endpoint_auth_method: "none",
  };
}

/** Browsers do not tell ports apart in cookies, so two tenants need different names. */
function cookies({ origin, secrets }) {
  const { port } = new URL(origin);
  return {
    keys: [secrets.cookieKey],
    names: { session: `session-${port}`, interaction: `interaction-${port}`, resume: `resume-${port}` },
  };
}

function features(tenant) {
  return {
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
  if (ctx.oidc.route === "token") requireConsent(tenant, ctx, api);
  return {
    accessTokenFormat: "jwt",
    accessTokenTTL: tenant.accessTokenSeconds ?? randomInt(HOUR, 1.5 * HOUR),
    scope: engineScopesOf(api),
  };
}

function findAccount(tenant, ctx, oid) {
  const user = tenant.directory.user(oid);
  if (!user) return undefined;
  return { accountId: user.oid, claims: () => idTokenClaims(tenant, user, tenant.directory.app(ctx.oidc.client.clientId)) };
}

function requirePkce({ directory }, ctx) {
  if (ctx.state.isAdminConsent) return false;
  const { client_id: clientId, redirect_uri: uri } = ctx.oidc.params;
  if (directory.redirectUri(directory.app(clientId), uri)?.type === "spa") throw new AadstsError(9002325);
  return false;
}

/** Seconds. The refresh token of a single-page app inherits what is left of its predecessor's 24 hours. */
function lifetimes(tenant) {
  return {
    AccessToken: (ctx, token) => token.resourceServer.accessTokenTTL,
    AuthorizationCode: 10 * 60,
    IdToken: () => HOUR + tenant.clock.aheadSeconds(),
    Interaction: HOUR,
    RefreshToken: (ctx) => ctx.oidc.entities.RotatedRefreshToken?.remainingTTL ?? DAY,
    Session: DAY,
  };
}
