/** What makes the server strict. All of it is the engine's own configuration (npm `oidc-provider`); nothing is patched. */
import { errors, interactionPolicy } from "oidc-provider";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createAdapter } from "./adapter.js";
import { CLIENTS, PATHS, RESOURCES, USERS } from "./fixtures.js";
import { errorPage, signedOutPage, signOutPage } from "./pages.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @param {{ origin: string, accessTokenSeconds: number, requirePushedRequests: boolean }} server */
export function configuration({ origin, accessTokenSeconds, requirePushedRequests }) {
  return {
    adapter: createAdapter(),
    allowOmittingSingleRegisteredRedirectUri: false,
    claims: { openid: ["sub"], profile: ["name", "preferred_username"], email: ["email", "email_verified"] },
    clientAuthMethods: ["none"],
    clientBasedCORS: (ctx, asking, client) => client.redirectUris.some((uri) => isSameHost(uri, asking)),
    clients: Object.values(CLIENTS).map(toClient),
    cookies: cookies(new URL(origin).port),
    features: features(requirePushedRequests),
    findAccount: (ctx, sub) => toAccount(USERS.find((user) => user.sub === sub)),
    interactions: { policy: policy(), url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    jwks: { keys: [{ ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }), use: "sig" }] },
    pkce: { required: () => true },
    renderError: errorPage,
    responseTypes: ["code"],
    // The engine's default spares tokens that are bound to a key.
    rotateRefreshToken: true,
    scopes: ["openid", "offline_access", "profile", "email"],
    ttl: lifetimes(accessTokenSeconds),
  };
}

function features(requirePushedAuthorizationRequests) {
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests },
    resourceIndicators: { enabled: true, getResourceServerInfo: (ctx, identifier) => resourceServer(identifier) },
    revocation: { enabled: true, allowedPolicy: (ctx, client, token) => token.clientId === client.clientId },
    rpInitiatedLogout: { enabled: true, logoutSource: signOutPage, postLogoutSuccessSource: signedOutPage },
    userinfo: { enabled: true },
  };
}

/** `native` is the engine's name for "ignore the port of a loopback redirect URI": an app's server takes any free one. */
function toClient(client) {
  const uris = PATHS.map((path) => `http://localhost${path}`);
  return {
    application_type: "native",
    grant_types: ["authorization_code", "refresh_token"],
    post_logout_redirect_uris: uris,
    redirect_uris: uris,
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    ...client,
  };
}

/** Native apps have to ask the user every time, as anybody can listen on a loopback port. These are pages in a browser. */
function policy() {
  const prompts = interactionPolicy.base();
  prompts.get("consent").checks.remove("native_client_prompt");
  return prompts;
}

/** Browsers do not tell ports apart in cookies, so two servers need different names. */
function cookies(port) {
  return {
    keys: [randomBytes(32).toString("hex")],
    names: { session: `session-${port}`, interaction: `interaction-${port}`, resume: `resume-${port}` },
  };
}

function resourceServer(identifier) {
  const resource = Object.values(RESOURCES).find((one) => one.identifier === identifier);
  if (!resource) throw new errors.InvalidTarget();
  return { accessTokenFormat: "jwt", scope: resource.scopes.join(" ") };
}

function toAccount(user) {
  if (!user) return undefined;
  const { sub, username, name, email } = user;
  return { accountId: sub, claims: () => ({ sub, name, preferred_username: username, email, email_verified: true }) };
}

/** @param {string} asking an origin; may be any text, as it is what a request says */
function isSameHost(uri, asking) {
  const [allowed, origin] = [new URL(uri), URL.parse(asking)];
  return origin?.protocol === allowed.protocol && origin.hostname === allowed.hostname;
}

/** Seconds. */
function lifetimes(accessTokenSeconds) {
  return {
    AccessToken: accessTokenSeconds,
    AuthorizationCode: MINUTE,
    Grant: DAY,
    IdToken: HOUR,
    Interaction: HOUR,
    RefreshToken: DAY,
    Session: DAY,
  };
}
