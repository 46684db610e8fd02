/** Consent: one grant of the engine for each user and client. Sessions come and go, consent stays. */
import { guidFor } from "./keys.js";
import { DEFAULT, ENGINE_OIDC_SCOPES, engineScope, permissionsIn } from "./scopes.js";

/** @returns {Promise<object | undefined>} the engine's grant */
export function findGrant(engine, oid, clientId) {
  return engine.Grant.find(grantId(oid, clientId));
}

/**
 * Adds permissions. The basic OpenID Connect scopes come with any consent, and `.default` with the first of an API.
 * @param {Map<import("./directory.js").Api, string[]>} permissions
 */
export async function consent(engine, oid, clientId, permissions) {
  const grant = await findGrant(engine, oid, clientId)
    ?? new engine.Grant({ jti: grantId(oid, clientId), accountId: oid, clientId });
  grant.addOIDCScope(ENGINE_OIDC_SCOPES);
  for (const [api, names] of permissions) {
    grant.addResourceScope(api.applicationIdUri, [DEFAULT, ...names].map((name) => engineScope(api, name)));
  }
  return grant.save();
}

/** @returns {string[]} the permissions of the API that the grant has */
export function grantedPermissions(grant, api) {
  return permissionsIn(grant?.getResourceScope(api.applicationIdUri) ?? "", api);
}

/**
 * Takes consent back: of one API, or all. Refresh tokens stay, and are refused as not consented.
 * @param {import("./index.js").TenantContext} tenant
 */
export async function revokeConsent({ engine, directory }, user, api) {
  for (const { clientId } of directory.apps) {
    const grant = await findGrant(engine, user.oid, clientId);
    if (!grant) continue;
    if (api) delete grant.resources?.[api.applicationIdUri];
    else Object.assign(grant, { resources: undefined, openid: undefined });
    await grant.save();
  }
}

function grantId(oid, clientId) {
  return guidFor(`grant ${oid} ${clientId}`);
}
