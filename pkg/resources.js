/** Which token goes where: the app's map of APIs, checked once, and the place of a URL in it. What is no exact fit is not in it. */

import { ClientConfigurationError } from "./calls-lent.js";
import { isConfidential } from "./confidential.js";

/** @typedef {import("./index.js").ProtectedResource} ProtectedResource */
/** @typedef {{ base: string, origin: string, path: string[], methods: string[] | undefined, scopes: string[] | null, more: { resource?: string } }} Route `more`: of a request for the token. */

const ANY = "*";
const METHOD = /^[A-Za-z]{1,20}$/;

/** @param {string} field @param {string} expected @returns {never} */
export function wrong(field, expected) {
  throw new ClientConfigurationError("invalid_field", "", `\`${field}\` has to be ${expected}`);
}

/** @param {unknown} value @param {string} field @param {string} expected */
function listOf(value, field, expected) {
  if (!Array.isArray(value) || !value.length) wrong(field, expected);
  return /** @type {any[]} */ (value);
}

/** The segments of a path; a slash at its end adds none. @param {string} pathname */
function segmentsOf(pathname) {
  const segments = pathname.split("/").slice(1);
  if (segments.at(-1) === "") segments.pop();
  return segments;
}

/** @param {unknown} text @param {string} field */
function addressOf(text, field) {
  const expected = "an absolute https URL (loopback: http) without user, query and fragment";
  if (typeof text !== "string" || !URL.canParse(text)) wrong(field, expected);
  const url = new URL(/** @type {string} */ (text));
  if (!isConfidential(url) || url.username || url.password || /[?#]/.test(/** @type {string} */ (text))) wrong(field, expected);
  return url;
}

/**
 * @typedef {(names: string[], resource: string | undefined) => { scopes: string[], more: { resource?: string } }} Compose
 * What to ask for; throws for what is none, or of several APIs.
 */

/** @param {unknown} scopes @param {string | undefined} resource @param {string} field @param {Compose} compose @returns {{ scopes: string[] | null, more: { resource?: string } }} */
function scopesOf(scopes, resource, field, compose) {
  return scopes === null ? { scopes, more: {} } : compose(listOf(scopes, field, "a list of permissions, or null for no token"), resource);
}

/** @param {any} route @param {Route} of @param {string | undefined} resource @param {string} field @param {Compose} compose @returns {Route} */
function routeOf(route, of, resource, field, compose) {
  const { path, methods, scopes } = route ?? {};
  const expected = "a path below the resource's `url`, without query and fragment";
  if (typeof path !== "string" || !path.startsWith("/") || /[?#\\]/.test(path)) wrong(`${field}.path`, expected);
  const url = new URL(`${of.base.replace(/\/$/, "")}${path}`);
  const segments = segmentsOf(url.pathname);
  const isBelow = url.origin === of.origin && of.path.every((segment, at) => segments[at] === segment);
  if (!isBelow || segments.includes("")) wrong(`${field}.path`, expected);
  const names = methods === undefined ? undefined : listOf(methods, `${field}.methods`, "a list of HTTP methods");
  if (names?.some((name) => typeof name !== "string" || !METHOD.test(name))) wrong(`${field}.methods`, "a list of HTTP methods");
  return { ...of, path: segments, methods: names?.map((name) => name.toUpperCase()), ...scopesOf(scopes, resource, `${field}.scopes`, compose) };
}

/** @param {any} resource @param {string} field @param {Compose} compose @returns {Route[]} */
function routesOf(resource, field, compose) {
  const { url, resource: uri, scopes, routes = [] } = resource ?? {};
  const { href, origin, pathname } = addressOf(url, `${field}.url`);
  if (uri !== undefined && typeof uri !== "string") wrong(`${field}.resource`, "an Application ID URI, or a resource indicator");
  if (!Array.isArray(routes)) wrong(`${field}.routes`, "a list of routes");
  if (scopes === undefined && !routes.length) wrong(`${field}.scopes`, "a list of permissions, or null for no token");
  /** @type {Route} */
  const whole = { base: href, origin, path: segmentsOf(pathname), methods: undefined, scopes: null, more: {} };
  if (whole.path.includes("") || whole.path.includes(ANY)) wrong(`${field}.url`, "without empty segments and `*`");
  const own = scopes === undefined ? [] : [{ ...whole, ...scopesOf(scopes, uri, `${field}.scopes`, compose) }];
  return [...own, ...routes.map((/** @type {any} */ route, /** @type {number} */ at) => routeOf(route, whole, uri, `${field}.routes[${at}]`, compose))];
}

/** @param {Route} one @param {Route} other */
function isAlike(one, other) {
  const isSamePlace = one.origin === other.origin && one.path.join("/") === other.path.join("/");
  const isSameMethod = one.methods && other.methods ? one.methods.some((name) => other.methods?.includes(name)) : one.methods === other.methods;
  return isSamePlace && isSameMethod;
}

/** @param {Route} route @param {string[]} segments @param {string} method */
function fits({ path, methods }, segments, method) {
  if (methods && !methods.includes(method)) return false;
  return path.every((segment, at) => segments[at] === segment || (segment === ANY && Boolean(segments[at])));
}

/** Which of two that fit says more. @param {Route} one @param {Route} other */
function moreTelling(one, other) {
  const any = (/** @type {Route} */ { path }) => path.filter((segment) => segment === ANY).length;
  return other.path.length - one.path.length || any(one) - any(other) || Number(Boolean(other.methods)) - Number(Boolean(one.methods));
}

/**
 * The map.
 * @param {unknown} resources
 * @param {Compose} compose
 */
export function mapOf(resources, compose) {
  const list = listOf(resources, "api.resources", "a list of APIs");
  const routes = list.flatMap((resource, at) => routesOf(resource, `api.resources[${at}]`, compose));
  for (const [at, route] of routes.entries()) {
    if (routes.slice(0, at).some((other) => isAlike(route, other))) {
      wrong("api.resources", `a list that names each place once, and \`${route.origin}/${route.path.join("/")}\` is named twice`);
    }
  }
  return {
    /** What is said of a URL. @param {URL} url @param {string} method @returns {Route | undefined} */
    find(url, method) {
      if (url.username || url.password) return undefined;
      const segments = url.pathname.split("/").slice(1);
      const named = method.toUpperCase();
      return routes.filter((route) => route.origin === url.origin && fits(route, segments, named)).sort(moreTelling)[0];
    },
  };
}
