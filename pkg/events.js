/** What happens, told to whoever listens: what is asked of this client, and who is signed in, by its doing or by that of others. */

/** @typedef {import("./index.js").AccountInfo} AccountInfo */
/** @typedef {import("./index.js").EventCallback} EventCallback */
/** @typedef {import("./index.js").EventMessage} EventMessage */
/** @typedef {EventMessage["eventType"]} EventName */
/** @typedef {{ accounts: AccountInfo[], active: AccountInfo | null }} Standing */
/** @typedef {{ type?: EventMessage["interactionType"], payload?: any, error?: any, id?: string }} Details */

/** MSAL's names, and those of what MSAL does not do. @type {typeof import("./index.js").EventType} */
export const EventType = /** @type {const} */ ({
  INITIALIZE_START: "msal:initializeStart",
  INITIALIZE_END: "msal:initializeEnd",
  ACTIVE_ACCOUNT_CHANGED: "msal:activeAccountChanged",
  LOGIN_SUCCESS: "msal:loginSuccess",
  ACQUIRE_TOKEN_START: "msal:acquireTokenStart",
  ACQUIRE_TOKEN_SUCCESS: "msal:acquireTokenSuccess",
  ACQUIRE_TOKEN_FAILURE: "msal:acquireTokenFailure",
  ACQUIRE_TOKEN_NETWORK_START: "msal:acquireTokenFromNetworkStart",
  HANDLE_REDIRECT_START: "msal:handleRedirectStart",
  HANDLE_REDIRECT_END: "msal:handleRedirectEnd",
  POPUP_OPENED: "msal:popupOpened",
  LOGOUT_START: "msal:logoutStart",
  LOGOUT_SUCCESS: "msal:logoutSuccess",
  LOGOUT_FAILURE: "msal:logoutFailure",
  LOGOUT_END: "msal:logoutEnd",
  RESTORE_FROM_BFCACHE: "msal:restoreFromBFCache",
  API_CHALLENGED: "consentry:apiChallenged",
  API_ANSWERED: "consentry:apiAnswered",
  API_WAITING: "consentry:apiWaiting",
});

/** @param {AccountInfo | null} account */
const keyOf = (account) => (account ? `${account.environment}\n${account.homeAccountId}\n${account.tenantId}`.toLowerCase() : "");

/** Those of the one list that are not in the other. @param {AccountInfo[]} some @param {AccountInfo[]} others */
function without(some, others) {
  const keys = new Set(others.map(keyOf));
  return some.filter((account) => !keys.has(keyOf(account)));
}

/** @param {Standing} before @param {Standing} now @returns {[EventName, unknown][]} */
function changes(before, now) {
  /** @type {[EventName, unknown][]} */
  const active = keyOf(before.active) === keyOf(now.active) ? [] : [[EventType.ACTIVE_ACCOUNT_CHANGED, null]];
  return [
    ...(now.active ? [] : active), // nobody is active any more before they have gone, and somebody is once they are there
    ...without(before.accounts, now.accounts).map((account) => /** @type {[EventName, unknown]} */ ([EventType.LOGOUT_SUCCESS, { account }])),
    ...without(now.accounts, before.accounts).map((account) => /** @type {[EventName, unknown]} */ ([EventType.LOGIN_SUCCESS, account])),
    ...(now.active ? active : []),
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

  /** @param {EventName} eventType @param {Details} [details] */
  function tell(eventType, { type = null, payload = null, error = null, id = "" } = {}) {
    const message = { eventType, interactionType: type, payload, error, correlationId: id, timestamp: Date.now() };
    for (const { callback, eventTypes } of [...listeners.values()]) {
      if (eventTypes?.length && !eventTypes.includes(eventType)) continue;
      try {
        callback(message);
      } catch (thrown) {
        reportError(thrown); // one listener's, not the call's
      }
    }
  }

  /** Tells what has changed since the last time; nothing is looked at for nobody. @param {Details} [details] Of the call that changed it. */
  function look(details) {
    if (!listeners.size) return;
    const before = known;
    known = standing();
    if (!before || !known) return;
    for (const [eventType, payload] of changes(before, known)) {
      // Who is active nobody changes by a way of meeting the user.
      tell(eventType, { ...details, payload, ...(eventType === EventType.ACTIVE_ACCOUNT_CHANGED ? { type: null } : {}) });
    }
  }

  return {
    tell,
    look,

    /** @param {EventCallback} callback @param {string[]} [eventTypes] Default: all. */
    add(callback, eventTypes) {
      if (!listeners.size) known = standing();
      added += 1;
      listeners.set(String(added), { callback, eventTypes });
      return String(added);
    },

    /** @param {string} id */
    remove: (id) => void listeners.delete(id),

    /** Whether anybody listens. */
    hasListeners: () => listeners.size > 0,

    /**
     * A call, told from its start to its end; who has signed in by it is told in between.
     * @template T
     * @param {Details} details
     * @param {{ start: EventName, success?: EventName, failure: EventName, end?: EventName }} names
     * @param {() => Promise<T>} work
     * @returns {Promise<T>}
     */
    async around(details, names, work) {
      tell(names.start, details);
      try {
        const result = await work();
        if (names.success && result) tell(names.success, { ...details, payload: result });
        return result;
      } catch (error) {
        tell(names.failure, { ...details, payload: null, error });
        throw error;
      } finally {
        look(details);
        if (names.end) tell(names.end, { ...details, payload: null });
      }
    },
  };
}
