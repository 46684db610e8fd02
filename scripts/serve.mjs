/** The sample page's server: static files on a loopback address, under a strict Content-Security-Policy. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { ROOT } from "./process.mjs";
import { act, actionsOf } from "./tenant-actions.mjs";

/** @typedef {{ origin: string, resource: string }} Api */
/** @typedef {{ name: string, username: string, password: string, tenantId: string }} User The page learns names, not passwords. */
/** @typedef {{ origin: string, authority: string, tenantId: string, clientId: string, apis: { graph: Api, orders: Api }, users: User[] }} Facts What the page must know of its tenant. */
/** @typedef {Pick<import("../tenant/index.js").Control, "challengeTokens" | "revokeSessions" | "travel" | "changeSettings" | "expireRefreshTokens" | "revokeConsent" | "rotateKeys" | "injectFault" | "mutateResponses" | "reset">} Control */
/** @typedef {Partial<Control>} Actions What the page may do to it, by tenant-actions.mjs. */
/** @typedef {Facts & Actions} Tenant */

/** Nothing outside this machine may reach the servers. */
export const LOOPBACK = "127.0.0.1";

const WWW = join(ROOT, "www");
const PACKAGE = join(ROOT, "pkg");
/** Below this the page orders what the tenant is to do. */
const ACTIONS = "/tenant/";

/** @type {Record<string, string>} */
const MEDIA_TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Of the package the server shows what npm would publish for the browser. */
const IN_PACKAGE = /^(?:[\w-]+\.js|core[\\/][\w-]+\.(?:js|wasm))$/;

/**
 * The file that a request's path names; `undefined` where it names none that may be served.
 * @param {string} pathname
 */
function fileOf(pathname) {
  let path;
  try {
    path = normalize(decodeURIComponent(pathname));
  } catch {
    return undefined; // broken percent-encoding
  }
  const parts = path.split(sep);
  if (path.includes("\0") || path.includes("\\") || parts.some((part) => part.startsWith("."))) return undefined;
  if (parts[1] === "consentry") {
    const inside = parts.slice(2).join(sep);
    return IN_PACKAGE.test(inside) ? join(PACKAGE, inside) : undefined;
  }
  const file = join(WWW, path.endsWith(sep) ? join(path, "index.html") : path);
  return file.startsWith(WWW + sep) && extname(file) in MEDIA_TYPES ? file : undefined;
}

/** Those who live in the page's own tenant: not its guests, nor the others that the server knows. @param {Tenant} tenant */
export function ownUsers({ users, tenantId }) {
  return users.filter((user) => user.tenantId === tenantId);
}

/** @param {Tenant} tenant */
function configModule(tenant) {
  const { clientId, authority, apis: { graph, orders } } = tenant;
  const api = (/** @type {Api} */ { origin, resource }) => ({ origin, resource });
  const colleagues = ownUsers(tenant).map(({ name, username }) => ({ name, username }));
  const actions = [...actionsOf(tenant).keys()];
  return `export default ${JSON.stringify({ clientId, authority, graph: api(graph), orders: api(orders), colleagues, actions }, null, 2)};\n`;
}

/** The import map is the page's only inline script: it is let in by its hash. */
async function importMapHashes() {
  const html = await readFile(join(WWW, "index.html"), "utf8").catch(() => "");
  const maps = html.matchAll(/<script\s+type="importmap"\s*>(.*?)<\/script>/gs);
  return [...maps].map(([, text]) => `'sha256-${createHash("sha256").update(text ?? "").digest("base64")}'`);
}

/** @param {Tenant} tenant */
async function contentSecurityPolicy({ origin, apis: { graph, orders } }) {
  return [
    "default-src 'self'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...(await importMapHashes())].join(" "),
    ["connect-src 'self'", origin, graph.origin, orders.origin].join(" "),
    "style-src 'self'",
    "object-src 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/**
 * @param {string} pathname
 * @param {Tenant} tenant
 * @returns {Promise<{ type: string, body: string | Buffer } | undefined>}
 */
async function content(pathname, tenant) {
  if (pathname === "/config.js") return { type: MEDIA_TYPES[".js"] ?? "", body: configModule(tenant) };
  const file = fileOf(pathname);
  if (!file) return undefined;
  try {
    return { type: MEDIA_TYPES[extname(file)] ?? "", body: await readFile(file) };
  } catch {
    return undefined; // absent, or a folder
  }
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @param {Tenant} tenant
 */
async function respond(request, response, tenant) {
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("Content-Security-Policy", await contentSecurityPolicy(tenant));
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("X-Content-Type-Options", "nosniff");
  const readable = request.method === "GET" || request.method === "HEAD";
  const pathname = request.url?.split(/[?#]/, 1)[0] ?? "";
  const action = request.method === "POST" && pathname.startsWith(ACTIONS) ? actionsOf(tenant).get(pathname.slice(ACTIONS.length)) : undefined;
  if (action) return act(request, response, action);
  const found = readable && pathname.startsWith("/") ? await content(pathname, tenant) : undefined;
  const { type, body } = found ?? { type: "text/plain; charset=utf-8", body: readable ? "Not found\n" : "Method not allowed\n" };
  response.writeHead(found ? 200 : readable ? 404 : 405, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(request.method === "HEAD" ? undefined : body);
}

/**
 * Serves `/` from www/, `/consentry/` from the package and `/config.js` from the tenant's facts; `/tenant/` is for the page alone.
 * @param {{ port: number, config: Tenant }} options Port 0: any that is free.
 * @returns {Promise<{ origin: string, stop: () => Promise<void> }>}
 */
export async function serve({ port, config }) {
  const server = createServer((request, response) => {
    respond(request, response, config).catch((error) => response.destroy(error));
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, LOOPBACK, () => resolve(undefined));
  });
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://localhost:${address.port}`,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
