import { stateOf } from "../plan.js";
import { counted, element, find, sentence } from "./dom.js";
import { markOf } from "./permissions.js";
import { onPress, quietButton } from "./step.js";

/** @typedef {{ plan: import("consentry").ConsentPlan, warnings: import("consentry").ScopeWarning[] } | { error: any }} Result */

/**
 * A field for scopes, with the first example in it, and what comes of them.
 * @param {{ label: string, text: string }[]} examples
 * @param {() => void} onChange
 */
export function composerView(examples, onChange) {
  const field = /** @type {HTMLTextAreaElement} */ (find("#composer-input"));
  const fill = (/** @type {string} */ text) => {
    field.value = text;
    onChange();
  };
  field.value = examples[0].text;
  field.addEventListener("input", onChange);
  find("#composer-examples").replaceChildren(...examples.map(({ label, text }) => exampleButton(label, () => fill(text))));

  const showParts = (/** @type {string} */ line, isWrong, ...parts) => {
    field.setAttribute("aria-invalid", String(isWrong));
    find("#composer-line").textContent = line;
    find("#composer-parts").replaceChildren(...parts);
  };
  return {
    text: () => field.value,
    /** @param {boolean} isLooking */
    setLooking: (isLooking) => find("[data-testid=composer-result]").setAttribute("aria-busy", String(isLooking)),
    /** @param {Result | null} result */
    show(result) {
      if (!result) showParts("Nothing is asked for yet.", false);
      else if ("error" in result) showParts("This can’t be asked for.", true, errorPart(result.error));
      else showParts(lineOf(result), false, ...partsOf(result, fill));
    },
  };
}

const partsOf = ({ plan, warnings }, fill) => [
  ...warnings.map((warning) => warningPart(warning, fill)),
  ...statePart(plan),
  ...requestPart(plan),
  ...tokenPart(plan),
];

function exampleButton(label, onPressed) {
  const button = element("button", { type: "button", class: "chip" }, label);
  button.addEventListener("click", onPressed);
  return button;
}

/** What comes of it, in one line: the part that is read out. */
function lineOf({ plan: { interaction, tokenRequests }, warnings }) {
  const questions = { none: "No question", login: "One sign-in", consent: "One question", admin: "An administrator’s consent", declined: "Nothing that was not declined" };
  return [
    questions[interaction],
    counted(tokenRequests.length, "token request", "token requests"),
    ...(warnings.length > 0 ? [counted(warnings.length, "warning", "warnings")] : []),
  ].join(", ").concat(".");
}

const part = (title, ...content) => element("section", { class: "composer-part" }, element("h3", {}, title), ...content);
const parameter = (text) => element("pre", { class: "parameter" }, text);

function statePart(plan) {
  return Object.entries(plan.resources).map(([resource, known]) => {
    const names = [...known.granted, ...known.missing, ...known.adminOnly, ...known.declined.map(({ scope }) => scope)];
    return part(resource, element("ul", { class: "marks" }, ...names.map((name) => markOf(name, stateOf(plan, resource, name)))));
  });
}

function requestPart({ authorizeScope }) {
  if (authorizeScope) return [part("One question: scope of the authorization request", parameter(authorizeScope))];
  return [part("No authorization request", element("p", { class: "mark-why" }, "There is nothing to ask the user."))];
}

function tokenPart({ tokenRequests }) {
  return tokenRequests.map(({ resource, scope }) => part("Token request", element("p", { class: "resource-uri" }, "for ", element("code", {}, resource)), parameter(scope)));
}

function warningPart({ rule, message, scopes, instead }, fill) {
  return element("div", { class: "notice notice-calm" },
    element("p", { class: "notice-title" }, element("code", {}, scopes.join(" "))),
    sentence(message),
    ...(instead ? smallerPart(instead, fill) : []),
    element("p", { class: "notice-code" }, element("code", {}, rule)));
}

/** The smaller request, where there is one to name. */
function smallerPart(instead, fill) {
  const use = quietButton("Use the smaller request", {});
  onPress(use, async () => fill(instead.join("\n")));
  return [parameter(instead.join(" ")), element("div", { class: "notice-actions" }, use)];
}

function errorPart(error) {
  const message = error instanceof SyntaxError ? "An object by Application ID URI has to be valid JSON" : error.errorMessage ?? error.message;
  return element("div", { class: "notice" },
    sentence(message),
    element("p", { class: "notice-code" }, element("code", {}, error.errorCode ?? error.name)));
}
