/** Who is signing in: name and password, or a choice of accounts. */
import { html, sendPage } from "./html.js";

/**
 * @param {import("../index.js").TenantContext} tenant
 * @param {{ app: import("../directory.js").App, username: string, refused: boolean }} attempt
 */
export function signInPage({ directory }, ctx, { app, username, refused }) {
  const focus = html` autofocus`;
  sendPage(ctx, {
    tenantName: directory.tenant.displayName,
    title: "Sign in",
    content: html`<p class="muted">to continue to ${app.name}</p>
${refused && html`<p class="alert" role="alert" id="refused">The user name or the password is wrong.</p>`}
<form method="post">
<label for="username">User name</label>
<input id="username" name="username" type="email" autocomplete="username" required value="${username}"${refusedBy(refused)}${!username && focus}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${refusedBy(refused)}${username && focus}>
<div class="actions"><button class="primary" name="action" value="sign-in">Sign in</button></div>
</form>
${hint(directory.users)}`,
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

/** @param {import("../directory.js").User} user who is signed in */
export function selectAccountPage({ directory }, ctx, { app, user }) {
  sendPage(ctx, {
    tenantName: directory.tenant.displayName,
    title: "Choose an account",
    content: html`<p class="muted">to continue to ${app.name}</p>
<form method="post">
<button class="account" name="action" value="use-current" autofocus>${user.name}<small>${user.username}, signed in</small></button>
<button class="account" name="action" value="use-other">Use another account</button>
</form>`,
  });
}
