/** The browsers, and the frame of a story that is told in each of them. */
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { launch } from "../../../tenant/launch.js";
import { openApp } from "./app.mjs";
import { openBrowser } from "./webdriver.mjs";

/** @typedef {ReturnType<typeof import("./app.mjs").openApp> extends Promise<infer App> ? App : never} App */

const { env } = process;
const CHROMIUM = JSON.parse(readFileSync(new URL("../../../webdriver.json", import.meta.url), "utf8"))["goog:chromeOptions"];
/** Drivers tell browsers to open any window; here they are as their users have them, as far as the driver has a say. */
const ENGINES = {
  Chromium: {
    driver: env.CHROMEDRIVER ?? "chromedriver",
    capabilities: { "goog:chromeOptions": { ...CHROMIUM, binary: env.CHROME ?? "/usr/bin/chromium", excludeSwitches: ["disable-popup-blocking"] } },
  },
  Firefox: {
    driver: env.GECKODRIVER ?? "geckodriver",
    capabilities: { "moz:firefoxOptions": { binary: env.FIREFOX ?? "/usr/bin/firefox-esr", args: ["-headless"], prefs: { "dom.disable_open_during_load": true } } },
  },
  WebKitGTK: { driver: env.WEBKITDRIVER ?? "WebKitWebDriver", capabilities: {} },
};

/** A story that waits for ever is ended then, in milliseconds. */
const LONGEST = 60_000;

/**
 * Tells stories in each engine: at one tenant, each at an origin of its own, as nobody who has been anywhere.
 * @param {Record<string, (app: App, t: import("node:test").TestContext) => Promise<void>>} stories By name.
 */
export function inEachEngine(stories) {
  let tenant;
  before(async () => {
    tenant = await launch({ port: 0 });
  });
  after(() => tenant?.stop());
  for (const [engine, how] of Object.entries(ENGINES)) {
    describe(engine, () => {
      let browser;
      before(async () => {
        browser = await openBrowser(how);
      });
      after(() => browser?.stop());
      for (const [name, tell] of Object.entries(stories)) {
        test(name, { timeout: LONGEST }, async (t) => {
          t.diagnostic(`${engine} ${browser.version}`);
          await tenant.reset();
          const app = await openApp(browser, tenant);
          t.after(app.stop);
          await tell(app, t);
        });
      }
    });
  }
}
