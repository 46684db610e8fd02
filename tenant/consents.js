/**
 * Who has consented to what. A permission grant is of one client and one principal: a user, or everyone in the tenant, when an
 * administrator consented for the organization. What needs nobody's consent is not recorded but known: see `needsNoConsent`.
 *
 * @typedef {import("./directory.js").Api} Api
 * @typedef {Map<Api, string[]>} Permissions by API
 * @typedef {object} PermissionGrant
 * @property {string} clientId
 * @property {string} principal object id of the user in the tenant, or everyone in it
 * @property {Map<Api, Set<string>>} permissions delegated permissions
 * @property {Map<Api, Set<string>>} appRoles application permissions
 */
/** The principal that stands for all of a tenant. @param {import("./directory.js").Tenant} tenant */
export function everyoneIn(tenant) {
  return `everyone in ${tenant.id}`;
}

export class Consents {
  constructor() {
    this.reset();
  }

  /** Nothing is consented. */
  reset() {
    /** @type {PermissionGrant[]} */
    this.grants = [];
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

  /**
   * Takes back what the principals have consented to for any client: of one API, or everything.
   * @param {string[]} principals
   * @param {Api} [api]
   */
  revoke(principals, api) {
    if (!api) this.grants = this.grants.filter((grant) => !principals.includes(grant.principal));
    for (const grant of this.grants.filter((one) => principals.includes(one.principal))) {
      grant.permissions.delete(api);
      grant.appRoles.delete(api);
    }
  }

  /**
   * The delegated permissions of the API that the client has for the user, in the API's order.
   * @param {Api} api @param {string} clientId @param {import("./directory.js").Member} member
   */
  granted(api, clientId, member) {
    const held = this.#effective(clientId, member).map((grant) => grant.permissions.get(api) ?? new Set());
    return Object.keys(api.permissions).filter((name) => needsNoConsent(api, name, clientId) || held.some((names) => names.has(name)));
  }

  /** Whether the client may sign the user in. */
  hasBasics(clientId, member) {
    return this.#effective(clientId, member).length > 0;
  }

  #effective(clientId, { oid, tenant }) {
    return [oid, everyoneIn(tenant)].map((principal) => this.#find(clientId, principal)).filter(Boolean);
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
