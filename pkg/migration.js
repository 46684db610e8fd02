/**
 * What MSAL.js has left in the browser's storage: read, and never written or removed. The core decides what becomes of it. Loaded only
 * where there is something.
 */

/** The cookie with the key that MSAL encrypts `localStorage` by, as `{ id, key }`. */
const COOKIE = "msal.cache.encryption";
/** Nobody has more users here. */
const MOST = 100;

/** @typedef {{ id: string, key: CryptoKey }} Key */

/** @param {string} text */
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

/** @param {string | null} text @returns {any} */
function parse(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

/**
 * The entities of a client's users, and whom it calls active.
 * @param {Storage} store @param {string} clientId
 */
export async function leftBehind(store, clientId) {
  const index = parse(store.getItem(newestIndex(Object.keys(store), clientId)));
  const key = await storageKey().catch(() => null);
  const entries = await Promise.all([index?.idToken, index?.refreshToken].flatMap((keys) => (Array.isArray(keys) ? keys.slice(0, MOST) : []))
    .map((name) => entry(store, String(name), clientId, key).catch(() => null)));
  return { entries, active: parse(store.getItem(`msal.${clientId}.active-account-filters`)) };
}

/** MSAL 3 and earlier gave their index no number; a later version leaves those of earlier ones. @param {string[]} keys @param {string} clientId */
function newestIndex(keys, clientId) {
  const end = `.token.keys.${clientId}`;
  /** @param {string} key */
  const version = (key) => Number(key.slice("msal.".length, -end.length)) || 0;
  return keys.filter((key) => key.startsWith("msal.") && key.endsWith(end)).sort((one, other) => version(other) - version(one))[0] ?? "";
}

/** @returns {Promise<Key | null>} */
async function storageKey() {
  const cookie = document.cookie.split("; ").find((text) => text.startsWith(`${COOKIE}=`));
  const { id, key } = parse(cookie ? decodeURIComponent(cookie.slice(COOKIE.length + 1)) : null) ?? {};
  if (!id) return null;
  return { id, key: await crypto.subtle.importKey("raw", bytes(key), "HKDF", false, ["deriveKey"]) };
}

/** An entity, as it stands or decrypted: each by a key of its own. @param {Storage} store @param {string} name @param {string} clientId @param {Key | null} key */
async function entry(store, name, clientId, key) {
  const stored = parse(store.getItem(name));
  if (!stored?.data) return stored;
  if (stored.id !== key?.id || !key) return null; // of a browser session that is over
  const info = new TextEncoder().encode(name.includes(clientId) ? clientId : "");
  const by = { name: "HKDF", hash: "SHA-256", salt: bytes(stored.nonce), info };
  const own = await crypto.subtle.deriveKey(by, key.key, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, own, bytes(stored.data));
  return parse(new TextDecoder().decode(opened));
}
