import { isSame, stateOf } from "../plan.js";
import { element, find, momentText } from "./dom.js";

/** @typedef {import("../steps.js").Step} Step */
/** @typedef {import("../plan.js").PermissionState} PermissionState */

/** How each state is named and, beside what the permission is for, explained. */
const states = {
  granted: { name: "granted", note: () => [] },
  missing: { name: "not asked yet", note: () => [] },
  declined: { name: "declined", note: ({ on }) => ["You declined on ", momentText(on), "."] },
  adminOnly: { name: "for an admin", note: () => ["Only an administrator can grant it."] },
};

/** @param {boolean} isLooking  Whether what is shown may be old. */
export const setLooking = (isLooking) => find("#permissions").setAttribute("aria-busy", String(isLooking));

/**
 * Per API: each permission that the page can ask for, and what else was granted.
 * @param {Step[]} steps
 * @param {import("consentry").ConsentPlan} plan  For the steps' permissions.
 * @param {Record<string, string[]>} granted  By Application ID URI.
 */
export function showPermissions(steps, plan, granted) {
  const apis = new Map(steps.map(({ api }) => [api.resource, api.name]));
  const resources = new Set([...apis.keys(), ...Object.keys(granted)]);
  const isGranted = ({ api, permission }) => stateOf(plan, api.resource, permission).name === "granted";
  find("#overlap").dataset.granted = String(steps.filter(isGranted).length);
  find("#permissions").replaceChildren(...[...resources].map((resource) =>
    element("section", { class: "resource" },
      element("h3", {}, apis.get(resource) ?? resource),
      element("p", { class: "resource-uri" }, element("code", {}, resource)),
      element("ul", { class: "marks" }, ...rowsOf(resource, steps, plan, granted)))));
}

function rowsOf(resource, steps, plan, granted) {
  const own = steps.filter(({ api }) => api.resource === resource);
  const beyond = (granted[resource] ?? []).filter((name) => !own.some(({ permission }) => isSame(permission, name)));
  return [
    ...own.map(({ permission, why }) => markOf(permission, stateOf(plan, resource, permission), why)),
    ...beyond.map((name) => markOf(name, { name: "granted" }, whyOf(name, own))),
  ];
}

/** What a permission is for that no step is opened with. */
function whyOf(name, steps) {
  const uses = steps.flatMap(({ cancel }) => cancel ?? []);
  return uses.find(({ permission }) => isSame(permission, name))?.why ?? "Granted earlier; this page does not ask for it.";
}

/**
 * One permission and its state.
 * @param {string} permission
 * @param {PermissionState} state
 * @param {string} [why]
 */
export function markOf(permission, state, why = "") {
  const { name, note } = states[state.name];
  const parts = [...(why ? [`${why} `] : []), ...note(state)];
  return element("li", { class: `mark mark-${state.name}` },
    element("p", { class: "mark-name" },
      element("code", {}, permission), " ",
      element("span", { class: "mark-state" }, name)),
    ...(parts.length > 0 ? [element("p", { class: "mark-why" }, ...parts)] : []));
}
