/**
 * The engine's grants: one for each user and client, never stored. Whenever the engine asks for one it is made of what
 * consents.js knows, so sessions, codes and refresh tokens come and go, and what is taken back is gone at once.
 */
import { needsNoConsent } from "./consents.js";
import { DEFAULT, ENGINE_OIDC_SCOPES, engineScope } from "./scopes.js";

/**
 * The engine's storage of grants, to read only.
 * @param {import("./index.js").TenantContext} tenant
 */
export function createGrantAdapter({ directory, consents }) {
  return {
    async find(id) {
      const [clientId, accountId] = id.split(" ");
      const scopes = directory.resources.map((api) => [api.applicationIdUri, engineScopes(consents, api, clientId, accountId)]);
      return {
        jti: id,
        kind: "Grant",
        accountId,
        clientId,
        ...(consents.hasBasics(clientId, accountId) ? { openid: { scope: ENGINE_OIDC_SCOPES.join(" ") } } : {}),
        resources: Object.fromEntries(scopes.filter(([, scope]) => scope !== "")),
      };
    },
  };
}

/** `.default` comes with the first permission of an API, and always for the client itself. */
function engineScopes(consents, api, clientId, oid) {
  const names = consents.granted(api, clientId, oid);
  if (names.length === 0 && api.clientId !== clientId) return "";
  return [DEFAULT, ...names].map((name) => engineScope(api, name)).join(" ");
}

/**
 * For an authorization request. What is still missing after the consent page was left out there by the user: the engine
 * is told so, or it would ask again.
 * @param {import("./index.js").TenantContext} tenant
 */
export async function loadGrant({ consents, directory }, ctx) {
  const { account: { accountId }, client: { clientId }, requestParamScopes, resourceServers, result, provider } = ctx.oidc;
  const apis = Object.keys(resourceServers).map((uri) => directory.api(uri));
  if (apis.every((api) => isFree(api, clientId, requestParamScopes))) consents.add({ clientId, principal: accountId });
  const grant = await provider.Grant.find(`${clientId} ${accountId}`);
  if (result?.consent) {
    for (const api of apis) grant.rejectResourceScope(api.applicationIdUri, missing(grant, api, requestParamScopes));
  }
  return grant;
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
