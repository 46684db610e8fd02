/** APIs of the tests' own, which answer as they are told and remember what they were sent; and calls of a page's client to APIs. */
import { createServer } from "node:http";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{ status?: number, headers?: Record<string, string>, body?: string, delay?: number }} Answer `delay` in milliseconds. */
/** @typedef {{ method: string, path: string, authorization: string | undefined, body: string }} Received */

const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
  "Access-Control-Allow-Headers": "Authorization, Content-Type",
  "Access-Control-Expose-Headers": "WWW-Authenticate, Retry-After",
};

/**
 * @param {(received: Received, count: number) => Answer} [answerOf] `count`: how many calls there were before. Default: status 200.
 */
export async function startApi(answerOf = () => ({})) {
  /** @type {Received[]} */
  const calls = [];
  const server = createServer(async (request, response) => {
    if (request.method === "OPTIONS") return response.writeHead(204, CORS).end();
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    const received = { method: request.method, path: request.url, authorization: request.headers.authorization, body };
    calls.push(received);
    const { status = 200, headers, delay = 0, body: text = "{}" } = answerOf(received, calls.length - 1);
    await new Promise((resolve) => { setTimeout(resolve, delay); });
    return response.writeHead(status, { "Content-Type": "application/json", ...CORS, ...headers }).end(text);
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  return {
    origin: `http://localhost:${server.address().port}`,
    calls,
    /** @param {typeof answerOf} next From now on, with nothing remembered. */
    answer(next) {
      answerOf = next;
      calls.length = 0;
    },
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

/** A challenge as a header. @param {Record<string, string>} members */
export function challenge(members) {
  const parts = Object.entries(members).map(([name, value]) => `${name}="${value}"`);
  return { "WWW-Authenticate": `Bearer ${["realm=\"\"", ...parts].join(", ")}` };
}

/** The claims of a challenge. @param {object} claims Of the access token. */
export const encoded = (claims) => Buffer.from(JSON.stringify({ access_token: claims })).toString("base64");

/**
 * Calls an API by the client of the page.
 * @param {Page} page @param {string} url @param {RequestInit} [init] @param {object} [options]
 * @returns {Promise<{ status?: number, body?: string, explanation?: any, error?: any }>}
 */
export function callApi(page, url, init, options) {
  return page.evaluate(async ([url, init, options]) => {
    const { value: response, error } = await client.fetch(url, init, options).then((value) => ({ value, error: undefined }), (thrown) => ({ value: undefined, error: thrown }));
    if (!response) return { error: error.errorCode ? describe(error) : { name: error.name, message: String(error.message ?? error) } };
    const { error: cause, ...explanation } = client.explainResponse(response);
    return { status: response.status, body: await response.text(), explanation: { ...explanation, error: cause && describe(cause) } };
  }, [url, init, options]);
}

/** What the client tells of calls to APIs, from now on: `kind outcome` each. @param {Page} page @returns {Promise<() => Promise<string[]>>} */
export async function watchChallenges(page) {
  await page.evaluate(() => {
    window.challenges = [];
    const { API_CHALLENGED, API_ANSWERED, API_WAITING } = consentry.EventType;
    client.addEventCallback(({ eventType, payload: { kind, outcome, seconds } }) => {
      window.challenges.push(eventType === API_WAITING ? `waits ${Math.round(seconds)}` : [kind, outcome].filter(Boolean).join(" "));
    }, [API_CHALLENGED, API_ANSWERED, API_WAITING]);
  });
  return () => page.evaluate(() => window.challenges);
}
