/** `client.fetch`: loaded by apps that call APIs with it. */

import { borrow, BrowserAuthError, EventType, pause } from "./calls-lent.js";
import { apiOf, Call, secondsOf } from "./challenge.js";

/** @typedef {import("./challenge.js").Client} Client */
/** @typedef {import("./challenge.js").Api} Api */

/** What can be sent twice without doing twice what it does (RFC 9110 section 9.2.2). */
const IDEMPOTENT = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];
/** How often a call waits at most. */
const MOST_WAITS = 2;

export { borrow };

/** @param {Client} client */
export const open = (client) => apiOf(client);

/** @param {Client} client @param {Api} api @param {string | URL} url @param {import("./challenge.js").CallOptions} [options] */
export const authorizeCall = (client, api, url, options = {}) => new Call(client, api, url, options).begin();

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
 * @param {Request} kept Is sent itself where its body is a stream, which there is once; else copies of it are.
 * @param {boolean} isStream
 * @param {import("./index.js").ApiCallOptions} [options]
 */
export async function fetchWithToken(client, api, kept, isStream, options) {
  const { url, method, signal } = kept;
  const call = new Call(client, api, url, { ...options, method, signal });
  if (!kept.headers.has("authorization")) await call.begin();
  let waits = 0;
  for (;;) {
    const response = await send(isStream ? kept : kept.clone(), call);
    const isToRepeat = await call.answered(response);
    if (isToRepeat && isStream) call.outcome = "not_replayable";
    const seconds = isToRepeat || waits >= MOST_WAITS ? undefined : waitFor(kept, response, api.longestWait);
    if (isStream || (!isToRepeat && seconds === undefined)) {
      api.explanations.set(response, call.explain());
      return response;
    }
    response.body?.cancel().catch(() => {}); // nobody reads it, whatever has become of it
    if (seconds !== undefined) {
      waits += 1;
      call.tell(EventType.API_WAITING, { ...call.target(), seconds });
      await pause(seconds * 1000, signal);
    }
  }
}
