/** The browsers that the tests drive, and their drivers: found or installed. */

import { spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { installPackages } from "./debian.mjs";
import { Refusal } from "./process.mjs";
import { ensureGeckoDriver } from "./toolchain.mjs";

/**
 * @typedef {object} Program
 * @property {string} what It is.
 * @property {string} variable Of the environment: names another one.
 * @property {string[]} names
 * @property {string} from Debian's package.
 */

/** @type {Record<"chromium" | "headless" | "chromeDriver" | "firefox" | "webKitDriver" | "display", Program>} */
const PROGRAMS = {
  chromium: { what: "Chromium", variable: "CHROME", names: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"], from: "chromium" },
  headless: { what: "Chromium's headless shell", variable: "CHROME", names: ["chromium-headless-shell", "chrome-headless-shell"], from: "chromium-headless-shell" },
  chromeDriver: { what: "ChromeDriver", variable: "CHROMEDRIVER", names: ["chromedriver", "chromium-driver"], from: "chromium-driver" },
  firefox: { what: "Firefox", variable: "FIREFOX", names: ["firefox-esr", "firefox"], from: "firefox-esr" },
  // It brings the browser along.
  webKitDriver: { what: "WebKitGTK's driver", variable: "WEBKITDRIVER", names: ["WebKitWebDriver"], from: "webkit2gtk-driver" },
  // WebKitGTK runs on no machine without a display.
  display: { what: "Xvfb", variable: "XVFB", names: ["Xvfb"], from: "xvfb" },
};

/** @param {Program} program */
async function find({ variable, names }) {
  const named = process.env[variable];
  if (named) return named;
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const file = join(folder, name);
      if (await access(file, constants.X_OK).then(() => true, () => false)) return file;
    }
  }
  return undefined;
}

/** @param {string} title @param {Program[]} programs @returns {Promise<string[]>} The file of each. */
async function ensure(title, programs) {
  let files = await Promise.all(programs.map(find));
  if (files.includes(undefined)) {
    await installPackages(title, programs.map(({ from }) => from));
    files = await Promise.all(programs.map(find));
  }
  const missing = programs[files.indexOf(undefined)];
  if (missing) {
    const { what, from, variable } = missing;
    throw new Refusal(`${what} is missing: install the package ${from} (Debian, Ubuntu), or name the program in ${variable}.`);
  }
  return files.map(String);
}

/** @returns {Promise<{ browser: string, driver: string }>} */
export async function ensureBrowser() {
  const [browser = "", driver = ""] = await ensure("Chromium and its driver", [PROGRAMS.chromium, PROGRAMS.chromeDriver]);
  return { browser, driver };
}

/**
 * Chromium without the part that draws its windows, which takes two thirds of the time for the same pages; all of it where that can't be had.
 * @returns {Promise<string>}
 */
export async function ensureHeadlessChromium() {
  const [browser = ""] = await ensure("Chromium's headless shell", [PROGRAMS.headless]).catch(async () => [(await ensureBrowser()).browser]);
  return browser;
}

/** @returns {Promise<{ browser: string, driver: string }>} */
export async function ensureFirefox() {
  const [browser = ""] = await ensure("Firefox", [PROGRAMS.firefox]);
  return { browser, driver: join(await ensureGeckoDriver(), "geckodriver") };
}

/** @returns {Promise<{ driver: string, display: string }>} `display`: the program that makes one. */
export async function ensureWebKit() {
  const [driver = "", display = ""] = await ensure("WebKitGTK, its driver and Xvfb", [PROGRAMS.webKitDriver, PROGRAMS.display]);
  return { driver, display };
}

/**
 * Does something on a display that nobody sees.
 * @template T
 * @param {string} program @param {(display: string) => Promise<T>} work Gets what `DISPLAY` is to be.
 */
export async function withDisplay(program, work) {
  const server = spawn(program, ["-displayfd", "1", "-screen", "0", "1280x1024x24"], { stdio: ["ignore", "pipe", "ignore"] });
  const end = () => void server.kill();
  process.once("exit", end);
  try {
    const number = await new Promise((resolve, reject) => {
      server.stdout.setEncoding("utf8").once("data", resolve);
      server.once("error", reject).once("exit", () => reject(new Refusal(`${program} made no display.`)));
    });
    return await work(`:${String(number).trim()}`);
  } finally {
    process.off("exit", end);
    end();
  }
}
