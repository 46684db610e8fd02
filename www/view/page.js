import { find } from "./dom.js";

/** @param {string} text */
export const setStatus = (text) => {
  find("#status").textContent = text;
};

/** @param {import("consentry").AccountInfo | null} account */
export function setAccount(account) {
  find("#account").textContent = account ? (account.username || account.name || "") : "";
  find("#account").hidden = !account;
  find("#sign-out").hidden = !account;
  find("[data-testid=sign-in]").hidden = Boolean(account);
  find("[data-testid=sign-in]").removeAttribute("disabled");
  for (const node of document.querySelectorAll("[data-signed-in]")) node.toggleAttribute("hidden", !account);
  for (const node of document.querySelectorAll("[data-signed-out]")) node.toggleAttribute("hidden", Boolean(account));
  find("#profile-title").textContent = account ? "Your profile" : "Sign in";
}

/** @param {Node} notice  What keeps the whole page from working. */
export function stop(notice) {
  setStatus("This page can’t start.");
  for (const part of [".columns", ".composer", ".source", "#tour-begin"]) find(part).hidden = true;
  find("#page-notice").replaceChildren(notice);
}
