/** What may be shown of a message: only what is named here, and of secrets no more than that they were there. */

/** How a value is shown: as it is; its beginning, to be recognized by; or not at all. @typedef {"whole" | "start" | "never"} Showing */

/** @type {Record<string, [Showing, string]>} */
const known = {
  client_id: ["whole", "which app asks"],
  response_type: ["whole", "what is asked for: a code, which only this page can redeem"],
  response_mode: ["whole", "where in the address the answer comes: after #, which no server sees"],
  redirect_uri: ["whole", "where the answer goes; it has to be registered"],
  scope: ["whole", "the permissions"],
  state: ["start", "comes back as it is: an answer without it is not to this page’s question"],
  nonce: ["start", "comes back in the ID token, which is then of this sign-in"],
  code_challenge: ["start", "the hash of a secret that stays here until the code is redeemed (PKCE)"],
  code_challenge_method: ["whole", "how it was hashed"],
  code_verifier: ["never", "the secret itself: who stole the code has not got it"],
  prompt: ["whole", "what the server has to show, or must not"],
  login_hint: ["whole", "who is expected to answer"],
  domain_hint: ["whole", "where that user belongs"],
  claims: ["whole", "what the token has to say beyond the usual; CP1: this page answers challenges"],
  client_info: ["never", "asks for, or has, the user’s number in the home tenant"],
  "client-request-id": ["whole", "names this request in the server’s logs"],
  "x-client-SKU": ["whole", "which library asks"],
  "x-client-VER": ["whole", "its version"],
  grant_type: ["whole", "what is handed in for the tokens"],
  code: ["never", "good once, for a minute or so, and only with the verifier"],
  refresh_token: ["never", "gets the next tokens without the user; it stays in the storage"],
  access_token: ["never", "for the API alone"],
  id_token: ["never", "says who signed in; checked, then read"],
  token_type: ["whole", "how it is presented to the API"],
  expires_in: ["whole", "seconds that the access token lives"],
  ext_expires_in: ["whole", "seconds that it may be used while the server is down"],
  refresh_in: ["whole", "seconds after which to renew it, ahead of need"],
  refresh_token_expires_in: ["whole", "seconds that the refresh token lives"],
  session_state: ["start", "names the session at the server"],
  id_token_hint: ["never", "who signs out"],
  logout_hint: ["never", "which session ends"],
  post_logout_redirect_uri: ["whole", "where to go after signing out"],
  tenant: ["whole", "which organization answered"],
  admin_consent: ["whole", "whether an administrator consented"],
  error: ["whole", "what went wrong, for programs"],
  error_description: ["whole", "the same, for developers"],
  suberror: ["whole", "what kind of it"],
  error_codes: ["whole", "the platform’s numbers for it"],
  timestamp: ["whole", "when, for the server’s logs"],
  trace_id: ["whole", "where in the server’s logs"],
  correlation_id: ["whole", "of which request"],
  issuer: ["whole", "who signs the ID tokens"],
  authorization_endpoint: ["whole", "where users sign in"],
  token_endpoint: ["whole", "where codes become tokens"],
  end_session_endpoint: ["whole", "where sessions end"],
  jwks_uri: ["whole", "where the signing keys are"],
  keys: ["never", "the server’s public keys"],
  Authorization: ["never", "the access token"],
  "Retry-After": ["whole", "seconds in which the server wants to be left alone"],
  realm: ["whole", "which part of the API"],
  scopes: ["whole", "the permissions"],
  kind: ["whole", "what the API wants"],
  outcome: ["whole", "what came of it"],
  seconds: ["whole", "how long to wait"],
  from: ["whole", "cache or server"],
  until: ["whole", "when the token ends"],
  interaction: ["whole", "how the user was asked"],
  errorCode: ["whole", "the code of the error"],
};

/** As long as anything secret would be at least: nothing that is shown is, between its separators. */
const opaque = /[\w-]{40,}/g;
const longest = 400;

const start = (text) => `${text.slice(0, 4)}…`;

/** @param {string} name */
export const whyOf = (name) => (Object.hasOwn(known, name) ? known[name][1] : "");

/** Whether the value of this field stays out altogether. @param {string} name */
export const isKeptBack = (name) => Object.hasOwn(known, name) && known[name][0] === "never";

/** A text of a kind that may be shown, without what might still be in it. @param {unknown} text */
export const harmless = (text) => String(text).replace(opaque, start).slice(0, longest);

/**
 * The fields of a message that may be shown, in their order, and how many others there are.
 * @param {Iterable<[string, unknown]>} fields
 * @returns {{ fields: [string, string][], others: number }}
 */
export function shownOf(fields) {
  const all = [...fields];
  const shown = all.filter(([name]) => Object.hasOwn(known, name));
  return { fields: shown.map(([name, value]) => [name, valueOf(name, value)]), others: all.length - shown.length };
}

function valueOf(name, value) {
  const showing = known[name][0];
  if (showing === "never") return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return showing === "start" ? start(text) : harmless(text);
}

/** What is kept under a key of the client, by the kind that the key names. */
const kinds = {
  account: () => "account, with its refresh token",
  access: (api) => `access token for ${api}`,
  grant: (api) => `what is granted for ${api}`,
  consent: () => "consent record: what was asked and declined",
  pending: () => "pending request, with state, nonce and verifier until it is answered",
  response: () => "an answer on its way",
  admin: () => "question to an administrator",
  active: () => "the active account",
  interactions: () => "how often this tab has asked",
  keys: () => "the server’s signing keys",
  metadata: () => "where the server’s endpoints are",
  taken: () => "that nothing is to be taken over from MSAL",
  stamp: () => "note for other tabs",
  change: () => "note for other tabs",
};

/**
 * What is kept under a key, without the key: that can name a user, or a `state`.
 * @param {string} key
 * @param {{ name: string, resource: string }[]} apis
 * @returns {string | null}  `null` where the key is not the client's.
 */
export function keptUnder(key, apis) {
  const [owner, , , kind = "", , , , resource = ""] = key.split("|");
  if (owner !== "consentry") return null;
  const api = apis.find((one) => one.resource.toLowerCase() === textOf(resource).toLowerCase());
  return Object.hasOwn(kinds, kind) ? kinds[kind](api?.name ?? "another API") : "something else of the client";
}

function textOf(encoded) {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return "";
  }
}
