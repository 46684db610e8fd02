/**
 * Servers that fail on purpose: a fault is data, and what it does not touch is answered as ever.
 *
 * @typedef {object} Fault
 * @property {string} endpoint one of ENDPOINTS, or `api:<key>` for a protected API
 * @property {number} [status] answered without processing the request
 * @property {number} [code] answered without processing the request: an error of errors-table.js, at authorize, token and devicecode
 * @property {string} [claims] that go with `code`, JSON
 * @property {string} [body] in place of the answer's; without a `status` the request is processed first
 * @property {string} [contentType] in place of the answer's
 * @property {Record<string, string>} [headers] to add
 * @property {number} [delayMilliseconds] before the request is processed
 * @property {"before" | "after"} [drop] the connection is cut, before the request is processed or when it is
 * @property {boolean} [truncate] half of the answer's body
 * @property {boolean} [cors] `false`: the answer has no header that lets a page of another origin read it
 * @property {number} [skip] how many requests are answered as ever first. Default: 0
 * @property {number} [times] how many requests the fault is for. Default: all until `clearFaults`
 */
import { finished } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import { ERRORS } from "./errors-table.js";

/** By endpoint: what its path ends in, below the tenant's segment. */
export const ENDPOINTS = {
  authorize: /\/oauth2\/v2\.0\/authorize$/i,
  token: /\/oauth2\/v2\.0\/token$/i,
  devicecode: /\/oauth2\/v2\.0\/devicecode$/i,
  logout: /\/oauth2\/v2\.0\/logout$/i,
  adminconsent: /\/adminconsent$/i,
  metadata: /\/\.well-known\/openid-configuration$/i,
  keys: /\/discovery\/(?:v2\.0\/)?keys$/i,
  instance: /\/discovery\/instance$/i,
};
/** Where `code` makes sense. */
const WITH_CODES = ["authorize", "token", "devicecode"];

export function createFaults(apiKeys) {
  /** @type {(Fault & { waits: number, left: number })[]} */
  let active = [];
  const endpoints = [...Object.keys(ENDPOINTS), ...apiKeys.map((key) => `api:${key}`)];
  return {
    /** @param {Fault} fault */
    add(fault) {
      if (!endpoints.includes(fault.endpoint)) throw new Error(`The tenant has no endpoint "${fault.endpoint}". There are: ${endpoints.join(", ")}.`);
      if (fault.code !== undefined && !(Object.hasOwn(ERRORS, fault.code) && WITH_CODES.includes(fault.endpoint))) {
        throw new Error(`The tenant has no error ${fault.code} at the endpoint ${fault.endpoint}.`);
      }
      active.push({ ...fault, waits: fault.skip ?? 0, left: fault.times ?? Infinity });
    },
    reset: () => { active = []; },
    /** The fault of this request, if it has one. */
    take(endpoint) {
      const fault = active.find((one) => one.endpoint === endpoint);
      if (!fault) return undefined;
      if (fault.waits > 0) {
        fault.waits -= 1;
        return undefined;
      }
      fault.left -= 1;
      active = active.filter(({ left }) => left > 0);
      return fault;
    },
  };
}

/** @returns {string | undefined} the endpoint that a path of the tenant means */
export function endpointOf(pathname) {
  return Object.keys(ENDPOINTS).find((name) => ENDPOINTS[name].test(pathname));
}

/**
 * A listener whose answers fail as the faults say.
 * @param {ReturnType<typeof createFaults>} faults
 * @param {(pathname: string) => string | undefined} endpointFor
 * @param {import("node:http").RequestListener} listener
 */
export function withFaults(faults, endpointFor, listener) {
  return async (request, response) => {
    const isPreflight = request.method === "OPTIONS";
    const fault = isPreflight ? undefined : faults.take(endpointFor(new URL(request.url, "http://localhost").pathname));
    if (!fault) return listener(request, response);
    if (fault.delayMilliseconds) await setTimeout(fault.delayMilliseconds);
    if (fault.drop === "before" || fault.status !== undefined) await readToEnd(request);
    if (fault.drop === "before") return request.socket.destroy();
    alterAnswer(request, response, fault);
    if (fault.code !== undefined) request.injected = { code: fault.code, claims: fault.claims };
    if (fault.status === undefined) return listener(request, response);
    response.statusCode = fault.status;
    // A page may read the status of a real failure.
    if (request.headers.origin) response.setHeader("Access-Control-Allow-Origin", request.headers.origin);
    response.setHeader("Access-Control-Expose-Headers", "Retry-After");
    response.end(fault.body ?? "");
  };
}

/** Nobody else will, and the timeline tells what was asked. */
async function readToEnd(request) {
  await finished(request.resume()).catch(() => {});
}

/** Holds the answer back until it is whole, and then sends what the fault leaves of it. */
function alterAnswer(request, response, fault) {
  const chunks = [];
  const { end, writeHead } = response;
  response.write = (chunk) => chunks.push(Buffer.from(chunk));
  response.writeHead = (status, headers = {}) => {
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    return response;
  };
  response.end = (chunk) => {
    if (chunk) chunks.push(Buffer.from(chunk));
    if (fault.drop === "after") return request.socket.destroy();
    Object.assign(response, { end, writeHead });
    const body = bodyOf(Buffer.concat(chunks), fault);
    for (const name of headersToDrop(response, fault)) response.removeHeader(name);
    if (fault.contentType) response.setHeader("Content-Type", fault.contentType);
    for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
    return end.call(response, body);
  };
}

function bodyOf(body, fault) {
  if (fault.body !== undefined) return fault.body;
  return fault.truncate ? body.subarray(0, Math.floor(body.length / 2)) : body;
}

function headersToDrop(response, { cors }) {
  const crossOrigin = cors === false ? response.getHeaderNames().filter((name) => name.startsWith("access-control-")) : [];
  return ["content-length", "etag", ...crossOrigin];
}
