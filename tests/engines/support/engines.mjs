/** The browsers, and how the stories are told in one of them. */
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { launch } from "../../../tenant/launch.js";
import failures from "../stories/failures.mjs";
import load from "../stories/load.mjs";
import signIn from "../stories/sign-in.mjs";
import tokens from "../stories/tokens.mjs";
import { openApp } from "./app.mjs";
import { openBrowser, Silence } from "./webdriver.mjs";

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
  // Its driver can miss that a page has loaded, and a command waits for ever then. So it is not to wait for pages; and where it is silent
  // all the same, that takes no other story along.
  WebKitGTK: { driver: env.WEBKITDRIVER ?? "WebKitWebDriver", capabilities: { pageLoadStrategy: "none" }, isNewForEach: true },
};

/** How often a story is told whose driver falls silent. */
const MOST = 3;
/** A story that waits for ever is ended then, in milliseconds: after time enough to be told as often. */
const LONGEST = 150_000;

/** Tells all stories in one engine, at one tenant, each at an origin of its own, as nobody who has been anywhere. @param {keyof typeof ENGINES} name */
export function tellIn(name) {
  const { isNewForEach, ...engine } = ENGINES[name];
  let tenant;
  let browser;
  const stopBrowser = async (options) => {
    const last = browser;
    browser = undefined;
    await last?.stop(options);
  };
  const tellOnce = async (tell) => {
    let isSilent = false;
    try {
      await tenant.reset();
      browser ??= await openBrowser(engine);
      const app = await openApp(name, browser, tenant);
      await tell(app).finally(app.stop);
    } catch (error) {
      isSilent = error instanceof Silence;
      throw error;
    } finally {
      if (isSilent || isNewForEach) await stopBrowser({ isSilent });
    }
  };
  before(async () => {
    tenant = await launch({ port: 0 });
  });
  after(() => Promise.all([tenant?.stop(), stopBrowser()]));
  for (const [topic, stories] of Object.entries({ load, "sign-in": signIn, tokens, failures })) {
    describe(`${topic} in ${name}`, () => {
      for (const [story, tell] of Object.entries(stories)) {
        test(story, { timeout: LONGEST }, async (t) => {
          for (let times = 1; ; times += 1) {
            try {
              return await tellOnce(tell);
            } catch (error) {
              // The story has shown nothing yet. Of a driver that is silent each time it is told as a failure.
              if (!(error instanceof Silence) || times === MOST) throw error;
              t.diagnostic(`told once more, in ${name}: ${story}: ${error.message}`);
            }
          }
        });
      }
    });
  }
}
