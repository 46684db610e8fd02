/** The OpenID Connect metadata, the signing keys and the instance discovery, readable from any origin. */
import { AadstsError, errorBody } from "./errors.js";
import { OIDC_SCOPES } from "./scopes.js";
import { CLAIMS, issuers } from "./tokens.js";
import { traceOf } from "./trace.js";

const METADATA = { "/v2.0/.well-known/openid-configuration": "v2", "/.well-known/openid-configuration": "v1" };
const KEYS = ["/discovery/v2.0/keys", "/discovery/keys"];
const INSTANCE = "/discovery/instance";

/** @param {import("./index.js").TenantContext} tenant */
export function metadataEndpoints(tenant) {
  const answers = {
    ...Object.fromEntries(Object.entries(METADATA).map(([path, version]) => [path, (ctx) => tenant.mutations.apply("metadata", metadata(tenant, ctx, version))])),
    ...Object.fromEntries(KEYS.map((path) => [path, (ctx) => tenant.mutations.apply("keys", keySet(tenant, ctx.state.segment))])),
    [INSTANCE]: (ctx) => instance(tenant, ctx),
  };
  return async (ctx, next) => {
    const answer = Object.hasOwn(answers, ctx.path) ? answers[ctx.path] : undefined;
    if (!answer) return next();
    ctx.set("Access-Control-Allow-Origin", "*");
    ctx.body = answer(ctx);
  };
}

/**
 * For `common` and `organizations` the issuer is a template: which tenant it is depends on the user. Metadata for an app names keys for
 * that app: here they are the tenant's.
 */
function metadata({ origin, apiOrigins }, { state: { segment }, query: { appid: appId } }, version) {
  const base = `${origin}/${segment.path}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    jwks_uri: `${base}/discovery/v2.0/keys${appId === undefined ? "" : `?${new URLSearchParams({ appid: appId })}`}`,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code", "id_token", "code id_token"],
    scopes_supported: OIDC_SCOPES,
    issuer: issuerOf(origin, segment)[version],
    request_uri_parameter_supported: false,
    ...(apiOrigins.graph ? { userinfo_endpoint: `${apiOrigins.graph}/oidc/userinfo` } : {}),
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: CLAIMS,
    tenant_region_scope: null,
    cloud_instance_name: new URL(origin).host,
    cloud_graph_host_name: "graph.windows.net",
    msgraph_host: "graph.microsoft.com",
  };
}

function issuerOf(origin, { tenant }) {
  return issuers(origin, tenant ?? { id: "{tenantid}" });
}

/** Each key with its issuer and its certificate, and without `alg`. */
function keySet({ origin, keys }, segment) {
  return {
    keys: keys.published().map(({ kid, x5c, publicKey }) => ({
      ...publicKey.export({ format: "jwk" }), use: "sig", kid, x5t: kid, x5c: [x5c], issuer: issuerOf(origin, segment).v2,
    })),
  };
}

/** Which names an authority's host goes by. A local tenant has one name. */
function instance(tenant, ctx) {
  const { host } = new URL(tenant.origin);
  const { authorization_endpoint: endpoint = "" } = ctx.query;
  const asked = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (asked?.host !== host) {
    const { status, body } = errorBody(new AadstsError(50049), traceOf(tenant, ctx));
    ctx.status = status;
    return body;
  }
  const [, segment] = asked.pathname.split("/");
  return {
    tenant_discovery_endpoint: `${tenant.origin}/${segment}/v2.0/.well-known/openid-configuration`,
    "api-version": "1.1",
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  };
}
