/** Who is signed in, told to whoever listens: what this page changes, and what others do. */

/** @typedef {import("./index.js").AccountInfo} AccountInfo */
/** @typedef {import("./index.js").EventCallback} EventCallback */
/** @typedef {import("./index.js").EventMessage} EventMessage */
/** @typedef {{ accounts: AccountInfo[], active: AccountInfo | null }} Standing */

/** MSAL's names. @type {typeof import("./index.js").EventType} */
export const EventType = /** @type {const} */ ({
  ACTIVE_ACCOUNT_CHANGED: "msal:activeAccountChanged",
  LOGIN_SUCCESS: "msal:loginSuccess",
  LOGOUT_SUCCESS: "msal:logoutSuccess",
});

/** @param {AccountInfo | null} account */
const keyOf = (account) => (account ? `${account.environment}\n${account.homeAccountId}\n${account.tenantId}`.toLowerCase() : "");

/** Those of the one list that are not in the other. @param {AccountInfo[]} some @param {AccountInfo[]} others */
function without(some, others) {
  const keys = new Set(others.map(keyOf));
  return some.filter((account) => !keys.has(keyOf(account)));
}

/** @param {Standing} before @param {Standing} now @returns {[EventMessage["eventType"], EventMessage["payload"]][]} */
function changes(before, now) {
  const { ACTIVE_ACCOUNT_CHANGED, LOGIN_SUCCESS, LOGOUT_SUCCESS } = EventType;
  return [
    ...without(before.accounts, now.accounts).map((account) => /** @type {[typeof LOGOUT_SUCCESS, { account: AccountInfo }]} */ ([LOGOUT_SUCCESS, { account }])),
    ...without(now.accounts, before.accounts).map((account) => /** @type {[typeof LOGIN_SUCCESS, AccountInfo]} */ ([LOGIN_SUCCESS, account])),
    ...(keyOf(before.active) === keyOf(now.active) ? [] : [/** @type {[typeof ACTIVE_ACCOUNT_CHANGED, null]} */ ([ACTIVE_ACCOUNT_CHANGED, null])]),
  ];
}

/**
 * @param {() => Standing | undefined} standing `undefined` while it is not known yet.
 */
export function watch(standing) {
  /** @type {Map<string, { callback: EventCallback, eventTypes?: string[] }>} */
  const listeners = new Map();
  /** @type {Standing | undefined} */
  let known;
  let added = 0;

  /** @param {EventMessage} message */
  function tell(message) {
    for (const { callback, eventTypes } of [...listeners.values()]) {
      if (eventTypes?.length && !eventTypes.includes(message.eventType)) continue;
      try {
        callback(message);
      } catch (error) {
        reportError(error); // one listener's, not the call's
      }
    }
  }

  return {
    /** @param {EventCallback} callback @param {string[]} [eventTypes] Default: all. */
    add(callback, eventTypes) {
      if (!listeners.size) known = standing();
      added += 1;
      listeners.set(String(added), { callback, eventTypes });
      return String(added);
    },

    /** @param {string} id */
    remove: (id) => void listeners.delete(id),

    /** Tells what has changed since the last time; nothing is looked at for nobody. */
    look() {
      if (!listeners.size) return;
      const before = known;
      known = standing();
      if (!before || !known) return;
      for (const [eventType, payload] of changes(before, known)) {
        tell({ eventType, interactionType: null, payload, error: null, correlationId: "", timestamp: Date.now() });
      }
    },
  };
}
