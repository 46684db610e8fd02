/** `BrowserUtils`: what wrappers ask of the page. */

import { BrowserAuthError } from "consentry";

export const createGuid = () => crypto.randomUUID();

export const isInIframe = () => window.parent !== window;

/** The page's address, without query and fragment. */
export const getCurrentUri = () => location.origin + location.pathname;

export const getHomepage = () => `${location.origin}/`;

/** A page that has come up in a hidden frame with an answer has nothing to ask the user. */
export function blockReloadInHiddenIframes() {
  const answer = new URLSearchParams(location.hash.slice(1) || location.search);
  const isAnswer = answer.has("state") && (answer.has("code") || answer.has("error"));
  if (isInIframe() && isAnswer) throw new BrowserAuthError("block_iframe_reload", "", "this page is in a hidden frame of another one");
}

/** @param {boolean} allowRedirectInIframe */
export function blockRedirectInIframe(allowRedirectInIframe) {
  if (isInIframe() && !allowRedirectInIframe) {
    throw new BrowserAuthError("redirect_in_iframe", "", "servers do not show themselves in a frame: use a window, or set `system.allowRedirectInIframe`");
  }
}

export function blockNonBrowserEnvironment() {
  if (typeof window === "undefined") throw new BrowserAuthError("non_browser_environment", "", "there is no page here: call this in the browser");
}

/** @param {boolean} initialized */
export function blockAPICallsBeforeInitialize(initialized) {
  if (!initialized) throw new BrowserAuthError("uninitialized_public_client_application", "", "call and await initialize() first");
}
