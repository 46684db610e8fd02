/** What was sent, answered, kept and told, in its order. It outlives the page, in this tab alone: what may not be shown was never in it. */

/**
 * @typedef {"page" | "leave" | "return" | "request" | "kept" | "event"} Kind
 *
 * @typedef {object} Entry
 * @property {number} id
 * @property {number} at  In milliseconds since 1970.
 * @property {Kind} kind
 * @property {string} title
 * @property {{ fields: [string, string][], others: number }} [sent]
 * @property {string} [status]
 * @property {{ fields: [string, string][], others: number }} [answer]
 * @property {string[]} [rows]
 */

const key = "sample.timeline";
/** How many entries are remembered. */
const longest = 120;
/** What is kept within so many milliseconds goes into one entry. */
const together = 50;

export class Timeline {
  /** @type {Entry[]} */
  entries = read();
  /** @type {(entry: Entry | null) => void} */
  #tell = () => {};

  /** @param {(entry: Entry | null) => void} tell  Is told of each entry that is new or has changed; `null`: all are gone. */
  watch(tell) {
    this.#tell = tell;
    for (const entry of this.entries) tell(entry);
  }

  /** @param {Kind} kind @param {string} title @param {Partial<Entry>} [more] */
  add(kind, title, more = {}) {
    const entry = { id: (this.entries.at(-1)?.id ?? 0) + 1, at: Date.now(), kind, title, ...more };
    this.entries.push(entry);
    this.entries = this.entries.slice(-longest);
    this.#changed(entry);
    return entry;
  }

  /** @param {Entry} entry @param {Partial<Entry>} more */
  complete(entry, more) {
    Object.assign(entry, more);
    this.#changed(entry);
  }

  /** @param {string} row  What was written or removed. */
  addKept(row) {
    const last = this.entries.at(-1);
    if (last?.kind !== "kept" || Date.now() - last.at > together) return this.add("kept", "Browser storage", { rows: [row] });
    if (!last.rows?.includes(row)) this.complete(last, { rows: [...(last.rows ?? []), row] });
    return last;
  }

  clear() {
    this.entries = [];
    sessionStorage.removeItem(key);
    this.#tell(null);
  }

  #changed(entry) {
    try {
      sessionStorage.setItem(key, JSON.stringify(this.entries));
    } catch {
      // Full: then it does not outlive the page.
    }
    this.#tell(entry);
  }
}

/** @returns {Entry[]} */
function read() {
  try {
    const entries = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

/** What another version of the page has kept may look different. */
function isEntry(entry) {
  const isPart = (part) => part === undefined || Array.isArray(part?.fields);
  return Number.isFinite(entry?.at) && Number.isInteger(entry.id) && typeof entry.title === "string" && isPart(entry.sent) && isPart(entry.answer);
}
