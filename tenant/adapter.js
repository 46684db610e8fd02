/**
 * The engine's storage, in memory. Three rules of the platform live here, because here the engine asks for its state:
 * - times are kept in the tenant's time and handed out in the machine's (see clock.js);
 * - a code or refresh token is good for every resource and permission that is consented to, also later: the grant decides;
 * - using a refresh token does not end it, and nothing revokes a family of tokens.
 */
const TIMES = ["exp", "iat", "iiat", "loginTs", "authTime"];
const WIDE = new Set(["AuthorizationCode", "RefreshToken"]);

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
    scope: [...new Set([...payload.scope.split(" ").filter((scope) => everything.oidc.includes(scope)), ...everything.scopes])].join(" "),
  });
  const read = (model, payload) => {
    if (!payload) return undefined;
    const current = shifted(payload, -clock.aheadSeconds());
    return WIDE.has(model) ? widened(current) : current;
  };

  return {
    clear: () => entries.clear(),
    /** @param {string} model */
    adapter: (model) => ({
      async upsert(id, payload) {
        entries.set(`${model}:${id}`, shifted(payload, clock.aheadSeconds()));
      },
      async find(id) {
        return read(model, entries.get(`${model}:${id}`));
      },
      async findByUid(uid) {
        const found = [...entries].find(([key, payload]) => key.startsWith(`${model}:`) && payload.uid === uid);
        return read(model, found?.[1]);
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
