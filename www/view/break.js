import { element, find } from "./dom.js";
import { noticeOf, onPress, quietButton, setBusy } from "./step.js";

/** @typedef {import("../breaks.js").Break} Break */

/**
 * A button for each thing to break, and what comes of it: what to look at, and a button for the call that finds out.
 * @param {{ title: string, breaks: Break[] }[]} groups
 * @param {(one: Break) => Promise<unknown>} onBreak
 * @param {(one: Break) => Promise<unknown>} onAttempt
 */
export function breakView(groups, onBreak, onAttempt) {
  const outcome = find("#break-outcome");
  // What came of the last one is not to be taken for what comes of this.
  const press = (/** @type {Break} */ one) => {
    outcome.hidden = true;
    outcome.replaceChildren();
    return onBreak(one);
  };
  find("#breaks").replaceChildren(...groups.map(({ title, breaks }) => element("div", { class: "break-group" },
    element("h3", {}, title),
    element("div", { class: "panel-actions" }, ...breaks.map((one) => breakButton(one, press))))));
  const add = (...nodes) => {
    for (const old of outcome.querySelectorAll("[data-outcome]")) old.remove();
    outcome.append(...nodes);
  };
  return {
    /** @param {Break} one */
    showDone(one) {
      const button = quietButton("Try it now", { "data-testid": "attempt" });
      onPress(button, async () => {
        setBusy(button, true);
        await onAttempt(one);
        setBusy(button, false);
      });
      outcome.replaceChildren(
        element("p", { class: "break-done" }, one.done),
        element("p", { class: "panel-note" }, one.look),
        button);
      outcome.hidden = false;
      button.focus();
    },
    /** @param {string} text */
    showOutcome: (text) => add(element("p", { "data-outcome": "", "data-testid": "attempt-outcome" }, text)),
    /** @param {import("../explain.js").Explanation} explanation @param {() => Promise<unknown>} [retry] @param {string} [more] */
    showError(explanation, retry, more) {
      const notice = noticeOf(explanation, retry);
      notice.setAttribute("data-outcome", "");
      if (more) notice.append(element("p", { class: "panel-note" }, more));
      outcome.hidden = false;
      add(notice);
    },
  };
}

/** @param {Break} one @param {(one: Break) => Promise<unknown>} onBreak */
function breakButton(one, onBreak) {
  const button = quietButton(one.label, { "data-testid": one.action });
  onPress(button, async () => {
    setBusy(button, true);
    await onBreak(one);
    setBusy(button, false);
  });
  return button;
}
