import { element, find, scopeText } from "./dom.js";

/** @typedef {import("../steps.js").Step} Step */

/** @param {Record<string, string[]>} granted  By Application ID URI. */
export function isGranted(granted, step) {
  const names = granted[step.api.resource] ?? [];
  return names.some((name) => name.toLowerCase() === step.permission.toLowerCase());
}

/**
 * Per API: what the server has granted, and what the page may still ask for, and why.
 * @param {Step[]} steps
 * @param {Record<string, string[]>} granted
 * @param {Set<string>} declined  Names of the steps that the user declined on this page.
 */
export function showPermissions(steps, granted, declined) {
  const apis = new Map(steps.map(({ api }) => [api.resource, api.name]));
  const resources = new Set([...apis.keys(), ...Object.keys(granted)]);
  find("#overlap").dataset.granted = String(steps.filter((step) => isGranted(granted, step)).length);
  find("#permissions").replaceChildren(...[...resources].map((resource) =>
    element("section", { class: "resource" },
      element("h3", {}, apis.get(resource) ?? resource),
      element("p", { class: "resource-uri" }, element("code", {}, resource)),
      element("ul", { class: "marks" }, ...rowsOf(resource, steps, granted, declined)))));
}

function rowsOf(resource, steps, granted, declined) {
  const own = steps.filter(({ api }) => api.resource === resource);
  const known = new Set(own.map(({ permission }) => permission.toLowerCase()));
  const beyond = (granted[resource] ?? []).filter((name) => !known.has(name.toLowerCase()));
  return [
    ...own.map((step) => row(step.permission, step.why, stateOf(step, granted, declined))),
    ...beyond.map((name) => row(name, "Granted earlier; this page does not ask for it.", "granted")),
  ];
}

function stateOf(step, granted, declined) {
  if (isGranted(granted, step)) return "granted";
  return declined.has(step.name) ? "declined" : "not asked yet";
}

function row(permission, why, state) {
  return element("li", { class: `mark mark-${state.split(" ")[0]}` },
    element("p", { class: "mark-name" },
      element("code", {}, permission), " ",
      element("span", { class: "mark-state" }, state)),
    element("p", { class: "mark-why" }, why));
}
