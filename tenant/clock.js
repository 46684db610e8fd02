/**
 * The tenant's time. The engine reads the machine's clock and cannot be given another one, so `aheadSeconds` says how
 * far the tenant's time is ahead of it; the adapter and the tokens add that.
 *
 * @typedef {{ milliseconds(): number, seconds(): number, aheadSeconds(): number }} Clock
 */

/**
 * @param {() => number} now milliseconds since 1970
 * @returns {Clock}
 */
export function createClock(now = Date.now) {
  // The engine cannot issue an ID token that has expired by its own clock.
  if (now() < Date.now() - 60_000) throw new RangeError("`now` may run ahead of the machine's clock, not behind it.");
  return {
    milliseconds: now,
    seconds: () => Math.floor(now() / 1000),
    aheadSeconds: () => Math.max(0, Math.floor((now() - Date.now()) / 1000 + 0.5)),
  };
}
