/** What a person does for a device: enter its code, confirm the app, and go back. */
import { html, sendPage } from "./html.js";

/** @param {import("../index.js").TenantContext} tenant @param {{ isRefused: boolean }} attempt */
export function deviceCodePage({ directory }, ctx, { isRefused }) {
  sendPage(ctx, {
    tenantName: directory.tenant.displayName,
    title: "Enter code",
    status: isRefused ? 400 : 200,
    content: html`<p class="muted">The app or device shows you a code.</p>
${isRefused && html`<p class="alert" role="alert" id="refused">The code is wrong, has expired, or was used or declined.</p>`}
${form(ctx, html`<label for="user_code">Code</label>
<input id="user_code" name="user_code" autocomplete="off" autocapitalize="characters" required autofocus${isRefused && html` aria-invalid="true" aria-describedby="refused"`}>
<div class="actions"><button class="primary">Next</button></div>`)}`,
  });
}

/** @param {import("../index.js").TenantContext} tenant @param {{ app: import("../directory.js").App, userCode: string }} device */
export function deviceConfirmPage({ directory }, ctx, { app, userCode }) {
  sendPage(ctx, {
    tenantName: directory.tenant.displayName,
    title: `Sign in to ${app.name} on another device?`,
    content: html`<p>Go on only if the other device shows the code <code>${userCode}</code>, and you asked it to.</p>
${form(ctx, html`<input type="hidden" name="user_code" value="${userCode}">
<div class="actions"><button class="primary" name="confirm" value="yes">Continue</button><button name="abort" value="yes">Cancel</button></div>`)}`,
  });
}

/** @param {import("../index.js").TenantContext} tenant @param {{ app: import("../directory.js").App }} device */
export function deviceDonePage({ directory }, ctx, { app }) {
  sendPage(ctx, {
    tenantName: directory.tenant.displayName,
    title: "You are signed in on the other device",
    content: html`<p>${app.name} goes on there. You can close this window.</p>`,
  });
}

/** The engine's protection against forged forms goes along. */
function form({ oidc }, fields) {
  return html`<form method="post" action="${oidc.urlFor("code_verification")}">
<input type="hidden" name="xsrf" value="${oidc.session.state.secret}">
${fields}
</form>`;
}
