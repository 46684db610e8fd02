/**
 * One page of an origin at a time: by the Web Locks API, or, where there is none, by a lease in the storage; and in a page what is urgent
 * before what is not. The core decides what for.
 */

/** How long another page may have it: a little longer than its request may take. In milliseconds, as all here. */
const PATIENCE = 40_000;
/** How long what was stored takes to be seen by other processes of the browser: the next page is not to come sooner. */
const SETTLING = 100;
/** How long a page may take the lock again and again before others get their turn, if there are any. */
const MOST = 1000;
/** How long a lease is good for, how often its page renews it, and how often another one looks, which no event has woken. */
const LEASE = 5000;
const RENEWAL = 2000;
const LOOK = 250;

/** What gives back what the core has. @type {Set<() => void>} */
const lent = new Set();
/** What this page has let go of and other pages can't have yet: by name, since when it has had it, and what takes it again. @type {Map<string, { since: number, take: (since: number) => () => void }>} */
const lingering = new Map();

/**
 * Waits for a lock. Where the browser has none and denies the storage as well, nothing is waited for.
 * @param {string} name Also the storage's key of the lease.
 * @returns {Promise<(() => void) | undefined>} what lets it go; rejected if another page keeps it for too long
 */
export async function acquire(name) {
  const again = lingering.get(name);
  if (again) {
    const now = performance.now();
    if (now - again.since <= MOST) return again.take(again.since);
    if (!(await isWanted(name)) && lingering.get(name) === again) return again.take(now);
  }
  const letGo = await (navigator.locks ? locked(name) : leased(name));
  return letGo && lend(name, letGo, performance.now());
}

/**
 * What is let go of is kept for a moment, until others can see what was stored. Meanwhile this page, which has no need to wait
 * for that, may have it again.
 * @param {string} name @param {() => void} letGo @param {number} since When this page has got it from others.
 */
function lend(name, letGo, since) {
  const giveBack = () => {
    if (!lent.delete(giveBack)) return;
    const timer = setTimeout(() => {
      lingering.delete(name);
      letGo();
    }, SETTLING);
    const take = (/** @type {number} */ since) => {
      clearTimeout(timer);
      lingering.delete(name);
      return lend(name, letGo, since);
    };
    lingering.set(name, { since, take });
  };
  lent.add(giveBack);
  return giveBack;
}

/** After a trap: an instance that is gone gives nothing back, and other pages would wait for it. */
export const takeBack = () => lent.forEach((giveBack) => giveBack());

/** Until the page has done what it is at. A timer, which in the background comes once in a second, only where there is nothing else. @returns {Promise<void>} */
export const pause = () => globalThis.scheduler?.postTask?.(() => {}) ?? new Promise((resolve) => setTimeout(resolve));

/** Whether anybody waits for a lock; of a lease nobody knows. @param {string} name */
async function isWanted(name) {
  try {
    const { pending = [] } = await navigator.locks.query();
    return pending.some((lock) => lock.name === name);
  } catch {
    return true;
  }
}

/** @param {string} name @returns {Promise<() => void>} */
function locked(name) {
  return new Promise((grant, refuse) => {
    const held = () => new Promise((/** @type {(nothing?: undefined) => void} */ release) => grant(release));
    navigator.locks.request(name, { signal: AbortSignal.timeout(PATIENCE) }, held).catch(refuse);
  });
}

/**
 * A lease is a text: whose it is, and when it ends. Who finds none writes one, waits until every page sees it, and has it if it is
 * still there: of pages that wrote at once the last one has it.
 * @param {string} name @returns {Promise<(() => void) | undefined>}
 */
async function leased(name) {
  const owner = crypto.getRandomValues(new Uint32Array(2)).join("-");
  const started = performance.now();
  let own = "";
  const isOwn = () => localStorage.getItem(name) === own;
  const write = () => localStorage.setItem(name, (own = `${owner} ${Date.now() + LEASE}`));
  while (!tried(() => isGood(own) && isOwn())) {
    const isTaken = tried(() => isGood(localStorage.getItem(name)));
    if (isTaken && performance.now() - started > PATIENCE) throw new Error("Another page keeps the lease.");
    if (!isTaken && !tried(() => (write(), true))) return undefined;
    await (isTaken ? change() : new Promise((resolve) => setTimeout(resolve, SETTLING)));
  }
  // A page that slept may have lost it.
  const renewing = setInterval(() => tried(() => isOwn() && write()), RENEWAL);
  return () => {
    clearInterval(renewing);
    tried(() => isOwn() && localStorage.removeItem(name));
  };
}

/** Whether a text is a lease that has not ended. One that would end later than any has been forged, or the clock was put back. @param {string | null} text */
function isGood(text) {
  const left = Number(text?.split(" ")[1]) - Date.now();
  return left > 0 && left <= LEASE;
}

/** Another page has stored something, or it is time to look. @returns {Promise<void>} */
function change() {
  return new Promise((resolve) => {
    const look = () => {
      removeEventListener("storage", look);
      resolve();
    };
    addEventListener("storage", look);
    setTimeout(look, LOOK);
  });
}

/** @template T @param {() => T} act @returns {T | undefined} nothing where the storage is denied, or full */
function tried(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}
