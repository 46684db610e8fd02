import { element, find } from "./dom.js";
import { noticePlace } from "./step.js";

/** What the plan comes to, and the one interaction that gets the rest. */
export function askAllView() {
  const button = find("#ask-all");
  return {
    button,
    /** @param {string} interaction @param {string} words @param {boolean} canAsk */
    show(interaction, words, canAsk) {
      find("#plan-line").replaceChildren(element("code", { class: "plan-interaction" }, interaction), " ", words);
      find(".button-label", button).textContent = interaction === "login" ? "Sign in and ask for all" : "Ask for the rest at once";
      button.hidden = !canAsk;
    },
    notice: noticePlace(find("#plan-notice"), button),
    focus: () => find("#permissions-title").focus(),
  };
}
