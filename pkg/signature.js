/** A signature, by the browser's own cryptography. The core decides which keys and algorithms there are. */

/** Keys by what they were made of: a server has a few, and signs with one of them for weeks. @type {Map<string, CryptoKey>} */
const known = new Map();
const MOST = 16;

/** @param {string} jwk @param {RsaHashedImportParams & EcKeyImportParams} algorithm */
async function keyOf(jwk, algorithm) {
  const made = `${algorithm.name} ${jwk}`;
  const key = known.get(made) ?? (await crypto.subtle.importKey("jwk", JSON.parse(jwk), algorithm, false, ["verify"]));
  if (known.size >= MOST) known.clear();
  known.set(made, key);
  return key;
}

/**
 * Whether a signature of a text is the key's; `undefined` for a key that the browser can't use, `null` where there is no cryptography: it is
 * only there for pages that came over https, or from this machine.
 * @param {string} name Of the algorithm, as the browser calls it.
 * @param {string} jwk The key, as JSON (RFC 7517).
 * @param {string} text
 * @param {Uint8Array} signature In the core's memory, which moves.
 * @returns {Promise<boolean | null | undefined>}
 */
export async function verify(name, jwk, text, signature) {
  const { subtle } = crypto;
  if (!subtle) return null;
  const own = signature.slice();
  // Of these each algorithm takes what it has, for the import of a key and for the check of a signature alike.
  const algorithm = { name, hash: "SHA-256", saltLength: 32, namedCurve: "P-256" };
  try {
    const key = await keyOf(jwk, algorithm);
    return await subtle.verify(algorithm, key, own, new TextEncoder().encode(text)).catch(() => false);
  } catch {
    return undefined;
  }
}
