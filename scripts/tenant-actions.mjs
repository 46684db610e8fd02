/** What the sample page may do to its local tenant, to show how calls recover. The tenant's own control takes nothing from browsers. */

/** @typedef {(user: string) => Promise<void>} Action */

/** A user's name is short. */
const MOST_LENGTH = 1024;

/** By the name that the page calls it. @param {import("./serve.mjs").Actions} tenant @returns {Map<string, Action>} */
export function actionsOf({ revokeSessions, challengeTokens }) {
  const all = /** @type {[string, Action | undefined][]} */ ([["challenge-tokens", challengeTokens], ["revoke-sessions", revokeSessions]]);
  return new Map(all.flatMap(([name, action]) => (action ? [[name, action]] : [])));
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
