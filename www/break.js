import { ApiError } from "./api.js";
import { explain } from "./explain.js";
import { find } from "./view/dom.js";
import { setStatus } from "./view/page.js";
import { noticeOf, noticePlace, onPress, setBusy } from "./view/step.js";

const done = {
  "revoke-sessions": "Your session is revoked. The next call finds out.",
  "challenge-tokens": "Your tokens are challenged. The next call finds out.",
};

/**
 * What the page's own server lets the page do to the local tenant; nowhere else is there anything of it.
 * @param {typeof import("./auth.js")} auth
 * @param {string[]} actions
 */
export function offerBreaking(auth, actions) {
  const panel = find("#break");
  if (actions.length === 0) return panel.remove();
  for (const button of panel.querySelectorAll("[data-break]")) {
    const action = button.getAttribute("data-break");
    const notice = noticePlace(find(".step-notice", panel), button);
    const press = async () => {
      setBusy(button, true);
      notice(null);
      try {
        await order(action, auth.account().username);
        setStatus(done[action]);
      } catch (error) {
        notice(noticeOf(explain(error), press));
      }
      setBusy(button, false);
    };
    onPress(button, press);
  }
}

async function order(action, user) {
  const body = JSON.stringify({ user });
  const response = await fetch(`/tenant/${action}`, { method: "POST", headers: { "content-type": "application/json" }, body }).catch(() => null);
  if (!response) throw new ApiError("no_answer", "No answer from the page’s server.");
  if (!response.ok) throw new ApiError(`http_${response.status}`, (await response.text()).trim());
}
