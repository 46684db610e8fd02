/** Calls that can be given up. What is on its way for others goes on: only who gave up does not wait for it. */

/**
 * @template T
 * @param {AbortSignal | null | undefined} signal
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function abortable(signal, work) {
  if (!signal) return work();
  signal.throwIfAborted();
  let stop = () => {};
  /** @type {Promise<never>} */
  const given = new Promise((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work(), given]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** @param {number} milliseconds @param {AbortSignal | null} [signal] */
export function pause(milliseconds, signal) {
  let timer = 0;
  const wait = () => new Promise((resolve) => { timer = Number(setTimeout(resolve, milliseconds)); });
  return abortable(signal, wait).finally(() => clearTimeout(timer));
}
