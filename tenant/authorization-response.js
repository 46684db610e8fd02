/** The response of the authorization endpoint, and of the admin consent endpoint, in the platform's terms. */
import { adminConsentParameters } from "./admin-consent.js";
import { describeError, errorParameters } from "./errors.js";
import { guidFor } from "./keys.js";
import { errorPage } from "./pages/error.js";
import { OIDC_SCOPES, engineOidcScope } from "./scopes.js";
import { memberFor, segmentOf } from "./segments.js";
import { clientInfo, idToken } from "./tokens.js";
import { traceOf } from "./trace.js";

/**
 * Around the engine's handler of a response mode: some refusals stay on a page of the tenant.
 * @param {import("./index.js").TenantContext} tenant
 */
export function respond(tenant, handler, ctx, redirectUri, parameters) {
  const { error } = ctx.state;
  const isSilent = isSilentRequest(ctx.oidc.params);
  if (error && describeError(error).row.page && !isSilent) return errorPage(tenant, ctx, error);
  const { state } = parameters;
  const isAdminConsent = ctx.oidc.params?.admin_consent !== undefined;
  const echoed = { ...(isAdminConsent ? { admin_consent: "True" } : {}), ...(state === undefined ? {} : { state }) };
  const answer = error
    ? { ...errorAnswer(tenant, ctx, error, isSilent), ...echoed }
    : successAnswer(tenant, ctx, parameters, { isAdminConsent, echoed });
  return handler(ctx, redirectUri, tenant.mutations.apply("authorizationResponse", answer));
}

function isSilentRequest(params) {
  return params?.prompt?.split(" ").includes("none") === true;
}

function errorAnswer(tenant, ctx, error, isSilent) {
  const parameters = errorParameters(error, traceOf(tenant, ctx), { isSilent });
  const isMissingConsent = describeError(error).code === 65001;
  return isMissingConsent ? { ...parameters, error: tenant.settings.current.silentConsentError } : parameters;
}

/** There is no `iss` (RFC 9207). */
function successAnswer(tenant, ctx, { code }, { isAdminConsent, echoed }) {
  const { params, session } = ctx.oidc;
  const { directory } = tenant;
  const member = memberFor(directory, segmentOf(directory, params), directory.user(session.accountId));
  if (isAdminConsent) return { ...adminConsentParameters(directory, params, member.tenant), ...echoed };
  return {
    ...(code === undefined ? {} : { code }),
    ...(params.response_type.includes("id_token") ? { id_token: frontChannelIdToken(tenant, ctx, member, code) } : {}),
    ...(params.client_info === "1" ? { client_info: clientInfo(tenant, member) } : {}),
    ...echoed,
    session_state: guidFor(`session state ${session.uid}`),
  };
}

function frontChannelIdToken(tenant, { oidc: { params, session, requestParamScopes } }, member, code) {
  return idToken(tenant, {
    member,
    app: tenant.directory.app(params.client_id),
    scopes: new Set(OIDC_SCOPES.filter((name) => requestParamScopes.has(engineOidcScope(name)))),
    signIn: { authTime: session.authTime(), nonce: params.nonce, sessionUid: session.uid },
    front: { code },
  });
}

