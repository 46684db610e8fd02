/** What an app asks for: what is missing, by API, in words that a person can decide on. */
import { html, sendPage } from "./html.js";

const BASICS = [
  ["Sign you in", "See your name, your user name and your e-mail address."],
  ["Keep the access you give", "Use these permissions while you are not looking at the app."],
];

/**
 * @param {import("../index.js").TenantContext} tenant
 * @param {{ app: import("../directory.js").App, user: import("../directory.js").User, isFirst: boolean,
 *   permissions: Map<import("../directory.js").Api, string[]> }} request
 */
export function consentPage({ directory }, ctx, { app, user, isFirst, permissions }) {
  sendPage(ctx, {
    tenantName: directory.tenant.displayName,
    title: `Allow ${app.name}?`,
    content: html`<p>Signed in as ${user.username}, you can let ${app.name} act for you:</p>
${[...permissions].map(([api, names]) => apiSection(api, names))}
${isFirst && basicsSection()}
<form method="post">
<p class="muted">Accept only if you trust ${app.name}.</p>
<div class="actions"><button class="primary" name="action" value="accept">Accept</button><button name="action" value="cancel">Cancel</button></div>
</form>`,
  });
}

function apiSection(api, names) {
  return html`<section class="api">
<h2>${api.name}</h2>
<code>${api.applicationIdUri}</code>
<ul>${names.map((name) => html`<li><strong>${api.permissions[name].title}</strong>${api.permissions[name].explanation} <code>${name}</code></li>`)}</ul>
</section>`;
}

function basicsSection() {
  return html`<section class="api">
<h2>Your account</h2>
<ul>${BASICS.map(([title, explanation]) => html`<li><strong>${title}</strong>${explanation}</li>`)}</ul>
</section>`;
}
