/**
 * What a consent page has to ask, of whom, and what stands in the way.
 *
 * @typedef {import("./directory.js").Api} Api
 * @typedef {import("./consents.js").Permissions} Permissions
 * @typedef {object} ConsentRequest
 * @property {import("./directory.js").App} app
 * @property {import("./directory.js").Member} member
 * @property {boolean} isForOrganization whether it came to the admin consent endpoint
 * @property {boolean} isFirst whether the basic scopes of OpenID Connect are asked for as well
 * @property {Permissions} permissions delegated permissions
 * @property {Permissions} appRoles application permissions
 * @property {Permissions} beyondUser those of `permissions` that only an administrator can consent to
 * @property {90093 | 90094 | undefined} obstacle the error that says why this user cannot consent
 */
import { needsNoConsent } from "./consents.js";
import { DEFAULT, engineScope } from "./scopes.js";
import { memberFor, segmentOf } from "./segments.js";

/**
 * @param {import("./index.js").TenantContext} tenant
 * @param {object} interaction the engine's
 * @returns {ConsentRequest}
 */
export function consentRequest({ directory, consents, settings }, { params, session: { accountId } }) {
  const app = directory.app(params.client_id);
  const member = memberFor(directory, segmentOf(directory, params), directory.user(accountId));
  const { isDefault, permissions: wanted, appRoles } = wantedPermissions(directory, params);
  const isRepeated = isDefault || params.prompt?.split(" ").includes("consent");
  const isForAdmins = (api, name) => api.permissions[name].type === "Admin";
  const permissions = select(wanted, (api, name) => {
    if (needsNoConsent(api, name, app.clientId)) return false;
    if (!consents.granted(api, app.clientId, member).includes(name)) return true;
    // What an administrator has granted does not become the user's own by being asked for again.
    return isRepeated && (member.isAdmin || !isForAdmins(api, name));
  });
  const isForOrganization = params.admin_consent !== undefined;
  const request = {
    app, member, isForOrganization, permissions, appRoles,
    isFirst: !consents.hasBasics(app.clientId, member),
    beyondUser: settings.current.userConsent ? select(permissions, isForAdmins) : permissions,
  };
  return { ...request, obstacle: member.isAdmin ? undefined : obstacleOf(request, settings.current) };
}

function obstacleOf({ isForOrganization, beyondUser }, { userConsent }) {
  if (isForOrganization) return 90093;
  return !userConsent || beyondUser.size > 0 ? 90094 : undefined;
}

/**
 * What the request means: the permissions that it names, or for `.default` all that is registered for the app, at the admin
 * consent endpoint the application permissions too.
 * @returns {{ isDefault: boolean, permissions: Permissions, appRoles: Permissions }}
 */
export function wantedPermissions(directory, params) {
  const app = directory.app(params.client_id);
  const others = directory.apis.filter((api) => api.clientId !== app.clientId);
  const scopes = new Set(params.scope.split(" "));
  const isDefault = others.some((api) => scopes.has(engineScope(api, DEFAULT)));
  const delegated = new Map(others.map((api) => [api, Object.keys(api.permissions)]));
  const application = new Map(others.map((api) => [api, Object.keys(api.appRoles ?? {})]));
  return {
    isDefault,
    permissions: select(delegated, (api, name) => (isDefault
      ? isIn(app.registeredPermissions, api, name)
      : scopes.has(engineScope(api, name)))),
    appRoles: select(application, (api, name) => isDefault && params.admin_consent !== undefined && isIn(app.registeredAppRoles, api, name)),
  };
}

function isIn(registered, api, name) {
  return registered?.[api.applicationIdUri]?.includes(name) === true;
}

/** @param {(api: Api, name: string) => boolean} isSelected @returns {Permissions} */
function select(permissions, isSelected) {
  const selected = [...permissions].map(([api, names]) => [api, names.filter((name) => isSelected(api, name))]);
  return new Map(selected.filter(([, names]) => names.length > 0));
}
