/**
 * A request to a server, and why nothing came of it where nothing came: to a page all of these are one "Failed to fetch". The
 * core decides what is sent where, and what an answer means.
 */

/** How long an answer may take, how long a probe, and how long a browser takes to tell of its policy, in milliseconds. */
const ANSWER = 30_000;
const PROBE = 3000;
const TELLING = 50;

/** Why nothing came, in numbers that are no status. The core has the same; 0 is what a browser gives a redirect that is not followed. */
const UNREACHABLE = 1;
const TIMED_OUT = 2;
const OFFLINE = 3;
const FORBIDDEN_HERE = 4;
const FORBIDDEN_THERE = 5;
const INSECURE = 6;

/** @type {RequestInit} */
const DISCREET = { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" };

/**
 * @param {string} url
 * @param {string} [form] To POST.
 * @param {string} [bearer] A token, for the header `Authorization`.
 * @returns {Promise<[status: number, retryAfter?: string | null, body?: string]>}
 */
export async function send(url, form, bearer) {
  // An answer that can't be checked is not asked for: a refresh token would be used up for it.
  if (!crypto.subtle) return [INSECURE];
  // A form's type needs no leave from the server (CORS preflight); a plain string would be sent as text.
  const body = form && new URLSearchParams(form);
  const method = body ? "POST" : "GET";
  const headers = bearer ? { Authorization: `Bearer ${bearer}` } : undefined;
  const signal = AbortSignal.timeout(ANSWER);
  let isForbidden = false;
  /** @param {SecurityPolicyViolationEvent} violation */
  const note = ({ blockedURI, disposition, effectiveDirective }) => {
    // Of another origin some browsers tell no more than the origin.
    if (disposition === "enforce" && effectiveDirective === "connect-src" && new URL(url).href.startsWith(blockedURI)) isForbidden = true;
  };
  addEventListener("securitypolicyviolation", note);
  try {
    await undefined; // who watches requests, as developer tools do, takes down the stack: here it is short
    const response = await fetch(url, { ...DISCREET, body, headers, method, redirect: "manual", signal });
    return [response.status, response.headers.get("retry-after"), await response.text()];
  } catch {
    if (signal.aborted) return [TIMED_OUT];
    if (!navigator.onLine) return [OFFLINE];
    await new Promise((resolve) => setTimeout(resolve, TELLING)); // the event comes after the failure
    return [isForbidden ? FORBIDDEN_HERE : await reason(url, method)];
  } finally {
    removeEventListener("securitypolicyviolation", note);
  }
}

/**
 * Asks again, without anything that was in the request. A server that answers who does not want to read it, and not who does,
 * keeps its answers from this origin. Without the second question a connection that broke would look the same; what a server keeps
 * from other origins altogether (Cross-Origin-Resource-Policy) looks unreachable.
 * @param {string} url @param {string} method
 */
async function reason(url, method) {
  /** @param {RequestInit} how */
  const answers = (how) =>
    fetch(url.split("?")[0], { ...DISCREET, ...how, signal: AbortSignal.timeout(PROBE) }).then(
      () => true,
      () => false,
    );
  return (await answers({ mode: "no-cors" })) && !(await answers({ method })) ? FORBIDDEN_THERE : UNREACHABLE;
}
