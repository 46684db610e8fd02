import { claimsView } from "./claims.js";
import { element, find } from "./dom.js";

/** @typedef {{ name: string, how: string, until: Date | null, isReadable: boolean, claims: import("../claims.js").Claim[], others: string[] }} Shown */

/** @param {Shown[]} tokens */
export function showTokens(tokens) {
  find("#tokens-empty").hidden = tokens.length > 0;
  const isOpen = new Set([...document.querySelectorAll("#tokens details[open]")].map((node) => node.getAttribute("data-token")));
  find("#tokens").replaceChildren(...tokens.map((token) => tokenOf(token, isOpen)));
  tickTokens();
}

function tokenOf({ name, how, until, isReadable, claims, others }, isOpen) {
  const scp = claims.find((claim) => claim.name === "scp")?.value ?? "";
  const id = `${name} ${scp}`;
  return element("section", { class: "resource", "data-testid": "token" },
    element("h3", {}, name),
    element("p", { class: "resource-uri" }, element("code", {}, scp)),
    element("p", { class: "panel-note" }, `Got ${how}; `, element("time", until ? { datetime: until.toISOString(), "data-until": "" } : {}, until ? "" : "it does not say when it ends"), "."),
    isReadable
      ? element("details", { "data-token": id, ...(isOpen.has(id) ? { open: "" } : {}) }, element("summary", {}, "Claims of its payload"), ...claimsView(claims, others))
      : element("p", { class: "panel-note" }, "Its contents can’t be read here, and need not be."));
}

/** The time that each token has left. */
export function tickTokens() {
  for (const node of document.querySelectorAll("#tokens [data-until]")) {
    const seconds = Math.round((Date.parse(node.getAttribute("datetime") ?? "") - Date.now()) / 1000);
    node.textContent = seconds > 0 ? `ends in ${spanText(seconds)}` : "it has ended";
  }
}

/** @param {number} seconds */
const spanText = (seconds) => (seconds < 3600 ? "" : `${Math.floor(seconds / 3600)} h `) + `${Math.floor(seconds / 60) % 60} min ${String(seconds % 60).padStart(2, "0")} s`;
