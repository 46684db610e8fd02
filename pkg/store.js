/** A storage of the app's own, which may take its time, as one that answers at once. The core decides what is kept there. */

/** How long one call of the storage may take, in milliseconds. */
const PATIENCE = 10_000;
/** The same of one that has fallen silent, until it answers: a call of the app's is not to wait for it twice. */
const BRIEFLY = 500;
const SILENT = "The storage does not answer.";
const FAILED = "The storage failed.";

/** @typedef {import("./index.js").CustomStorage} CustomStorage */

/**
 * The entries of a storage in memory. What is written is there at once, and goes to the storage in the order in which it was
 * written, one after the other.
 * @param {CustomStorage} store
 * @param {string} prefix With which our keys begin.
 */
export function mirror(store, prefix) {
  /** @type {Map<string, string>} */
  let memory = new Map();
  /** By key: its last write, which is not through yet. @type {Map<string, object>} */
  const pending = new Map();
  /** @type {Promise<unknown>} */
  let queue = Promise.resolve();
  /** How what is written fares, of that which is written in one go. @type {{ error?: unknown } | undefined} */
  let batch;
  /** The last call that was given up. */
  let silence = {};

  /** How long is waited for the next one, in milliseconds. */
  let patience = PATIENCE;
  const hear = () => { patience = PATIENCE; };

  /** @template T @param {() => T | PromiseLike<T>} call @returns {Promise<T>} */
  function answer(call) {
    const answering = (async () => call())();
    // However late.
    answering.then(hear, hear);
    return inTime(answering, patience, () => {
      silence = {};
      patience = BRIEFLY;
    });
  }

  /**
   * What is done after all before it. What has waited for a call that was given up fails too: a storage that has fallen silent
   * is not waited for once for each of them.
   * @template T @param {() => Promise<T>} act
   */
  function behind(act) {
    const known = silence;
    const done = queue.then(() => (known === silence ? act() : Promise.reject(new Error(SILENT))));
    queue = done.catch(() => {});
    return done;
  }

  return {
    /** Reads all entries anew; what is written meanwhile stays as it is. Whether something is not as it was; rejected when the storage fails. */
    async pull() {
      const fresh = await behind(() => answer(async () => {
        const keys = [...(await store.keys())].filter((key) => typeof key === "string" && key.startsWith(prefix));
        const texts = await Promise.all(keys.map((key) => store.getItem(key)));
        return new Map(keys.map((key, at) => [key, texts[at]]));
      }));
      for (const key of pending.keys()) fresh.set(key, memory.get(key));
      const before = memory;
      memory = new Map([...fresh].filter(/** @returns {entry is [string, string]} */ (entry) => typeof entry[1] === "string"));
      return memory.size !== before.size || [...memory].some(([key, text]) => before.get(key) !== text);
    },

    /** @param {string} prefix */
    keys: (prefix) => [...memory.keys()].filter((key) => key.startsWith(prefix)),

    /** @param {string} key */
    read: (key) => memory.get(key),

    /** @param {string} key @param {string} [text] Absent: removes it. */
    write(key, text) {
      const own = (batch ??= (queueMicrotask(() => { batch = undefined; }), {}));
      const turn = {};
      if (text === undefined) memory.delete(key);
      else memory.set(key, text);
      pending.set(key, turn);
      behind(() => answer(() => (text === undefined ? store.removeItem(key) : store.setItem(key, text))))
        .catch((error) => { own.error ??= error || new Error(FAILED); })
        .finally(() => pending.get(key) === turn && pending.delete(key));
    },

    /**
     * Waits for all that was written. Rejected with the first error of what was written just before: nobody waits for what was written
     * earlier, and it is no failure of this. In memory it stays as it was written.
     * @returns {Promise<void>}
     */
    async settle() {
      const own = batch;
      batch = undefined;
      await queue;
      if (own?.error) throw own.error;
    },
  };
}

/**
 * @template T
 * @param {Promise<T>} answering
 * @param {number} patience
 * @param {() => void} giveUp Called before it is rejected.
 * @returns {Promise<T>}
 */
async function inTime(answering, patience, giveUp) {
  let timer;
  const late = new Promise((_, refuse) => {
    timer = setTimeout(() => {
      giveUp();
      refuse(new Error(SILENT));
    }, patience);
  });
  try {
    return /** @type {T} */ (await Promise.race([late, answering]));
  } finally {
    clearTimeout(timer);
  }
}
