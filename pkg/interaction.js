/** What the user sees: windows, and leaving the page. Where that may be, and what is told of it. */

import { ask, send, unlearn } from "./call.js";
import { BrowserAuthError } from "./errors.js";
import { EventType } from "./events.js";
import { complete, nextId } from "./hit.js";
import { answerOpener, openWindow } from "./popup.js";

/** @typedef {import("./handle.js").Client} Client */
/** @typedef {import("./index.js").AuthenticationResult} AuthenticationResult */
/** @typedef {NonNullable<import("./index.js").EventMessage["interactionType"]>} InteractionType */

const ACQUIRING = {
  start: EventType.ACQUIRE_TOKEN_START,
  success: EventType.ACQUIRE_TOKEN_SUCCESS,
  failure: EventType.ACQUIRE_TOKEN_FAILURE,
};
const LEAVING = { start: EventType.ACQUIRE_TOKEN_START, failure: EventType.ACQUIRE_TOKEN_FAILURE };
const RETURNING = {
  start: EventType.HANDLE_REDIRECT_START,
  success: EventType.ACQUIRE_TOKEN_SUCCESS,
  failure: EventType.ACQUIRE_TOKEN_FAILURE,
  end: EventType.HANDLE_REDIRECT_END,
};
const LOGGING_OUT = { start: EventType.LOGOUT_START, failure: EventType.LOGOUT_FAILURE, end: EventType.LOGOUT_END };

/** What is told of a call; it has a correlation id where anybody listens. @param {Client} client @param {InteractionType} type @param {any} request */
export function detailsOf({ watched }, type, request) {
  const id = request?.correlationId ?? (watched.hasListeners() ? nextId() : undefined);
  return { type, payload: request ?? null, id, request: id === undefined ? request : { ...request, correlationId: id } };
}

/**
 * A call that brings a token.
 * @param {Client} client @param {InteractionType} type @param {any} request
 * @param {(request: any) => Promise<AuthenticationResult>} work
 */
export function acquiring(client, type, request, work) {
  const { request: named, ...details } = detailsOf(client, type, request);
  return client.watched.around(details, ACQUIRING, () => work(named));
}

/** Leaves the page for a token. @param {Client} client @param {string} method @param {any} request @returns {Promise<void>} */
export async function leave(client, method, request) {
  const { request: named, ...details } = detailsOf(client, "redirect", request);
  await client.watched.around(details, LEAVING, async () => {
    mayInteract(client, true);
    await send(client, method, named);
  });
}

/** Reads the answer that the user has come back with. @param {Client} client @param {import("./index.js").HandleRedirectPromiseOptions} [options] @returns {Promise<AuthenticationResult | null>} */
export function comeBack(client, options) {
  return client.watched.around({ type: "redirect" }, RETURNING, async () => {
    const result = await send(client, "handleRedirectPromise", options);
    return result && complete(result);
  });
}

/**
 * Asks in a window.
 * @param {Client} client
 * @param {any} request
 * @param {(request: any) => Promise<{ url: string, name: string }> | { url: string, name: string }} where
 * @param {(hash: string) => Promise<any>} take What is made of the answer; also of one that comes when the window was given up.
 * @param {boolean} [stays] Whether no answer will come, and the window stays open.
 */
export async function inWindow(client, request, where, take, stays = false) {
  mayInteract(client, false);
  const { popupWindowAttributes, popupWindowParent, overrideInteractionInProgress, signal, ...rest } = request ?? {};
  const opened = openWindow({ popupWindowAttributes, popupWindowParent, overrideInteractionInProgress, signal });
  try {
    const { url, name } = await where(rest);
    client.watched.look({ type: "popup", id: rest.correlationId });
    client.watched.tell(EventType.POPUP_OPENED, { type: "popup", payload: { popupWindow: opened.popup }, id: rest.correlationId });
    if (stays) return opened.popup.location.replace(url);
    return await take(await opened.answer(url, name, (text) => void take(text).catch(() => {})));
  } catch (error) {
    if (error instanceof BrowserAuthError && rest.state) Object.assign(error, { state: rest.state });
    throw error;
  } finally {
    opened.end(stays);
  }
}

/** A token from a window. @param {Client} client @param {string} method @param {any} request @returns {Promise<AuthenticationResult>} */
export function acquireInWindow(client, method, request) {
  return acquiring(client, "popup", request, (named) =>
    inWindow(client, named, (rest) => send(client, method, rest), async (hash) => {
      const result = await send(client, "handleRedirectPromise", { hash, navigateToLoginRequestUrl: false });
      return complete(result);
    }));
}

/** Ends the session. @param {Client} client @param {"redirect" | "popup"} type @param {any} request @param {(request: any) => Promise<void>} work */
export async function loggingOut(client, type, request, work) {
  const { request: named, ...details } = detailsOf(client, type, request);
  await client.watched.around(details, LOGGING_OUT, () => work(named));
}

/** A request to end the session, as the core takes it: MSAL's `null` means that the user stays at the server. @param {Client} client @param {any} request */
export function endOf({ configuration }, request) {
  const { auth } = /** @type {any} */ (configuration) ?? {};
  const { postLogoutRedirectUri = auth?.postLogoutRedirectUri, mainWindowRedirectUri, ...rest } = request ?? {};
  return { ...rest, ...(postLogoutRedirectUri === null ? { stays: true } : { postLogoutRedirectUri }) };
}

/**
 * Signs out in a window. Who closes it, stays at a server that does not lead back, or gets none, has signed out here all the same.
 * @param {Client} client @param {any} request
 */
export async function logOutInWindow(client, request) {
  const { stays } = endOf(client, request);
  try {
    await inWindow(client, request, (rest) => send(client, "openLogout", endOf(client, rest)), async () => {}, stays);
  } catch (error) {
    const { errorCode } = /** @type {any} */ (error) ?? {};
    if (errorCode === "popup_window_error") {
      await send(client, "openLogout", { account: request?.account }).catch(() => {});
      client.watched.look({ type: "popup", id: request?.correlationId });
    }
    if (errorCode !== "user_cancelled") throw error;
  } finally {
    unlearn(client);
    client.answers.clear();
  }
  const { mainWindowRedirectUri: next } = request ?? {};
  if (next) await client.navigation.navigateInternal(new URL(next, location.href).href, { apiId: 0, noHistory: false, timeout: 30_000 });
}

/** Whether the answer in the address was another page's, and was taken there. @param {Client} client */
export function isForOpener(client) {
  const answer = client.relaying ? null : ask(client, "answerForOpener");
  if (answer) {
    client.relaying = answerOpener(answer.name, answer.text).then((isTaken) => {
      client.isAlone = !isTaken;
      return isTaken;
    });
  }
  return client.relaying ?? false;
}

/**
 * A page that comes up in a window or frame of ours has nothing to ask the user; and servers do not show themselves in any frame.
 * @param {Client} client @param {boolean} leaves
 */
function mayInteract(client, leaves) {
  const { window: own } = globalThis; // a worker has none, and the core says so
  const isFramed = own !== undefined && own.parent !== own;
  if (!client.isAlone && ask(client, "answerForOpener")) {
    throw isFramed
      ? new BrowserAuthError("block_iframe_reload", "", "this page is in a hidden frame of another one: call handleRedirectPromise first")
      : new BrowserAuthError("block_nested_popups", "", "this page is in a window of another one: call handleRedirectPromise first");
  }
  const { allowRedirectInIframe } = /** @type {any} */ (client.configuration).system ?? {};
  if (leaves && isFramed && !allowRedirectInIframe) {
    throw new BrowserAuthError("redirect_in_iframe", "", "servers do not show themselves in a frame: use a window, or set `system.allowRedirectInIframe`");
  }
}
