/**
 * The tenant's time. The engine reads the machine's clock and cannot be given another one, so `aheadSeconds` says how
 * far the tenant's time is ahead of it (or behind: below zero); the store adds that, and the tokens are of the tenant's time.
 *
 * @typedef {ReturnType<typeof createClock>} Clock
 */

/** @param {() => number} now milliseconds since 1970 */
export function createClock(now = Date.now) {
  let travelledMilliseconds = 0;
  const milliseconds = () => now() + travelledMilliseconds;
  return {
    milliseconds,
    seconds: () => Math.floor(milliseconds() / 1000),
    aheadSeconds: () => Math.floor((milliseconds() - Date.now()) / 1000 + 0.5),
    /** @param {number} seconds forward; below zero: back */
    travel: (seconds) => { travelledMilliseconds += seconds * 1000; },
    reset: () => { travelledMilliseconds = 0; },
  };
}
