/**
 * A window of its own, and the way back from it: by a channel, since the window is not to know who opened it, and a server's
 * page can cut the tie anyway.
 */

import { BrowserAuthError } from "./errors.js";

/** How often to look whether the window is still there, and how long to wait for its last words, in milliseconds. */
const LOOK = 200;
/** How long a window may take to close, in milliseconds. */
const CLOSING = 1000;
/** What the opener says to an answer. */
const TAKEN = "taken";
const SIZE = "popup,width=480,height=640";

/**
 * Opens a window. Resolves with what it sends.
 * @param {string} url
 * @param {string} name  Of the channel.
 * @param {(text: string) => void} late  Is told what comes after all, when the window was taken for closed.
 * @returns {Promise<string>}
 */
export function answerFrom(url, name, late) {
  const popup = window.open("", "_blank", SIZE);
  return new Promise((resolve, reject) => {
    if (!popup) throw new BrowserAuthError("popup_window_error", "", "the browser did not open a window: call this in a click");
    popup.opener = null; // no page of the window's is to send this page elsewhere
    popup.location.replace(url);
    const channel = new BroadcastChannel(name);
    let isLate = false;
    // Where the tie was cut every window looks closed, but only a closed one gives the focus back, mostly.
    const timer = setInterval(() => {
      if (!popup.closed || !document.hasFocus()) return;
      clearInterval(timer);
      setTimeout(() => {
        isLate = true;
        reject(new BrowserAuthError("user_cancelled", "", "the window was closed before it had an answer"));
      }, LOOK);
    }, LOOK);
    channel.onmessage = ({ data }) => {
      if (data === TAKEN) return;
      clearInterval(timer);
      channel.postMessage(TAKEN);
      channel.close();
      if (isLate) late(String(data));
      else resolve(String(data));
    };
  });
}

/**
 * In the window or frame: sends what it has, and goes. Resolves with false where nobody is there to take it.
 * @param {string} name
 * @param {string} text
 * @returns {Promise<boolean>}
 */
export async function answerOpener(name, text) {
  const channel = new BroadcastChannel(name);
  const isTaken = await new Promise((resolve) => {
    channel.onmessage = ({ data }) => data === TAKEN && resolve(true);
    channel.postMessage(text);
    setTimeout(() => resolve(false), LOOK);
  });
  channel.close();
  // A hidden frame is taken away by who waits for it, and does nothing else.
  if (window.frameElement) return new Promise(() => {});
  if (!isTaken) return false;
  window.close();
  // What this page would do next is the opener's to do.
  await new Promise((resolve) => setTimeout(resolve, CLOSING));
  return true;
}
