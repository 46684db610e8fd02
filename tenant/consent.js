/** The consent page in its forms: for a user, for the organization, and where only an administrator can help. */
import { consentRequest } from "./consent-request.js";
import { everyoneIn } from "./consents.js";
import { approvalPage } from "./pages/approval.js";
import { consentPage, isGranular, permissionField } from "./pages/consent.js";

const DECLINED = 65004;

/** @param {import("./index.js").TenantContext} tenant */
export function showConsent(tenant, ctx, interaction) {
  const request = consentRequest(tenant, interaction);
  if (request.obstacle) approvalPage(tenant, ctx, request);
  else consentPage(tenant, ctx, request);
}

export function decideConsent(tenant, ctx, interaction, form) {
  // Without `login`, or the engine would take the one of a moment ago for the other account's.
  if (form.action === "use-other") return { select_account: { other: true }, login: undefined };
  const request = consentRequest(tenant, interaction);
  const { app, member, isForOrganization, permissions, appRoles, obstacle } = request;
  if (form.action !== "accept" || obstacle) return { error: "access_denied", error_description: String(obstacle ?? DECLINED) };
  const isForEveryone = isForOrganization || (member.isAdmin && form.organization === "on");
  const of = { clientId: app.clientId, principal: isForEveryone ? everyoneIn(member.tenant) : member.oid };
  if (isGranular(tenant, request)) tenant.consents.withdraw(of, permissions);
  tenant.consents.add(of, { permissions: isGranular(tenant, request) ? ticked(permissions, form) : permissions, appRoles });
  return { consent: {} };
}

/** Of what the page listed, what the user left ticked. */
function ticked(permissions, form) {
  return new Map([...permissions].map(([api, names]) => [api, names.filter((name) => form[permissionField(api, name)] === "on")]));
}
