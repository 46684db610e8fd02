/** A page whose client signs in at the strict OpenID provider, and all that is sent there. */
import assert from "node:assert/strict";
import { launch as launchServer } from "../../openid/launch.mjs";
import { serve } from "../consent/serve.mjs";
import { launch as launchBrowser, newPage } from "./browser.mjs";
import { arrival, depart } from "./consent.mjs";
import { giveCredentials } from "./story.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @param {Parameters<typeof launchServer>[0]} [options] the server's @param {Parameters<typeof serve>[0]} [pages] the site's */
export async function openProviderWorld(options, pages) {
  const server = await launchServer(options);
  const site = await serve(pages);
  const browser = await launchBrowser();
  const [noor, ivo] = server.users;
  const stop = async () => {
    await browser.close();
    await site.stop();
    await server.stop();
  };
  return { server, site, browser, noor, ivo, stop };
}

/** @typedef {Awaited<ReturnType<typeof openProviderWorld>>} ProviderWorld */
/**
 * @typedef {object} PageOptions
 * @property {RegExp[]} [allow]
 * @property {string} [clientId]
 * @property {string} [cacheLocation]
 * @property {object} [cache] what else is in `cache`
 * @property {() => unknown} [storage] gives the app's own storage; runs in the page
 * @property {object} [auth]
 * @property {object} [system]
 * @property {object} [api]
 * @property {(() => void)[]} [changes] what runs in all pages of the browser context before all else
 */

/** Opens the page in a browser context of its own. @param {import("node:test").TestContext} t @param {ProviderWorld} world @param {PageOptions} [options] */
export async function openProviderApp(t, world, { allow = [], ...options } = {}) {
  const page = await newPage(world.browser, { allow });
  t.after(() => page.close());
  for (const change of options.changes ?? []) await page.context().addInitScript(change);
  return load(page, world, options);
}

/** Another tab of the same browser, with a client of its own. @param {Page} page @param {ProviderWorld} world @param {PageOptions} [options] */
export async function openProviderTab(page, world, options = {}) {
  return load(await page.context().newPage(), world, options);
}

/** How the page's client is configured. @param {ProviderWorld} world @param {PageOptions} options */
export const configurationOf = ({ server }, { clientId = server.clients.plain, cacheLocation = "sessionStorage", cache, auth, system, api }) => ({
  auth: { clientId, authority: server.issuer, ...auth },
  cache: { cacheLocation, ...cache },
  system: { protocolMode: "OIDC", ...system },
  api,
});

/** @param {Page} page @param {ProviderWorld} world @param {PageOptions} options */
export async function load(page, world, options) {
  page.setDefaultTimeout(15_000);
  await page.addInitScript(`window.settings = { configuration: ${JSON.stringify(configurationOf(world, options))} };`);
  if (options.storage) await page.addInitScript(`settings.configuration.cache.storage = (${options.storage})();`);
  await page.goto(`${world.site.origin}/`);
  await arrival(page);
  return page;
}

/** All that the page sends to the server, by endpoint. @param {Page} page @param {ProviderWorld} world */
export function watch(page, { server }) {
  const sent = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== server.origin) return;
    const form = new URLSearchParams(request.method() === "POST" ? request.postData() ?? "" : "");
    sent.push({ path: url.pathname, query: Object.fromEntries(url.searchParams), form: Object.fromEntries(form) });
  });
  return sent;
}

/**
 * Signs Noor in, or another one, who consents.
 * @param {Page} page @param {ProviderWorld} world @param {object} request
 * @param {{ username: string, password: string } | null} [user] `null` where the server knows who it is.
 */
export async function signIn(page, world, request, user = world.noor) {
  await depart(page, "loginRedirect", request);
  if (user) await giveCredentials(page, user);
  await page.getByRole("button", { name: "Accept" }).click();
  const { answer } = await arrival(page);
  assert.equal(answer.error, undefined);
  return answer.value;
}
