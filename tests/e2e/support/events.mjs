/** The same doings of a user in an app of this package's, and in one of MSAL.js's; and what each of them tells meanwhile. */
import * as own from "./consent.mjs";
import * as msal from "./msal.mjs";
import { giveCredentials } from "./story.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {Awaited<ReturnType<typeof sideOf>>} Side */

const ALLOWED = [/status of 40\d/, /status of 503/];

/** Notes what is told, for the page that comes next as well: the event, how the user was met, the kind of payload, and the error's code. */
function listen() {
  const kindOf = (payload) => {
    if (!payload) return "nothing";
    if (payload.accessToken !== undefined) return "result";
    if (payload.homeAccountId !== undefined) return "account";
    return payload.popupWindow ? "window" : "request";
  };
  window.hear = ({ eventType, interactionType, payload, error, correlationId, timestamp }) => {
    const heard = JSON.parse(sessionStorage.getItem("heard") ?? "[]");
    const code = error ? ` ${error.errorCode}` : "";
    heard.push({ line: `${eventType.slice(5)} ${interactionType ?? "none"} ${kindOf(payload)}${code}`, correlationId, timestamp });
    sessionStorage.setItem("heard", JSON.stringify(heard));
  };
}

/** What was told since the last time. @param {Page} page */
export const take = (page) => page.evaluate(() => {
  const heard = JSON.parse(sessionStorage.getItem("heard") ?? "[]");
  sessionStorage.removeItem("heard");
  return heard;
});

/** @param {boolean} isOwn */
export async function sideOf(isOwn) {
  const world = isOwn ? await own.openWorld() : await msal.openWorld();
  const { call } = isOwn ? own : msal;
  const isThere = (page) => (isOwn ? own.arrival(page) : msal.isReady(page));
  const options = isOwn ? { cacheLocation: "localStorage", allow: ALLOWED } : { allow: ALLOWED };
  return {
    world,
    adele: world.adele,
    call,
    isThere,
    /** A page that listens. @param {import("node:test").TestContext} t @returns {Promise<Page>} */
    async open(t) {
      const page = await (isOwn ? own : msal).openApp(t, world, options);
      await page.addInitScript(listen);
      await page.reload();
      await isThere(page);
      return page;
    },
    /** Another tab that listens. @param {Page} page */
    async openTab(page) {
      const tab = await page.context().newPage();
      await tab.addInitScript(listen);
      if (isOwn) await tab.addInitScript(`window.settings = ${JSON.stringify(await page.evaluate(() => window.settings))};`);
      await tab.goto(page.url());
      await isThere(tab);
      return tab;
    },
    /** @param {Page} page @param {string} method @param {object} [request] */
    async inWindow(page, method, request, answer = async (/** @type {Page} */ _popup) => {}) {
      const { popup, result } = await (isOwn ? own.openPopup(page, method, request) : msal.inPopup(page, method, request));
      await answer(popup);
      return result;
    },
    /** @param {Page} page @param {string} method @param {object} request */
    async leave(page, method, request, answer = async (/** @type {Page} */ _page) => {}) {
      await (isOwn ? own : msal).depart(page, method, request);
      await answer(page);
      await isThere(page);
      // As the other app does by itself.
      if (isOwn) await page.evaluate(() => window.answer.value && client.setActiveAccount(window.answer.value.account));
    },
    /** The one who is signed in. @param {Page} page */
    account: (page) => page.evaluate(() => (window.client ?? app.client).getAllAccounts()[0]),
    /** Adele signs in. @param {"Accept" | "Cancel"} button */
    answer: (button) => async (page) => {
      await giveCredentials(page, world.adele);
      await page.getByRole("button", { name: button }).click();
    },
  };
}
