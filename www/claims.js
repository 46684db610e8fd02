/** What the claims of tokens mean. Only those that are named here are shown with their values. */

/** @type {Record<string, string>} */
const meanings = {
  iss: "who issued it",
  aud: "whom it is for",
  sub: "the user, for this app alone",
  oid: "the user, in this tenant",
  tid: "the tenant",
  name: "for display only",
  preferred_username: "for display only: it can change",
  email: "for display only: nobody has proved it",
  ver: "the version of its format",
  azp: "the app that it was issued to",
  appid: "the app that it was issued to",
  scp: "the permissions in it",
  roles: "the roles of the user or app",
  acrs: "which proofs of the user it stands for (authentication contexts)",
  amr: "how the user signed in",
  acr: "how well the user proved themselves",
  xms_cc: "what the app can do: CP1, it answers claims challenges",
  iat: "when it was issued",
  nbf: "from when it is good",
  exp: "when it ends",
  auth_time: "when the user signed in",
};
const times = new Set(["iat", "nbf", "exp", "auth_time"]);

/** @typedef {{ name: string, meaning: string, value: string, date?: Date }} Claim */

/**
 * @param {Record<string, unknown>} claims
 * @returns {{ claims: Claim[], others: string[] }}  `others`: the names of those whose values are not shown.
 */
export function explainClaims(claims) {
  const isKnown = ([name]) => Object.hasOwn(meanings, name);
  const entries = Object.entries(claims);
  return {
    claims: entries.filter(isKnown).map(([name, value]) => ({ name, meaning: meanings[name], ...valueOf(name, value) })),
    others: entries.filter((entry) => !isKnown(entry)).map(([name]) => name.slice(0, 40)),
  };
}

function valueOf(name, value) {
  if (times.has(name) && Number.isFinite(value)) return { value: "", date: new Date(Number(value) * 1000) };
  return { value: (Array.isArray(value) ? value.join(" ") : String(value)).slice(0, 300) };
}

/**
 * The payload of a token, for this page to show: the APIs of the local tenant have tokens that can be read. `null` where it can't be.
 * @param {string} token
 * @returns {Record<string, unknown> | null}
 */
export function payloadOf(token) {
  try {
    const bytes = Uint8Array.from(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
    const payload = JSON.parse(new TextDecoder().decode(bytes));
    return payload && typeof payload === "object" ? payload : null;
  } catch {
    return null;
  }
}
