/** What can be broken: what each does at the local tenant, what to look at then, and which call finds out. */

/**
 * @typedef {"call" | "renew" | "together" | "orders" | "sign-in"} Attempt  Calls Graph; renews a token of Graph, three times at once, or of the orders; signs in.
 *
 * @typedef {object} Break
 * @property {string} action  As the page's server calls it.
 * @property {string} label
 * @property {string} done  What the tenant does now.
 * @property {string} look  What to look at.
 * @property {Attempt} attempt
 */

/** @type {{ title: string, breaks: Break[] }[]} */
export const groups = [
  {
    title: "Tokens and session",
    breaks: [
      { action: "challenge-tokens", label: "Challenge my tokens", done: "Your tokens are challenged. The next call finds out.", look: "The API says 401 with claims; the call gets another token with them and is sent again. You see nothing of it.", attempt: "call" },
      { action: "revoke-sessions", label: "Revoke my session", done: "Your session is revoked. The next call finds out.", look: "No token helps any more: one sign-in does, and the call goes on after it.", attempt: "call" },
      { action: "short-tokens", label: "Tokens of five seconds", done: "From now on access tokens live for five seconds.", look: "Watch the time that is left under Tokens: each call gets a new one by refresh token, and you see nothing of it.", attempt: "renew" },
      { action: "clock-ahead", label: "Set its clock ahead", done: "The server’s clock is thirty hours ahead of yours.", look: "To the server every token is old, so it takes a sign-in. To this page the new ID token is of the future: it is refused, with what to check.", attempt: "call" },
      { action: "expire-refresh-tokens", label: "End the refresh tokens", done: "Your refresh tokens have ended.", look: "A renewal is refused. In this page a hidden frame is forbidden too, so it takes you.", attempt: "renew" },
    ],
  },
  {
    title: "Consent and keys",
    breaks: [
      { action: "withdraw-consent", label: "Withdraw consent to the orders", done: "Your consent to all permissions of the Orders API is withdrawn.", look: "A token that is there works until it ends; a new one is refused as not consented.", attempt: "orders" },
      { action: "rotate-keys", label: "Replace the signing keys", done: "The server signs with a new key, and has withdrawn the old one.", look: "The ID token is signed with a key that is not known yet: the client looks for the new keys once, and goes on.", attempt: "renew" },
    ],
  },
  {
    title: "A server in trouble, once",
    breaks: [
      { action: "token-429", label: "Too many requests", done: "The next token request is answered 429, with Retry-After: 5.", look: "The error says how long to wait. Until then the client sends nothing of the kind: try it twice.", attempt: "renew" },
      { action: "api-503", label: "API is busy", done: "The next call of Graph is answered 503, with Retry-After: 2.", look: "The call waits as long as it was told to, and is sent again.", attempt: "call" },
      { action: "token-unreachable", label: "Cut the connection", done: "The next token request gets no answer.", look: "The client finds out which kind of silence it was. Nothing is lost.", attempt: "renew" },
      { action: "token-slow", label: "Slow down", done: "The next token request takes three seconds.", look: "Three calls want the same token at once. They wait together: one request is sent.", attempt: "together" },
    ],
  },
  {
    title: "A wrong answer, once",
    breaks: [
      { action: "wrong-nonce", label: "Nonce of another sign-in", done: "The next ID token has the nonce of another sign-in.", look: "The page leaves to sign in; the answer is refused, and you stay signed in as you were.", attempt: "sign-in" },
      { action: "wrong-issuer", label: "Another issuer", done: "The next ID token names another issuer.", look: "Nothing of the answer is kept, not even the tokens that came with it.", attempt: "renew" },
      { action: "bad-signature", label: "Bad signature", done: "The next ID token is signed by nobody who is known.", look: "The signature is checked against the server’s published keys, and fails.", attempt: "renew" },
    ],
  },
  {
    title: "As it was",
    breaks: [
      { action: "reset", label: "Reset the tenant", done: "The tenant is as just started: no sessions, no consents, no faults.", look: "Access tokens work until they end. The refresh token is worth nothing there: a renewal takes you.", attempt: "renew" },
    ],
  },
];
