/**
 * Who has consented to what. A permission grant is of one client and one principal: a user, or everyone in the tenant, when an
 * administrator consented for the organization. What needs nobody's consent is not recorded but known: see `needsNoConsent`.
 *
 * @typedef {import("./directory.js").Api} Api
 * @typedef {Map<Api, string[]>} Permissions by API
 * @typedef {{ userConsent: boolean, granularConsent: boolean }} ConsentSettings
 * @typedef {object} PermissionGrant
 * @property {string} clientId
 * @property {string} principal object id of the user, or EVERYONE
 * @property {Map<Api, Set<string>>} permissions delegated permissions
 * @property {Map<Api, Set<string>>} appRoles application permissions
 */
export const EVERYONE = "everyone";

export class Consents {
  #defaults;

  /** @param {ConsentSettings} defaults */
  constructor(defaults) {
    this.#defaults = defaults;
    this.reset();
  }

  /** Nothing is consented, and the settings are as at the start. */
  reset() {
    /** @type {ConsentSettings} */
    this.settings = { ...this.#defaults };
    /** @type {PermissionGrant[]} */
    this.grants = [];
  }

  /** @param {Partial<ConsentSettings>} settings */
  change(settings) {
    const unknown = Object.entries(settings).find(([name, value]) => !Object.hasOwn(this.#defaults, name) || typeof value !== "boolean");
    if (unknown) throw new Error(`The tenant has no such setting: ${unknown.join(" = ")}.`);
    Object.assign(this.settings, settings);
  }

  /**
   * Adds to what the principal has consented to. Any consent, of no permission too, includes the basic scopes of OpenID Connect.
   * @param {{ clientId: string, principal: string }} of
   * @param {{ permissions?: Permissions, appRoles?: Permissions }} [consented]
   */
  add({ clientId, principal }, { permissions = new Map(), appRoles = new Map() } = {}) {
    let grant = this.#find(clientId, principal);
    if (!grant) {
      grant = { clientId, principal, permissions: new Map(), appRoles: new Map() };
      this.grants.push(grant);
    }
    addAll(grant.permissions, permissions);
    addAll(grant.appRoles, appRoles);
  }

  /**
   * Takes single permissions back.
   * @param {{ clientId: string, principal: string }} of
   * @param {Permissions} permissions
   */
  withdraw({ clientId, principal }, permissions) {
    const grant = this.#find(clientId, principal);
    for (const [api, names] of permissions) for (const name of names) grant?.permissions.get(api)?.delete(name);
  }

  /** Takes back what the principal has consented to for any client: of one API, or everything. */
  revoke(principal, api) {
    if (!api) this.grants = this.grants.filter((grant) => grant.principal !== principal);
    for (const grant of this.grants.filter((one) => one.principal === principal)) {
      grant.permissions.delete(api);
      grant.appRoles.delete(api);
    }
  }

  /** The delegated permissions of the API that the client has for the user, in the API's order. */
  granted(api, clientId, oid) {
    const held = this.#effective(clientId, oid).map((grant) => grant.permissions.get(api) ?? new Set());
    return Object.keys(api.permissions).filter((name) => needsNoConsent(api, name, clientId) || held.some((names) => names.has(name)));
  }

  /** Whether the client may sign the user in. */
  hasBasics(clientId, oid) {
    return this.#effective(clientId, oid).length > 0;
  }

  #effective(clientId, oid) {
    return [oid, EVERYONE].map((principal) => this.#find(clientId, principal)).filter(Boolean);
  }

  #find(clientId, principal) {
    return this.grants.find((grant) => grant.clientId === clientId && grant.principal === principal);
  }
}

/** A permission of the client's own, or one that the API has preauthorized the client for. */
export function needsNoConsent(api, name, clientId) {
  return api.clientId === clientId || api.preAuthorizedApplications?.[clientId]?.includes(name) === true;
}

function addAll(held, added) {
  for (const [api, names] of added) if (names.length > 0) held.set(api, new Set([...held.get(api) ?? [], ...names]));
}
