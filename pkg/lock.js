/** One page of an origin at a time, by the Web Locks API. The core decides what for. */

/** How long another page may have it: a little longer than its request may take. In milliseconds. */
const PATIENCE = 40_000;
/** How long what was stored takes to be seen by other processes of the browser, in milliseconds: the next page is not to come sooner. */
const SETTLING = 100;

/**
 * Waits for a lock. Where the browser has none, nothing is waited for.
 * @param {string} name
 * @returns {Promise<(() => void) | undefined>} what lets it go; rejected if another page keeps it for too long
 */
export async function acquire(name) {
  const { locks } = navigator;
  if (!locks) return undefined;
  return new Promise((grant, refuse) => {
    const held = () => new Promise((release) => grant(() => setTimeout(release, SETTLING)));
    locks.request(name, { signal: AbortSignal.timeout(PATIENCE) }, held).catch(refuse);
  });
}
