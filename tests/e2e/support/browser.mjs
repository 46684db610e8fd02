/** Chromium for the end-to-end tests, with an eye on everything that a page complains about. */
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What a page complains of that is closed while it loads; or comes up before the test's own script is in it. */
const LOADING = /wasm_load_failed|Failed to fetch|'window\.settings'|^uncaught: (?:Error)?$/;

/** Starts the Chromium of the system; the variable CHROME names another one. @param {string[]} [flags] more of them */
export function launch(flags = []) {
  return chromium.launch({ executablePath: process.env.CHROME ?? "/usr/bin/chromium", args: [...FLAGS, ...flags] });
}

/** The same with a profile on the disk, which a later start finds again. @param {string} folder */
export function launchProfile(folder) {
  return chromium.launchPersistentContext(folder, { executablePath: process.env.CHROME ?? "/usr/bin/chromium", args: FLAGS });
}

/**
 * Opens a page with cookies and storage of its own. Its `close` fails if the page, or a popup or frame of it, threw an
 * error that nobody caught, or wrote an error to the console that is not allowed.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {{ allow?: RegExp[] }} [options] `allow`: console errors that the test expects
 * @returns {Promise<import("playwright-core").Page>}
 */
export async function newPage(browser, { allow = [] } = {}) {
  const context = await browser.newContext();
  const complaints = [];
  const uncaught = [];
  context.on("weberror", (event) => uncaught.push({ text: `uncaught: ${event.error().stack || event.error()}`, of: event.page() }));
  context.on("console", (message) => {
    if (message.type() !== "error") return;
    const text = `${message.text()} (${message.location().url})`;
    if (!allow.some((pattern) => pattern.test(text))) complaints.push(`console: ${text}`);
  });
  const page = await context.newPage();
  page.close = async () => {
    // A window that came back with an answer is closed at once, whatever its page is still loading: that alone is passed over.
    const isGone = ({ text, of }) => of && of !== page && of.isClosed() && LOADING.test(text);
    complaints.push(...uncaught.filter((error) => !isGone(error)).map(({ text }) => text));
    await context.close();
    assert.deepEqual(complaints, []);
  };
  return page;
}
