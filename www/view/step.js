import { element, find, scopeText } from "./dom.js";

/** @typedef {import("../steps.js").Step} Step */

/**
 * One step of the story on the page.
 * @param {Step} step
 */
export function stepView(step) {
  const section = find(`[data-step=${step.name}]`);
  const button = find("[data-action]", section);
  const notice = find(".step-notice", section);
  const body = find(".step-body", section);
  find(".step-scope", section).replaceChildren(scopeText(step.api.resource, step.permission));

  return {
    button,
    /** @param {boolean} isGranted */
    mark: (isGranted) => section.classList.toggle("step-granted", isGranted),
    /** @param {{ nodes: Node[] }} content */
    show({ nodes }) {
      body.replaceChildren(...nodes);
      body.hidden = false;
    },
    /** @param {Node | null} content */
    notice(content) {
      const hadFocus = notice.contains(document.activeElement);
      notice.replaceChildren(...(content ? [content] : []));
      if (hadFocus) button.focus();
    },
    focus: () => find("h2", section).focus(),
  };
}

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

/**
 * An error, in place.
 * @param {import("../explain.js").Explanation} explanation
 * @param {() => Promise<unknown>} [retry]
 */
export function noticeOf(explanation, retry) {
  const { title, advice, code, message, calm } = explanation;
  const notice = element("div", { class: calm ? "notice notice-calm" : "notice", "data-testid": "error" },
    element("p", { class: "notice-title" }, title),
    element("p", {}, advice));
  if (retry && explanation.retry) {
    const button = element("button", { type: "button", class: "button button-quiet", "data-testid": "retry" },
      element("span", { class: "button-label" }, explanation.retry));
    onPress(button, retry);
    notice.append(button);
  }
  notice.append(element("p", { class: "notice-code" }, element("code", {}, code), " ", message));
  return notice;
}
