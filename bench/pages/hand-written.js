/**
 * What a developer writes who needs tokens of several APIs and no package: they are in memory, each with a copy in the local storage,
 * and are renewed with plain `fetch`. Nothing of what comes is checked.
 */

/** @typedef {{ accessToken: string, expiresOn: number }} Token `expiresOn`: milliseconds since 1970. */

const PREFIX = "tokens|";
const REFRESH_TOKEN = "refresh-token";
const RENEWAL_MILLISECONDS = 300_000;

export class HandWritten {
  /** @param {{ clientId: string, authorizationEndpoint: string, tokenEndpoint: string }} settings */
  constructor(settings) {
    this.settings = settings;
    /** @type {Map<string, Token>} */
    this.tokens = new Map();
    /** @type {Map<string, Promise<Token>>} */
    this.renewals = new Map();
  }

  load() {
    for (const [key, text] of Object.entries(localStorage)) if (key.startsWith(PREFIX)) this.tokens.set(key.slice(PREFIX.length), JSON.parse(text));
  }

  /** @param {string} scope @param {Record<string, string>} [extra] */
  signIn(scope, extra = {}) {
    const state = crypto.randomUUID();
    sessionStorage.setItem("state", JSON.stringify({ state, scope }));
    const parameters = new URLSearchParams({ client_id: this.settings.clientId, response_type: "code", redirect_uri: `${location.origin}/`, scope: `${scope} openid profile offline_access`, state, ...extra });
    location.assign(`${this.settings.authorizationEndpoint}?${parameters}`);
  }

  async handleAnswer() {
    const answer = new URLSearchParams(location.search);
    const { state, scope } = JSON.parse(sessionStorage.getItem("state") ?? "{}");
    const code = answer.get("code");
    if (!code || answer.get("state") !== state) return;
    history.replaceState(null, "", "/");
    await this.redeem(scope, { grant_type: "authorization_code", code, redirect_uri: `${location.origin}/` });
  }

  /** @param {string} scope @param {boolean} [isForced] @returns {Promise<Token>} */
  async acquire(scope, isForced = false) {
    const kept = this.tokens.get(scope);
    if (kept && !isForced && kept.expiresOn > Date.now() + RENEWAL_MILLISECONDS) return kept;
    let renewal = this.renewals.get(scope);
    if (!renewal) {
      renewal = this.redeem(scope, { grant_type: "refresh_token", refresh_token: localStorage.getItem(REFRESH_TOKEN) ?? "" }).finally(() => this.renewals.delete(scope));
      this.renewals.set(scope, renewal);
    }
    return renewal;
  }

  /** @param {string} scope @param {Record<string, string>} grant @returns {Promise<Token>} */
  async redeem(scope, grant) {
    const body = new URLSearchParams({ client_id: this.settings.clientId, scope: `${scope} openid profile offline_access`, ...grant });
    const response = await fetch(this.settings.tokenEndpoint, { method: "POST", body });
    if (!response.ok) throw new Error(await response.text());
    const answer = await response.json();
    const token = { accessToken: answer.access_token, expiresOn: Date.now() + answer.expires_in * 1000 };
    localStorage.setItem(REFRESH_TOKEN, answer.refresh_token);
    localStorage.setItem(PREFIX + scope, JSON.stringify(token));
    this.tokens.set(scope, token);
    return token;
  }
}
