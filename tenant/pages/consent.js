/** What an app asks for: what is missing, by API, in words that a person can decide on. */
import { html, sendPage } from "./html.js";
import { appRoleSections, basicsSection, permissionSections } from "./permissions.js";

/**
 * @param {import("../index.js").TenantContext} tenant
 * @param {import("../consent-request.js").ConsentRequest} request
 */
export function consentPage(tenant, ctx, request) {
  const { app, member, isFirst, isForOrganization, permissions, appRoles } = request;
  const organization = member.tenant.displayName;
  sendPage(ctx, {
    tenantName: organization,
    title: isForOrganization ? `Allow ${app.name} for ${organization}?` : `Allow ${app.name}?`,
    content: html`<p>${introduction(request, organization)}</p>
<form method="post">
${permissionSections(permissions, isGranular(tenant, request) ? tickBox : undefined)}
${appRoleSections(appRoles)}
${isFirst && basicsSection()}
${member.isAdmin && !isForOrganization && organizationBox(organization)}
<p class="muted">Accept only if you trust ${app.name}.</p>
<div class="actions"><button class="primary" name="action" value="accept">Accept</button><button name="action" value="cancel">Cancel</button></div>
</form>`,
  });
}

function introduction({ app, member: { user }, isForOrganization }, organization) {
  return isForOrganization
    ? `Signed in as ${user.username}, you can let ${app.name} act for everyone in ${organization}. Nobody there is asked for these permissions again:`
    : `Signed in as ${user.username}, you can let ${app.name} act for you:`;
}

/** Whether single permissions can be left out. */
export function isGranular({ settings }, { isForOrganization }) {
  return settings.current.granularConsent && !isForOrganization;
}

/** The name of a permission's field in the form. */
export function permissionField(api, name) {
  return `${api.clientId}/${name}`;
}

function tickBox(api, name, text) {
  return html`<label class="tick"><input type="checkbox" name="${permissionField(api, name)}" checked><span>${text}</span></label>`;
}

function organizationBox(organization) {
  return html`<label class="tick organization"><input type="checkbox" name="organization"><span><strong>Consent on behalf of your organization</strong>
Nobody in ${organization} is asked for these permissions again.</span></label>`;
}
