/**
 * A protected API: routes, each with the permission that it needs.
 *
 * @typedef {object} ApiCall
 * @property {import("../directory.js").User} user
 * @property {Record<string, unknown>} claims of the access token
 * @property {Record<string, string>} parameters the parts of the path that the route has in braces
 * @property {unknown} body
 * @property {import("../directory.js").Directory} directory
 * @property {string} now ISO 8601
 * @typedef {{ permission: string, answer(call: ApiCall): { status?: number, body?: unknown } }} Route
 * @typedef {object} ApiRoutes
 * @property {Record<string, Route>} routes by method and path
 * @property {(code: "unauthorized" | "insufficientScope" | "accessDenied" | "notFound" | "badRequest", message: string) => unknown} errorBody
 *   `insufficientScope`: the app lacks a permission, and consent can help; `accessDenied`: the user lacks the right, and it cannot
 */
import { readText } from "../forms.js";
import { InvalidTokenError, createTokenCheck } from "./token-check.js";

const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "WWW-Authenticate, request-id, client-request-id",
};
const PREFLIGHT = {
  "Access-Control-Allow-Methods": "GET, POST",
  "Access-Control-Allow-Headers": "Authorization, Content-Type, client-request-id",
  "Access-Control-Max-Age": "600",
};

/**
 * @param {import("../index.js").TenantContext} tenant
 * @param {import("../directory.js").Api} api
 * @param {ApiRoutes} table
 * @returns {import("node:http").RequestListener}
 */
export function createApi(tenant, api, table) {
  const check = createTokenCheck(tenant, api);
  return async (request, response) => {
    const { status, body, headers } = await answer(tenant, api, table, check, request).catch(internalError);
    response.writeHead(status, { ...CORS, ...headers, ...(body === undefined ? {} : { "Content-Type": "application/json" }) });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
}

async function answer(tenant, api, { routes, errorBody }, check, request) {
  if (request.method === "OPTIONS") return { status: 204, headers: PREFLIGHT };
  const { pathname } = new URL(request.url, "http://localhost");
  const found = findRoute(routes, request.method, pathname);
  if (!found) return { status: 404, body: errorBody("notFound", `There is no ${request.method} ${pathname}.`) };
  const { route: { permission, answer: answerCall }, parameters } = found;
  const text = await readText(request);
  try {
    const claims = await check(request.headers.authorization);
    if (!claims.scp.split(" ").includes(permission)) return insufficientScope(api, errorBody, permission);
    const { directory } = tenant;
    const call = { user: directory.user(claims.oid), claims, parameters, body: parseBody(text), directory, now: isoTime(tenant) };
    return { status: 200, ...answerCall(call) };
  } catch (error) {
    if (error instanceof InvalidTokenError) return unauthorized(tenant, errorBody, error);
    if (error instanceof SyntaxError) return { status: 400, body: errorBody("badRequest", error.message) };
    throw error;
  }
}

function findRoute(routes, method, pathname) {
  for (const [name, route] of Object.entries(routes)) {
    const [routeMethod, template] = name.split(" ");
    const parameters = routeMethod === method ? matchPath(template, pathname) : undefined;
    if (parameters) return { route, parameters };
  }
  return undefined;
}

/** @returns {Record<string, string> | undefined} the values of the parts in braces, where the path is one of the template */
function matchPath(template, pathname) {
  const parts = pathname.split("/");
  const wanted = template.split("/");
  if (parts.length !== wanted.length) return undefined;
  const isParameter = (part) => part.startsWith("{");
  if (!wanted.every((part, index) => isParameter(part) || part === parts[index])) return undefined;
  return Object.fromEntries(wanted.flatMap((part, index) => (isParameter(part) ? [[part.slice(1, -1), decodePart(parts[index])]] : [])));
}

/** What cannot be decoded is taken as it is: it names nothing. */
function decodePart(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** @throws {SyntaxError} when the body is not an object in JSON */
function parseBody(text) {
  if (text === "") return undefined;
  const body = JSON.parse(text);
  if (body === null || typeof body !== "object") throw new SyntaxError("The body must be a JSON object.");
  return body;
}

/** RFC 6750 3: a request without a token learns where to get one, and no error. */
function unauthorized({ origin }, errorBody, { hadToken, message }) {
  const parts = ["realm=\"\"", `authorization_uri="${origin}/common/oauth2/v2.0/authorize"`];
  if (hadToken) parts.push("error=\"invalid_token\"", `error_description="${message}"`);
  return { status: 401, headers: { "WWW-Authenticate": `Bearer ${parts.join(", ")}` }, body: errorBody("unauthorized", message) };
}

function insufficientScope(api, errorBody, permission) {
  const scope = `${api.applicationIdUri}/${permission}`;
  return {
    status: 403,
    headers: { "WWW-Authenticate": `Bearer realm="", error="insufficient_scope", scope="${scope}"` },
    body: errorBody("insufficientScope", `The access token lacks the permission ${scope}.`),
  };
}

function isoTime({ clock }) {
  return new Date(clock.milliseconds()).toISOString();
}

function internalError(error) {
  console.error(error);
  return { status: error.status ?? 500 };
}
