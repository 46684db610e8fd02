/**
 * Hands the client's tokens to what people call APIs with: the Microsoft Graph client, the Azure SDK, clients that Kiota has generated. An entry
 * of its own, which only an app that imports it downloads.
 */

import { isConfidential } from "./confidential.js";
import { ClientConfigurationError } from "./errors.js";

/** @typedef {import("./adapters.js").TokenClient} TokenClient */
/** @typedef {import("./index.js").SilentRequest & { scopes: string[] }} Request */

/**
 * Silently, and else in the way that the app allows.
 * @param {TokenClient} client @param {Request} request @param {import("./adapters.js").Interaction} [interaction]
 */
async function acquire(client, request, interaction = "none") {
  try {
    return await client.acquireTokenSilent(request);
  } catch (error) {
    const { name, claims } = /** @type {any} */ (error) ?? {};
    // By name: with `consentry/msal` the class is another package's.
    if (name !== "InteractionRequiredAuthError" || interaction === "none") throw error;
    const asked = { ...request, claims: claims || request.claims };
    if (interaction === "popup") return client.acquireTokenPopup(asked);
    await client.acquireTokenRedirect(asked);
    throw error; // the page is still there: the app, or the user, did not want to leave it
  }
}

/**
 * The SDK's signal as the browser's own, with the reason that the SDK's clients know.
 * @template T @param {import("./adapters.js").AbortSignalLike | undefined} signal @param {(signal?: AbortSignal) => Promise<T>} work
 */
function untilAborted(signal, work) {
  if (!signal) return work();
  const giving = new AbortController();
  const stop = () => giving.abort();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  return work(giving.signal).finally(() => signal.removeEventListener("abort", stop));
}

/** @param {TokenClient} client @param {import("./adapters.js").GraphOptions} options @returns {import("./adapters.js").GraphAuthenticationProvider} */
export function graphAuthenticationProvider(client, { scopes, account, interaction }) {
  return {
    async getAccessToken(options) {
      const { accessToken } = await acquire(client, { scopes: options?.scopes ?? scopes, account }, interaction);
      return accessToken;
    },
  };
}

/** @param {TokenClient} client @param {import("./adapters.js").AdapterOptions} [options] @returns {import("./adapters.js").TokenCredential} */
export function tokenCredential(client, { account, interaction } = {}) {
  return {
    async getToken(scopes, { claims, tenantId, abortSignal } = {}) {
      checkTenant(account ?? client.getActiveAccount() ?? client.getAllAccounts()[0], tenantId);
      const { accessToken, expiresOn, refreshOn } = await untilAborted(abortSignal, (signal) =>
        acquire(client, { scopes: [scopes].flat(), account, claims, signal }, interaction));
      return {
        token: accessToken,
        expiresOnTimestamp: Number(expiresOn ?? new Date()), // of what nobody said how long it lives, none is kept
        ...(refreshOn && { refreshAfterTimestamp: Number(refreshOn) }),
        tokenType: "Bearer",
      };
    },
  };
}

/** A service names the tenant that it takes tokens of: those of another one would be refused there. @param {import("./index.js").AccountInfo | undefined} account @param {string} [tenantId] */
function checkTenant(account, tenantId) {
  if (!tenantId || !account || tenantId.toLowerCase() === account.tenantId.toLowerCase()) return;
  throw new ClientConfigurationError("invalid_field", "", "`tenantId` is not the account's tenant: pass an `account` that is signed in there");
}

/**
 * @template {import("./adapters.js").HostsValidator} Hosts
 * @param {TokenClient} client @param {import("./adapters.js").AccessTokenProviderOptions<Hosts>} options @returns {import("./adapters.js").AccessTokenProvider<Hosts>}
 */
export function accessTokenProvider(client, { scopes, allowedHosts, account, interaction }) {
  return {
    async getAuthorizationToken(url = "", context) {
      if (!URL.canParse(url) || !isConfidential(new URL(url)) || allowedHosts.getAllowedHosts().length === 0 || !allowedHosts.isUrlHostValid(url)) return "";
      const { claims } = context ?? {};
      const request = { scopes, account, ...(typeof claims === "string" && { claims: decoded(claims) }) };
      const { accessToken } = await acquire(client, request, interaction);
      return accessToken;
    },
    getAllowedHostsValidator: () => allowedHosts,
  };
}

/** Kiota passes on what the API's challenge has, in base64. What is none is named by the client. @param {string} claims */
function decoded(claims) {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(claims), (character) => character.charCodeAt(0)));
  } catch {
    return claims;
  }
}
