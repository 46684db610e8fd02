import { html, sendPage } from "./html.js";

/** @param {import("../index.js").TenantContext} tenant */
export function signedOutPage({ directory }, ctx) {
  sendPage(ctx, {
    tenantName: directory.tenant.displayName,
    title: "You are signed out",
    content: html`<p>You can close this window.</p>`,
  });
}
