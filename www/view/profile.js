import { element } from "./dom.js";

/** @param {any} me  The answer of `/v1.0/me`. */
export function profile(me) {
  const facts = [
    ["Mail", me.mail ?? me.userPrincipalName],
    ["Job title", me.jobTitle],
    ["Office", me.officeLocation],
  ].filter(([, value]) => value);
  const nodes = [
    element("p", { class: "profile-name" }, String(me.displayName ?? "")),
    element("dl", { class: "facts" }, ...facts.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, String(value))))),
  ];
  return { nodes, summary: `Signed in as ${me.displayName}.` };
}
