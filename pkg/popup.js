/**
 * A window of its own, and the way back from it: its address, where this page can see that, and a channel, since a server's page can cut
 * the tie between the two.
 */

import { BrowserAuthError } from "./errors.js";

/** How often to look whether the window is still there, and how long to wait for its last words, in milliseconds. */
const LOOK = 100;
const LAST_WORDS = 200;
/** How long the page has to have the focus before a window that can't be seen is given up, in milliseconds. */
const UNSEEN = 3000;
/** How long somebody may take to say that an answer is theirs, and a window to close, in milliseconds. */
const TAKING = 500;
const CLOSING = 1000;
/** What the opener says to an answer. */
const TAKEN = "taken";
const SIZE = { width: 483, height: 600 };

/** @typedef {{ popupSize?: { width: number, height: number }, popupPosition?: { top: number, left: number } }} Attributes */
/** @typedef {{ popupWindowAttributes?: Attributes, popupWindowParent?: Window, overrideInteractionInProgress?: boolean, signal?: AbortSignal }} Wishes */

/** What gives up the window that is open: there is one at a time. @type {(() => void) | undefined} */
let cancel;

/**
 * Opens a window: to be called in the click, as browsers open none else. What is under way stops it, or is given up for it.
 * @param {Wishes} [wishes]
 */
export function openWindow({ popupWindowAttributes, popupWindowParent, overrideInteractionInProgress, signal } = {}) {
  signal?.throwIfAborted();
  if (cancel && !overrideInteractionInProgress) {
    throw new BrowserAuthError("interaction_in_progress", "", "another window of this page is open: wait for it, or set `overrideInteractionInProgress`");
  }
  cancel?.();
  const parent = popupWindowParent ?? globalThis.window;
  if (!parent) throw new BrowserAuthError("non_browser_environment", "", "there is no page here: call this in a browser window");
  const popup = opened(parent, featuresOf(popupWindowAttributes ?? {}, parent));
  if (!popup) throw new BrowserAuthError("popup_window_error", "", "the browser did not open a window: call this in a click");
  popup.opener = null; // no page of the window's is to send this page elsewhere
  /** @type {(error: unknown) => void} */
  let refuse = () => {};
  const given = /** @type {Promise<never>} */ (new Promise((_, reject) => { refuse = reject; }));
  given.catch(() => {});
  const own = () => refuse(new BrowserAuthError("interaction_in_progress_cancelled", "", "another window was opened in its place"));
  cancel = own;
  const abort = () => refuse(signal?.reason);
  signal?.addEventListener("abort", abort);
  return {
    popup,
    /**
     * What comes back from an address.
     * @param {string} url
     * @param {string} name  Of the channel; it is in the answer, too.
     * @param {(text: string) => void} late  Is told what comes after all, when the window was taken for closed.
     */
    answer: (url, name, late) => (cancel === own ? Promise.race([given, answerFrom(popup, url, name, late)]) : given),
    /** Lets the next one open. @param {boolean} [stays] Whether the window stays open. */
    end(stays) {
      signal?.removeEventListener("abort", abort);
      if (cancel === own) cancel = undefined;
      if (!stays) close(popup);
    },
  };
}

/** Where a sandbox forbids windows Firefox throws. @param {Window} parent @param {string} features */
function opened(parent, features) {
  try {
    return parent.open("", "_blank", features);
  } catch {
    return null;
  }
}

/** One of a server's pages only its user can close, as it knows no opener. @param {Window} popup */
function close(popup) {
  try {
    if (popup.location.href) popup.close();
  } catch {
    // It closes once it is back.
  }
}

/** @param {Attributes} attributes @param {Window} parent */
function featuresOf({ popupSize, popupPosition }, parent) {
  const { width, height } = { ...SIZE, ...popupSize };
  const left = popupPosition?.left ?? Math.max(0, parent.screenX + (parent.outerWidth - width) / 2);
  const top = popupPosition?.top ?? Math.max(0, parent.screenY + (parent.outerHeight - height) / 2);
  return `popup,width=${width},height=${height},left=${Math.round(left)},top=${Math.round(top)}`;
}

/**
 * @param {Window} popup @param {string} url @param {string} name @param {(text: string) => void} late
 * @returns {Promise<string>}
 */
function answerFrom(popup, url, name, late) {
  popup.location.replace(url);
  return new Promise((resolve, reject) => {
    const channel = new BroadcastChannel(name);
    let isOver = false;
    const stop = watchWindow(popup, name, take, () => {
      isOver = true;
      reject(new BrowserAuthError("user_cancelled", "", "the window was closed before it had an answer"));
    });
    /** @param {string} text */
    function take(text) {
      stop();
      channel.postMessage(TAKEN);
      channel.close();
      close(popup);
      if (isOver) late(text);
      else resolve(text);
    }
    channel.onmessage = ({ data }) => data !== TAKEN && take(String(data));
  });
}

/**
 * Looks at a window from time to time: whether it has come back with an answer, and whether it is there at all. Where a server cut the tie
 * it looks closed from then on, but only a closed one gives the focus back; and who comes back to this page for a while has left it.
 * @param {Window} popup @param {string} name @param {(text: string) => void} take @param {() => void} close
 * @returns {() => void} stops it
 */
function watchWindow(popup, name, take, close) {
  let isSeen = true;
  let focused = 0;
  const timer = setInterval(() => {
    const text = textOf(popup, name);
    if (text) return take(text);
    if (!popup.closed) return;
    const hasFocus = document.hasFocus();
    isSeen &&= hasFocus || focused > 0;
    focused = hasFocus ? focused + LOOK : 0;
    if (focused < (isSeen ? LAST_WORDS : UNSEEN)) return;
    clearInterval(timer);
    close();
  }, LOOK);
  return () => clearInterval(timer);
}

/** The answer in the window's address, if it came back to this origin. @param {Window} popup @param {string} name */
function textOf(popup, name) {
  try {
    const { hash, search } = popup.location;
    return [hash, search].find((part) => part.includes(name))?.slice(1);
  } catch {
    return undefined; // a server's page is not to be looked at
  }
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
    setTimeout(() => resolve(false), TAKING);
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
