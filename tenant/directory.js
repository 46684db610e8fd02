/**
 * The tenant's directory: look-ups over the fixtures, and the data of the users behind the APIs.
 *
 * @typedef {import("./fixtures.js").UserFixture} User
 * @typedef {import("./fixtures.js").ApiFixture} Api
 * @typedef {import("./fixtures.js").AppFixture} App
 */
import { guidFor } from "./keys.js";

const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(?=\/|$)/;

export class Directory {
  /** @param {{ tenant: import("./fixtures.js").TenantFixture, users: User[], apps: App[], apis: Api[] }} fixtures */
  constructor({ tenant, users, apps, apis }) {
    this.tenant = tenant;
    this.apps = apps;
    this.apis = apis;
    /** All that a token can be for: the APIs, and each app, since a client may ask for a token for itself. */
    this.resources = [...apis, ...apps.filter((app) => !apis.some((api) => api.clientId === app.clientId)).map(appAsResource)];
    this.fixtureUsers = users;
    this.reset();
  }

  /** Mail, calendars and orders are as in the fixtures again. */
  reset() {
    /** @type {User[]} */
    this.users = structuredClone(this.fixtureUsers);
  }

  /** A user by user principal name, by object id, or by the value of the claim `login_hint`. */
  user(name = "") {
    const wanted = name.trim().toLowerCase();
    return this.users.find((user) => [user.username, user.oid, loginHint(user).toLowerCase()].includes(wanted));
  }

  app(clientId) {
    return this.apps.find((app) => app.clientId === clientId);
  }

  /** An API, or an app as one, by Application ID URI or client id; case does not matter. */
  api(resource) {
    const wanted = resource.toLowerCase();
    return this.resources.find((api) => api.applicationIdUri.toLowerCase() === wanted || api.clientId === wanted);
  }

  /** The path segments that the tenant answers to, as `{ segment: is it a tenant? }`. */
  segments() {
    return { [this.tenant.id]: true, [this.tenant.domain]: true, common: false, organizations: false };
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

/** An app that exposes no API: only the app itself can name it as a resource. */
function appAsResource({ clientId, name }) {
  return { key: undefined, clientId, applicationIdUri: `api://${clientId}`, name, tokenVersion: 2, permissions: {} };
}

/** Opaque to clients, unlike the user principal name that it stands for. */
export function loginHint(user) {
  return `O.${Buffer.from(guidFor(`login hint ${user.oid}`)).toString("base64url")}`;
}

/** A loopback URI is compared without its port: the port is chosen when the app is served. */
function portless(uri) {
  return uri.replace(LOOPBACK, "http://$1");
}
