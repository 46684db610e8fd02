/** Where the user cannot consent: what it is about, and the ways on. */
import { html, sendPage } from "./html.js";
import { appRoleSections, basicsSection, permissionSections } from "./permissions.js";

/**
 * @param {import("../index.js").TenantContext} tenant
 * @param {import("../consent-request.js").ConsentRequest} request
 */
export function approvalPage(tenant, ctx, { app, member: { user, tenant: { displayName: organization } }, isForOrganization, isFirst, permissions, beyondUser, appRoles }) {
  const asked = isForOrganization ? permissions : beyondUser;
  sendPage(ctx, {
    tenantName: organization,
    title: "Need admin approval",
    content: html`<p>${app.name} asks for permissions that only an administrator of ${organization} can grant${isForOrganization && " for everyone in it"}.
You are signed in as ${user.username}.</p>
${permissionSections(asked)}
${appRoleSections(appRoles)}
${isFirst && asked.size + appRoles.size === 0 && basicsSection()}
<form method="post">
<p class="muted">Ask an administrator to approve ${app.name}, and then try again.</p>
<div class="actions">
<button class="primary" name="action" value="cancel">Back to app</button>
<button name="action" value="use-other">Switch account</button>
</div>
</form>`,
  });
}
