/** The response of the authorization endpoint, and of the admin consent endpoint, in the platform's terms. */
import { adminConsentParameters } from "./admin-consent.js";
import { errorParameters } from "./errors.js";
import { guidFor } from "./keys.js";
import { clientInfo } from "./tokens.js";
import { traceOf } from "./trace.js";

/** The parameters that go to the redirect URI, for success and for failure. There is no `iss` (RFC 9207). */
export function toResponseParameters(tenant, ctx, parameters) {
  const { state } = parameters;
  const isAdminConsent = ctx.oidc.params?.admin_consent !== undefined;
  const echoed = { ...(isAdminConsent ? { admin_consent: "True" } : {}), ...(state === undefined ? {} : { state }) };
  if (ctx.state.error) return { ...errorParameters(ctx.state.error, traceOf(tenant, ctx)), ...echoed };
  const { params, session } = ctx.oidc;
  if (isAdminConsent) return { ...adminConsentParameters(tenant, params), ...echoed };
  return {
    code: parameters.code,
    ...(params.client_info === "1" ? { client_info: clientInfo(tenant, tenant.directory.user(session.accountId)) } : {}),
    ...echoed,
    session_state: guidFor(`session state ${session.uid}`),
  };
}
