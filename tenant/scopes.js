/**
 * Scopes as the platform reads them: a scope is `<Application ID URI>/<permission>`, split at the last slash; without an
 * Application ID URI it is Microsoft Graph's. The scopes of OpenID Connect belong to Graph and go with any resource. A client
 * names itself as a resource by its client id.
 *
 * @typedef {object} ScopeRequest
 * @property {Set<string>} oidc
 * @property {Map<import("./directory.js").Api, Set<string>>} resources permissions by API, in the order asked for
 * @property {boolean} graphInFull whether Graph's permissions were asked for with the Application ID URI
 */
import { AadstsError } from "./errors.js";
import { isIn } from "./directory.js";
import { GRAPH } from "./fixtures.js";

export const OIDC_SCOPES = ["openid", "profile", "email", "offline_access"];
export const DEFAULT = ".default";

/** The engine gives out `offline_access` only together with `prompt=consent`, so it travels under another name. */
const OFFLINE_ACCESS = "urn:consentry:offline_access";
export const ENGINE_OIDC_SCOPES = OIDC_SCOPES.map(engineOidcScope);

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * @param {string | undefined} text
 * @param {import("./directory.js").Directory} directory
 * @param {string} clientId of the client that asks
 * @param {import("./directory.js").Tenant} [tenant] where it asks
 * @returns {ScopeRequest}
 */
export function parseScope(text, directory, clientId, tenant) {
  const request = { oidc: new Set(), resources: new Map(), graphInFull: false };
  for (const scope of (text ?? "").split(" ").filter(Boolean)) {
    if (OIDC_SCOPES.includes(scope.toLowerCase())) request.oidc.add(scope.toLowerCase());
    else addPermission(request, scope, directory, { clientId, tenant });
  }
  if (request.oidc.size + request.resources.size === 0) throw new AadstsError(900144, "Name: 'scope'.");
  refuseMixedDefault(request);
  if (request.resources.size === 0) request.resources.set(directory.api(GRAPH), new Set());
  return request;
}

function addPermission(request, scope, directory, { clientId, tenant }) {
  const slash = scope.lastIndexOf("/");
  const resource = slash < 0 ? GRAPH : scope.slice(0, slash);
  const name = scope.slice(slash + 1);
  if (!resource || !name || GUID.test(scope)) throw new AadstsError(70011, `Scope: '${scope}'.`);
  const api = findResource(directory, resource, clientId);
  if (!api || (tenant && !isIn(api, tenant))) throw new AadstsError(GUID.test(resource) || URL.canParse(resource) ? 500011 : 70011, `Scope: '${scope}'.`);
  if (api.clientId === clientId && !GUID.test(resource)) throw new AadstsError(90009, `Scope: '${scope}'.`);
  const permission = [DEFAULT, ...Object.keys(api.permissions)].find((known) => known.toLowerCase() === name.toLowerCase());
  if (!permission) throw new AadstsError(650053, `Scope: '${scope}'.`);
  if (slash >= 0 && api.applicationIdUri === GRAPH) request.graphInFull = true;
  request.resources.set(api, (request.resources.get(api) ?? new Set()).add(permission));
}

/** An app that exposes no API is a resource for itself only. */
function findResource(directory, resource, clientId) {
  const api = directory.api(resource);
  return api?.clientId === clientId || directory.apis.includes(api) ? api : undefined;
}

function refuseMixedDefault({ resources }) {
  const permissions = [...resources.values()].flatMap((names) => [...names]);
  if (permissions.includes(DEFAULT) && permissions.length > 1) {
    throw new AadstsError(70011, `'${DEFAULT}' stands alone: no other permission can be asked for with it.`);
  }
}

/** The name of a permission inside the engine, where scopes of all resources share one list. */
export function engineScope(api, permission) {
  return `${api.applicationIdUri}/${permission}`;
}

export function engineOidcScope(scope) {
  return scope === "offline_access" ? OFFLINE_ACCESS : scope;
}

/** All engine scopes of one API, as the engine wants to have them. */
export function engineScopesOf(api) {
  return [DEFAULT, ...Object.keys(api.permissions)].map((permission) => engineScope(api, permission)).join(" ");
}

/** A request in the engine's terms. */
export function toEngine({ oidc, resources }) {
  const permissions = [...resources].flatMap(([api, names]) => [...names].map((name) => engineScope(api, name)));
  return {
    scope: [...[...oidc].map(engineOidcScope), ...permissions].join(" "),
    resource: [...resources.keys()].map((api) => api.applicationIdUri),
  };
}

/**
 * What the token response says was granted: everything of this resource, not only what was asked for. Graph's come as they
 * were asked for, and with the OpenID Connect scopes; another API's always with its Application ID URI, a client's own with
 * its client id.
 */
export function echoScope(api, permissions, { graphInFull, clientId }) {
  if (api.clientId === clientId) return (permissions.length ? permissions : [DEFAULT]).map((name) => `${clientId}/${name}`).join(" ");
  if (api.applicationIdUri !== GRAPH) return permissions.map((name) => engineScope(api, name)).join(" ");
  const own = graphInFull ? permissions.map((name) => engineScope(api, name)) : permissions;
  return ["openid", "profile", "email", ...own].join(" ");
}
