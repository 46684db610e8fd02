/**
 * The engine's storage, in memory. Rules of the platform live here, because here the engine asks for its state:
 * - times are kept in the tenant's time and handed out in the machine's (see clock.js);
 * - with a code or refresh token the tenant keeps what it knew when it was issued and the engine has no place for;
 * - a code or refresh token is good for every resource and permission that is consented to, also later: the grant decides;
 * - using a refresh token does not end it, and nothing revokes a family of tokens.
 */
import Provider from "oidc-provider";

/** `loginTs` and `authTime` are the tenant's: the engine carries them and does not compare them, see engine.js. */
const TIMES = ["exp", "iat", "iiat"];
/** Those that tokens are issued for. */
const WIDE = new Set(["AuthorizationCode", "DeviceCode", "RefreshToken"]);
/** Those whose end the engine does not look at: it leaves that to the storage. */
const FORGOTTEN = new Set(["Session", "Interaction"]);

/**
 * @typedef {object} Issued what is known of a code or refresh token, times in the tenant's seconds
 * @property {string} clientId
 * @property {string} accountId
 * @property {number} exp
 * @property {number} authTime when the user gave the password
 * @property {string[]} [amr] how the user signed in
 * @property {string} [acr] when the second factor was given, see conditional-access.js
 * @property {string} [redirectUri] of a code
 * @property {string} [sessionUid]
 * @property {string} [nonce]
 * @property {string} scope in the engine's names
 * @property {string | string[]} [resource] what was asked for first
 * @property {Facts} [facts]
 *
 * @typedef {object} Facts
 * @property {"spa" | "web" | "native"} redirectType
 * @property {string} segment the path segment that the sign-in went to
 * @property {string[]} acrs authentication contexts that were asked for and met
 */

/**
 * @param {import("./clock.js").Clock} clock
 * @param {{ scopes: string[], resources: string[], oidc: string[] }} everything all engine scopes and resources of the tenant
 */
export function createStore(clock, everything) {
  /** @type {Map<string, object>} */
  const entries = new Map();
  const shifted = (payload, seconds) => {
    const copy = structuredClone(payload);
    for (const name of TIMES) if (typeof copy[name] === "number") copy[name] += seconds;
    return copy;
  };
  const widened = (payload) => ({
    ...payload,
    // Its own resource stays first: it is meant where a request names none.
    resource: [...new Set([payload.resource ?? [], everything.resources].flat())],
    scope: [...new Set([...(payload.scope ?? "").split(" ").filter((scope) => everything.oidc.includes(scope)), ...everything.scopes])].join(" "),
  });
  const read = (model, payload) => {
    if (!payload || (FORGOTTEN.has(model) && payload.exp <= clock.seconds())) return undefined;
    const current = shifted(payload, -clock.aheadSeconds());
    return WIDE.has(model) ? widened(current) : current;
  };
  const all = (model) => [...entries].filter(([key]) => key.startsWith(`${model}:`)).map(([, payload]) => payload);

  return {
    reset: () => entries.clear(),
    /** @returns {Issued | undefined} as it was stored */
    issued: (model, id) => entries.get(`${model}:${id}`),
    /** @param {string} model @returns {Issued[]} to change */
    all,
    /** @param {string} model */
    adapter: (model) => ({
      async upsert(id, payload, seconds) {
        // The engine's own, which nobody is given.
        if (model === "AccessToken") return;
        const { facts } = Provider.ctx?.state ?? {};
        // Counted from the tenant's time: the machine's second may have changed since the engine read it.
        const exp = clock.seconds() + seconds;
        entries.set(`${model}:${id}`, { ...shifted(payload, clock.aheadSeconds()), exp, ...(WIDE.has(model) ? { facts } : {}) });
      },
      async find(id) {
        return read(model, entries.get(`${model}:${id}`));
      },
      async findByUid(uid) {
        return read(model, all(model).find((payload) => payload.uid === uid));
      },
      async findByUserCode(userCode) {
        return read(model, all(model).find((payload) => payload.userCode === userCode));
      },
      async consume(id) {
        if (model !== "RefreshToken") entries.get(`${model}:${id}`).consumed = clock.seconds();
      },
      async destroy(id) {
        entries.delete(`${model}:${id}`);
      },
      async revokeByGrantId() {},
    }),
  };
}
