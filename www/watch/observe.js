/** Looks on as the page works: its requests, what is written to its storages, where it goes, and what the client tells. Changes nothing of it. */

import { harmless, keptUnder, shownOf } from "./fields.js";

/** @typedef {import("./timeline.js").Timeline} Timeline */
/** @typedef {{ server: string, apis: { name: string, resource: string }[] }} Place  The server's origin, and the APIs by name. */

/**
 * Before the client is loaded.
 * @param {Timeline} timeline
 * @param {Place} place
 */
export function observePage(timeline, place) {
  const parameters = answerIn(location);
  timeline.add("page", parameters ? "The page is back" : "The page was loaded");
  if (parameters) timeline.add("return", "Answer in the address", { answer: shownOf(parameters) });
  observeRequests(timeline, place);
  observeStorages(timeline, place);
}

/**
 * @param {Timeline} timeline
 * @param {typeof import("../auth.js")} auth
 */
export function observeClient(timeline, auth) {
  auth.watchLeaving((url) => timeline.add("leave", `GET ${placeOf(url)}`, { sent: shownOf(new URL(url).searchParams) }));
  auth.watchEvents((message) => timeline.add("event", message.eventType, { answer: shownOf(told(message)) }));
}

/** What a server has put into the page's address. @param {Location} address */
function answerIn({ hash, search }) {
  const texts = [hash.slice(1), search.slice(1)].map((text) => new URLSearchParams(text));
  return texts.find((parameters) => ["state", "error", "admin_consent"].some((name) => parameters.has(name)));
}

/** Where a request goes, without what it says. @param {string} url */
function placeOf(url) {
  const { host, pathname } = new URL(url);
  return harmless(host + pathname);
}

/** @param {Timeline} timeline @param {Place} place */
function observeRequests(timeline, { server }) {
  const send = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    // What the page loads of itself is no part of the story.
    if (url.origin === location.origin) return send(input, init);
    const { method, fields } = requestOf(input, init, url);
    const entry = timeline.add("request", `${method} ${placeOf(url.href)}`, { sent: shownOf(fields), status: "…" });
    try {
      const response = await send(input, init);
      note(timeline, entry, response, url.origin === server);
      return response;
    } catch (error) {
      timeline.complete(entry, { status: "no answer" });
      throw error;
    }
  };
}

function requestOf(input, init, url) {
  const request = input instanceof Request ? input : undefined;
  const headers = new Headers(init?.headers ?? request?.headers);
  const body = init?.body instanceof URLSearchParams ? init.body : [];
  const authorization = headers.has("authorization") ? [["Authorization", ""]] : [];
  return { method: init?.method ?? request?.method ?? "GET", fields: [...authorization, ...url.searchParams, ...body] };
}

/** What an API says is the app's; of it only what it wants is shown. */
function note(timeline, entry, response, isServer) {
  const status = response.type === "opaque" ? "answered; the page may not read it" : String(response.status);
  const headers = ["Retry-After"].flatMap((name) => (response.headers.has(name) ? [[name, response.headers.get(name)]] : []));
  const fields = [...headers, ...challengeIn(response)];
  timeline.complete(entry, { status, answer: shownOf(fields) });
  if (!isServer || response.type === "opaque") return;
  const isRead = response.clone().json();
  isRead.then((body) => timeline.complete(entry, { answer: shownOf([...fields, ...Object.entries(body ?? {})]) })).catch(() => {});
}

/** The parameters of `WWW-Authenticate`. @param {Response} response */
function challengeIn({ headers }) {
  const text = headers.get("www-authenticate") ?? "";
  return [...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, name === "claims" ? decoded(value) : value]);
}

function decoded(base64) {
  try {
    return atob(base64.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return "";
  }
}

/** @param {Timeline} timeline @param {Place} place */
function observeStorages(timeline, { apis }) {
  const { setItem, removeItem } = Storage.prototype;
  const note = (storage, done, key) => {
    const what = keptUnder(String(key), apis);
    if (what) timeline.addKept(`${done} in ${storage === sessionStorage ? "sessionStorage" : "localStorage"}: ${what}`);
  };
  Storage.prototype.setItem = function (key, text) {
    const wasThere = this.getItem(key) !== null;
    setItem.call(this, key, text);
    note(this, wasThere ? "changed" : "written", key);
  };
  Storage.prototype.removeItem = function (key) {
    const wasThere = this.getItem(key) !== null;
    removeItem.call(this, key);
    if (wasThere) note(this, "removed", key);
  };
}

/** What an event says beside its name. @returns {[string, unknown][]} */
function told({ interactionType, payload, error }) {
  const { scopes, fromCache, expiresOn, kind, outcome, seconds } = payload ?? {};
  const fields = {
    interaction: error || scopes ? interactionType : undefined,
    scopes: Array.isArray(scopes) ? scopes.join(" ") : undefined,
    from: fromCache === undefined ? undefined : fromCache ? "cache" : "server",
    until: expiresOn?.toISOString(),
    kind, outcome, seconds,
    errorCode: error?.errorCode,
  };
  return Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== "");
}
