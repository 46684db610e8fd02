import { clockText, element, find } from "./dom.js";

/** @param {Pick<import("consentry").AuthenticationResult, "fromCache">} result */
export const howSilent = (result) => (result.fromCache ? "from cache" : "by refresh token");

/** How many lines the page remembers. */
const longest = 8;

/** @param {Record<string, string>} attributes @param {...(Node | string)} content */
function addLine(attributes, ...content) {
  find("#trace-empty").hidden = true;
  const list = find("#trace");
  if (list.childElementCount === longest) list.lastElementChild?.remove();
  list.prepend(element("li", attributes, ...content));
}

/**
 * One line for what an API demanded.
 * @param {string} demand
 * @param {string} call
 * @param {string} outcome
 * @returns {(outcome: string) => void}  Tells what came of it in the end.
 */
export function addDemand(demand, call, outcome) {
  const last = element("strong", {}, outcome);
  addLine({ "data-testid": "demand" },
    element("p", { class: "trace-top" }, element("span", {}, `${demand} `), last),
    element("p", { class: "trace-scopes" }, element("code", {}, ...breakable(call))));
  return (text) => {
    last.textContent = text;
  };
}

/** A path, which goes on in the next line after a slash where it has to. @param {string} call */
const breakable = (call) => (call.match(/[^/]*\/|[^/]+/g) ?? []).flatMap((part) => [part, element("wbr")]);

/**
 * One line for one token call. The token itself stays out.
 * @param {{ title?: string, api: { name: string } }} step
 * @param {string} how
 * @param {import("consentry").AuthenticationResult} result
 */
export function addTrace({ title, api }, how, result) {
  const permissions = result.scopes.map((scope) => scope.slice(scope.lastIndexOf("/") + 1));
  const expiry = result.expiresOn ? `until ${clockText(result.expiresOn)}` : "expiry not given";
  addLine({ "data-testid": "token-call" },
    element("p", { class: "trace-top" },
      element("span", {}, `${title ?? api.name} `),
      element("strong", {}, how)),
    element("p", { class: "trace-scopes" }, element("code", {}, permissions.join(" "))),
    element("p", { class: "trace-expiry" }, title ? `${api.name}, ${expiry}` : expiry));
}
