/** The browser that the tests drive: Chromium and its driver, found or installed. */

import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { answer, Refusal, run } from "./process.mjs";
import { step } from "./progress.mjs";

const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const DRIVERS = ["chromedriver", "chromium-driver"];

/** @param {string[]} names */
async function onPath(names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const file = join(folder, name);
      if (await access(file, constants.X_OK).then(() => true, () => false)) return file;
    }
  }
  return undefined;
}

async function find() {
  return {
    browser: process.env.CHROME ?? (await onPath(BROWSERS)),
    driver: process.env.CHROMEDRIVER ?? (await onPath(DRIVERS)),
  };
}

/** Debian's packages; only root may install them. */
async function install() {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const apt = ["-q", "-o", "DPkg::Lock::Timeout=300"];
  await step("Chromium and its driver", async (onOutput) => {
    await run("apt-get", [...apt, "update"], { env, onOutput });
    await run("apt-get", [...apt, "install", "-y", "--no-install-recommends", "chromium", "chromium-driver"], { env, onOutput });
  });
}

/** @returns {Promise<{ browser: string, driver: string }>} */
export async function ensureBrowser() {
  let { browser, driver } = await find();
  if ((!browser || !driver) && process.getuid?.() === 0 && (await answer("apt-get", ["--version"]))) {
    await install();
    ({ browser, driver } = await find());
  }
  if (browser && driver) return { browser, driver };
  const missing = browser ? "ChromeDriver" : "Chromium";
  throw new Refusal(
    `${missing} is missing: install the packages chromium and chromium-driver (Debian, Ubuntu), or name the programs in CHROME and CHROMEDRIVER.`,
  );
}
