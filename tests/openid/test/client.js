/** An app and its user's browser, for the tests. Nothing of it comes from the server; the addresses are those of its metadata. */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { Browser } from "../../../tenant/test/client.js";

export const REDIRECT_URI = "http://localhost:5173/callback";
const ORIGIN = new URL(REDIRECT_URI).origin;
export const EVERYTHING = "openid profile email offline_access";

/** @param {{ issuer: string }} server */
export async function metadataOf({ issuer }) {
  return (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
}

/** Leaves out what is `undefined`; repeats a parameter whose value is an array. */
function form(parameters) {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => [value].flat().map((single) => [name, single]));
  return new URLSearchParams(pairs.filter(([, value]) => value !== undefined));
}

export class App {
  /** @param {Awaited<ReturnType<typeof metadataOf>>} metadata */
  constructor(metadata, { clientId = "spa", redirectUri = REDIRECT_URI } = {}) {
    Object.assign(this, { metadata, clientId, redirectUri, browser: new Browser() });
  }

  /** An authorization request: with a refresh token, as the server wants it asked for. */
  request(parameters = {}) {
    this.verifier = randomBytes(32).toString("base64url");
    this.state = randomUUID();
    this.nonce = randomUUID();
    return {
      client_id: this.clientId,
      response_type: "code",
      redirect_uri: this.redirectUri,
      scope: EVERYTHING,
      prompt: "consent",
      state: this.state,
      nonce: this.nonce,
      code_challenge: createHash("sha256").update(this.verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...parameters,
    };
  }

  /** What the request brings: `{ url, text }` of a page, or `{ url }` of the app. */
  open(parameters) {
    return this.browser.open(`${this.metadata.authorization_endpoint}?${form(parameters)}`);
  }

  /** Passes the pages that come. @returns {Promise<Record<string, string>>} the parameters of the answer */
  async authorize(user, parameters = this.request(), answer = "accept") {
    let page = await this.open(parameters);
    if (page.text?.includes("name=\"password\"")) {
      page = await this.browser.submit(page, { username: user.username, password: user.password });
    }
    if (page.text?.includes("value=\"accept\"")) page = await this.browser.submit(page, { answer });
    return answerOf(page);
  }

  /** Posts to an endpoint for scripts; the body of the answer, with its status and headers. */
  async post(url, parameters, headers = {}) {
    const body = form({ client_id: this.clientId, ...parameters });
    const response = await fetch(url, { method: "POST", headers: { Origin: ORIGIN, ...headers }, body });
    const text = await response.text();
    return { ...(text ? JSON.parse(text) : {}), status: response.status, headers: response.headers };
  }

  redeem(code, parameters, headers) {
    const grant = { grant_type: "authorization_code", code, redirect_uri: this.redirectUri, code_verifier: this.verifier };
    return this.post(this.metadata.token_endpoint, { ...grant, ...parameters }, headers);
  }

  refresh(refreshToken, parameters, headers) {
    return this.post(this.metadata.token_endpoint, { grant_type: "refresh_token", refresh_token: refreshToken, ...parameters }, headers);
  }

  push(parameters) {
    return this.post(this.metadata.pushed_authorization_request_endpoint, parameters);
  }

  /** Signs in and redeems. @param {object} [redemption] further parameters of the token request */
  async signIn(user, parameters, redemption) {
    const { code } = await this.authorize(user, parameters);
    return this.redeem(code, redemption);
  }

  userinfo(accessToken, { scheme = "Bearer", ...headers } = {}) {
    return fetch(this.metadata.userinfo_endpoint, { headers: { Authorization: `${scheme} ${accessToken}`, ...headers } });
  }
}

export function answerOf(page) {
  return Object.fromEntries(new URL(page.url).searchParams);
}

/** The claims of a JWT, unchecked. */
export function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
}

/** What a refusal of an endpoint for scripts is about. */
export function refusalOf({ status, error }) {
  return { status, error };
}
