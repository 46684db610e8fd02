/**
 * Whether a user may have tokens now, whatever was consented: the account, the assignment to the app, and the tenant's Conditional
 * Access. The same decision is made before a page's answer goes back and before each token.
 *
 * @typedef {object} Policy
 * @property {string} id
 * @property {string} [user] object id in the home tenant. Default: everyone
 * @property {string} [resource] Application ID URI. Default: every resource
 * @property {"mfa" | "block"} [requires]
 * @property {number} [mfaSeconds] how long a second factor counts. Default: as long as the sign-in
 * @property {number} [signInSeconds] how long a sign-in counts
 *
 * @typedef {object} SignIn how and when the user signed in: what a session, a code or a refresh token keeps
 * @property {string[]} [amr] with `mfa` where a second factor was given
 * @property {string} [acr] when it was given, in the tenant's seconds. The engine carries the value from the session to the tokens
 * @property {number} authTime when the password was given, in the tenant's seconds
 *
 * @typedef {{ code: number, claims?: string }} Refusal
 */
import { claimsText } from "./claims.js";

/** The numbers that `decide` can say, in the order in which they are looked at. */
export const ACCESS_CODES = [50057, 50105, 53003, 70043, 50079, 50076, 50078];

/**
 * @param {import("./index.js").TenantContext} tenant
 * @param {object} request
 * @param {import("./directory.js").Member} request.member
 * @param {import("./directory.js").App} request.app
 * @param {import("./directory.js").Api[]} request.apis
 * @param {SignIn} request.signIn
 * @param {import("./claims.js").ClaimsRequest} request.claims
 * @returns {Refusal | undefined}
 */
export function decide(tenant, { member: { user }, app, apis, signIn, claims }) {
  if (user.isDisabled) return { code: 50057 };
  if (app.assignedUsers && !app.assignedUsers.includes(user.username)) return { code: 50105 };
  const policies = tenant.policies.list.filter((policy) => applies(policy, user, apis));
  if (policies.some(({ requires }) => requires === "block")) return { code: 53003 };
  const now = tenant.clock.seconds();
  if (policies.some(({ signInSeconds }) => now - signIn.authTime > signInSeconds)) return { code: 70043 };
  return secondFactor(user, policies.filter(({ requires }) => requires === "mfa"), claims.contexts, signIn, now);
}

function applies(policy, user, apis) {
  return (policy.user ?? user.oid) === user.oid && (policy.resource === undefined || apis.some((api) => api.applicationIdUri === policy.resource));
}

/** An authentication context asks for a second factor as well. */
function secondFactor(user, policies, contexts, signIn, now) {
  if (policies.length + contexts.length === 0) return undefined;
  const claims = claimsText({
    ...(policies.length ? { capolids: { essential: true, values: policies.map(({ id }) => id) } } : {}),
    ...(contexts.length ? { acrs: { essential: true, value: contexts[0] } } : {}),
  });
  if (!hasSecondFactor(signIn)) return { code: user.hasSecondFactor === false ? 50079 : 50076, claims };
  const isTooOld = policies.some(({ mfaSeconds }) => now - Number(signIn.acr) > mfaSeconds);
  return isTooOld ? { code: 50078, claims } : undefined;
}

/** @param {SignIn} signIn */
export function hasSecondFactor({ amr }) {
  return amr?.includes("mfa") === true;
}

/** The policies in force, to be changed by control. */
export function createPolicies(random) {
  const policies = {
    /** @type {Policy[]} */
    list: [],
    add: (policy) => policies.list.push({ id: random.guid("policy"), ...policy }),
    /** @param {string} oid */
    lift: (oid) => { policies.list = policies.list.filter(({ user }) => user !== oid); },
    reset: () => { policies.list = []; },
  };
  return policies;
}
