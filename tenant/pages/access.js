/** What the organization wants before it lets the user go on. */
import { nameOf } from "../segments.js";
import { errorContent } from "./error.js";
import { html, sendPage } from "./html.js";

/** @typedef {{ app: import("../directory.js").App, segment: import("../segments.js").Segment, user: import("../directory.js").User }} Situation */

/**
 * @param {import("../index.js").TenantContext} tenant
 * @param {Situation & { mustRegister: boolean }} situation
 */
export function secondFactorPage({ directory }, ctx, { app, segment, user, mustRegister }) {
  sendPage(ctx, {
    tenantName: nameOf(directory, segment),
    title: mustRegister ? "More information required" : "Approve sign-in",
    content: html`<p class="muted">to continue to ${app.name} as ${user.username}</p>
<p>${mustRegister ? "Your organization needs you to register a second factor." : "Your organization needs a second factor."}
This tenant has no telephone to ask: the button stands for it.</p>
<form method="post">
<div class="actions"><button class="primary" name="action" value="approve" autofocus>${mustRegister ? "Register and approve" : "Approve"}</button>
<button name="action" value="cancel">Cancel</button></div>
</form>`,
  });
}

/**
 * @param {import("../index.js").TenantContext} tenant
 * @param {Situation & { error: Error }} situation
 */
export function blockedPage(tenant, ctx, { app, segment, user, error }) {
  sendPage(ctx, {
    tenantName: nameOf(tenant.directory, segment),
    title: "You cannot access this right now",
    status: 403,
    content: html`<p>${user.username} cannot go on to ${app.name}.</p>
${errorContent(tenant, ctx, error)}
<form method="post">
<div class="actions"><button name="action" value="use-other">Switch account</button></div>
</form>`,
  });
}
