/** Who is signing in: name and password, or a choice of accounts. */
import { nameOf, usersOf } from "../segments.js";
import { html, sendPage } from "./html.js";

/** Whether the name or the password is wrong is not told. */
const WRONG = "The user name or the password is wrong.";
const REFUSALS = { 50034: WRONG, 50126: WRONG, 50020: "This account is of another organization. Sign in with one of this organization, or as its guest." };

/**
 * @param {import("../index.js").TenantContext} tenant
 * @param {object} attempt
 * @param {import("../directory.js").App} attempt.app
 * @param {import("../segments.js").Segment} attempt.segment
 * @param {string} attempt.username
 * @param {keyof typeof REFUSALS | undefined} attempt.refusal
 */
export function signInPage({ directory }, ctx, { app, segment, username, refusal }) {
  const refused = refusal !== undefined;
  const focus = html` autofocus`;
  sendPage(ctx, {
    tenantName: nameOf(directory, segment),
    title: "Sign in",
    content: html`<p class="muted">to continue to ${app.name}</p>
${refused && html`<p class="alert" role="alert" id="refused">${REFUSALS[refusal]}</p>`}
<form method="post">
<label for="username">User name</label>
<input id="username" name="username" type="email" autocomplete="username" required value="${username}"${refusedBy(refused)}${!username && focus}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${refusedBy(refused)}${username && focus}>
<div class="actions"><button class="primary" name="action" value="sign-in">Sign in</button></div>
</form>
${hint(usersOf(directory, segment))}`,
  });
}

function refusedBy(refused) {
  return refused && html` aria-invalid="true" aria-describedby="refused"`;
}

function hint(users) {
  return html`<section class="hint" aria-label="Users of this local tenant">
<p class="muted">This tenant runs on this machine only. Its users:</p>
<ul>${users.map((user) => html`<li><a href="?username=${encodeURIComponent(user.username)}">${user.username}</a>, password <code>${user.password}</code></li>`)}</ul>
</section>`;
}

/** @param {{ app: import("../directory.js").App, segment: import("../segments.js").Segment, users: import("../directory.js").User[] }} choice `users`: who is signed in */
export function selectAccountPage({ directory }, ctx, { app, segment, users }) {
  sendPage(ctx, {
    tenantName: nameOf(directory, segment),
    title: "Choose an account",
    content: html`<p class="muted">to continue to ${app.name}</p>
<form method="post">
${users.map(({ oid, name, username }) => html`<button class="account" name="account" value="${oid}">${name}<small>${username}, signed in</small></button>`)}
<button class="account" name="action" value="use-other">Use another account</button>
</form>`,
  });
}
