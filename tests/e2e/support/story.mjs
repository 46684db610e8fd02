/** The sample page with all that it needs to run, and what its user does. */
import assert from "node:assert/strict";
import { serve } from "../../../scripts/serve.mjs";
import { launch as launchTenant } from "../../../tenant/launch.js";
import { launch as launchBrowser, newPage } from "./browser.mjs";

/** @typedef {Awaited<ReturnType<typeof openWorld>>} World */
/** @typedef {import("playwright-core").Page} Page */

/**
 * A tenant, the page's server and a browser.
 * @param {Parameters<typeof launchTenant>[0]} [options]  The tenant's.
 * @param {(tenant: any) => ReturnType<typeof serve>} [serveSite]  Another page's than the sample's.
 */
export async function openWorld(options, serveSite = (tenant) => serve({ port: 0, config: tenant })) {
  /** @type {(() => Promise<unknown>)[]} */
  const stops = [];
  const stop = async () => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };
  try {
    const tenant = await launchTenant({ port: 0, ...options });
    stops.push(() => tenant.stop());
    const site = await serveSite(tenant);
    stops.push(() => site.stop());
    const browser = await launchBrowser();
    stops.push(() => browser.close());
    return { tenant, site, browser, url: `${site.origin}/`, stop };
  } catch (error) {
    // What runs on would keep the test's process alive.
    await stop();
    throw error;
  }
}

/**
 * Opens the sample page in a browser context of its own. The test ends with its close, which fails on page errors.
 * @param {import("node:test").TestContext} t
 * @param {World} world
 * @param {{ allow?: RegExp[], width?: number, colorScheme?: "light" | "dark" }} [options]
 */
export async function visit(t, world, { allow, width = 1280, colorScheme = "light" } = {}) {
  const page = await newPage(world.browser, { allow });
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  await page.setViewportSize({ width, height: 800 });
  await page.emulateMedia({ colorScheme });
  await page.goto(world.url);
  await page.locator("#status", { hasNotText: "Loading" }).waitFor();
  return page;
}

/** @param {Page} page */
export async function signIn(page, user) {
  await page.getByTestId("sign-in").click();
  await giveCredentials(page, user);
  await answerConsent(page, "Accept");
  await page.getByTestId("profile").getByText(user.name).waitFor();
}

export async function giveCredentials(page, user) {
  await page.getByLabel("User name").fill(user.username);
  await page.getByLabel("Password").fill(user.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** @param {"Accept" | "Cancel"} answer */
export async function answerConsent(page, answer) {
  await page.getByRole("button", { name: answer }).click();
}

/** What the consent page asks for: each permission as `<Application ID URI> <permission>`. */
export async function askedPermissions(page) {
  await page.getByRole("button", { name: "Accept" }).waitFor();
  const lists = await page.locator("section", { has: page.locator("code") }).all();
  const texts = await Promise.all(lists.map(async (list) => {
    const [uri, ...names] = await list.locator("code").allTextContents();
    return names.map((name) => `${uri} ${name}`);
  }));
  return texts.flat();
}

/** A way on from the page that says that an administrator is needed. @param {"Back to app" | "Switch account"} way */
export async function leaveApproval(page, way) {
  await page.getByRole("button", { name: way }).click();
}

/** In front of an administrator's consent page, or of the sign-in before it. */
export async function consentForOrganization(page, admin) {
  await giveCredentials(page, admin);
  await page.getByRole("heading", { name: "for Contoso?" }).waitFor();
  await answerConsent(page, "Accept");
}

/** The row of one permission in the panel. */
export const permission = (page, name) => page.getByTestId("permissions").locator("li", { has: page.getByText(name, { exact: true }) });
/** How the panel names its state, once nothing newer is on its way. */
export async function stateOf(page, name) {
  await page.locator("#permissions[aria-busy=false]").waitFor({ state: "attached" });
  return permission(page, name).locator(".mark-state").textContent();
}

/** @param {Page} page @param {"permissions" | "timeline" | "accounts" | "tokens" | "break"} name */
export const openTab = (page, name) => page.locator(`[data-tab=${name}]`).click();

/** Unfolds all that is folded in the tab that is open. @param {Page} page */
export async function unfold(page) {
  const folded = page.locator("#inspector details:visible:not([open]) > summary");
  while (await folded.count() > 0) await folded.first().click();
}

/** The notice within one step. */
export const noticeIn = (page, step) => page.locator(`[data-step=${step}]`).getByTestId("error");

/** Clicks and, on the tenant's consent page, accepts. */
export async function showAfterConsent(page, button, list) {
  await page.getByTestId(button).click();
  await answerConsent(page, "Accept");
  await page.getByTestId(list).waitFor();
}

/** How the tokens were got, the newest first. */
export const tokenCalls = (page) => page.getByTestId("token-call").locator("strong").allTextContents();
export const lastTokenCall = async (page) => (await tokenCalls(page))[0];

/**
 * The token requests from now on, by grant type.
 * @param {Page} page
 * @returns {string[]}
 */
export function watchTokenRequests(page) {
  const grants = [];
  page.on("request", (request) => {
    if (isTokenRequest(request)) grants.push(new URLSearchParams(request.postData() ?? "").get("grant_type"));
  });
  return grants;
}

const isTokenRequest = (request) => request.method() === "POST" && tokenEndpoint.test(request.url());
export const tokenEndpoint = /\/oauth2\/v2\.0\/token(\?|$)/;

/** The authorization requests from now on: each is a visit to the server's pages. @param {Page} page @returns {URL[]} */
export function watchVisits(page) {
  const visits = [];
  page.on("request", (request) => {
    if (request.isNavigationRequest() && /\/oauth2\/v2\.0\/authorize\?/.test(request.url())) visits.push(new URL(request.url()));
  });
  return visits;
}

/** What the page keeps: every entry of both storages. */
export const storageOf = (page) => page.evaluate(() => ({ ...localStorage, ...sessionStorage }));

/**
 * Collects every token, code and verifier that passes, and every line of the console.
 * @param {Page} page
 */
export async function watchSecrets(page) {
  const secrets = new Set();
  const lines = [];
  const collect = (fields, names) => {
    for (const name of names) if (fields[name]) secrets.add(fields[name]);
  };
  page.on("console", (message) => lines.push(message.text()));
  // On its way, since the page can be gone before the answer is read.
  await page.route(tokenEndpoint, async (route) => {
    collect(Object.fromEntries(new URLSearchParams(route.request().postData() ?? "")), ["code", "code_verifier", "refresh_token"]);
    const response = await route.fetch();
    collect(await response.json(), ["access_token", "refresh_token", "id_token"]);
    await route.fulfill({ response });
  });
  return {
    secrets,
    /** No secret is in the page as it is now, nor in the console so far. */
    async assertAbsent() {
      const text = [await page.content(), ...lines].join("\n");
      for (const secret of secrets) assert.ok(!text.includes(secret), "a secret is in the page or in the console");
    },
  };
}

/** @param {Page} page */
export async function assertFitsWidth(page) {
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(excess, 0, "the page scrolls sideways");
}
