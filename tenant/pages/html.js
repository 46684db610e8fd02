/** Pages without scripts: escaping, the frame that they share, and their style sheet. */
import { readFileSync } from "node:fs";

const STYLE_PATH = "/assets/tenant.css";
const STYLE = readFileSync(new URL("./tenant.css", import.meta.url), "utf8");
const ICON = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Ccircle cx='4' cy='4' r='4' fill='%230b6b57'/%3E%3C/svg%3E";
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;" };

class Html extends String {}

/** Text is escaped, `html` in `html` is not; arrays are joined, `undefined` and `false` leave nothing. */
export function html(strings, ...values) {
  return new Html(String.raw({ raw: strings }, ...values.map(render)));
}

function render(value) {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value;
  if (Array.isArray(value)) return value.map(render).join("");
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character]);
}

/**
 * @param {{ tenantName: string, title: string, content: Html, status?: number }} page
 */
export function sendPage(ctx, { tenantName, title, content, status = 200 }) {
  ctx.status = status;
  ctx.type = "html";
  ctx.set("Cache-Control", "no-store");
  ctx.set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'");
  if (ctx.state.openerPolicy) ctx.set("Cross-Origin-Opener-Policy", ctx.state.openerPolicy);
  ctx.set("Referrer-Policy", "no-referrer");
  ctx.set("X-Content-Type-Options", "nosniff");
  ctx.body = String(html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – ${tenantName}</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${STYLE_PATH}">
</head>
<body>
<main>
<header><span class="mark" aria-hidden="true"></span><span class="tenant">${tenantName}</span><span class="badge">local tenant</span></header>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`);
}

export async function styleSheet(ctx, next) {
  if (ctx.path !== STYLE_PATH) return next();
  ctx.type = "css";
  ctx.body = STYLE;
}
