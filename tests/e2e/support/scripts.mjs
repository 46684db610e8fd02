/** Pages that are empty but for one of the package's own scripts: what the core imports, without the core. */
import { serve } from "../consent/serve.mjs";
import { launch, newPage } from "./browser.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** A worker that calls the script of its name, and answers what came of it. */
const WORKER = `
  const script = await import("/consentry/" + self.name + ".js");
  onmessage = async ({ data: [method, ...rest] }) => {
    postMessage(await script[method](...rest).catch((error) => "rejected: " + error.message));
  };
  postMessage("ready");
`;

/** @param {string} script Without its ending. */
export async function openScripts(script) {
  const site = await serve({ script: "/empty.js", modules: { "/empty.js": `window.script = await import("/consentry/${script}.js");`, "/worker.js": WORKER } });
  const browser = await launch();
  /** In a tab. @param {Page} page */
  const load = async (page) => {
    page.setDefaultTimeout(15_000);
    await page.goto(`${site.origin}/`);
    await page.waitForFunction(() => window.script);
    return page;
  };
  return {
    site,
    browser,
    load,
    /** A tab of a browser context of its own. @param {import("node:test").TestContext} t @param {((...rest: any[]) => void)[]} [changes] What runs in its pages before all else. */
    async open(t, changes = []) {
      const page = await newPage(browser);
      t.after(() => page.close());
      for (const change of changes) await page.context().addInitScript(change);
      return load(page);
    },
    /** Another tab beside it. @param {Page} page */
    beside: async (page) => load(await page.context().newPage()),
    async stop() {
      await browser.close();
      await site.stop();
    },
  };
}

/** Calls a function of the script in the page. @param {Page} page @param {string} method @param {...unknown} rest */
export const run = (page, method, ...rest) =>
  page.evaluate(([method, rest]) => script[method](...rest).catch((error) => `rejected: ${error.message}`), [method, rest]);
