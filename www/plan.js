/** What a plan says of the page's permissions. */

/** @typedef {import("consentry").ConsentPlan} ConsentPlan */
/** @typedef {{ name: "granted" | "missing" | "adminOnly" | "declined", on?: Date }} PermissionState */

/**
 * @param {ConsentPlan} plan
 * @param {string} resource
 * @param {string} permission
 * @returns {PermissionState}
 */
export function stateOf(plan, resource, permission) {
  const { granted, adminOnly, declined } = plan.resources[resource];
  const refusal = declined.find(({ scope }) => isSame(scope, permission));
  if (refusal) return { name: "declined", on: refusal.on };
  if (adminOnly.some((scope) => isSame(scope, permission))) return { name: "adminOnly" };
  return { name: granted.some((scope) => isSame(scope, permission)) ? "granted" : "missing" };
}

/** Whether two names are of one permission: the server ignores case. */
export const isSame = (one, other) => one.toLowerCase() === other.toLowerCase();

/**
 * What can be had with the user's consent alone, unless they declined it.
 * @param {ConsentPlan} plan
 * @returns {import("consentry").ScopesByResource}
 */
export function withinReach({ resources }) {
  const scopes = Object.entries(resources).map(([resource, { granted, missing }]) => [resource, [...granted, ...missing]]);
  return Object.fromEntries(scopes.filter(([, names]) => names.length > 0));
}

/** @param {ConsentPlan} plan */
export const missingCount = ({ resources }) => Object.values(resources).reduce((total, { missing }) => total + missing.length, 0);
