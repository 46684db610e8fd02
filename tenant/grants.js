/**
 * The engine's grants: one for each user, tenant and client, never stored. For an authorization request one is made of what consents.js
 * knows, so what is taken back is gone at once; for a token request the engine gets one that grants everything, because what a token
 * may be for is decided by token.js.
 */
import { remember } from "./accounts.js";
import { parseClaims } from "./claims.js";
import { needsNoConsent } from "./consents.js";
import { DEFAULT, ENGINE_OIDC_SCOPES, engineScope, engineScopesOf } from "./scopes.js";
import { memberFor, segmentOf } from "./segments.js";

/**
 * The engine's storage of grants, to read only.
 * @param {import("./index.js").TenantContext} tenant
 */
export function createGrantAdapter({ directory }) {
  return {
    async find(id) {
      const [clientId, accountId] = id.split(" ");
      return {
        jti: id,
        kind: "Grant",
        accountId,
        clientId,
        openid: { scope: ENGINE_OIDC_SCOPES.join(" ") },
        resources: Object.fromEntries(directory.resources.map((api) => [api.applicationIdUri, engineScopesOf(api)])),
      };
    },
  };
}

/**
 * For an authorization request. What is still missing after the consent page was left out there by the user: the engine
 * is told so, or it would ask again.
 * @param {import("./index.js").TenantContext} tenant
 */
export async function loadGrant(tenant, ctx) {
  const { consents, directory } = tenant;
  const { account: { accountId }, client: { clientId }, requestParamScopes, resourceServers, result, provider } = ctx.oidc;
  const apis = Object.keys(resourceServers).map((uri) => directory.api(uri));
  const member = memberFor(directory, segmentOf(directory, ctx.oidc.params), directory.user(accountId));
  ctx.state.facts = factsOf(directory, ctx.oidc.params);
  remember(tenant, ctx, ctx.oidc.session.uid);
  if (member && apis.every((api) => isFree(api, clientId, requestParamScopes))) consents.add({ clientId, principal: member.oid });
  const grant = new provider.Grant({ jti: `${clientId} ${accountId}`, accountId, clientId, ...(member ? granted(tenant, member, clientId) : {}) });
  if (result?.consent) {
    for (const api of apis) grant.rejectResourceScope(api.applicationIdUri, missing(grant, api, requestParamScopes));
  }
  return grant;
}

/** What is kept with the code, if this request comes to one. */
function factsOf(directory, params) {
  const { client_id: clientId, redirect_uri: uri, segment, wanted_claims: claims } = params;
  // Only the device code flow has no redirect URI.
  const redirectType = uri === undefined ? "native" : directory.redirectUri(directory.app(clientId), uri).type;
  return { redirectType, segment, acrs: parseClaims(claims).contexts };
}

function granted({ consents, directory }, member, clientId) {
  const scopes = directory.resources.map((api) => [api.applicationIdUri, engineScopes(consents, api, clientId, member)]);
  return {
    ...(consents.hasBasics(clientId, member) ? { openid: { scope: ENGINE_OIDC_SCOPES.join(" ") } } : {}),
    resources: Object.fromEntries(scopes.filter(([, scope]) => scope !== "")),
  };
}

/** `.default` comes with the first permission of an API, and always for the client itself. */
function engineScopes(consents, api, clientId, member) {
  const names = consents.granted(api, clientId, member);
  if (names.length === 0 && api.clientId !== clientId) return "";
  return [DEFAULT, ...names].map((name) => engineScope(api, name)).join(" ");
}

/** Whether permissions of the API are asked for, and only such that need no consent. They bring the basic scopes along. */
function isFree(api, clientId, engineScopesAskedFor) {
  if (engineScopesAskedFor.has(engineScope(api, DEFAULT))) return api.clientId === clientId || Boolean(api.preAuthorizedApplications?.[clientId]);
  const names = Object.keys(api.permissions).filter((name) => engineScopesAskedFor.has(engineScope(api, name)));
  return names.length > 0 && names.every((name) => needsNoConsent(api, name, clientId));
}

function missing(grant, api, engineScopesAskedFor) {
  const granted = grant.getResourceScope(api.applicationIdUri).split(" ");
  const asked = [DEFAULT, ...Object.keys(api.permissions)].map((name) => engineScope(api, name));
  return asked.filter((scope) => engineScopesAskedFor.has(scope) && !granted.includes(scope));
}
