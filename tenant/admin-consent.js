/**
 * The admin consent endpoint. For the engine it is an authorization request with prompt=consent, which gives it the proof of the
 * redirect URI, the sign-in and the pages; the engine's code goes nowhere.
 */
import { toAuthorizationRequest } from "./authorize.js";
import { wantedPermissions } from "./consent-request.js";
import { AadstsError } from "./errors.js";
import { readParameters } from "./forms.js";
import { DEFAULT, engineScope } from "./scopes.js";

/** Of version 2, and of version 1, which grants all that is registered. */
const ADMIN_CONSENT = "/v2.0/adminconsent";
const ADMIN_CONSENT_V1 = "/adminconsent";
const PARAMETERS = ["client_id", "redirect_uri", "scope", "state", "client-request-id"];

/**
 * @param {import("./index.js").TenantContext} tenant
 * @param {string} authorizationPath
 */
export function adminConsentEndpoint(tenant, authorizationPath) {
  return async (ctx, next) => {
    if (ctx.path !== ADMIN_CONSENT && ctx.path !== ADMIN_CONSENT_V1) return next();
    const request = Object.fromEntries(Object.entries(await readParameters(ctx)).filter(([name]) => PARAMETERS.includes(name)));
    if (ctx.path === ADMIN_CONSENT_V1) request.scope = defaultScope(tenant.directory.app(request.client_id));
    ctx.state.isAdminConsent = true;
    ctx.method = "GET";
    ctx.path = authorizationPath;
    const { scope, ...parameters } = toAuthorizationRequest(tenant, ctx, request);
    ctx.query = {
      ...parameters,
      // The engine refuses a request of which nothing is granted as a scope, as it is with application permissions only.
      scope: `openid ${scope}`,
      response_type: "code", response_mode: "query", prompt: "consent", admin_consent: "True",
    };
    return next();
  };
}

/** All that is registered, whichever API names it. */
function defaultScope(app) {
  const [uri] = Object.keys(app?.registeredPermissions ?? {});
  return uri === undefined ? undefined : `${uri}/${DEFAULT}`;
}

/** The parameter that marks such a request within the engine is not for requests from outside. */
export function refuseForgedAdminConsent(ctx, value) {
  if (value !== undefined && !ctx.state.isAdminConsent) throw new AadstsError(90023, "Name: 'admin_consent'.");
}

/** What the redirect URI learns of a success: the tenant, and all that was granted, by its full name. */
export function adminConsentParameters(directory, params, { id }) {
  const { permissions, appRoles } = wantedPermissions(directory, params);
  const names = [...permissions, ...appRoles].flatMap(([api, ofApi]) => ofApi.map((name) => engineScope(api, name)));
  return { tenant: id, scope: [...new Set(names)].join(" ") };
}
