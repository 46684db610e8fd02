/** The signing keys of a tenant, with their certificates, and other names and secrets; with a seed they repeat. */
import { checkPrimeSync, createHash, createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import forge from "node-forge";
import { toGuid } from "./random.js";

const PRIME_BYTES = 128;
const EXPONENT = 65537n;
/** The validity of the certificates: fixed, so that they repeat. Nothing reads it. */
const VALID = { notBefore: new Date("2026-01-01T00:00:00Z"), notAfter: new Date("2036-01-01T00:00:00Z") };

/**
 * @typedef {{ kid: string, x5c: string, privateKey: import("node:crypto").KeyObject, publicKey: import("node:crypto").KeyObject }} SigningKey
 * @typedef {ReturnType<typeof createKeys>} Keys
 */

/** @param {import("./random.js").Random} random */
export function createKeys(random, seed) {
  let made = 0;
  const jwkOf = (number) => (seed === undefined ? randomKey() : keyFrom((name, length) => random.derive(`rsa ${name} ${number}`, length)));
  const make = () => createSigningKey(jwkOf(made), made++);
  const first = make();
  /** @type {SigningKey[]} the one that signs first */
  let published = [first];
  /** @type {SigningKey | undefined} */
  let unpublished;
  return {
    current: () => published[0],
    published: () => published,
    find: (kid) => published.find((key) => key.kid === kid),
    /** A key that is not, and never was, among the published ones: for forged signatures. */
    foreign: () => (unpublished ??= createSigningKey(jwkOf("foreign"), 0)),
    /** @param {boolean} retire whether the old keys are no longer published */
    rotate(retire = false) {
      published = [make(), ...(retire ? [] : published)];
    },
    reset() {
      published = [first];
      made = 1;
    },
  };
}

/** @returns {SigningKey} */
function createSigningKey(jwk, number) {
  const privateKey = createPrivateKey({ key: jwk, format: "jwk" });
  const certificate = certify(privateKey, number);
  return {
    // As on the platform the name of the key is the thumbprint of its certificate.
    kid: createHash("sha1").update(Buffer.from(certificate, "base64")).digest("base64url"),
    x5c: certificate,
    privateKey,
    publicKey: createPublicKey(privateKey),
  };
}

/** A certificate that the key has signed itself: base64 of its DER. */
function certify(privateKey, number) {
  const key = forge.pki.privateKeyFromPem(privateKey.export({ type: "pkcs1", format: "pem" }));
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.rsa.setPublicKey(key.n, key.e);
  certificate.serialNumber = String(number + 1).padStart(2, "0");
  Object.assign(certificate.validity, VALID);
  const name = [{ name: "commonName", value: "Local tenant" }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.sign(key, forge.md.sha256.create());
  return forge.util.encode64(forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)).getBytes());
}

/**
 * A JSON Web Token.
 * @param {object} header
 * @param {object} payload
 * @param {(text: string) => Buffer} signText the signature of a text
 */
export function jwt(header, payload, signText) {
  const text = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${signText(text).toString("base64url")}`;
}

/** @param {SigningKey} key */
export function rs256(key) {
  return (text) => sign("sha256", Buffer.from(text), key.privateKey);
}

/** A GUID that is always the same for the same name. */
export function guidFor(name) {
  return toGuid(createHash("sha256").update(name).digest());
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
  const p = primeFrom(derive("p", PRIME_BYTES));
  const q = primeFrom(derive("q", PRIME_BYTES));
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
