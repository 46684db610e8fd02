/**
 * Responses that are wrong on purpose, for clients to refuse. A mutation is data; what it changes is otherwise a response like any other.
 *
 * @typedef {object} Mutation
 * @property {keyof typeof TARGETS} target
 * @property {Record<string, unknown>} [set] members to add or replace
 * @property {string[]} [remove] members to leave out
 * @property {Record<string, unknown>} [header] of a token: members of its header to add or replace
 * @property {"broken" | "none" | "foreign" | "hs256"} [signature] of a token: bytes that are no signature of it; none at all, with `alg`
 *   none; by a key of nobody's under the published `kid`; with the public key as the secret of an HMAC
 * @property {number} [times] how many responses are changed. Default: all until `restoreResponses`
 */
import { createHmac } from "node:crypto";
import { rs256 } from "./keys.js";

/** What can be changed. @type {Record<string, string>} */
export const TARGETS = {
  idToken: "the claims of an ID token",
  accessToken: "the claims of an access token",
  clientInfo: "the members within client_info",
  tokenResponse: "the members of a token response",
  tokenError: "the members of an error of the token endpoint",
  authorizationResponse: "the parameters that go to the redirect URI, of a success or an error",
  metadata: "the members of the OpenID Connect metadata",
  keys: "the members of the key set",
};

const TOKENS = ["idToken", "accessToken"];
const SIGNATURES = {
  broken: (keys) => ({ header: {}, signText: (text) => rs256(keys.current())(`${text} `) }),
  none: () => ({ header: { alg: "none" }, signText: () => Buffer.alloc(0) }),
  foreign: (keys) => ({ header: {}, signText: rs256(keys.foreign()) }),
  hs256: (keys) => ({
    header: { alg: "HS256" },
    signText: (text) => createHmac("sha256", keys.current().publicKey.export({ type: "spki", format: "pem" })).update(text).digest(),
  }),
};

/** @param {import("./keys.js").Keys} keys */
export function createMutations(keys) {
  /** @type {(Mutation & { left: number })[]} */
  let active = [];

  /** The mutations of one response; each call is one. */
  const take = (target) => {
    const taken = active.filter((mutation) => mutation.target === target);
    for (const mutation of taken) mutation.left -= 1;
    active = active.filter(({ left }) => left > 0);
    return taken;
  };
  const change = (value, taken) => {
    const changed = Object.assign({}, value, ...taken.map(({ set }) => set));
    for (const name of taken.flatMap(({ remove }) => remove ?? [])) delete changed[name];
    return changed;
  };

  return {
    /** @param {Mutation} mutation */
    add(mutation) {
      refuseUnknown(mutation);
      active.push({ ...mutation, left: mutation.times ?? Infinity });
    },
    reset: () => { active = []; },
    /** The members of a response as they are sent. */
    apply: (target, value) => change(value, take(target)),
    /** The claims of a token, what is special about its header, and its signature. */
    applyToToken(target, claims) {
      const taken = take(target);
      const kind = taken.findLast(({ signature }) => signature)?.signature;
      const { header, signText } = kind ? SIGNATURES[kind](keys) : { header: {}, signText: rs256(keys.current()) };
      return { claims: change(claims, taken), header: Object.assign(header, ...taken.map((mutation) => mutation.header)), signText };
    },
  };
}

function refuseUnknown({ target, header, signature }) {
  if (!Object.hasOwn(TARGETS, target)) throw new Error(`The tenant has no response "${target}" to change. There are: ${Object.keys(TARGETS).join(", ")}.`);
  if ((header ?? signature) !== undefined && !TOKENS.includes(target)) throw new Error(`Of ${target} neither a header nor a signature can be changed: it is no token.`);
  if (signature !== undefined && !Object.hasOwn(SIGNATURES, signature)) {
    throw new Error(`There is no signature "${signature}". There are: ${Object.keys(SIGNATURES).join(", ")}.`);
  }
}
