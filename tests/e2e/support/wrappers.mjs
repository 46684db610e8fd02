/** An app with one of MSAL.js's wrappers over this package, the tenant that it asks, and the people who answer. */
import { newPage } from "./browser.mjs";
import { serve } from "./bundled.mjs";
import { REFUSED } from "./consent.mjs";
import { openWorld as openStory } from "./story.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** How the app comes by the package: what its imports mean. */
export const WAYS = {
  "consentry/msal": { client: "consentry/msal" },
  "the package that is installed as MSAL.js": { client: "@consentry/msal-browser", "@azure/msal-browser": "@consentry/msal-browser" },
};

/**
 * @param {string} script of the app
 * @param {Record<string, string>} alias one of `WAYS`
 * @param {{ pages?: string[], bundling?: import("esbuild").BuildOptions }} [options] `pages`: the paths of the app
 */
export async function openWorld(script, alias, { pages = ["/"], bundling } = {}) {
  const configure = ({ clientId, authority, apis }) => ({
    configuration: { auth: { clientId, authority, redirectUri: "/", postLogoutRedirectUri: "/" }, cache: { cacheLocation: "localStorage" } },
    orders: apis.orders.resource,
    address: `${apis.orders.origin}/orders`,
  });
  const world = await openStory({}, (tenant) => serve({
    folder: new URL("../wrappers/", import.meta.url),
    pages: Object.fromEntries(pages.map((path) => [path, script])),
    configure: () => configure(tenant),
    bundling: { alias, define: { "process.env.NODE_ENV": '"development"' }, target: "es2022", ...bundling },
  }));
  return { ...world, adele: world.tenant.users[0] };
}

/**
 * Opens the app in a browser context of its own. The test ends with its close, which fails on page errors.
 * @param {import("node:test").TestContext} t
 * @param {Awaited<ReturnType<typeof openWorld>>} world
 * @param {{ way?: "popup" | "redirect" }} [settings] what the app finds on its window
 */
export async function visit(t, { browser, url }, settings = {}) {
  const page = await newPage(browser, { allow: [REFUSED] });
  t.after(() => page.close());
  await page.context().addInitScript(`Object.assign(window, ${JSON.stringify(settings)});`);
  page.setDefaultTimeout(15_000);
  await page.goto(url);
  await settled(page);
  return page;
}

export const click = (page, name) => page.getByRole("button", { name, exact: true }).click();
export const textOf = (page, id) => page.getByTestId(id).textContent();

/** Until the wrapper says that nothing is under way. @param {Page} page */
export const settled = (page) => page.getByTestId("status").getByText("none", { exact: true }).waitFor();

/** Clicks on what opens a window. @param {Page} page @param {string} name @returns {Promise<Page>} */
export async function openWindow(page, name) {
  const opened = page.waitForEvent("popup");
  await click(page, name);
  return opened;
}
