/**
 * A protected API: routes, each with the permission that it needs.
 *
 * @typedef {object} ApiCall
 * @property {import("../directory.js").User} user
 * @property {Record<string, unknown>} claims of the access token
 * @property {unknown} body
 * @property {import("../directory.js").Directory} directory
 * @property {string} now ISO 8601
 * @typedef {{ permission: string, answer(call: ApiCall): { status?: number, body?: unknown } }} Route
 * @typedef {object} ApiRoutes
 * @property {Record<string, Route>} routes by method and path
 * @property {(code: "unauthorized" | "forbidden" | "notFound" | "badRequest", message: string) => unknown} errorBody
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
  const name = `${request.method} ${pathname}`;
  if (!Object.hasOwn(routes, name)) return { status: 404, body: errorBody("notFound", `There is no ${name}.`) };
  const { permission, answer: answerCall } = routes[name];
  const text = await readText(request);
  try {
    const claims = await check(request.headers.authorization);
    if (!claims.scp.split(" ").includes(permission)) return forbidden(api, errorBody, permission);
    const call = { user: tenant.directory.user(claims.oid), claims, body: parseBody(text), directory: tenant.directory, now: isoTime(tenant) };
    return { status: 200, ...answerCall(call) };
  } catch (error) {
    if (error instanceof InvalidTokenError) return unauthorized(tenant, errorBody, error);
    if (error instanceof SyntaxError) return { status: 400, body: errorBody("badRequest", error.message) };
    throw error;
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

function forbidden(api, errorBody, permission) {
  const scope = `${api.applicationIdUri}/${permission}`;
  return {
    status: 403,
    headers: { "WWW-Authenticate": `Bearer realm="", error="insufficient_scope", scope="${scope}"` },
    body: errorBody("forbidden", `The access token lacks the permission ${scope}.`),
  };
}

function isoTime({ clock }) {
  return new Date(clock.milliseconds()).toISOString();
}

function internalError(error) {
  console.error(error);
  return { status: error.status ?? 500 };
}
