/** What a test does to the tenant: as functions, and over HTTP, there not for browsers: a page of any site could send the requests. */
import { EVERYONE } from "./consents.js";
import { readText } from "./forms.js";

const CONTROL = "/control/";

/** By function: the path below `/control/`, and the members of the JSON body, which are the arguments. */
export const ACTIONS = {
  revokeConsent: { path: "revoke-consent", parameters: ["user", "resource"] },
  revokeAdminConsent: { path: "revoke-admin-consent", parameters: ["resource"] },
  changeConsentSettings: { path: "consent-settings", parameters: ["settings"] },
  permissionGrants: { path: "permission-grants", parameters: [] },
  reset: { path: "reset", parameters: [] },
};

/** @param {import("./index.js").TenantContext} tenant */
export function createControl({ consents, directory, store }) {
  const must = (found, what) => {
    if (!found) throw new Error(`The tenant has no such ${what}.`);
    return found;
  };
  const apiNamed = (resource) => (resource === undefined ? undefined : must(directory.api(resource), "API"));
  return {
    /** Takes a user's consent back: of one API (Application ID URI), or all. Refresh tokens stay, and are refused as not consented. */
    revokeConsent: async (user, resource) => consents.revoke(must(directory.user(user), "user").oid, apiNamed(resource)),
    /** Takes back what an administrator consented to for the organization, in the same way. */
    revokeAdminConsent: async (resource) => consents.revoke(EVERYONE, apiNamed(resource)),
    /** @param {Partial<import("./consents.js").ConsentSettings>} settings */
    changeConsentSettings: async (settings) => consents.change(settings),
    /** All that is consented to, for each client, principal and API. */
    permissionGrants: async () => consents.grants.flatMap(toRows),
    /** As just started: nobody signed in, nothing consented, no tokens; mail and orders as in the fixtures. */
    reset: async () => {
      store.clear();
      consents.reset();
      directory.reset();
    },
  };
}

/** In the words of Microsoft Graph's oauth2PermissionGrant, with the resource's Application ID URI. */
function toRows({ clientId, principal, permissions, appRoles }) {
  const of = principal === EVERYONE ? { clientId, consentType: "AllPrincipals" } : { clientId, consentType: "Principal", principalId: principal };
  const rows = (byApi, member) => [...byApi].map(([api, names]) => ({ ...of, resource: api.applicationIdUri, [member]: [...names].join(" ") }));
  return [...rows(permissions, "scope"), ...rows(appRoles, "appRoles")];
}

/**
 * @param {import("./index.js").TenantContext} tenant
 * @param {ReturnType<typeof createControl>} control
 */
export function controlEndpoint(tenant, control) {
  return async (ctx, next) => {
    if (!ctx.path.startsWith(CONTROL)) return next();
    const [name, action] = Object.entries(ACTIONS).find(([, { path }]) => ctx.path === CONTROL + path) ?? [];
    const isAllowed = ctx.get("Origin") === "" && ctx.host === new URL(tenant.origin).host;
    ctx.assert(action && ctx.method === "POST", 404);
    ctx.assert(isAllowed, 403, "The control endpoint is not for browsers.");
    try {
      const body = JSON.parse((await readText(ctx.req)) || "{}");
      const answer = await control[name](...action.parameters.map((parameter) => body[parameter]));
      if (answer === undefined) ctx.status = 204;
      else ctx.body = answer;
    } catch (error) {
      ctx.throw(400, error.message);
    }
  };
}
