/** The browsers, and how the stories are told in one of them. */
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { launch } from "../../../tenant/launch.js";
import failures from "../stories/failures.mjs";
import load from "../stories/load.mjs";
import signIn from "../stories/sign-in.mjs";
import tokens from "../stories/tokens.mjs";
import { openApp } from "./app.mjs";
import { openBrowser } from "./webdriver.mjs";

/** By name. @typedef {Record<string, (app: App) => Promise<void>>} Stories */
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

/** Tells all stories in one browser: at one tenant, each at an origin of its own, as nobody who has been anywhere. @param {keyof typeof ENGINES} name */
export function tellIn(name) {
  let tenant;
  let browser;
  before(async () => {
    tenant = await launch({ port: 0 });
    browser = await openBrowser(ENGINES[name]);
  });
  after(() => Promise.all([tenant?.stop(), browser?.stop()]));
  for (const [topic, stories] of Object.entries({ load, "sign-in": signIn, tokens, failures })) {
    describe(`${topic} in ${name}`, () => {
      for (const [story, tell] of Object.entries(stories)) {
        test(story, { timeout: LONGEST }, async (t) => {
          await tenant.reset();
          const app = await openApp(name, browser, tenant);
          t.after(app.stop);
          await tell(app);
        });
      }
    });
  }
}
