/** A page whose client signs in at the strict OpenID provider, and all that is sent there. */
import assert from "node:assert/strict";
import { launch as launchServer } from "../../openid/launch.mjs";
import { serve } from "../consent/serve.mjs";
import { launch as launchBrowser, newPage } from "./browser.mjs";
import { arrival, depart } from "./consent.mjs";
import { giveCredentials } from "./story.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @param {Parameters<typeof launchServer>[0]} [options] the server's */
export async function openProviderWorld(options) {
  const server = await launchServer(options);
  const site = await serve();
  const browser = await launchBrowser();
  const [noor] = server.users;
  const stop = async () => {
    await browser.close();
    await site.stop();
    await server.stop();
  };
  return { server, site, browser, noor, stop };
}

/** @typedef {Awaited<ReturnType<typeof openProviderWorld>>} ProviderWorld */
/** @typedef {{ allow?: RegExp[], clientId?: string, cacheLocation?: string, auth?: object, system?: object }} PageOptions */

/** Opens the page in a browser context of its own. @param {import("node:test").TestContext} t @param {ProviderWorld} world @param {PageOptions} [options] */
export async function openProviderApp(t, world, { allow = [], ...options } = {}) {
  const page = await newPage(world.browser, { allow });
  t.after(() => page.close());
  return load(page, world, options);
}

/** Another tab of the same browser, with a client of its own. @param {Page} page @param {ProviderWorld} world @param {PageOptions} [options] */
export async function openProviderTab(page, world, options = {}) {
  return load(await page.context().newPage(), world, options);
}

async function load(page, { server, site }, { clientId = server.clients.plain, cacheLocation = "sessionStorage", auth = {}, system = {} }) {
  page.setDefaultTimeout(15_000);
  const configuration = {
    auth: { clientId, authority: server.issuer, ...auth },
    cache: { cacheLocation },
    system: { protocolMode: "OIDC", ...system },
  };
  await page.addInitScript(`window.settings = { configuration: ${JSON.stringify(configuration)} };`);
  await page.goto(`${site.origin}/`);
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

/** Signs Noor in, who consents. @param {Page} page @param {ProviderWorld} world @param {object} request */
export async function signIn(page, world, request) {
  await depart(page, "loginRedirect", request);
  await giveCredentials(page, world.noor);
  await page.getByRole("button", { name: "Accept" }).click();
  const { answer } = await arrival(page);
  assert.equal(answer.error, undefined);
  return answer.value;
}
