/**
 * What was asked of the tenant and its APIs, and what they answered, to be read by a person. Codes, tokens and passwords stand in it by
 * names, `refresh_token:2` for the second one: the same name is the same value, so one can be followed through a run.
 *
 * @typedef {object} Entry
 * @property {number} number from 1
 * @property {string} time the tenant's, ISO 8601
 * @property {string} server `tenant`, or `api:<key>`
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} parameters of the query and the form
 * @property {string | undefined} origin of the page that asked
 * @property {number | undefined} status nothing where the connection was cut
 * @property {string} answer in words
 */

const SECRETS = new Set([
  "code", "refresh_token", "access_token", "id_token", "device_code", "user_code", "code_verifier", "code_challenge", "client_secret",
  "password", "xsrf", "session_state", "client_info", "id_token_hint", "state", "nonce", "client-request-id", "client_assertion",
]);
/** Not worth a line, or with a line of their own making. */
const UNTOLD = /^\/(?:control\/|assets\/)/;
/** An entry is kept for a while; a run that is longer loses its beginning. */
const MOST_ENTRIES = 5_000;
const MOST_TEXT = 64 * 1024;

/**
 * @param {import("./clock.js").Clock} clock
 * @param {import("./directory.js").Directory} directory
 */
export function createTimeline(clock, directory) {
  /** @type {Entry[]} */
  let entries = [];
  let count = 0;
  /** @type {Map<string, Map<string, string>>} by name of the parameter: names of values */
  let names = new Map();

  const nameOf = (parameter, value) => {
    const known = names.get(parameter) ?? names.set(parameter, new Map()).get(parameter);
    if (!known.has(value)) known.set(value, `${parameter}:${known.size + 1}`);
    return known.get(value);
  };
  const told = (fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) =>
    [name, SECRETS.has(name) && value !== "" ? nameOf(name, value) : String(value)]));

  return {
    /** @returns {Entry[]} */
    entries: () => entries,
    reset() {
      entries = [];
      count = 0;
      names = new Map();
    },
    /** @param {Omit<Entry, "number" | "time" | "answer" | "parameters"> & { fields: Record<string, string>, answered: object }} seen */
    add({ fields, answered, ...seen }) {
      count += 1;
      // Named in the order of the wire: the request first.
      const parameters = told(fields);
      const answer = inWords(answered, told, directory.tenants);
      entries = [...entries.slice(1 - MOST_ENTRIES), { number: count, time: new Date(clock.milliseconds()).toISOString(), ...seen, parameters, answer }];
    },
    text: () => entries.map((entry) => toLine(entry, directory)).join("\n"),
  };
}

/** Clients and tenants by their names: nobody knows a GUID by heart. */
function toLine({ number, time, server, method, path, parameters, status, answer }, { apps, tenants }) {
  const { client_id: clientId, ...others } = parameters;
  const client = apps.find((app) => app.clientId === clientId)?.name ?? clientId;
  const asked = membersInWords({ ...(clientId === undefined ? {} : { client_id: client }), ...others });
  return [String(number).padStart(4), time.slice(11, 23), server, method, withDomain(path, tenants), asked, "→", status ?? "cut", answer].filter((part) => part !== "").join(" ");
}

function withDomain(path, tenants) {
  return path.replace(/^\/([^/]+)/, (whole, segment) => `/${tenants.find(({ id }) => id === segment)?.domain ?? segment}`);
}

/** The part of a path below a page's own is drawn anew for each visit. */
function withoutVisit(path) {
  return path.replace(/(\/interaction|\/authorize|\/deviceauth)\/.+/, "$1/…");
}

/** Of a redirect its target and parameters, of an API's refusal its reason, of JSON its members, of a page its title and error. */
function inWords({ location, challenge, type, text }, told, tenants) {
  if (location !== undefined) return redirectInWords(location, told, tenants);
  const [reason] = /\berror="\w+"/.exec(challenge ?? "") ?? [];
  if (reason !== undefined) return reason.replaceAll("\"", "");
  if (type.includes("json")) return jsonInWords(text, told);
  const [, title] = /<title>(.*?)<\/title>/s.exec(text) ?? [];
  const [, error] = /role="alert">(AADSTS\d+)/.exec(text) ?? [];
  return title === undefined ? "" : [`"${title.replaceAll("&#39;", "'")}"`, error].filter(Boolean).join(" ");
}

function redirectInWords(location, told, tenants) {
  if (!URL.canParse(location, "http://localhost")) return "to an address that is none";
  const url = new URL(location, "http://localhost");
  const fields = Object.fromEntries([...url.searchParams, ...new URLSearchParams(url.hash.slice(1))]);
  return [`to ${withDomain(withoutVisit(url.pathname), tenants)}`, membersInWords(told(fields))].filter(Boolean).join(" ");
}

function jsonInWords(text, told) {
  try {
    const { error: refusal, error_codes: codes, suberror, claims, ...members } = JSON.parse(text);
    const error = refusal?.code ?? refusal;
    if (typeof error === "string") {
      const rest = membersInWords({ error, ...(suberror ? { suberror } : {}), ...(claims ? { claims } : {}) });
      return codes ? `AADSTS${codes[0]} ${rest}` : rest;
    }
    return membersInWords(told(Object.fromEntries(Object.entries(members).filter(([name]) => SECRETS.has(name) || name === "scope" || name === "expires_in"))));
  } catch {
    return "malformed JSON";
  }
}

function membersInWords(members) {
  return Object.entries(members)
    .filter(([name]) => name !== "error_uri")
    .map(([name, value]) => (name === "error_description" ? /AADSTS\d+/.exec(value)?.[0] : `${name}=${/^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value)}`))
    .filter(Boolean)
    .join(" ");
}

/**
 * A listener that is written down. The server's own streams are watched, not read: whoever reads them later finds all of it.
 * @param {ReturnType<typeof createTimeline>} timeline
 * @param {string} server
 * @param {import("node:http").RequestListener} listener
 */
export function withTimeline(timeline, server, listener) {
  return (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    if (UNTOLD.test(pathname)) return listener(request, response);
    const body = watch(request, "emit", (event, chunk) => (event === "data" ? chunk : undefined));
    const written = watch(response, "write", (chunk) => chunk);
    const ended = watch(response, "end", (chunk) => chunk);
    response.once("close", () => {
      const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
      timeline.add({
        server, method: request.method, path: withoutVisit(pathname), origin: request.headers.origin,
        fields: Object.fromEntries([...searchParams, ...(isForm ? new URLSearchParams(body()) : []), ...bearer(request)]),
        status: response.writableFinished ? response.statusCode : undefined,
        answered: response.writableFinished ? answerOf(response, written() + ended()) : { type: "", text: "" },
      });
    });
    return listener(request, response);
  };
}

function answerOf(response, text) {
  return {
    location: response.getHeader("location"), challenge: response.getHeader("www-authenticate"),
    type: String(response.getHeader("content-type") ?? ""), text,
  };
}

/** The token of a call to an API, as the parameter that it came as. */
function bearer({ headers: { authorization } }) {
  const [, token] = /^Bearer (.+)$/i.exec(authorization ?? "") ?? [];
  return token === undefined ? [] : [["access_token", token]];
}

/** Keeps what a method is called with, up to a length; the text of it so far. */
function watch(target, method, pick) {
  const original = target[method];
  let text = "";
  target[method] = function watched(...args) {
    const chunk = pick(...args);
    if ((typeof chunk === "string" || chunk instanceof Uint8Array) && text.length < MOST_TEXT) text += chunk.toString("utf8");
    return original.apply(this, args);
  };
  return () => text;
}
