import { explainClaims, payloadOf } from "./claims.js";
import { apiOf } from "./steps.js";
import { showAccounts } from "./view/accounts.js";
import { tickTokens, showTokens } from "./view/tokens.js";

/** Who is signed in, and what the tokens say that this page got. The tokens themselves are not kept here. */
export class Inspector {
  /** By API and permissions. @type {Map<string, import("./view/tokens.js").Shown>} */
  #tokens = new Map();

  /**
   * @param {typeof import("./auth.js")} auth
   * @param {import("./steps.js").Step[]} steps
   */
  constructor(auth, steps) {
    this.auth = auth;
    this.steps = steps;
    auth.watchEvents(({ eventType, payload }) => {
      if (eventType === "msal:acquireTokenSuccess") this.#got(payload);
    });
    // Every second, but nobody is told: a clock that is read out is noise.
    setInterval(tickTokens, 1000);
  }

  render() {
    const active = this.auth.account();
    const accounts = this.auth.accounts();
    if (accounts.length === 0) this.#tokens.clear();
    showAccounts(accounts.map((account) => ({ account, isActive: account.homeAccountId === active?.homeAccountId, ...explainClaims(account.idTokenClaims ?? {}) })));
    showTokens([...this.#tokens.values()]);
  }

  #got(result) {
    const payload = payloadOf(result.accessToken);
    const { name, resource } = apiOf(result, this.steps);
    const explained = payload ? explainClaims(payload) : { claims: [], others: [] };
    const how = result.fromCache ? "from cache" : "from the server";
    this.#tokens.set(`${resource} ${[...result.scopes].sort().join(" ")}`, { name, how, until: result.expiresOn, isReadable: Boolean(payload), ...explained });
    this.render();
  }
}
