/** The signing key and the other secrets of a tenant; with a seed they repeat. */
import { checkPrimeSync, createHash, createHmac, generateKeyPairSync, hkdfSync, randomBytes } from "node:crypto";

const PRIME_BYTES = 128;
const EXPONENT = 65537n;

/**
 * @param {string | undefined} seed
 * @returns {{ signingKey: JsonWebKey & { kid: string }, pairwiseSecret: Buffer, cookieKey: string }}
 */
export function createSecrets(seed) {
  const derive = (name, length) => seed === undefined
    ? randomBytes(length)
    : Buffer.from(hkdfSync("sha256", seed, "", name, length));
  const jwk = seed === undefined ? randomKey() : keyFrom(derive);
  return {
    signingKey: { ...jwk, use: "sig", kid: createHash("sha256").update(jwk.n).digest("base64url").slice(0, 27) },
    pairwiseSecret: derive("pairwise", 32),
    cookieKey: derive("cookie", 32).toString("base64url"),
  };
}

/** A GUID that is always the same for the same name. */
export function guidFor(name) {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The subject of a user for one client: different for each client, and not to be computed by either. */
export function pairwiseSubject(secret, oid, clientId) {
  return createHmac("sha256", secret).update(`${oid} ${clientId}`).digest("base64url");
}

function randomKey() {
  return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
}

/** Node cannot seed its own key generation, so the primes are searched from seeded starting points. */
function keyFrom(derive) {
  const p = primeFrom(derive("rsa p", PRIME_BYTES));
  const q = primeFrom(derive("rsa q", PRIME_BYTES));
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  const fields = { n: p * q, e: EXPONENT, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  return { kty: "RSA", ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, base64url(value)])) };
}

function primeFrom(bytes) {
  bytes[0] |= 0xc0;
  let candidate = BigInt(`0x${bytes.toString("hex")}`) | 1n;
  while ((candidate - 1n) % EXPONENT === 0n || !checkPrimeSync(candidate)) candidate += 2n;
  return candidate;
}

function inverse(value, modulus) {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (a > 1n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x];
  return ((x % modulus) + modulus) % modulus;
}

function base64url(value) {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex").toString("base64url");
}
