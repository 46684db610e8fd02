/** A page with nothing but a client, the tenant that it asks, and the people who answer. */
import assert from "node:assert/strict";
import { serve } from "../consent/serve.mjs";
import { newPage } from "./browser.mjs";
import { giveCredentials, openWorld as openStory, tokenEndpoint } from "./story.mjs";

/** @typedef {Awaited<ReturnType<typeof openWorld>>} World */
/** @typedef {import("playwright-core").Page} Page */

export const GRAPH = "https://graph.microsoft.com";
/** Chromium writes a refusal of the token endpoint to the console: the client asks there what it does not know. */
export const REFUSED = /status of 40[01] .*\/oauth2\/v2\.0\/token/;

/** @param {Parameters<typeof openStory>[0]} [options] the tenant's @param {Parameters<typeof serve>[0]} [page] the page's */
export async function openWorld(options, page) {
  const world = await openStory(options, () => serve(page));
  const [adele, bo, carla] = world.tenant.users;
  return { ...world, adele, bo, carla, orders: world.tenant.apis.orders.resource };
}

/**
 * @typedef {object} AppOptions
 * @property {"localStorage" | "sessionStorage"} [cacheLocation]
 * @property {object} [auth] of the configuration, beside the app and its authority
 * @property {object} [system] of the configuration
 * @property {object} [api] of the configuration
 * @property {number} [app] which of the tenant's apps
 * @property {string} [path] of the page, and so of the redirect URI
 * @property {RegExp[]} [allow] console errors that the test expects
 * @property {boolean} [isHasty] whether the page asks for both answers of its address at once
 * @property {(page: { client: any, consentry: any, configuration: object }) => Promise<unknown>} [onReady]
 *   what the page does by itself, on every load; runs in the page
 */

/**
 * Opens the page in a browser context of its own. The test ends with its close, which fails on page errors.
 * @param {import("node:test").TestContext} t
 * @param {World} world
 * @param {AppOptions} [options]
 */
export async function openApp(t, world, { allow = [REFUSED], path = "/", ...options } = {}) {
  const page = await newPage(world.browser, { allow });
  t.after(() => page.close());
  await loadApp(page, world, path, options);
  return page;
}

/** Another tab of the same browser, with a client of its own. @param {Page} page @param {World} world @param {AppOptions} [options] */
export async function openTab(page, world, { path = "/", ...options } = {}) {
  const tab = await page.context().newPage();
  await loadApp(tab, world, path, options);
  return tab;
}

async function loadApp(page, { tenant, site }, path, { cacheLocation = "sessionStorage", system, auth, api, app = 0, isHasty = false, onReady }) {
  page.setDefaultTimeout(15_000);
  const configuration = {
    auth: { clientId: tenant.apps[app].clientId, authority: tenant.authority, ...auth },
    cache: { cacheLocation },
    system,
    api,
  };
  const settings = `window.settings = { configuration: ${JSON.stringify(configuration)}, isHasty: ${isHasty}, onReady: ${onReady ?? "undefined"} };`;
  await page.addInitScript(settings);
  page.on("popup", (popup) => popup.addInitScript(settings).catch(() => {})); // some close at once
  await page.goto(`${site.origin}${path}`);
  await page.waitForFunction(() => document.title === "ready");
}

/**
 * Calls the client. A call that leaves the page fails.
 * @param {Page} page
 * @param {string} method
 * @param {...unknown} args
 * @returns {Promise<{ value?: any, error?: any }>}
 */
export function call(page, method, ...args) {
  return page.evaluate(([name, values]) => told((async () => client[name](...values))()), [method, args]);
}

/** Begins a call that opens a window. @returns {Promise<{ popup: Page, result: ReturnType<typeof call> }>} */
export async function openPopup(page, method, ...args) {
  const opened = page.waitForEvent("popup");
  const result = call(page, method, ...args);
  result.catch(() => {}); // where the page is loaded again, nobody waits for it
  return { popup: await opened, result };
}

/**
 * The server's pages cut the tie to whoever opened them, so to the page the window looks closed. The browser of the tests says
 * that every page has the focus; `isFocused` in the page takes its place, and `looks` counts how often it was asked for.
 * @param {Page} page @param {string} server its origin
 */
export async function cutTies(page, server) {
  await page.context().route(({ origin }) => origin === server, async (route) => {
    if (route.request().resourceType() !== "document") return route.continue();
    const response = await route.fetch({ maxRedirects: 0 });
    return route.fulfill({ response, headers: { ...response.headers(), "cross-origin-opener-policy": "same-origin" } });
  });
  await page.evaluate(() => {
    window.isFocused = false;
    window.looks = 0;
    document.hasFocus = () => {
      window.looks += 1;
      return window.isFocused;
    };
    const open = window.open.bind(window);
    window.open = (...args) => (window.opened = open(...args));
  });
}

/** What a call is refused with; it sends no request to the authorization server's pages. */
export async function refusal(page, method, ...args) {
  const visits = watchVisits(page);
  const { error, value } = await call(page, method, ...args);
  assert.ok(error, `${method} brought ${JSON.stringify(value)}`);
  assert.deepEqual(visits, []);
  return error;
}

/** What a call brings. @param {Page} page @param {string} method @param {...unknown} args */
export async function brought(page, method, ...args) {
  const { error, value } = await call(page, method, ...args);
  assert.equal(error, undefined);
  return value;
}

/** Begins a call that leaves the page. If it is refused instead, `arrival` tells. @param {Page} page @param {string} method @param {unknown} request */
export function depart(page, method, request) {
  return page.evaluate(([name, value]) => {
    document.title = "leaving";
    window.refused = undefined;
    client[name](value).catch((error) => {
      window.refused = describe(error);
      document.title = "ready";
    });
  }, [method, request]);
}

/** Waits until the page is there again. @param {Page} page */
export async function arrival(page) {
  await page.waitForFunction(() => window.client && document.title === "ready");
  const { refused, ...answers } = await page.evaluate(() => ({ answer: window.answer, adminAnswer: window.adminAnswer, refused: window.refused }));
  assert.equal(refused, undefined);
  return answers;
}

/**
 * Answers the page of the tenant that asks, once it is there.
 * @param {Page} page
 * @param {"Accept" | "Cancel" | "Back to app"} button
 */
export async function answerWith(page, button) {
  await page.getByRole("button", { name: button }).click();
}

/** In place of the tenant's pages: every authorization request is refused, without a click. @param {Page} page @param {string} description */
export function refuseAll(page, description) {
  return page.route(/\/authorize\?/, (route) => {
    const query = new URL(route.request().url()).searchParams;
    const answer = new URLSearchParams({ error: "access_denied", error_description: description, state: query.get("state") });
    const address = JSON.stringify(`${query.get("redirect_uri")}#${answer}`);
    return route.fulfill({ contentType: "text/html", body: `<script>location.replace(${address});</script>` });
  });
}

/** Signs in with permissions that the user accepts; `isFree` where nothing is to be asked. */
export async function signIn(page, user, scopes = ["User.Read"], { isFree = false, ...request } = {}) {
  await depart(page, "loginRedirect", { scopes, ...request });
  await giveCredentials(page, user);
  if (!isFree) await answerWith(page, "Accept");
  const { answer } = await arrival(page);
  assert.equal(answer.error, undefined);
  assert.equal(answer.value.account.username, user.username);
  return answer.value;
}

/** Asks for permissions, and answers. @returns {Promise<{ value?: any, error?: any }>} what handleRedirectPromise made of it */
export async function askFor(page, scopes, button, request = {}) {
  await depart(page, "acquireTokenRedirect", { scopes, ...request });
  await answerWith(page, button);
  return (await arrival(page)).answer;
}

/** What is known of one API's permissions. */
export async function planFor(page, scopes, resource = GRAPH, account = undefined) {
  const plan = await brought(page, "plan", { [resource]: scopes }, ...(account ? [account] : []));
  return { interaction: plan.interaction, ...plan.resources[resource] };
}

/** A plan's members where nothing is in them. */
export const NOTHING = { granted: [], missing: [], adminOnly: [], declined: [] };

/** The page loads of the tenant's endpoints for users, from now on. @param {Page} page */
export function watchVisits(page) {
  const visits = [];
  page.on("request", (request) => {
    const [, endpoint] = /\/(authorize|adminconsent)\?/.exec(request.url()) ?? [];
    if (endpoint && request.isNavigationRequest()) visits.push(endpoint);
  });
  return visits;
}

/** The scopes of the token requests, from now on. @param {Page} page */
export function watchTokenScopes(page) {
  const scopes = [];
  page.on("request", (request) => {
    if (request.method() !== "POST" || !tokenEndpoint.test(request.url())) return;
    const names = new URLSearchParams(request.postData() ?? "").get("scope")?.split(" ") ?? [];
    scopes.push(names.filter((name) => !["openid", "profile", "offline_access"].includes(name)));
  });
  return scopes;
}

/** Whether an error is of these classes of the package, and of no other. */
export function assertClasses(error, ...classes) {
  assert.deepEqual(error.classes, ["AuthError", ...classes].sort());
}
