/** A client for the tests: a browser's cookies and redirects, and an app's requests. Nothing of it comes from the tenant. */
import assert from "node:assert/strict";
import { createHash, randomBytes, randomUUID } from "node:crypto";

export const GRAPH = "https://graph.microsoft.com";
export const ORDERS = "api://9c1f6b52-3d0e-4a87-b6a4-51e0c8f7d2a9";
export const REDIRECT_URI = "http://localhost:5173/redirect.html";
const ORIGIN = new URL(REDIRECT_URI).origin;
const BASICS = "openid profile offline_access";

/** A browser with an empty cookie jar. */
export class Browser {
  #cookies = new Map();

  /** One request, without following redirects. */
  async request(url, { method = "GET", form, headers } = {}) {
    const response = await fetch(url, {
      method,
      redirect: "manual",
      headers: { Accept: "text/html", Cookie: this.#cookiesFor(new URL(url).pathname), ...headers },
      body: form && new URLSearchParams(form),
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line, url);
    return response;
  }

  /** Follows redirects within the origin: `{ url, response }` of a page, or `{ url }` of another origin. */
  async open(url, init) {
    let response = await this.request(url, init);
    let current = url;
    while (response.headers.has("location")) {
      current = new URL(response.headers.get("location"), current).href;
      if (new URL(current).origin !== new URL(url).origin) return { url: current };
      response = await this.request(current);
    }
    return { url: current, response, text: await response.text() };
  }

  /** Sends the form of a page that was opened. */
  submit(page, form) {
    return this.open(page.url, { method: "POST", form });
  }

  #cookiesFor(path) {
    return [...this.#cookies.values()]
      .filter((cookie) => path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, "/")))
      .map((cookie) => `${cookie.name}=${cookie.value}`)
      .join("; ");
  }

  #keep(line, url) {
    const [pair, ...attributes] = line.split(/; */);
    const [name, value] = pair.split(/=(.*)/);
    const attribute = (wanted) => attributes.find((text) => text.toLowerCase().startsWith(`${wanted}=`))?.split(/=(.*)/)[1];
    const path = attribute("path") ?? new URL(url).pathname;
    const expires = attribute("expires");
    if (expires && new Date(expires) < new Date()) this.#cookies.delete(`${name} ${path}`);
    else this.#cookies.set(`${name} ${path}`, { name, value, path });
  }
}

/** An app in the browser, which talks to one tenant. */
export class App {
  constructor(tenant, { clientId = tenant.clientId, redirectUri = REDIRECT_URI, segment = tenant.tenantId } = {}) {
    Object.assign(this, { tenant, clientId, redirectUri, base: `${tenant.origin}/${segment}`, browser: new Browser() });
  }

  /** The same app in the same browser, at another segment or under another redirect URI. */
  at(segment, redirectUri = this.redirectUri) {
    return Object.assign(new App(this.tenant, { clientId: this.clientId, redirectUri, segment }), { browser: this.browser, verifier: this.verifier });
  }

  /** @returns {string} an authorization URL; `undefined` as a value leaves a parameter out */
  authorizationUrl(parameters = {}) {
    this.verifier = randomBytes(32).toString("base64url");
    this.nonce = randomUUID();
    this.state = randomUUID();
    const all = {
      client_id: this.clientId,
      response_type: "code",
      redirect_uri: this.redirectUri,
      response_mode: "fragment",
      scope: `${BASICS} User.Read`,
      state: this.state,
      nonce: this.nonce,
      code_challenge: createHash("sha256").update(this.verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...parameters,
    };
    return `${this.base}/oauth2/v2.0/authorize?${new URLSearchParams(Object.entries(all).filter(([, value]) => value !== undefined))}`;
  }

  /** Opens the authorization page. */
  authorize(parameters) {
    return this.browser.open(this.authorizationUrl(parameters));
  }

  /** Passes the sign-in page where it comes, and returns what is next: a page, or the redirect. */
  async authorizationPage(user, parameters) {
    return this.enterCredentials(user, await this.authorize(parameters));
  }

  async enterCredentials(user, page) {
    if (!page.text?.includes("name=\"password\"")) return page;
    return this.browser.submit(page, { username: user.username, password: user.password, action: "sign-in" });
  }

  /** Opens the admin consent endpoint and passes the sign-in page where it comes. */
  async adminConsentPage(user, parameters) {
    this.state = randomUUID();
    const all = { client_id: this.clientId, redirect_uri: this.redirectUri, state: this.state, ...parameters };
    const query = new URLSearchParams(Object.entries(all).filter(([, value]) => value !== undefined));
    return this.enterCredentials(user, await this.browser.open(`${this.base}/v2.0/adminconsent?${query}`));
  }

  /** Passes the sign-in page and the consent page where they come, and returns the parameters of the response. */
  async authorizeAs(user, parameters) {
    let page = await this.authorizationPage(user, parameters);
    if (page.text?.includes("value=\"accept\"")) page = await this.browser.submit(page, { action: "accept" });
    return responseOf(page);
  }

  /** Redeems at the token endpoint; the body as JSON, with `status` and `headers` of the response. */
  token(parameters, { origin = ORIGIN } = {}) {
    return this.#post("token", parameters, origin);
  }

  /** Asks for a device code, as no page could. */
  deviceCode(parameters) {
    return this.#post("devicecode", { scope: `${BASICS} User.Read`, ...parameters });
  }

  pollFor(deviceCode, parameters) {
    return this.token({ grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code: deviceCode, ...parameters }, { origin: null });
  }

  async #post(endpoint, parameters, origin) {
    const body = Object.entries({ client_id: this.clientId, ...parameters }).filter(([, value]) => value !== undefined);
    const response = await fetch(`${this.base}/oauth2/v2.0/${endpoint}`, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded", ...(origin ? { Origin: origin } : {}) },
      body: new URLSearchParams(body),
    });
    return { ...(await response.json()), status: response.status, headers: response.headers };
  }

  redeem(code, parameters, init) {
    return this.token({
      grant_type: "authorization_code", code, redirect_uri: this.redirectUri, code_verifier: this.verifier,
      scope: `${BASICS} User.Read`, ...parameters,
    }, init);
  }

  refresh(refreshToken, parameters, init) {
    return this.token({ grant_type: "refresh_token", refresh_token: refreshToken, scope: `${BASICS} User.Read`, ...parameters }, init);
  }

  /** Signs in, consents, and redeems the code, all for the same scope. */
  async signIn(user, scope = `${BASICS} User.Read`) {
    const { code } = await this.authorizeAs(user, { scope });
    return this.redeem(code, { scope });
  }
}

/** The parameters that came to the redirect URI, from query or fragment. */
export function responseOf({ url }) {
  const { hash, search } = new URL(url);
  return Object.fromEntries(new URLSearchParams(hash.slice(1) || search));
}

/** The permissions that a consent page lists. */
export function listed({ text }) {
  return [...text.matchAll(/<code>([A-Z][\w.]+)<\/code>(?:<\/span><\/label>)?<\/li>/g)].map(([, name]) => name);
}

export function claimsOf(jwt) {
  return JSON.parse(Buffer.from(jwt.split(".")[1], "base64url"));
}

export function call(url, accessToken, { body, ...init } = {}) {
  const headers = { ...(accessToken ? { Authorization: `Bearer ${accessToken}` } : {}), ...(body ? { "Content-Type": "application/json" } : {}) };
  return fetch(url, { ...init, headers, body: body && JSON.stringify(body) });
}

/** That a response of the token endpoint is this refusal. */
export function assertRefused(response, error, code, suberror) {
  assert.deepEqual(
    { error: response.error, codes: response.error_codes, suberror: response.suberror, status: response.status },
    { error, codes: [code], suberror, status: error === "invalid_client" ? 401 : 400 },
  );
}

/** That a response of the authorization endpoint is this refusal, with the state of the request. */
export function assertSentBack(app, page, error, code) {
  const response = responseOf(page);
  assert.deepEqual({ error: response.error, state: response.state, suberror: response.suberror }, { error, state: app.state, suberror: undefined });
  assert.match(response.error_description, new RegExp(`^AADSTS${code}: `));
}

/** That the tenant shows this refusal on a page of its own, and sends nothing to the app. */
export function assertErrorPage({ url, response, text }, code, status = 400) {
  assert.ok(text, `no page, but ${url}`);
  assert.match(text, new RegExp(`role="alert">AADSTS${code}: `));
  assert.equal(response.status, status);
}

/** The heading of a page of the tenant. */
export function headingOf({ url, text }) {
  assert.ok(text, `no page, but ${url}`);
  return /<h1>(.*?)<\/h1>/.exec(text)[1];
}

/** The time in milliseconds, in the middle of its second: where the tenant's stands still there, the engine's own clock rounds to it. */
export const middleOfSecond = () => Math.floor(Date.now() / 1000) * 1000 + 500;
