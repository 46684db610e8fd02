import { element, find, scopeText, sentence } from "./dom.js";

/** @typedef {import("../steps.js").Step} Step */

/**
 * One step of the story on the page.
 * @param {Step} step
 */
export function stepView(step) {
  const section = find(`[data-step=${step.name}]`);
  const button = find("[data-action]", section);
  const notice = noticePlace(find(".step-notice", section), button);
  const body = find(".step-body", section);
  const chooser = /** @type {HTMLSelectElement | null} */ (section.querySelector("select"));
  find(".step-scope", section).replaceChildren(scopeText(step.api.resource, step.permission));
  chooser?.addEventListener("change", () => {
    notice(null);
    body.hidden = true;
  });

  return {
    button,
    notice,
    /** @param {boolean} isGranted */
    mark: (isGranted) => section.classList.toggle("step-granted", isGranted),
    /** @param {{ nodes: Node[] }} content */
    show({ nodes }) {
      body.replaceChildren(...nodes);
      body.hidden = false;
    },
    focus: () => find("h2", section).focus(),
    /** What the step is opened for, where it leaves a choice. */
    choice: () => chooser?.value ?? "",
    /** @param {string} value */
    choose(value) {
      if (chooser && [...chooser.options].some((option) => option.value === value)) chooser.value = value;
    },
    /** @param {{ name: string, username: string }[]} people */
    offer(people) {
      const isOffered = ({ username }, index) => chooser?.options[index]?.value === username;
      if (!chooser || (chooser.options.length === people.length && people.every(isOffered))) return;
      chooser.replaceChildren(...people.map(({ name, username }) => element("option", { value: username }, name)));
    },
  };
}

/**
 * Where notices of one button go; the focus does not go with them.
 * @param {HTMLElement} place
 * @param {HTMLElement} button
 * @returns {(content: Node | null) => void}
 */
export const noticePlace = (place, button) => (content) => {
  const hadFocus = place.contains(document.activeElement);
  place.replaceChildren(...(content ? [content] : []));
  if (hadFocus) button.focus();
};

/**
 * While it is busy a button keeps its place and the focus, and takes no click.
 * @param {HTMLElement} button
 * @param {boolean} isBusy
 */
export function setBusy(button, isBusy) {
  button.classList.toggle("button-busy", isBusy);
  button.toggleAttribute("data-busy", isBusy);
  button.setAttribute("aria-disabled", String(isBusy));
}

/**
 * @param {HTMLElement} button
 * @param {() => Promise<unknown>} action
 */
export function onPress(button, action) {
  button.addEventListener("click", () => {
    if (!button.hasAttribute("data-busy")) action();
  });
}

/** @param {string} label @param {Record<string, string>} attributes */
export const quietButton = (label, attributes) =>
  element("button", { type: "button", class: "button button-quiet", ...attributes }, element("span", { class: "button-label" }, label));

/**
 * An error, in place.
 * @param {import("../explain.js").Explanation} explanation
 * @param {(button: HTMLElement) => Promise<unknown>} [retry]
 * @param {Node[]} [ways]  Other ways on.
 */
export function noticeOf(explanation, retry, ways = []) {
  const { title, advice, code, message, reason, calm } = explanation;
  const notice = element("div", { class: calm ? "notice notice-calm" : "notice", "data-testid": "error" },
    element("p", { class: "notice-title" }, title),
    element("p", {}, advice));
  const actions = [...ways];
  if (retry && explanation.retry) {
    const button = quietButton(explanation.retry, { "data-testid": "retry" });
    onPress(button, () => retry(button));
    actions.push(button);
  }
  if (actions.length > 0) notice.append(element("div", { class: "notice-actions" }, ...actions));
  notice.append(element("p", { class: "notice-code" }, element("code", {}, code), " ", message));
  if (reason) notice.append(element("div", { class: "notice-code", "data-testid": "reason" }, sentence(reason.cause), sentence(reason.remedy)));
  return notice;
}
