/** The pages that users see. */

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (text) => String(text).replace(/[&<>"]/g, (character) => ENTITIES[character]);

function page(title, content) {
  return `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<link rel="icon" href="data:,">
<main><h1>${title}</h1>${content}</main>
</html>`;
}

/** @param {string} [complaint] */
export function signInPage(complaint) {
  return page("Sign in", `${complaint ? `<p role="alert">${escape(complaint)}</p>` : ""}
<form method="post">
<p><label>User name <input name="username" autocomplete="username" required></label>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<p><button>Sign in</button>
</form>`);
}

/** @param {string} client @param {string[]} scopes */
export function consentPage(client, scopes) {
  return page("Permissions", `<p><b>${escape(client)}</b> asks for:
<ul>${scopes.map((scope) => `<li><code>${escape(scope)}</code>`).join("")}</ul>
<form method="post"><button name="answer" value="accept">Accept</button> <button name="answer" value="cancel">Cancel</button></form>`);
}

/** The engine's hooks take Koa's context. @param {string} form the engine's own, which the buttons belong to */
export function signOutPage(ctx, form) {
  ctx.body = page("Sign out?", `${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`);
}

export function signedOutPage(ctx) {
  ctx.body = page("Signed out", "");
}

export function errorPage(ctx, out) {
  ctx.type = "html";
  ctx.body = page("Error", `<dl>${Object.entries(out).map(([key, value]) => `<dt>${escape(key)}<dd>${escape(value)}`).join("")}</dl>`);
}
