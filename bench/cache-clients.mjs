/** Whose token caches are compared, and where each keeps its tokens. */

/** @typedef {import("./instant.mjs").Instant} Instant */
/**
 * @typedef {object} Keeper
 * @property {string} name of its package; none for the hand-written one
 * @property {string} keeps where
 * @property {string} page the file in `pages`
 * @property {number} most how many tokens it is measured with at most
 * @property {boolean} [isLasting] whether the next page finds them
 * @property {boolean} [hasManyAccounts]
 * @property {boolean} [isShared] whether other tabs find them
 * @property {boolean} [hasSeveral] whether it has tokens of several APIs, where it is measured with one
 * @property {boolean} [takesSpellings] whether it is asked for several permissions at once, in the order and the case that the app likes
 * @property {(instant: Instant) => object} configure what the page's `settings()` are
 */

const MANY = 1000;

/** Warnings for developers are off, as they are anywhere but on localhost. @param {string} cacheLocation @returns {(instant: Instant) => object} */
const consentry = (cacheLocation) => ({ authority, clientId }) => ({
  client: { auth: { authority, clientId }, cache: { cacheLocation }, system: { scopeWarnings: false } },
});

/** @type {Keeper} */
export const CONSENTRY = {
  name: "consentry",
  keeps: "localStorage",
  page: "cache-consentry.js",
  takesSpellings: true,
  most: MANY,
  isLasting: true,
  isShared: true,
  configure: consentry("localStorage"),
};

/** @type {Keeper} */
export const CONSENTRY_SESSION = { ...CONSENTRY, keeps: "sessionStorage", isShared: false, configure: consentry("sessionStorage") };

/** Ten thousand tokens are too many for the five megabytes of a storage. @type {Keeper} */
export const CONSENTRY_MEMORY = { ...CONSENTRY_SESSION, keeps: "memoryStorage", most: 10_000, hasManyAccounts: true, isLasting: false, configure: consentry("memoryStorage") };

/** It takes an authority with https only, which it never asks, as it is given the metadata. @param {string} cacheLocation @returns {(instant: Instant) => object} */
const msal = (cacheLocation) => ({ authority, clientId, metadata }) => ({
  client: {
    auth: {
      clientId,
      authority: authority.replace(/^http:/, "https:"),
      knownAuthorities: [new URL(authority).host],
      authorityMetadata: JSON.stringify(metadata),
    },
    cache: { cacheLocation },
  },
});

/** @type {Keeper} */
export const MSAL = {
  name: "@azure/msal-browser",
  keeps: "localStorage",
  page: "cache-msal.js",
  takesSpellings: true,
  most: MANY,
  isLasting: true,
  hasManyAccounts: true,
  isShared: true,
  configure: msal("localStorage"),
};

/** Its default, which starts in less time: for the comparison of starts. @type {Keeper} */
export const MSAL_SESSION = { ...MSAL, keeps: "sessionStorage", most: 1, hasSeveral: true, hasManyAccounts: false, isShared: false, configure: msal("sessionStorage") };

/** For tokens of many APIs it needs `useMrrt`. @type {Keeper} */
const AUTH0 = {
  name: "@auth0/auth0-spa-js",
  keeps: "localstorage",
  page: "cache-auth0.js",
  takesSpellings: true,
  most: MANY,
  isLasting: true,
  isShared: true,
  configure: ({ origin, clientId }) => ({ client: { domain: origin, clientId, cacheLocation: "localstorage", useRefreshTokens: true, useMrrt: true } }),
};

/** @type {Keeper} */
const OIDC_CLIENT_TS = {
  name: "oidc-client-ts",
  keeps: "localStorage",
  page: "cache-oidc-client-ts.js",
  most: 1,
  isLasting: true,
  isShared: true,
  configure: ({ authority, clientId }) => ({ client: { authority: `${authority}/v2.0`, client_id: clientId, automaticSilentRenew: false } }),
};

/** @type {Keeper} */
const KEYCLOAK = {
  name: "keycloak-js",
  keeps: "memory",
  page: "cache-keycloak.js",
  most: 1,
  configure: ({ authority, clientId }) => ({ client: { oidcProvider: `${authority}/v2.0`, clientId } }),
};

/** What a developer would write who needs no more than this. @type {Keeper} */
export const HAND_WRITTEN = {
  name: "",
  keeps: "localStorage",
  page: "cache-hand-written.js",
  most: MANY,
  isLasting: true,
  isShared: true,
  configure: ({ clientId, metadata }) => ({
    client: { clientId, authorizationEndpoint: metadata.authorization_endpoint, tokenEndpoint: metadata.token_endpoint },
  }),
};

export const KEEPERS = [CONSENTRY, CONSENTRY_SESSION, CONSENTRY_MEMORY, MSAL, MSAL_SESSION, AUTH0, OIDC_CLIENT_TS, KEYCLOAK, HAND_WRITTEN];
