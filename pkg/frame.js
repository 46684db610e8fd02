/** A hidden frame, and the answer that comes to it. The core decides what is asked there, and what an answer is worth. */

/** How long an answer may take, and how often to look for it, in milliseconds. */
const PATIENCE = 10_000;
const LOOK = 50;
/** How long a page that has brought its answer may go on loading what it loads, in milliseconds. */
const AFTER = 250;

/** Why there is none, in the core's numbers. */
const NO_PAGE = 1;
const NESTED = 2;
const FORBIDDEN = 3;
const TIMED_OUT = 4;

/** The frame's name, by which its pages know that they are in one. */
const NAME = "consentry-silent";
/** The server's page runs as it would in a window, but does not lead this page elsewhere. */
const SANDBOX = "allow-forms allow-same-origin allow-scripts";

/** The frame before, and its going: there is one at a time. @type {Promise<unknown>} */
let last = Promise.resolve();
let going = Promise.resolve();

/**
 * @param {string} url
 * @param {string} name Of the channel; it is in the answer, too.
 * @returns {Promise<string | number>} the fragment of the address that the frame came to; or why there is none
 */
export function answerInFrame(url, name) {
  const turn = last.then(() => going).then(() => ask(url, name));
  last = turn.catch(() => {});
  return turn;
}

/** @param {string} url @param {string} name @returns {Promise<string | number>} */
async function ask(url, name) {
  if (typeof document === "undefined") return NO_PAGE;
  if (window.name === NAME && window.frameElement) return NESTED;
  const frame = hidden(url);
  const channel = new BroadcastChannel(name);
  const listening = new AbortController();
  let timer = 0;
  try {
    return await new Promise((resolve) => {
      const look = () => {
        const fragment = fragmentOf(frame);
        if (fragment.includes(name)) resolve(fragment);
      };
      /** @param {SecurityPolicyViolationEvent} violation */
      const note = ({ blockedURI, disposition, effectiveDirective }) => {
        // Of another origin some browsers tell no more than the origin.
        if (disposition === "enforce" && effectiveDirective === "frame-src" && url.startsWith(blockedURI)) resolve(FORBIDDEN);
      };
      addEventListener("securitypolicyviolation", note, { signal: listening.signal });
      // A page that runs this package sends its answer, should it have taken it out of its address.
      channel.onmessage = ({ data }) => resolve(String(data));
      frame.onload = look;
      timer = setInterval(look, LOOK);
      setTimeout(resolve, PATIENCE, TIMED_OUT);
      (document.body ?? document.documentElement).append(frame);
    });
  } finally {
    clearInterval(timer);
    listening.abort();
    channel.close();
    going = leave(frame);
  }
}

/** Takes a frame away, once its page is loaded: WebKit (seen in 2.50) never comes back from one that goes while it loads modules. @param {HTMLIFrameElement} frame */
async function leave(frame) {
  const end = performance.now() + PATIENCE;
  do await new Promise((resolve) => setTimeout(resolve, AFTER));
  while (isLoading(frame) && performance.now() < end);
  frame.remove();
}

/** @param {HTMLIFrameElement} frame */
function isLoading({ contentDocument }) {
  // There is none of another origin's.
  return !!contentDocument && contentDocument.readyState !== "complete";
}

/** @param {string} url */
function hidden(url) {
  const frame = document.createElement("iframe");
  frame.name = NAME;
  frame.title = "Silent sign-in";
  frame.tabIndex = -1;
  frame.setAttribute("aria-hidden", "true");
  frame.setAttribute("sandbox", SANDBOX);
  frame.style.setProperty("display", "none", "important");
  frame.src = url;
  return frame;
}

/** Of the page in the frame, if it is of this origin: a server's page is not to be looked at. @param {HTMLIFrameElement} frame */
function fragmentOf(frame) {
  try {
    return frame.contentWindow?.location.hash.slice(1) ?? "";
  } catch {
    return "";
  }
}
