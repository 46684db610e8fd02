/** Clients that are made with the unmodified MSAL for Node, and what their user does in a browser. */
import assert from "node:assert/strict";
import { CryptoProvider, PublicClientApplication } from "@azure/msal-node";
import { Browser, responseOf } from "../../../tenant/test/client.js";
import { authorityOf } from "./msal.mjs";

/** Nothing listens there: the browser of these tests stops where a page of the tenant sends it away. */
const REDIRECT_URI = "http://localhost:8400";

/** The tenant's app for tools and devices, with a cache of its own. */
export function publicClient(tenant) {
  const [, , fieldKit] = tenant.apps;
  return new PublicClientApplication({ auth: { ...authorityOf(tenant, tenant.tenantId), clientId: fieldKit.clientId } });
}

/** An authorization request: its URL, and what MSAL has to be told with the code. */
export async function authorizationRequest(client, request) {
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const redemption = { redirectUri: REDIRECT_URI, ...request, codeVerifier: verifier };
  return { redemption, url: await client.getAuthCodeUrl({ redirectUri: REDIRECT_URI, ...request, codeChallenge: challenge, codeChallengeMethod: "S256" }) };
}

/**
 * Signs in, and answers the pages that follow.
 * @param {string} url
 * @param {{ username: string, password: string }} user
 * @param {string[]} [actions] the button of each page
 * @returns {Promise<Record<string, string>>} the parameters that came to the redirect URI
 */
export async function passPages(url, user, actions = ["accept"]) {
  const browser = new Browser();
  let page = await browser.submit(await browser.open(url), { username: user.username, password: user.password, action: "sign-in" });
  for (const action of actions) page = await browser.submit(page, { action });
  return responseOf(page);
}

/** @returns {ReturnType<PublicClientApplication["acquireTokenByCode"]>} */
export async function signIn(client, user, request, actions) {
  const { url, redemption } = await authorizationRequest(client, request);
  const { code, error_description: refusal } = await passPages(url, user, actions);
  assert.ok(code, refusal);
  return client.acquireTokenByCode({ ...redemption, code });
}

/**
 * That a call is refused with an error of exactly this class, and so in all that is named.
 * @returns {Promise<any>} the error
 */
export async function refused(promise, errorClass, expected) {
  const error = await promise.then((value) => assert.fail(`it brought ${JSON.stringify(value)}`), (reason) => reason);
  assert.equal(error.constructor, errorClass, error);
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, error[name]])), expected);
  return error;
}
