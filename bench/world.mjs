/** A tenant at which somebody is signed in, a browser, and the apps of the clients. */
import { availableParallelism, loadavg } from "node:os";
import { launch as launchTenant } from "../tenant/launch.js";
import { serveApp } from "./site.mjs";

/** @typedef {import("./clients.mjs").Client} Client */
/** @typedef {import("./pages/page.js").Told} Told */
/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Browser} Browser */
/** @typedef {import("playwright-core").Cookie} Cookie */
/** @typedef {import("../tenant/index.js").Tenant} Tenant */
/** @typedef {Map<Client, { origin: string, settings: string }>} Apps */
/** @typedef {{ tenant: Tenant, browser: Browser, apps: Apps, cookies: Cookie[], stop: () => Promise<void> }} World */

const GRAPH = "https://graph.microsoft.com";
const TIMEOUT_MILLISECONDS = 15_000;
/** The helpers of the end-to-end tests, which are not written for the strict check of types. @param {string} name @returns {Promise<any>} */
export const support = (name) => import(new URL(`../tests/e2e/support/${name}.mjs`, import.meta.url).href);

/** @param {Client[]} clients @returns {Promise<World>} */
export async function openWorld(clients) {
  /** @type {(() => Promise<unknown>)[]} */
  const stops = [];
  const stop = async () => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };
  try {
    const tenant = await launchTenant({ port: 0 });
    stops.push(() => tenant.stop());
    await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"] });
    /** @type {Browser} */
    const browser = await (await support("browser")).launch();
    stops.push(() => browser.close());
    /** @type {Apps} */
    const apps = new Map();
    for (const client of clients) {
      const site = await serveApp(client.page);
      stops.push(site.stop);
      apps.set(client, { origin: site.origin, settings: `globalThis.settings = ${JSON.stringify(await client.configure(tenant))};` });
    }
    return { tenant, browser, apps, cookies: await sessionCookies({ tenant, browser, apps }), stop };
  } catch (error) {
    await stop(); // What runs on would keep the program alive.
    throw error;
  }
}

/** Of someone's session at the tenant, so that every sign-in after this one is without a page. @param {Omit<World, "cookies" | "stop">} world @returns {Promise<Cookie[]>} */
async function sessionCookies({ tenant, browser, apps }) {
  const [client] = apps.keys();
  const page = await openApp({ browser, apps, cookies: [] }, /** @type {Client} */ (client));
  await depart(page);
  await (await support("story")).giveCredentials(page, tenant.users[0]);
  await arrival(page);
  const cookies = await page.context().cookies(tenant.origin);
  await page.context().close();
  return cookies;
}

/**
 * The client's page in a browser profile that has nothing but the session at the tenant.
 * @param {Pick<World, "browser" | "apps" | "cookies">} world
 * @param {Client} client
 * @param {string[]} [scripts] Files that run before the page's own.
 */
export async function openApp({ browser, apps, cookies }, client, scripts = []) {
  const app = apps.get(client);
  if (!app) throw new Error(`${client.name} has no page`);
  const context = await browser.newContext();
  await context.addCookies(cookies);
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MILLISECONDS);
  if (client.sendsCookies) await page.route(/\/token$/, allowCookies);
  await page.addInitScript(app.settings);
  for (const path of scripts) await page.addInitScript({ path });
  await page.goto(`${app.origin}/`);
  await arrival(page);
  return page;
}

/** The tenant, like the platform, wants no cookies from other origins: this is what another server says. @param {import("playwright-core").Route} route */
async function allowCookies(route) {
  const response = await route.fetch();
  await route.fulfill({ response, headers: { ...response.headers(), "access-control-allow-credentials": "true" } });
}

/** Begins a sign-in. @param {Page} page */
export async function depart(page) {
  await page.evaluate("signIn()");
}

/** Waits until the client has made something of the page's address. @param {Page} page @returns {Promise<Told>} */
export async function arrival(page) {
  await page.waitForFunction("globalThis.told && document.title === 'ready'");
  return page.evaluate("told");
}

/** Where and when, for the record. @param {Pick<World, "browser">} world */
export function circumstances({ browser }) {
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return `${new Date().toISOString().slice(0, 10)}, Chromium ${browser.version()}, ${availableParallelism()} cores with a load of ${load}`;
}

/** @param {string[][]} rows The first is the heading; the first column is of texts, the others are centred. */
export function table([heading = [], ...rows]) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(" | ")} |`;
  return [line(heading), `|${heading.map((_, at) => (at === 0 ? "---" : ":-:")).join("|")}|`, ...rows.map(line)].join("\n");
}
