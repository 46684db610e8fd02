/** What a test does to the tenant: as functions, and over HTTP, there not for browsers: a page of any site could send the requests. */
import { checkArguments, refuseUnknown } from "./arguments.js";
import { everyoneIn } from "./consents.js";
import { isIn } from "./directory.js";
import { readText } from "./forms.js";

const CONTROL = "/control/";

/** By function: the path below `/control/`, and the members of the JSON body, which are the arguments. */
export const ACTIONS = {
  travel: { path: "travel", parameters: ["seconds"] },
  now: { path: "now", parameters: [] },
  revokeConsent: { path: "revoke-consent", parameters: ["user", "resource"] },
  revokeAdminConsent: { path: "revoke-admin-consent", parameters: ["resource"] },
  grantConsent: { path: "grant-consent", parameters: ["consent"] },
  permissionGrants: { path: "permission-grants", parameters: [] },
  changeSettings: { path: "settings", parameters: ["settings"] },
  requireMfa: { path: "require-mfa", parameters: ["user", "rule"] },
  block: { path: "block", parameters: ["user", "rule"] },
  limitSignIn: { path: "limit-sign-in", parameters: ["user", "rule"] },
  liftPolicies: { path: "lift-policies", parameters: ["user"] },
  disableUser: { path: "disable-user", parameters: ["user", "isDisabled"] },
  changePassword: { path: "change-password", parameters: ["user", "password"] },
  forgetSecondFactor: { path: "forget-second-factor", parameters: ["user"] },
  revokeSessions: { path: "revoke-sessions", parameters: ["user"] },
  challengeTokens: { path: "challenge-tokens", parameters: ["user"] },
  expireRefreshTokens: { path: "expire-refresh-tokens", parameters: ["user"] },
  rotateKeys: { path: "rotate-keys", parameters: ["options"] },
  injectFault: { path: "faults", parameters: ["fault"] },
  clearFaults: { path: "clear-faults", parameters: [] },
  mutateResponses: { path: "mutations", parameters: ["mutation"] },
  restoreResponses: { path: "restore-responses", parameters: [] },
  requests: { path: "requests", parameters: [] },
  timeline: { path: "timeline", parameters: [] },
  reset: { path: "reset", parameters: [] },
};

/** @param {import("./index.js").TenantContext} tenant */
export function createControl(tenant) {
  const control = { ...timeControl(tenant), ...consentControl(tenant), ...userControl(tenant), ...answerControl(tenant), reset: async () => reset(tenant) };
  const checked = Object.entries(control).map(([name, act]) => [name, async (...values) => {
    checkArguments(name, ACTIONS[name].parameters, values);
    return act(...values);
  }]);
  return /** @type {typeof control} */ (Object.fromEntries(checked));
}

function must(found, what) {
  if (!found) throw new Error(`The tenant has no such ${what}.`);
  return found;
}

function finders({ directory }) {
  return {
    userNamed: (user) => must(directory.user(user), "user"),
    apiNamed: (resource) => (resource === undefined ? undefined : must(directory.api(resource), "API")),
  };
}

function timeControl({ clock }) {
  return {
    /** The tenant's time goes forward by so many seconds; below zero: back. */
    travel: async (seconds) => clock.travel(seconds),
    /** The tenant's time, ISO 8601. */
    now: async () => new Date(clock.milliseconds()).toISOString(),
  };
}

function consentControl(tenant) {
  const { consents, directory, settings } = tenant;
  const { userNamed, apiNamed } = finders(tenant);
  const memberNamed = (user, place) => (place ? directory.member(userNamed(user), place) : directory.atHome(userNamed(user)));
  return {
    /** Takes a user's consent back: of one API (Application ID URI), or all. Refresh tokens stay, and are refused as not consented. */
    revokeConsent: async (user, resource) => {
      const { oid, guestIn = {} } = userNamed(user);
      consents.revoke([oid, ...Object.values(guestIn)], apiNamed(resource));
    },
    /** Takes back what administrators consented to for their organizations, in the same way. */
    revokeAdminConsent: async (resource) => consents.revoke(directory.tenants.map(everyoneIn), apiNamed(resource)),
    /**
     * Consents without a page: a user at home or, with `tenant` (an id), there; without a user the whole of that tenant, else of the first.
     * @param {{ clientId: string, resource: string, permissions: string[], user?: string, tenant?: string }} consent
     */
    grantConsent: async ({ clientId, resource, permissions, user, tenant: id }) => {
      const api = must(directory.api(resource), "API");
      const app = must(directory.app(clientId), "app");
      for (const name of permissions) must(Object.hasOwn(api.permissions, name), `permission as ${resource}/${name}`);
      const place = id === undefined ? undefined : must(directory.tenants.find((one) => one.id === id), "tenant");
      const member = user === undefined ? undefined : must(memberNamed(user, place), "member of that tenant");
      must(isIn(api, member?.tenant ?? place ?? directory.tenant), "API");
      const principal = member?.oid ?? everyoneIn(place ?? directory.tenant);
      consents.add({ clientId: app.clientId, principal }, { permissions: new Map([[api, permissions]]) });
    },
    /** All that is consented to, for each client, principal and API. */
    permissionGrants: async () => consents.grants.flatMap(toRows),
    /** @param {Partial<import("./settings.js").Settings>} changed */
    changeSettings: async (changed) => settings.change(changed),
  };
}

function userControl(tenant) {
  const { policies, revocations, store, clock } = tenant;
  const { userNamed, apiNamed } = finders(tenant);
  const policyFor = (user, { resource }) => ({ user: user === undefined ? undefined : userNamed(user).oid, resource: apiNamed(resource)?.applicationIdUri });
  return {
    /** Conditional Access asks for a second factor: of one user or, without one, of everyone; for one API or all. */
    requireMfa: async (user, { resource, maxAgeSeconds } = {}) => { policies.add({ ...policyFor(user, { resource }), requires: "mfa", mfaSeconds: maxAgeSeconds }); },
    /** Conditional Access blocks. */
    block: async (user, { resource } = {}) => { policies.add({ ...policyFor(user, { resource }), requires: "block" }); },
    /** Conditional Access lets a sign-in count for so long: sign-in frequency. */
    limitSignIn: async (user, { resource, seconds }) => { policies.add({ ...policyFor(user, { resource }), signInSeconds: seconds }); },
    /** Takes back what was asked of the user, or of everyone, by the three above. */
    liftPolicies: async (user) => policies.lift(user === undefined ? undefined : userNamed(user).oid),
    disableUser: async (user, isDisabled = true) => {
      userNamed(user).isDisabled = isDisabled;
      if (isDisabled) revocations.revokeAccessTokens(userNamed(user).oid);
    },
    /** The user's sessions and refresh tokens end. */
    changePassword: async (user, password) => {
      userNamed(user).password = password;
      revocations.revoke(userNamed(user).oid, "passwordChanged");
    },
    /** The user has to register one at the next demand (50079). */
    forgetSecondFactor: async (user) => { userNamed(user).hasSecondFactor = false; },
    /** Ends the user's sessions, refresh tokens and, for clients that answer claims challenges, access tokens. */
    revokeSessions: async (user) => revocations.revoke(userNamed(user).oid, "revoked"),
    /** The APIs challenge the user's access tokens, and the refresh tokens get new ones: as when the network changes. */
    challengeTokens: async (user) => revocations.revokeAccessTokens(userNamed(user).oid),
    /** The refresh tokens of one user or of all are past their time. */
    expireRefreshTokens: async (user) => {
      const accountId = user === undefined ? undefined : userNamed(user).oid;
      for (const token of store.all("RefreshToken")) if (accountId === undefined || token.accountId === accountId) token.exp = clock.seconds();
    },
  };
}

function answerControl({ keys, faults, mutations, timeline }) {
  return {
    /** A new key signs from now on; with `retire` the old ones are no longer published. */
    rotateKeys: async ({ retire = false } = {}) => keys.rotate(retire),
    /** @param {import("./faults.js").Fault} fault */
    injectFault: async (fault) => faults.add(fault),
    clearFaults: async () => faults.reset(),
    /** @param {import("./mutations.js").Mutation} mutation */
    mutateResponses: async (mutation) => mutations.add(mutation),
    restoreResponses: async () => mutations.reset(),
    /** @returns {Promise<import("./timeline.js").Entry[]>} what was asked since the start or the last reset */
    requests: async () => timeline.entries(),
    /** The same as text, a line each. */
    timeline: async () => timeline.text(),
  };
}

/** As just started: nobody signed in, nothing consented, no tokens; mail and orders as in the fixtures; the first key, the options. */
function reset(tenant) {
  for (const part of [
    tenant.random, tenant.clock, tenant.settings, tenant.consents, tenant.directory, tenant.policies, tenant.revocations, tenant.keys,
    tenant.faults, tenant.mutations, tenant.loops, tenant.timeline, tenant.store,
  ]) part.reset();
}

/** In the words of Microsoft Graph's oauth2PermissionGrant, with the resource's Application ID URI. */
function toRows({ clientId, principal, permissions, appRoles }) {
  const of = principal.startsWith(everyoneIn({ id: "" })) ? { clientId, consentType: "AllPrincipals" } : { clientId, consentType: "Principal", principalId: principal };
  const rows = (byApi, member) => [...byApi].map(([api, names]) => ({ ...of, resource: api.applicationIdUri, [member]: [...names].join(" ") }));
  return [...rows(permissions, "scope"), ...rows(appRoles, "appRoles")];
}

/**
 * @param {import("./index.js").TenantContext} tenant
 * @param {ReturnType<typeof createControl>} control
 */
export function controlEndpoint(tenant, control) {
  return async (ctx, next) => {
    if (!ctx.path.startsWith(CONTROL)) return next();
    const [name, action] = Object.entries(ACTIONS).find(([, { path }]) => ctx.path === CONTROL + path) ?? [];
    const isAllowed = ctx.get("Origin") === "" && ctx.host === new URL(tenant.origin).host;
    ctx.assert(action && ctx.method === "POST", 404);
    ctx.assert(isAllowed, 403, "The control endpoint is not for browsers.");
    try {
      const body = { ...JSON.parse((await readText(ctx.req)) || "{}") };
      refuseUnknown(Object.keys(body), action.parameters);
      const answer = await control[name](...action.parameters.map((parameter) => body[parameter]));
      if (answer === undefined) ctx.status = 204;
      else ctx.body = JSON.stringify(answer);
      if (answer !== undefined) ctx.type = "json";
    } catch (error) {
      ctx.throw(400, error.message);
    }
  };
}
