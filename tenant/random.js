/**
 * The tenant's chance. With a seed the n-th draw for a purpose is always the same, whatever was drawn for other purposes in
 * between; without one it is the machine's.
 *
 * @typedef {ReturnType<typeof createRandom>} Random
 */
import { hkdfSync, randomBytes } from "node:crypto";

/** @param {string | undefined} seed */
export function createRandom(seed) {
  /** @type {Map<string, number>} */
  const draws = new Map();
  /** The same bytes for the same name, as long as the tenant lives. */
  const derive = (name, length) => (seed === undefined ? randomBytes(length) : Buffer.from(hkdfSync("sha256", seed, "", name, length)));
  const bytes = (purpose, length) => {
    const count = (draws.get(purpose) ?? 0) + 1;
    draws.set(purpose, count);
    return derive(`${purpose} ${count}`, length);
  };
  return {
    derive,
    bytes,
    /** @param {string} purpose @param {number} length of the bytes, before they are written in base64url */
    text: (purpose, length) => bytes(purpose, length).toString("base64url"),
    /** @param {string} purpose */
    guid: (purpose) => toGuid(bytes(purpose, 16)),
    /** A whole number from `from` up to, not including, `to`. */
    integer: (purpose, from, to) => from + (bytes(purpose, 6).readUIntBE(0, 6) % (to - from)),
    /** Begins anew: the same draws come again. */
    reset: () => draws.clear(),
  };
}

/** @param {Buffer} bytes 16 of them */
export function toGuid(bytes) {
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
