/**
 * The directory: look-ups over the fixtures, what an administrator changes about a user while the tenant runs, and the data of
 * the users behind the APIs.
 *
 * @typedef {import("./fixtures.js").TenantFixture} Tenant
 * @typedef {import("./fixtures.js").UserFixture & { tenant: string }} User
 * @typedef {import("./fixtures.js").ApiFixture} Api
 * @typedef {import("./fixtures.js").AppFixture} App
 * @typedef {object} Member a user in one tenant: at home, or as a guest
 * @property {User} user
 * @property {Tenant} tenant
 * @property {string} oid of the user in this tenant
 * @property {boolean} isGuest
 * @property {boolean} isAdmin
 */
import { guidFor } from "./keys.js";

const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(?=\/|$)/;

export class Directory {
  /** @param {{ tenants: Tenant[], users: import("./fixtures.js").UserFixture[], apps: App[], apis: Api[] }} fixtures */
  constructor({ tenants, users, apps, apis }) {
    this.tenants = tenants;
    this.apps = apps;
    this.apis = apis;
    /** All that a token can be for: the APIs, and each app, since a client may ask for a token for itself. */
    this.resources = [...apis, ...apps.filter((app) => !apis.some((api) => api.clientId === app.clientId)).map(appAsResource)];
    this.fixtureUsers = users.map((user) => ({ tenant: this.tenant.id, ...user }));
    this.reset();
  }

  /** The one that the tenant's facts tell of. */
  get tenant() {
    return this.tenants[0];
  }

  /** Mail, calendars and orders are as in the fixtures again, and nothing is changed about a user. */
  reset() {
    /** @type {User[]} */
    this.users = structuredClone(this.fixtureUsers);
  }

  /** A user by user principal name, by object id in any tenant, or by the value of the claim `login_hint`. */
  user(name = "") {
    const wanted = name.trim().toLowerCase();
    return this.users.find((user) => [user.username, loginHint(user).toLowerCase(), ...objectIds(user)].includes(wanted));
  }

  /** @returns {Member | undefined} nothing where the user is not in the tenant */
  member(user, tenant) {
    const isGuest = user.tenant !== tenant.id;
    const oid = isGuest ? user.guestIn?.[tenant.id] : user.oid;
    return oid === undefined ? undefined : { user, tenant, oid, isGuest, isAdmin: user.isAdmin === true && !isGuest };
  }

  /** @returns {Member} */
  atHome(user) {
    return this.member(user, this.tenants.find(({ id }) => id === user.tenant));
  }

  app(clientId) {
    return this.apps.find((app) => app.clientId === clientId);
  }

  /** Whether the app's own tenant is this one. */
  isHomeOf(app, tenant) {
    return (app.tenant ?? this.tenant.id) === tenant.id;
  }

  /** An API, or an app as one, by Application ID URI or client id; case does not matter. */
  api(resource) {
    const wanted = resource.toLowerCase();
    return this.resources.find((api) => api.applicationIdUri.toLowerCase() === wanted || api.clientId === wanted);
  }

  /** The registered redirect URI that a request's URI means. */
  redirectUri(app, uri) {
    return app?.redirectUris.find((registered) => portless(registered.uri) === portless(uri));
  }

  /** Any app that the URI is registered for: a sign-out request does not say which app it comes from. */
  appWithRedirectUri(uri) {
    return this.apps.find((app) => this.redirectUri(app, uri));
  }

  ownsOrigin(app, origin) {
    return app.redirectUris.some(({ uri }) => new URL(portless(uri)).origin === portless(origin));
  }
}

function objectIds({ oid, guestIn = {} }) {
  return [oid, ...Object.values(guestIn)];
}

/** An app that exposes no API: only the app itself can name it as a resource. */
function appAsResource({ clientId, name }) {
  return { key: undefined, clientId, applicationIdUri: `api://${clientId}`, name, tokenVersion: 2, permissions: {} };
}

/** Whether the API can be asked for in the tenant. */
export function isIn(api, tenant) {
  return api.tenants?.includes(tenant.id) ?? true;
}

/** Opaque to clients, unlike the user principal name that it stands for. */
export function loginHint(user) {
  return `O.${Buffer.from(guidFor(`login hint ${user.oid}`)).toString("base64url")}`;
}

/** A loopback URI is compared without its port: the port is chosen when the app is served. */
function portless(uri) {
  return uri.replace(LOOPBACK, "http://$1");
}
