import { element, momentText } from "./dom.js";

/**
 * Claims with what they mean; of others the names.
 * @param {import("../claims.js").Claim[]} claims
 * @param {string[]} others
 */
export const claimsView = (claims, others) => [
  element("dl", { class: "fields" }, ...claims.map(claimOf)),
  ...(others.length > 0 ? [element("p", { class: "field-why" }, "Also in it, without a value here: ", ...others.flatMap((name) => [element("code", {}, name), " "]))] : []),
];

function claimOf({ name, meaning, value, date }) {
  return element("div", {},
    element("dt", {}, element("code", {}, name)),
    element("dd", {},
      element("span", { class: "field-value" }, date ? momentText(date) : value),
      element("span", { class: "field-why" }, meaning)));
}
