/** The engine's storage, in memory: its own one warns at every start. Times are the engine's affair: it checks what it finds. */

/** @returns {(model: string) => object} what the engine's option `adapter` takes */
export function createAdapter() {
  /** @type {Map<string, object>} */
  const entries = new Map();
  return (model) => {
    const key = (id) => `${model}:${id}`;
    const mine = (isWanted) => [...entries].filter(([name, payload]) => name.startsWith(key("")) && isWanted(payload));
    return {
      upsert: async (id, payload) => { entries.set(key(id), structuredClone(payload)); },
      find: async (id) => structuredClone(entries.get(key(id))),
      findByUid: async (uid) => structuredClone(mine((payload) => payload.uid === uid)[0]?.[1]),
      consume: async (id) => { entries.get(key(id)).consumed = Math.floor(Date.now() / 1000); },
      destroy: async (id) => { entries.delete(key(id)); },
      revokeByGrantId: async (grantId) => {
        for (const [name] of mine((payload) => payload.grantId === grantId)) entries.delete(name);
      },
    };
  };
}
