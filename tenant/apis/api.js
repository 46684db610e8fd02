/**
 * A protected API: routes, each with the permission that it needs.
 *
 * @typedef {object} ApiCall
 * @property {import("../directory.js").User} user
 * @property {import("../directory.js").Member[]} members all users of the token's tenant, its guests too
 * @property {Record<string, unknown>} claims of the access token
 * @property {Record<string, string>} parameters the parts of the path that the route has in braces
 * @property {unknown} body
 * @property {import("../directory.js").Directory} directory
 * @property {string} now ISO 8601
 * @property {() => string} newId
 * @typedef {object} Route
 * @property {string} permission
 * @property {string} [context] an authentication context that the access token has to have: the API asks for it by a challenge
 * @property {(call: ApiCall) => { status?: number, body?: unknown }} answer
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
  "Access-Control-Allow-Methods": "GET, POST, DELETE",
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
    response.statusCode = status;
    response.setHeaders(new Map(Object.entries({ ...CORS, ...headers, ...(body === undefined ? {} : { "Content-Type": "application/json" }) })));
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
}

async function answer(tenant, api, { routes, errorBody }, check, request) {
  if (request.method === "OPTIONS") return { status: 204, headers: PREFLIGHT };
  const { pathname } = new URL(request.url, "http://localhost");
  const found = findRoute(routes, request.method, pathname);
  if (!found) return { status: 404, body: errorBody("notFound", `There is no ${request.method} ${pathname}.`) };
  const { route, parameters } = found;
  const text = await readText(request);
  try {
    const claims = check(request.headers.authorization);
    const challenge = challengeOf(tenant, route, claims);
    if (challenge) return insufficientClaims(tenant, errorBody, challenge);
    if (!claims.scp.split(" ").includes(route.permission)) return insufficientScope(api, errorBody, route.permission);
    const { directory } = tenant;
    const call = {
      user: directory.user(claims.oid), members: membersOf(directory, claims), claims, parameters, body: parseBody(text), directory,
      now: isoTime(tenant), newId: () => tenant.random.guid("api"),
    };
    return { status: 200, ...route.answer(call) };
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

/**
 * What the token would have to say. Continuous access evaluation: only a client that says it answers challenges gets this one,
 * any other keeps its token for as long as it lives.
 * @returns {object | undefined} the claims, as the parameter `claims` names them
 */
function challengeOf({ revocations, clock }, { context }, { uti, xms_cc: capabilities, acrs }) {
  if (capabilities?.includes("cp1") && revocations.isRevoked(uti)) return { nbf: { essential: true, value: String(clock.seconds()) } };
  return context !== undefined && !acrs?.includes(context) ? { acrs: { essential: true, value: context } } : undefined;
}

function insufficientClaims({ origin }, errorBody, claims) {
  const encoded = Buffer.from(JSON.stringify({ access_token: claims })).toString("base64");
  const parts = ["realm=\"\"", `authorization_uri="${origin}/common/oauth2/v2.0/authorize"`, "error=\"insufficient_claims\"", `claims="${encoded}"`];
  return { status: 401, headers: { "WWW-Authenticate": `Bearer ${parts.join(", ")}` }, body: errorBody("unauthorized", "The access token does not have the claims that are needed.") };
}

function insufficientScope(api, errorBody, permission) {
  const scope = `${api.applicationIdUri}/${permission}`;
  return {
    status: 403,
    headers: { "WWW-Authenticate": `Bearer realm="", error="insufficient_scope", scope="${scope}"` },
    body: errorBody("insufficientScope", `The access token lacks the permission ${scope}.`),
  };
}

function membersOf(directory, { tid }) {
  const home = directory.tenants.find(({ id }) => id === tid);
  return directory.users.map((user) => directory.member(user, home)).filter(Boolean);
}

function isoTime({ clock }) {
  return new Date(clock.milliseconds()).toISOString();
}

function internalError(error) {
  console.error(error);
  return { status: error.status ?? 500 };
}
