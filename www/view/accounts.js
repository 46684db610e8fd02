import { claimsView } from "./claims.js";
import { element, find } from "./dom.js";

/** @param {{ account: import("consentry").AccountInfo, isActive: boolean, claims: import("../claims.js").Claim[], others: string[] }[]} accounts */
export function showAccounts(accounts) {
  find("#accounts-empty").hidden = accounts.length > 0;
  find("#accounts").replaceChildren(...accounts.map(({ account, isActive, claims, others }) =>
    element("section", { class: "resource", "data-testid": "account" },
      element("h3", {}, account.name || account.username || "Somebody"),
      element("p", { class: "resource-uri" }, account.username),
      element("p", { class: "panel-note" }, isActive ? "The active account: calls that name none mean this one. " : "",
        "Key users by ", element("code", {}, "homeAccountId"), ", never by the name: that can change."),
      element("dl", { class: "fields" },
        factOf("homeAccountId", account.homeAccountId, "the user, in the tenant that they are at home in"),
        factOf("tenantId", account.tenantId, "the tenant that signed the user in"),
        factOf("environment", account.environment, "the server")),
      element("h4", {}, "What the ID token says"),
      ...claimsView(claims, others))));
}

const factOf = (name, value, why) => element("div", {},
  element("dt", {}, element("code", {}, name)),
  element("dd", {}, element("span", { class: "field-value" }, value), element("span", { class: "field-why" }, why)));
