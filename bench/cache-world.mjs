/** A server that lets everybody in at once, a browser, and a page for each client whose token cache is measured. */
import { KEEPERS } from "./cache-clients.mjs";
import { versionOf } from "./clients.mjs";
import { serveInstant } from "./instant.mjs";
import { serveApp } from "./site.mjs";
import { support } from "./world.mjs";

/** @typedef {import("./cache-clients.mjs").Keeper} Keeper */
/** @typedef {import("./instant.mjs").Instant} Instant */
/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Browser} Browser */
/** @typedef {{ page: Page, session: import("playwright-core").CDPSession }} Tab */
/** @typedef {{ isSignedIn: boolean, error: string, initialized: number, first: number, arrival: number }} Told Milliseconds: of `initialize()`, from its start to the first token, and from the navigation to there. */
/** @typedef {{ task: number, process: number }} Processor Milliseconds: of the main thread, and of all threads in steps of ten. */
/** @typedef {Map<Keeper, { origin: string, settings: string, name: string, files: Record<string, { body: string | Buffer }> }>} Apps */
/** @typedef {{ instant: Instant, browser: Browser, apps: Apps, rounds: number, stop: () => Promise<void> }} CacheWorld */

const TIMEOUT_MILLISECONDS = 60_000;
const TOKEN_LENGTH = 1200;

/** @param {Keeper[]} keepers @param {number} rounds @returns {Promise<CacheWorld>} */
export async function openCacheWorld(keepers, rounds) {
  /** @type {(() => Promise<unknown>)[]} */
  const stops = [];
  const stop = async () => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };
  try {
    const instant = await serveInstant({ tokenLength: TOKEN_LENGTH });
    stops.push(instant.stop);
    /** @type {Browser} */
    const browser = await (await support("browser")).launch();
    stops.push(() => browser.close());
    const shared = { origin: instant.origin, tokenEndpoint: instant.metadata.token_endpoint };
    /** @type {Apps} */
    const apps = new Map();
    for (const keeper of keepers) {
      const site = await serveApp(keeper.page);
      stops.push(site.stop);
      const name = `${keeper.name ? `${keeper.name} ${await versionOf(keeper.name)}` : "hand-written"}, ${keeper.keeps}`;
      apps.set(keeper, { ...site, name, settings: `globalThis.settings = ${JSON.stringify({ ...shared, ...keeper.configure(instant) })};` });
    }
    return { instant, browser, apps, rounds, stop };
  } catch (error) {
    await stop(); // What runs on would keep the program alive.
    throw error;
  }
}

/** @param {CacheWorld} world @param {Keeper} keeper */
export function appOf({ apps }, keeper) {
  const app = apps.get(keeper);
  if (!app) throw new Error(`${keeper.name} has no page`);
  return app;
}

/** A page of its own in the profile of others, or in a new one. @param {CacheWorld} world @param {Keeper} keeper @param {string} path @param {import("playwright-core").BrowserContext} [profile] @returns {Promise<Tab>} */
export async function openTab(world, keeper, path, profile) {
  const { origin, settings } = appOf(world, keeper);
  const context = profile ?? (await world.browser.newContext());
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MILLISECONDS);
  await page.addInitScript(settings);
  const session = await context.newCDPSession(page);
  // The processor's time, not the clock's: other programs run as well.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await session.send("Runtime.enable");
  await session.send("Runtime.addBinding", { name: "tellReady" });
  await page.goto(`${origin}${path}`);
  return { page, session };
}

/** @param {CacheWorld} world @param {Keeper} keeper */
export async function signedInTab(world, keeper) {
  const tab = await openTab(world, keeper, "/");
  await arrived(tab.page);
  await tab.page.evaluate("cache.signIn()");
  const told = await arrived(tab.page);
  if (!told.isSignedIn) throw new Error(`${appOf(world, keeper).name} does not sign in: ${told.error}`);
  return tab;
}

/** Waits until the client has made something of the page's address. @param {Page} page @returns {Promise<Told>} */
export async function arrived(page) {
  await page.waitForFunction("document.title === 'ready'");
  /** @type {Told} */
  const told = await page.evaluate("told");
  if (told.error) throw new Error(told.error);
  return told;
}

/**
 * Goes to a page, and returns when its client has a token, or a page without a client is loaded; without looking into the page on the way,
 * which would cost it time.
 * @param {Tab} tab @param {string} url @param {boolean} isApp
 */
export async function visit({ page, session }, url, isApp) {
  const ready = isApp ? new Promise((resolve) => { session.once("Runtime.bindingCalled", resolve); }) : undefined;
  await page.goto(url);
  await ready;
}

/** What the page's `cache` does. By the shortest way there is, since its time is weighed, too. @param {Tab} tab @param {string} method @param {unknown[]} values @returns {Promise<any>} */
export async function ask({ session }, method, ...values) {
  const expression = `cache.${method}(${values.map((value) => JSON.stringify(value)).join(", ")})`;
  const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}

/** @param {Tab} tab @returns {Promise<Processor>} */
export async function processor({ session }) {
  const { metrics } = await session.send("Performance.getMetrics");
  const milliseconds = (/** @type {string} */ name) => (metrics.find((metric) => metric.name === name)?.value ?? NaN) * 1000;
  return { task: milliseconds("TaskDuration"), process: milliseconds("ProcessTime") };
}

/** What the page's `cache` does, and what that takes of the processor. @param {Tab} tab @param {string} method @param {unknown[]} values @returns {Promise<Processor & { result: any }>} */
export async function weigh(tab, method, ...values) {
  const before = await processor(tab);
  const result = await ask(tab, method, ...values);
  const after = await processor(tab);
  return { task: after.task - before.task, process: after.process - before.process, result };
}

/**
 * Everyone in turn, and each round another first. The first round does not count.
 * @param {CacheWorld} world @param {Keeper[]} keepers @param {(keeper: Keeper, isCounted: boolean) => Promise<void>} work
 */
export async function inTurns({ rounds }, keepers, work) {
  for (let round = 0; round <= rounds; round += 1) {
    for (let at = 0; at < keepers.length; at += 1) await work(/** @type {Keeper} */ (keepers[(at + round) % keepers.length]), round > 0);
  }
}

/** In the order in which they are listed. @template T @param {Map<Keeper, T>} samples @returns {[Keeper, T][]} */
export function inOrder(samples) {
  return [...samples].sort(([one], [other]) => KEEPERS.indexOf(one) - KEEPERS.indexOf(other));
}
