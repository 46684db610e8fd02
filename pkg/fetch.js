/** `client.fetch`: loaded by apps that call APIs with it. */

import { pause } from "./abort.js";
import { apiOf, Call, secondsOf } from "./challenge.js";
import { BrowserAuthError } from "./errors.js";
import { EventType } from "./events.js";

/** @typedef {import("./challenge.js").Client} Client */
/** @typedef {import("./challenge.js").Api} Api */

/** What can be sent twice without doing twice what it does (RFC 9110 section 9.2.2). */
const IDEMPOTENT = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];
/** How often a call waits at most. */
const MOST_WAITS = 2;

/** @param {Client} client */
export const open = (client) => apiOf(client);

/** @param {Client} client @param {Api} api @param {string | URL} url @param {import("./challenge.js").CallOptions} [options] */
export const authorizeCall = (client, api, url, options = {}) => new Call(client, api, url, options).begin();

/**
 * A request, and how to have it once more: `undefined` for one whose body is a stream. What cannot change is read again, everything else is kept.
 * @param {RequestInfo | URL} input @param {RequestInit} [init]
 * @returns {{ first: Request, again: (() => Request) | undefined }}
 */
function twice(input, init) {
  const body = init?.body;
  if (body instanceof ReadableStream) return { first: new Request(input, init), again: undefined };
  const isFixed = typeof body === "string" || body instanceof Blob;
  if (isFixed) return { first: new Request(input, init), again: () => new Request(input, init) };
  const kept = new Request(input, init);
  return { first: kept.clone(), again: () => kept.clone() };
}

/** @param {Request} request @param {Call} call */
function send(request, { headers }) {
  if (headers.authorization) {
    if (request.mode === "no-cors") throw new BrowserAuthError("no_cors_call", "", "a `no-cors` call can't carry a token: leave `mode` out");
    request.headers.set("authorization", headers.authorization);
  }
  return fetch(request);
}

/**
 * How long to wait before a call is sent once more, in seconds; `undefined` where it is not.
 * @param {Request} request @param {Response} response @param {number} longest
 */
function waitFor({ method }, { status, headers }, longest) {
  const mayRepeat = status === 429 || (status === 503 && IDEMPOTENT.includes(method));
  const seconds = mayRepeat ? secondsOf(headers.get("retry-after")) : undefined;
  return seconds !== undefined && seconds <= longest ? seconds : undefined;
}

/**
 * @param {Client} client @param {Api} api
 * @param {RequestInfo | URL} input @param {RequestInit} [init] @param {import("./index.js").ApiCallOptions} [options]
 */
export async function fetchWithToken(client, api, input, init, options) {
  const { first, again } = twice(input, init);
  const { url, method, signal } = first;
  const call = new Call(client, api, url, { ...options, method, signal });
  if (!first.headers.has("authorization")) await call.begin();
  let request = first;
  let waits = 0;
  for (;;) {
    const response = await send(request, call);
    const isToRepeat = await call.answered(response);
    if (isToRepeat && !again) call.outcome = "not_replayable";
    const seconds = isToRepeat || !again || waits >= MOST_WAITS ? undefined : waitFor(request, response, api.longestWait);
    if (!again || (!isToRepeat && seconds === undefined)) {
      api.explanations.set(response, call.explain());
      return response;
    }
    await response.body?.cancel();
    if (seconds !== undefined) {
      waits += 1;
      call.tell(EventType.API_WAITING, { ...call.target(), seconds });
      await pause(seconds * 1000, signal);
    }
    request = again();
  }
}
