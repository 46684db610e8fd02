/** The OpenID Connect metadata and the signing keys, readable from any origin. */
import { OIDC_SCOPES } from "./scopes.js";
import { ID_TOKEN_CLAIMS } from "./tokens.js";

const METADATA = "/v2.0/.well-known/openid-configuration";

/** @param {import("./index.js").TenantContext} tenant */
export function metadataEndpoint(tenant) {
  return async (ctx, next) => {
    if (ctx.path !== METADATA) return next();
    ctx.set("Access-Control-Allow-Origin", "*");
    ctx.body = metadata(tenant, ctx.state.segment);
  };
}

/** For `common` and `organizations` the issuer is a template: which tenant it is depends on the user. */
function metadata({ origin, directory, apiOrigins }, segment) {
  const isTenant = directory.segments()[segment];
  const base = `${origin}/${isTenant ? directory.tenant.id : segment}`;
  return {
    token_endpoint: `${base}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_modes_supported: ["query", "fragment", "form_post"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    response_types_supported: ["code"],
    scopes_supported: OIDC_SCOPES,
    issuer: `${origin}/${isTenant ? directory.tenant.id : "{tenantid}"}/v2.0`,
    request_uri_parameter_supported: false,
    ...(apiOrigins.graph ? { userinfo_endpoint: `${apiOrigins.graph}/oidc/userinfo` } : {}),
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    claims_supported: ["iss", "aud", "exp", "nonce", ...Object.values(ID_TOKEN_CLAIMS).flat()],
  };
}

/** The engine's key set, as the platform shows it: each key with its issuer, and without `alg`. */
export function keysEndpoint(tenant, path) {
  return async (ctx, next) => {
    if (ctx.path !== path) return next();
    ctx.set("Access-Control-Allow-Origin", "*");
    await next();
    if (ctx.method === "GET") ctx.body = { keys: ctx.body.keys.map(({ alg, ...key }) => ({ ...key, issuer: tenant.issuers.v2 })) };
  };
}
