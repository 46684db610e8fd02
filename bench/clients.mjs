/** The clients that are compared. Each is told which server and which app, and otherwise left to its defaults. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../scripts/process.mjs";

/** @typedef {import("../tenant/index.js").Tenant} Tenant */
/**
 * @typedef {object} Client
 * @property {string} name of its package
 * @property {string} page the file in `pages`
 * @property {(tenant: Tenant) => object | Promise<object>} configure what the page's `settings()` are
 * @property {boolean} [sendsCookies] whether it asks for tokens with the server's cookies, which servers have to allow
 */

const SCOPE = "openid profile offline_access User.Read";

/** @param {Tenant} tenant */
const msalAuth = ({ origin, authority, clientId }) => ({ clientId, authority: authority.replace(/^http:/, "https:"), knownAuthorities: [new URL(origin).host] });

/** @type {Client} */
export const CONSENTRY = {
  name: "consentry",
  page: "consentry.js",
  configure: ({ authority, clientId }) => ({ auth: { authority, clientId } }),
};

/** It reads what the server publishes. @type {Client} */
const MSAL = {
  name: "@azure/msal-browser",
  page: "msal.js",
  configure: (tenant) => ({ origin: tenant.origin, auth: msalAuth(tenant) }),
};

/** It brings the platform's metadata along, so at the platform it asks for none: the tenant's are given to it in their place. @type {Client} */
const MSAL_AT_HOME = {
  ...MSAL,
  configure: async (tenant) => {
    const metadata = await fetch(`${tenant.authority}/v2.0/.well-known/openid-configuration`);
    return { auth: { ...msalAuth(tenant), authorityMetadata: await metadata.text() } };
  },
};

/** @type {Client} */
const OIDC_CLIENT_TS = {
  name: "oidc-client-ts",
  page: "oidc-client-ts.js",
  configure: ({ authority, clientId }) => ({ authority: `${authority}/v2.0`, client_id: clientId, scope: SCOPE }),
};

/** @type {Client} */
const KEYCLOAK = {
  name: "keycloak-js",
  page: "keycloak.js",
  configure: ({ authority, clientId }) => ({ oidcProvider: `${authority}/v2.0`, clientId }),
  sendsCookies: true,
};

/** For what they refuse. */
export const REFUSING = [CONSENTRY, MSAL, OIDC_CLIENT_TS, KEYCLOAK];
/** For how long they take; handling the answer is a call of its own in each. */
export const TIMED = [CONSENTRY, MSAL_AT_HOME, OIDC_CLIENT_TS];

/** @param {string} name of an npm package */
export async function versionOf(name) {
  /** @type {{ version: string }} */
  const { version } = JSON.parse(await readFile(join(ROOT, "node_modules", name, "package.json"), "utf8"));
  return version;
}
