/** What the sample page may do to its local tenant, to show how calls recover. The tenant's own control takes nothing from browsers. */

/** @typedef {(user: string) => Promise<void>} Action */
/** @typedef {import("./serve.mjs").Actions} Actions */

/** A user's name is short. */
const MOST_LENGTH = 1024;
/** Of a token: long enough for one call. */
const MOMENT = 5;
/** Longer than any token lives. */
const THIRTY_HOURS = 108_000;
/** A browser tries a connection that was cut once more; where it does not, the client does, to tell why there was no answer. */
const TRIES = 2;
const NOBODYS = "of-another-sign-in";

/**
 * All that there is, by the name that the page calls it: which function of the tenant it takes, and what that is asked.
 * @type {Record<string, { needs: keyof Actions, act: (tenant: Required<Actions>, user: string, facts: import("./serve.mjs").Facts) => Promise<void> }>}
 */
const ACTIONS = {
  "challenge-tokens": { needs: "challengeTokens", act: (tenant, user) => tenant.challengeTokens(user) },
  "revoke-sessions": { needs: "revokeSessions", act: (tenant, user) => tenant.revokeSessions(user) },
  "short-tokens": { needs: "changeSettings", act: (tenant) => tenant.changeSettings({ accessTokenSeconds: MOMENT }) },
  "clock-ahead": { needs: "travel", act: (tenant) => tenant.travel(THIRTY_HOURS) },
  "expire-refresh-tokens": { needs: "expireRefreshTokens", act: (tenant, user) => tenant.expireRefreshTokens(user) },
  "withdraw-consent": { needs: "revokeConsent", act: (tenant, user, { apis }) => tenant.revokeConsent(user, apis.orders.resource) },
  "rotate-keys": { needs: "rotateKeys", act: (tenant) => tenant.rotateKeys({ retire: true }) },
  "token-429": fault({ endpoint: "token", status: 429, headers: { "Retry-After": "5" } }),
  "api-503": fault({ endpoint: "api:graph", status: 503, headers: { "Retry-After": "2" } }),
  "token-unreachable": fault({ endpoint: "token", drop: "before" }, TRIES),
  "token-slow": fault({ endpoint: "token", delayMilliseconds: 3000 }),
  "wrong-nonce": mutation({ target: "idToken", set: { nonce: NOBODYS } }),
  "wrong-issuer": mutation({ target: "idToken", set: { iss: "https://elsewhere.example/v2.0" } }),
  "bad-signature": mutation({ target: "idToken", signature: "foreign" }),
  reset: { needs: "reset", act: (tenant) => tenant.reset() },
};

/** Once: what is broken for good would be taken for the page's own fault. @param {Omit<import("../tenant/index.js").Fault, "times">} what */
function fault(what, times = 1) {
  return { needs: /** @type {const} */ ("injectFault"), act: (/** @type {Required<Actions>} */ tenant) => tenant.injectFault({ ...what, times }) };
}

/** Once, too. @param {Omit<import("../tenant/index.js").Mutation, "times">} what */
function mutation(what) {
  return { needs: /** @type {const} */ ("mutateResponses"), act: (/** @type {Required<Actions>} */ tenant) => tenant.mutateResponses({ ...what, times: 1 }) };
}

/** What this tenant can do of it, by the name that the page calls it. @param {import("./serve.mjs").Tenant} tenant @returns {Map<string, Action>} */
export function actionsOf(tenant) {
  const able = Object.entries(ACTIONS).filter(([, { needs }]) => tenant[needs]);
  return new Map(able.map(([name, { act }]) => [name, (user) => act(/** @type {any} */ (tenant), user, tenant)]));
}

/**
 * Whether the page itself asks. What other sites can send without asking first is no JSON, and the browser says whose it is.
 * @param {import("node:http").IncomingMessage} request
 */
function isOwn({ headers, socket }) {
  const hosts = ["localhost", "127.0.0.1"].map((name) => `${name}:${socket.localPort}`);
  const { host = "", origin } = headers;
  return hosts.includes(host) && origin === `http://${host}` && (headers["sec-fetch-site"] ?? "same-origin") === "same-origin";
}

/** @param {import("node:http").IncomingMessage} request @returns {Promise<string | undefined>} */
async function userIn(request) {
  let text = "";
  for await (const part of request.setEncoding("utf8")) {
    if (text.length <= MOST_LENGTH) text += part;
  }
  if (text.length > MOST_LENGTH) return undefined;
  try {
    const { user } = JSON.parse(text);
    return typeof user === "string" ? user : undefined;
  } catch {
    return undefined;
  }
}

/** @param {import("node:http").IncomingMessage} request @param {Action} action @returns {Promise<[number, string?]>} */
async function outcome(request, action) {
  if (!isOwn(request)) return [403, "Only the sample page may do this"];
  if (request.headers["content-type"] !== "application/json") return [415, "Only JSON"];
  const user = await userIn(request);
  if (user === undefined) return [400, "A user is missing"];
  try {
    await action(user);
    return [204];
  } catch {
    return [400, "The tenant did not do it: is there such a user?"];
  }
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 * @param {Action} action
 */
export async function act(request, response, action) {
  const [status, text] = await outcome(request, action);
  response.writeHead(status, text ? { "Content-Type": "text/plain; charset=utf-8" } : {});
  response.end(text && `${text}\n`);
}
