/** Everything that goes over the wire while a script runs, and the secrets in it. */

/** Members of forms, JSON and redirects that nobody else may see. */
const SECRET = [
  "code", "code_verifier", "code_challenge", "refresh_token", "access_token", "id_token", "device_code", "user_code", "client_secret", "password", "client_info",
  "state", "nonce", "session_state",
];

/**
 * @typedef {object} Exchange
 * @property {string} asked method and URL
 * @property {Record<string, string>} form
 * @property {string | null} authorization
 * @property {number} [status] nothing where the connection was cut
 * @property {string | null} [location]
 * @property {string[]} [cookies]
 * @property {string} [text]
 */

/** @returns {Promise<Exchange[]>} what `script` sends and gets by `fetch` */
export async function record(script) {
  const original = globalThis.fetch;
  /** @type {Exchange[]} */
  const exchanges = [];
  globalThis.fetch = async (url, init = {}) => {
    const form = init.body instanceof URLSearchParams ? Object.fromEntries(init.body) : {};
    const exchange = { asked: `${init.method ?? "GET"} ${url}`, form, authorization: new Headers(init.headers).get("authorization") };
    exchanges.push(exchange);
    const response = await original(url, init);
    const { status, headers } = response;
    Object.assign(exchange, { status, location: headers.get("location"), cookies: headers.getSetCookie(), text: await response.clone().text() });
    return response;
  };
  try {
    await script();
  } finally {
    globalThis.fetch = original;
  }
  return exchanges;
}

/** @param {Exchange[]} exchanges @returns {Set<string>} the values of all secrets in them, tokens also part by part */
export function secretsIn(exchanges) {
  const found = exchanges.flatMap(({ asked, form, authorization, location, cookies = [], text = "" }) => [
    ...membersOf(parametersOf(asked.split(" ")[1])), ...membersOf(form), ...membersOf(parametersOf(location)), ...membersOf(jsonOf(text)),
    ...(authorization === null ? [] : [authorization.replace("Bearer ", "")]),
    ...cookies.map((cookie) => /=([^;]*)/.exec(cookie)[1]),
  ]);
  return new Set(found.flatMap((value) => (value.split(".").length === 3 ? [value, ...value.split(".").slice(1)] : [value])).filter((value) => value.length > 6));
}

function membersOf(members) {
  return SECRET.map((name) => members[name]).filter((value) => typeof value === "string");
}

function parametersOf(url) {
  if (!URL.canParse(url ?? "")) return {};
  const { searchParams, hash } = new URL(url);
  return Object.fromEntries([...searchParams, ...new URLSearchParams(hash.slice(1))]);
}

function jsonOf(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/** What of an exchange repeats with a seed: all but the engine's own names for a page's visit, and its cookies. */
export function repeatable({ cookies, ...exchange }) {
  const withoutVisit = (text) => text?.replace(/(\/authorize|\/deviceauth)\/[\w-]+/g, "$1/…").replace(/name="xsrf" value="\w+"/, "");
  return {
    ...exchange, asked: withoutVisit(exchange.asked), location: withoutVisit(exchange.location ?? undefined), text: withoutVisit(exchange.text),
    form: { ...exchange.form, ...(exchange.form.xsrf === undefined ? {} : { xsrf: "…" }) },
  };
}
