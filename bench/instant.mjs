/**
 * A server that lets everybody in at once, and answers as the tenant would, fast enough to fill a cache: who is meant is said by
 * `login_hint`. The one thing that takes time is the signature of ID tokens, of which there is one for each user and second.
 */
import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { LOOPBACK } from "../scripts/serve.mjs";

/** @typedef {Awaited<ReturnType<typeof serveInstant>>} Instant */
/** @typedef {{ subject: string, clientId: string, nonce: string | null, issuer: string, scope: string }} Grant */
/** @typedef {{ status: number, headers?: object, body?: object }} Answer */
/** @typedef {{ url: URL, form: URLSearchParams, origin: string }} Asked */

const TENANT = "5c1d2a6e-8f0b-4c53-9d47-2f6a0e9b7c31";
const CLIENT = "7be04a19-3d52-4f86-a1c8-90d6e2b35f74";
const OIDC_SCOPES = new Set(["openid", "profile", "email", "offline_access"]);
const DAY_SECONDS = 86_400;
const REFRESH_TOKEN_LENGTH = 1000;

/** @param {string} text */
function guidFor(text) {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const base64url = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");

const seconds = () => Math.floor(Date.now() / 1000);

/** For what nobody checks here: it looks like a JWT, since some clients read it, is as long as asked for, and never the same twice. @param {number} length @param {number} lifetimeSeconds */
function unsigned(length, lifetimeSeconds) {
  const text = `${base64url({ typ: "JWT", alg: "RS256" })}.${base64url({ jti: randomUUID(), iat: seconds(), exp: seconds() + lifetimeSeconds })}.`;
  return text + randomBytes(length).toString("base64url").slice(0, length - text.length);
}

/** Signs the ID tokens. */
function signer() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  /** @type {Map<string, { at: number, text: string }>} */
  const signed = new Map();
  /** @param {Grant} grant */
  const idToken = (grant) => {
    const at = seconds();
    const key = JSON.stringify(grant);
    const kept = signed.get(key);
    if (kept?.at === at) return kept.text;
    const oid = guidFor(grant.subject);
    const text = `${base64url({ typ: "JWT", alg: "RS256", kid: "bench" })}.${base64url({
      aud: grant.clientId, iss: grant.issuer, iat: at, nbf: at, exp: at + DAY_SECONDS, sub: oid, oid, tid: TENANT, ver: "2.0",
      name: `User of ${grant.subject}`, preferred_username: grant.subject, ...(grant.nonce === null ? {} : { nonce: grant.nonce }),
    })}`;
    const token = `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
    signed.set(key, { at, text: token });
    return token;
  };
  return { idToken, jwk: { ...publicKey.export({ format: "jwk" }), use: "sig", kid: "bench" } };
}

/** @param {string} origin */
function metadataOf(origin) {
  const base = `${origin}/${TENANT}`;
  return {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    response_modes_supported: ["query", "fragment", "form_post"],
    response_types_supported: ["code"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: [...OIDC_SCOPES],
    tenant_region_scope: null,
  };
}

/** What sign-ins come to that leave the page where it is, by user: a page may ask before or after the server knows. */
function keepAnswers() {
  /** @type {Map<string, { told: Promise<string>, tell: (hash: string) => void }>} */
  const answers = new Map();
  return (/** @type {string} */ user) => {
    const kept = answers.get(user);
    if (kept) return kept;
    let tell = (/** @type {string} */ _hash) => {};
    /** @type {Promise<string>} */
    const told = new Promise((resolve) => { tell = resolve; });
    const answer = { told, tell };
    answers.set(user, answer);
    return answer;
  };
}

/** What the server says. @param {number} tokenLength */
function endpoints(tokenLength) {
  const { idToken, jwk } = signer();
  /** @type {Map<string, Grant>} By code and by refresh token; one is for whoever has none. */
  const grants = new Map([["anybody's", { subject: "nobody", clientId: CLIENT, nonce: null, issuer: "nobody", scope: "" }]]);
  /** What a measurement sets, and what it reads. */
  const state = { lifetimeSeconds: DAY_SECONDS, delayMilliseconds: 0, staysOnPage: false, tokenRequests: 0 };
  const answerFor = keepAnswers();

  /** @param {Asked} asked */
  const authorize = ({ url, origin }) => {
    const asked = (/** @type {string} */ name) => url.searchParams.get(name);
    const isPlain = url.pathname === "/authorize";
    const code = randomUUID();
    grants.set(code, {
      subject: asked("login_hint") ?? "user0@bench.example",
      clientId: asked("client_id") ?? "",
      nonce: asked("nonce"),
      issuer: isPlain ? `${origin}/` : metadataOf(origin).issuer,
      scope: asked("scope") ?? "",
    });
    const parameters = new URLSearchParams({ code, state: asked("state") ?? "", session_state: guidFor(code) }).toString();
    if (state.staysOnPage) {
      // No content leaves the page where it is: many can sign in without one page load each.
      answerFor(asked("login_hint") ?? "").tell(`#${parameters}`);
      return { status: 204 };
    }
    return { status: 302, headers: { Location: `${asked("redirect_uri")}${asked("response_mode") === "fragment" ? "#" : "?"}${parameters}` } };
  };

  /** @param {Asked} asked */
  const token = async ({ url, form }) => {
    state.tokenRequests += 1;
    if (state.delayMilliseconds > 0) await new Promise((resolve) => { setTimeout(resolve, state.delayMilliseconds); });
    const grant = grants.get(form.get("code") ?? form.get("refresh_token") ?? "");
    if (!grant) return { status: 400, body: { error: "invalid_grant", error_description: "AADSTS70000: no such code or refresh token" } };
    // Like the platform, the server goes on to take the old one.
    const refreshToken = unsigned(REFRESH_TOKEN_LENGTH, DAY_SECONDS);
    grants.set(refreshToken, grant);
    const scopes = (form.get("scope") ?? grant.scope).split(" ");
    const named = scopes.filter((scope) => !OIDC_SCOPES.has(scope));
    return {
      status: 200,
      body: {
        token_type: "Bearer",
        scope: (url.pathname === "/oauth/token" || named.length === 0 ? scopes : named).join(" "),
        expires_in: state.lifetimeSeconds,
        ext_expires_in: state.lifetimeSeconds,
        access_token: unsigned(tokenLength, state.lifetimeSeconds),
        refresh_token: refreshToken,
        refresh_token_expires_in: DAY_SECONDS,
        id_token: idToken(grant),
        client_info: base64url({ uid: guidFor(grant.subject), utid: TENANT }),
      },
    };
  };

  /** @param {Asked} asked @returns {Promise<Answer>} */
  const route = async (asked) => {
    const { pathname } = asked.url;
    if (pathname.endsWith("/openid-configuration")) return { status: 200, body: metadataOf(asked.origin) };
    if (pathname.endsWith("/keys")) return { status: 200, body: { keys: [jwk] } };
    if (pathname.endsWith("/authorize")) return authorize(asked);
    if (pathname.endsWith("/token")) return token(asked);
    if (pathname === "/answer") return { status: 200, body: { hash: await answerFor(asked.url.searchParams.get("user") ?? "").told } };
    return { status: 404 };
  };

  return { route, state };
}

/** @param {{ tokenLength: number }} options how many characters the access tokens have */
export async function serveInstant({ tokenLength }) {
  const { route, state } = endpoints(tokenLength);
  const server = createServer(async (request, response) => {
    const origin = `http://${request.headers.host}`;
    const cors = {
      "Access-Control-Allow-Origin": request.headers.origin ?? "*",
      "Access-Control-Allow-Headers": request.headers["access-control-request-headers"] ?? "*",
      "Access-Control-Allow-Credentials": "true",
      "Access-Control-Max-Age": "600",
    };
    if (request.method === "OPTIONS") return response.writeHead(204, cors).end();
    let text = "";
    for await (const chunk of request) text += chunk;
    const { status, headers, body } = await route({ url: new URL(request.url ?? "/", origin), form: new URLSearchParams(text), origin });
    return response.writeHead(status, { ...cors, "Cache-Control": "no-store", ...(body ? { "Content-Type": "application/json" } : {}), ...headers }).end(body && JSON.stringify(body));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const origin = `http://localhost:${port}`;
  return {
    origin,
    authority: `${origin}/${TENANT}`,
    clientId: CLIENT,
    metadata: metadataOf(origin),
    state,
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
