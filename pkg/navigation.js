/** Leaves the page, or goes to another page of the app: as browsers do it, or as the app says. The core decides where to. */

/** How long leaving the page may take, in milliseconds: MSAL's `redirectNavigationTimeout`. */
const PATIENCE = 30_000;

/** @typedef {import("./index.js").INavigationClient} INavigationClient */

/** MSAL's class, for apps to extend. @implements {INavigationClient} */
export class NavigationClient {
  /** @param {string} url @param {import("./index.js").NavigationOptions} options */
  navigateInternal(url, options) {
    return leave(url, options);
  }

  /** @param {string} url @param {import("./index.js").NavigationOptions} options */
  navigateExternal(url, options) {
    return leave(url, options);
  }
}

/**
 * @param {string} url
 * @param {import("./index.js").NavigationOptions} options
 * @returns {Promise<boolean>} rejected when the page is still there after a while; `false` when the user came back to it
 */
function leave(url, { noHistory, timeout }) {
  const coming = new AbortController();
  return new Promise((resolve, reject) => {
    // A page that is kept as it was goes on where it stood.
    addEventListener("pageshow", ({ persisted }) => persisted && resolve(false), { signal: coming.signal });
    setTimeout(() => reject(new Error("The page is still there.")), timeout);
    if (noHistory) location.replace(url);
    else location.assign(url);
  }).finally(() => coming.abort());
}

/**
 * How a client goes to an address.
 * @param {{ auth?: { onRedirectNavigate?: (url: string) => boolean | void }, system?: { redirectNavigationTimeout?: number } }} configuration
 * @param {() => INavigationClient} client
 * @returns {(url: string, isInternal: boolean) => Promise<boolean>} whether the page is left
 */
export function navigation({ auth, system }, client) {
  const timeout = system?.redirectNavigationTimeout ?? PATIENCE;
  return async (url, isInternal) => {
    if (!isInternal && auth?.onRedirectNavigate?.(url) === false) return false;
    const options = { apiId: 0, noHistory: isInternal, timeout };
    return (await (isInternal ? client().navigateInternal(url, options) : client().navigateExternal(url, options))) !== false;
  };
}

/** Whether there may be a network; a worker knows as well. */
export const isOnline = () => navigator.onLine;
