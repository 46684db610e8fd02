/** Permissions as sections of a page, one for each API. */
import { html } from "./html.js";

const BASICS = [
  ["Sign you in", "See your name, your user name and your e-mail address."],
  ["Keep the access you give", "Use these permissions while you are not looking at the app."],
];

/**
 * @param {import("../consents.js").Permissions} permissions delegated permissions
 * @param {(api: import("../directory.js").Api, name: string, text: unknown) => unknown} [asField] wraps a permission's text
 */
export function permissionSections(permissions, asField = (api, name, text) => text) {
  return [...permissions].map(([api, names]) => section(api.name, api.applicationIdUri, names.map((name) =>
    asField(api, name, item(api.permissions[name], name)))));
}

/** @param {import("../consents.js").Permissions} appRoles application permissions */
export function appRoleSections(appRoles) {
  return [...appRoles].map(([api, names]) => section(`${api.name}, with nobody signed in`, api.applicationIdUri, names.map((name) =>
    item(api.appRoles[name], name))));
}

export function basicsSection() {
  return section("Your account", undefined, BASICS.map(([title, explanation]) => item({ title, explanation })));
}

function section(title, uri, items) {
  return html`<section class="api">
<h2>${title}</h2>
${uri && html`<code>${uri}</code>`}
<ul>${items.map((content) => html`<li>${content}</li>`)}</ul>
</section>`;
}

function item({ title, explanation }, name) {
  return html`<strong>${title}</strong>${explanation}${name && html` <code>${name}</code>`}`;
}
