/** An app that is made with the unmodified MSAL.js, the tenant that it asks, and the people who answer. */
import assert from "node:assert/strict";
import { newPage } from "./browser.mjs";
import { serve } from "./bundled.mjs";
import { answerConsent, giveCredentials, openWorld as openStory } from "./story.mjs";

/** @typedef {Awaited<ReturnType<typeof openWorld>>} World */
/** @typedef {import("playwright-core").Page} Page */

const FOLDER = new URL("../msal/", import.meta.url);
const PAGES = { "/": "app", "/redirect.html": "redirect" };
/** Chromium writes refusals to the console: of the token endpoint, of an API, and of the page that blocks. */
export const REFUSED = /status of 4\d\d .*(?:\/oauth2\/v2\.0\/token|\/orders|\/v1\.0\/me|\/interaction\/)/;

export async function openWorld() {
  const serveApp = (tenant) => serve({ folder: FOLDER, pages: PAGES, configure: (origin) => configurationOf(tenant, origin) });
  const world = await openStory({}, serveApp);
  const { users, apis } = world.tenant;
  const [adele, bo, , dana, evan] = users;
  const calls = { orders: `${apis.orders.origin}/orders`, me: `${apis.graph.origin}/v1.0/me` };
  return { ...world, adele, bo, dana, evan, orders: apis.orders.resource, calls };
}

/** What MSAL is told of a tenant: it takes only https authorities; with the metadata given, that is a name which nobody calls. */
export function authorityOf({ origin }, segment) {
  const { host } = new URL(origin);
  // MSAL puts the authority's tenant in place of {tenantid}, so this is good for a request to another authority as well.
  const base = `${origin}/{tenantid}`;
  return {
    authority: `https://${host}/${segment}`,
    knownAuthorities: [host],
    authorityMetadata: JSON.stringify({
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      issuer: `${base}/v2.0`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
    }),
  };
}

function configurationOf(tenant, origin) {
  return {
    auth: {
      ...authorityOf(tenant, tenant.tenantId),
      clientId: tenant.clientId,
      redirectUri: `${origin}/redirect.html`,
      postLogoutRedirectUri: `${origin}/`,
    },
    cache: { cacheLocation: "localStorage" },
    // A machine that is busy is no reason for a frame to be given up.
    system: { iframeBridgeTimeout: 30_000 },
  };
}

/**
 * Opens the app in a browser context of its own. The test ends with its close, which fails on page errors.
 * @param {import("node:test").TestContext} t
 * @param {World} world
 * @param {object} [options]
 * @param {object} [options.auth] what the app configures differently
 * @param {RegExp[]} [options.allow] console errors that the test expects
 */
export async function openApp(t, { site, browser }, { auth, allow } = {}) {
  const page = await newPage(browser, { allow });
  t.after(() => page.close());
  if (auth) await page.context().route("**/config.json", (route) => configureDifferently(route, auth));
  await page.goto(`${site.origin}/`);
  await isReady(page);
  return page;
}

async function configureDifferently(route, auth) {
  const { auth: usual, ...others } = await (await route.fetch()).json();
  await route.fulfill({ json: { ...others, auth: { ...usual, ...auth } } });
}

export function isReady(page) {
  return page.waitForFunction(() => window.app && document.title === "ready");
}

/** Begins a call that leaves the page. @param {Page} page @param {string} method @param {object} request */
export function depart(page, method, request) {
  return page.evaluate(([name, value]) => {
    document.title = "leaving";
    app.client[name](value);
  }, [method, request]);
}

/**
 * What a call of the client brings, or `error`: what it is refused with.
 * @param {Page} page
 * @param {string} method
 * @param {object} [request]
 */
export function call(page, method, request) {
  return page.evaluate(([name, value]) => app.told(app.client[name](value)), [method, request]);
}

/**
 * Begins a call that opens a window.
 * @param {Page} page
 * @param {string} method
 * @param {object} [request]
 * @returns {Promise<{ popup: Page, result: ReturnType<typeof call> }>}
 */
export async function inPopup(page, method, request) {
  const opened = page.waitForEvent("popup");
  const result = call(page, method, request);
  return { popup: await opened, result };
}

/** Answers a consent page. @returns {Promise<string>} what it said */
export async function passConsent(page, answer = "Accept") {
  await page.getByRole("button", { name: answer }).waitFor();
  const text = await page.locator("main").innerText();
  await answerConsent(page, answer);
  return text;
}

/** @returns {Promise<object>} what handleRedirectPromise brought */
export async function signInByRedirect(page, user) {
  await depart(page, "loginRedirect", { scopes: ["User.Read"] });
  await giveCredentials(page, user);
  await passConsent(page);
  await isReady(page);
  return page.evaluate(() => app.redirectResult);
}

/** @returns {Promise<object>} the account, which is the active one from now on */
export async function signInByPopup(page, user, request = {}) {
  const { popup, result } = await inPopup(page, "loginPopup", { scopes: ["User.Read"], ...request });
  await giveCredentials(popup, user);
  await passConsent(popup);
  const { account, error } = await result;
  assert.equal(error, undefined);
  await page.evaluate((username) => app.client.setActiveAccount(app.client.getAccount({ username })), account.username);
  return account;
}

/**
 * Calls an API: the status, the answer, and the claims that it wants instead.
 * @param {Page} page
 * @param {string} url
 * @param {string} accessToken
 * @param {string} [method]
 */
export function callApi(page, url, accessToken, method = "GET") {
  return page.evaluate(async ([address, token, verb]) => {
    const response = await fetch(address, { method: verb, headers: { Authorization: `Bearer ${token}` } });
    const [, challenge] = /error="insufficient_claims", claims="([^"]+)"/.exec(response.headers.get("WWW-Authenticate") ?? "") ?? [];
    const body = response.status === 200 ? await response.json() : undefined;
    return { status: response.status, body, claims: challenge && atob(challenge) };
  }, [url, accessToken, method]);
}

/** That a call was refused so, in all that is named. */
export function assertRefused({ error }, expected) {
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, error?.[name]])), expected);
}

/**
 * What acquireTokenSilent did, with the token used at an API if one is named.
 * @param {Page} page
 * @param {object} request
 * @param {string} [url]
 */
export async function silently(page, request, url) {
  const { error, scopes, fromCache, accessToken } = await call(page, "acquireTokenSilent", request);
  if (error) return { error };
  const answer = url === undefined ? {} : await callApi(page, url, accessToken);
  return { scopes, fromCache, accessToken, ...answer };
}

/** What the tenant answered to each request for a token, in words. @returns {Promise<string[]>} */
export async function tokenAnswers(tenant) {
  const requests = await tenant.requests();
  return requests.filter(({ method, path }) => method === "POST" && path.endsWith("/token")).map(({ answer }) => answer);
}
