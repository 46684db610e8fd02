/** Who and what is registered at the server. */

export const USERS = [
  { sub: "user-noor", username: "noor", password: "local-openid", name: "Noor Haddad", email: "noor@people.example" },
  { sub: "user-ivo", username: "ivo", password: "local-openid", name: "Ivo Marić", email: "ivo@people.example" },
];

/** The protected APIs. Access tokens for them are JWTs with the identifier as audience. */
export const RESOURCES = {
  one: { identifier: "https://api.one.example", scopes: ["notes.read", "notes.write"] },
  two: { identifier: "https://api.two.example", scopes: ["files.read", "files.write"] },
};

/** What each client has beyond being a public single-page app. */
export const CLIENTS = {
  plain: { client_id: "spa" },
  par: { client_id: "spa-par", require_pushed_authorization_requests: true },
  dpop: { client_id: "spa-dpop", dpop_bound_access_tokens: true },
};

/** On http://localhost, at any port: where an app may be sent back to, after signing in as well as after signing out. */
export const PATHS = ["/", "/index.html", "/redirect.html", "/callback"];
