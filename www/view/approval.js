import { element, find } from "./dom.js";
import { onPress, quietButton, setBusy } from "./step.js";

/**
 * Two ways to an administrator: a link to send, and a button for one who is here.
 * @param {string} link
 * @param {() => Promise<unknown>} [consent]
 */
export function approvalView(link, consent) {
  const field = /** @type {HTMLInputElement} */ (element("input", { class: "field", type: "text", readonly: "", value: link, "data-testid": "admin-link" }));
  const copy = quietButton("Copy link", { "data-testid": "copy-link" });
  field.addEventListener("focus", () => field.select());
  onPress(copy, () => copyFrom(field, copy));
  const nodes = [
    element("label", { class: "link" }, "Link for an administrator", field),
    copy,
  ];
  if (!consent) return nodes;
  const grant = quietButton("Consent for the organization", { "data-testid": "admin-consent" });
  onPress(grant, async () => {
    setBusy(grant, true);
    await consent();
    setBusy(grant, false);
  });
  return [...nodes, grant];
}

/** @param {HTMLInputElement} field @param {HTMLElement} button */
async function copyFrom(field, button) {
  try {
    await navigator.clipboard.writeText(field.value);
    find(".button-label", button).textContent = "Copied";
  } catch {
    // The browser denies the clipboard: a selected text can be copied by hand.
    field.select();
    find(".button-label", button).textContent = "Selected: copy it now";
  }
}
