/**
 * Encryption at rest: texts that only this browser reads again, by a key that no script can read. The core decides which texts.
 *
 * Each owner has one key, which the browser's database keeps for all tabs. A sealed text names its key, so what another key sealed
 * is never tried. A page keeps all keys that it has seen: to open costs one read of the database for each page load, and one more
 * where a text names a key that is not known yet. To seal costs a read where the last one is some time ago or the connection was closed, as
 * the user may have cleared the site's data meanwhile: the page then puts the key back that it still has, or takes the one that another tab
 * has made since, so what is sealed can be opened everywhere.
 */

const DATABASE = "consentry";
const STORE = "keys";
/** How long one try at the database may take, in milliseconds: some never answer. */
const PATIENCE = 5_000;
/** How long the database is believed to have still what it had, in milliseconds. */
const FRESH = 1000;
/** Bytes of an initialization vector, and of a key's id. */
const VECTOR = 12;
const ID = 8;
const SEALED = /^~([\w-]{11})\.([\w-]+)$/;

/** @typedef {{ id: string, key: CryptoKey }} Kept A key, as the database has it under its owner. */

/** By owner: the key to seal with. @type {Map<string, Kept>} */
const current = new Map();
/** By id: every key that was seen here. Ids are random, so no two owners share one. @type {Map<string, CryptoKey>} */
const keys = new Map();
/** By owner: when the database was last seen to have that key, in milliseconds of the page. @type {Map<string, number>} */
const seen = new Map();
/** By owner: a look at the database that is under way. @type {Map<string, Promise<Kept | undefined>>} */
const looks = new Map();
/** @type {Promise<IDBDatabase> | undefined} */
let opening;

/**
 * Seals texts. A sealed text opens under its own name only.
 * @param {string} owner Whose key.
 * @param {boolean} staysAfterRestart Whether the key outlives the browser's session: else a cookie tells which key is of this one.
 *   A browser that brings its tabs back after a restart brings the cookie back as well.
 * @param {string[]} names
 * @param {string[]} texts
 * @returns {Promise<string[]>} rejected where the browser keeps no key
 */
export async function seal(owner, staysAfterRestart, names, texts) {
  // A key of a session is marked each time: the mark may have been lost.
  const isFresh = staysAfterRestart && performance.now() - (seen.get(owner) ?? -FRESH) < FRESH;
  const kept = isFresh ? current.get(owner) : await look(owner, staysAfterRestart);
  if (!kept) throw new Error("A worker makes no key.");
  const encoder = new TextEncoder();
  return Promise.all(
    texts.map(async (text, at) => {
      const vector = crypto.getRandomValues(new Uint8Array(VECTOR));
      const sealed = await crypto.subtle.encrypt(cipher(encoder, vector, owner, names[at]), kept.key, encoder.encode(text));
      const whole = new Uint8Array(VECTOR + sealed.byteLength);
      whole.set(vector);
      whole.set(new Uint8Array(sealed), VECTOR);
      return `~${kept.id}.${toBase64url(whole)}`;
    }),
  );
}

/**
 * Opens sealed texts.
 * @param {string} owner
 * @param {boolean} staysAfterRestart
 * @param {string[]} names
 * @param {string[]} texts Any: what is not sealed costs nothing.
 * @returns {Promise<(string | null)[]>} `null` for what no key here opens; rejected where the browser keeps no key
 */
export async function open(owner, staysAfterRestart, names, texts) {
  const parts = texts.map((text) => SEALED.exec(text));
  if (parts.some((part) => part && !keys.has(part[1]))) await look(owner, staysAfterRestart);
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return Promise.all(
    parts.map(async (part, at) => {
      const key = part && keys.get(part[1]);
      if (!key) return null;
      try {
        const bytes = fromBase64url(part[2]);
        const algorithm = cipher(encoder, bytes.subarray(0, VECTOR), owner, names[at]);
        return decoder.decode(await crypto.subtle.decrypt(algorithm, key, bytes.subarray(VECTOR)));
      } catch {
        return null;
      }
    }),
  );
}

/** @param {TextEncoder} encoder @param {Uint8Array<ArrayBuffer>} iv @param {string} owner @param {string} name */
const cipher = (encoder, iv, owner, name) => ({ name: "AES-GCM", iv, additionalData: encoder.encode(`${owner}\n${name}`) });

/**
 * The owner's key as all tabs have it now; `undefined` for a worker that finds none. Who asks meanwhile shares the answer.
 * @param {string} owner @param {boolean} staysAfterRestart
 */
function look(owner, staysAfterRestart) {
  let looking = looks.get(owner);
  if (!looking) {
    // A connection may have died without a word: the second try has a new one.
    const again = () => {
      opening = undefined;
      return inTime(agree(owner, staysAfterRestart));
    };
    looking = inTime(agree(owner, staysAfterRestart)).catch(again).finally(() => looks.delete(owner));
    looks.set(owner, looking);
  }
  return looking;
}

/** @template T @param {Promise<T>} work @returns {Promise<T>} rejected with a plain error, whatever is wrong */
async function inTime(work) {
  let timer;
  const late = new Promise((_, refuse) => { timer = setTimeout(refuse, PATIENCE); });
  try {
    return /** @type {T} */ (await Promise.race([work, late]));
  } catch (cause) {
    throw new Error("The browser keeps no key.", { cause });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Takes the key that is kept, or keeps one: this page's own, if it had one, or a new one. The second look is a transaction that
 * writes, and of these there is one at a time: of two tabs that find no key the later one takes the other's.
 * @param {string} owner @param {boolean} staysAfterRestart
 */
async function agree(owner, staysAfterRestart) {
  const own = current.get(owner);
  const cookie = staysAfterRestart ? undefined : await cookieOf(owner);
  const isPage = "document" in globalThis;
  /** @param {unknown} found @param {Kept} [fresh] */
  const choose = (found, fresh) => {
    // What was there before this session is not to be opened again; while this page lives, it is this session. A worker sees no cookie.
    const isOfNow = isKept(found) && (!cookie || own || !isPage || isMarked(cookie, found.id));
    const kept = isOfNow ? found : fresh;
    if (kept && cookie && isPage) mark(cookie, kept.id);
    return kept;
  };
  let kept = await entry(owner, choose);
  if (!kept && (isPage || !cookie)) kept = await entry(owner, choose, own ?? (await newKey()));
  if (kept) {
    current.set(owner, kept);
    seen.set(owner, performance.now());
    keys.set(kept.id, kept.key);
  }
  return kept;
}

/** @returns {Promise<Kept>} */
async function newKey() {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  return { id: toBase64url(crypto.getRandomValues(new Uint8Array(ID))), key };
}

/** Whether that is a key of ours: other scripts of the origin have the same database. @param {any} found @returns {found is Kept} */
const isKept = (found) =>
  found?.key instanceof CryptoKey && found.key.algorithm.name === "AES-GCM" && !found.key.extractable && SEALED.test(`~${found.id}.A`);

/**
 * One transaction over the owner's entry.
 * @param {string} owner
 * @param {(found: unknown, fresh?: Kept) => Kept | undefined} choose
 * @param {Kept} [fresh] Kept if it is chosen.
 * @returns {Promise<Kept | undefined>}
 */
async function entry(owner, choose, fresh) {
  const connection = await database();
  const transaction = connection.transaction(STORE, fresh ? "readwrite" : "readonly");
  const store = transaction.objectStore(STORE);
  /** @type {() => void} */
  let closed;
  return new Promise((/** @type {(kept: Kept | undefined) => void} */ resolve, reject) => {
    closed = () => reject(new Error("The connection was closed."));
    // A transaction that begins while its connection is being closed hears of nothing more.
    connection.addEventListener("close", closed);
    /** @type {Kept | undefined} */
    let kept;
    const reading = store.get(owner);
    reading.onsuccess = () => {
      kept = choose(reading.result, fresh);
      if (!fresh) resolve(kept); // what is read is read, whatever becomes of the transaction
      else if (kept === fresh) put(fresh);
    };
    // A browser may keep no keys, in its private windows for one.
    const put = (/** @type {Kept} */ fresh) => {
      try {
        store.put(fresh, owner);
      } catch (error) {
        reject(error);
      }
    };
    transaction.oncomplete = () => resolve(kept);
    transaction.onabort = () => reject(transaction.error);
  }).finally(() => connection.removeEventListener("close", closed));
}

/** Opens the database ahead of need: it takes as long as the core's module. */
export function prepare() {
  database().catch(() => {}); // who needs it tries again
}

/** The connection, which ends when the user clears the site's data, or a script deletes the database. */
function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const connection = request.result;
      connection.onclose = connection.onversionchange = () => {
        connection.close(); // or it would stand in the way
        seen.clear();
        opening = undefined;
      };
      resolve(connection);
    };
  });
  return opening;
}

/** The name of the owner's cookie: short, and another one for each port, as cookies are of all ports of a host. @param {string} owner */
async function cookieOf(owner) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${self.origin}\n${owner}`));
  return `consentry.${toBase64url(new Uint8Array(digest, 0, ID))}`;
}

/** Whether a key is of this session of the browser, or of this tab, where there are no cookies. @param {string} cookie @param {string} id */
const isMarked = (cookie, id) =>
  // A neighbour host may have set another one of this name.
  allowed(() => document.cookie.split("; ").includes(`${cookie}=${id}`)) || allowed(() => sessionStorage.getItem(cookie) === id);

/** @param {string} cookie @param {string} id */
function mark(cookie, id) {
  if (isMarked(cookie, id)) return;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  allowed(() => { document.cookie = `${cookie}=${id}; Path=/; SameSite=Strict${secure}`; });
  if (!isMarked(cookie, id)) allowed(() => sessionStorage.setItem(cookie, id));
}

/** What the browser lets pages do or not. @template T @param {() => T} act */
function allowed(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** The most bytes that become arguments of one call. */
const PIECE = 0x8000;

/** @param {Uint8Array} bytes */
function toBase64url(bytes) {
  if (bytes.toBase64) return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  let binary = "";
  for (let at = 0; at < bytes.length; at += PIECE) binary += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
function fromBase64url(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
