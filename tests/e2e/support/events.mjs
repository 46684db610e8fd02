/** The same doings of a user in an app of this package's, and in one of MSAL.js's: what each of them tells meanwhile, and what comes of it. */
import * as own from "./consent.mjs";
import * as msal from "./msal.mjs";
import { giveCredentials } from "./story.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {Awaited<ReturnType<typeof sideOf>>} Side */
/** What came of a call, by path: a value where that is no matter of chance, else its type. @typedef {Record<string, string>} Outcome */

const ALLOWED = [/status of 4[02]\d/, /status of 50[03]/];

/** Notes what is told, for the page that comes next as well: the event, how the user was met, the kind of payload, and the error's code. */
function listen() {
  // The app's page in a hidden frame has the same storage.
  if (window !== parent) return;
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

/** Lays in the page what makes an outcome of a promise. */
function shape() {
  /** Those of a result's members, and of its account's, that are the same whenever it is done. */
  const STEADY = /^(?:account\.)?(?:scopes|tokenType|fromCache|tenantId|uniqueId|state|authority|homeAccountId|localAccountId|environment|username|name|authorityType)$/;
  const typeOf = (value) => (value === null ? "null" : value instanceof Date ? "Date" : Array.isArray(value) ? "array" : typeof value);
  const told = (value) => JSON.stringify(value).replaceAll(/https?:\/\/(?=localhost)/g, "").replaceAll(/localhost:\d+/g, "<tenant>");
  const note = (outcome, path, value) => {
    if (value === undefined) return;
    if (path === "account") for (const [name, member] of Object.entries(value)) note(outcome, `account.${name}`, member);
    else if (path.endsWith("idTokenClaims")) outcome[path] = Object.keys(value).sort().join(" ");
    else outcome[path] = STEADY.test(path) ? told(value) : typeOf(value);
  };
  const namesOf = (error, library) => {
    const names = [];
    for (let kind = Object.getPrototypeOf(error); kind && kind !== Object.prototype; kind = Object.getPrototypeOf(kind)) {
      names.push(Object.keys(library).find((name) => library[name]?.prototype === kind) ?? kind.constructor.name);
    }
    return names.join(" < ");
  };
  window.outcomeOf = async (work, library) => {
    const outcome = {};
    try {
      const value = await work();
      if (value?.accessToken === undefined) outcome.value = typeOf(value ?? null);
      else for (const [path, member] of Object.entries(value)) note(outcome, path, member);
    } catch (error) {
      Object.assign(outcome, { error: namesOf(error, library), name: error.name, errorCode: error.errorCode, subError: error.subError ?? "" });
    }
    return outcome;
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
  /** A call, and what comes of it. @param {Page} page @param {string} method @param {object} [request] @returns {Promise<Outcome>} */
  const call = (page, method, request) => page.evaluate(([name, value]) =>
    outcomeOf(async () => (window.client ?? app.client)[name](value), window.consentry ?? app.library), [method, request]);
  /** What came of the address that the page was loaded with. @param {Page} page @returns {Promise<Outcome>} */
  const answered = (page) => page.evaluate(() => outcomeOf(() => window.coming ?? app.coming, window.consentry ?? app.library));
  const isThere = (page) => (isOwn ? own.arrival(page) : msal.isReady(page));
  const options = isOwn ? { cacheLocation: "localStorage", allow: ALLOWED } : { allow: ALLOWED };
  return {
    world,
    adele: world.adele,
    call,
    answered,
    isThere,
    /** The same of a client that nobody has initialized. @param {Page} page @param {string} method @param {object} request @returns {Promise<Outcome>} */
    callAnew: (page, method, request) => page.evaluate(([name, value]) => {
      const library = window.consentry ?? app.library;
      const { auth: { authority, clientId } } = (window.client ?? app.client).getConfiguration();
      const client = new library.PublicClientApplication({ auth: { authority, clientId } });
      return outcomeOf(async () => client[name](value), library);
    }, [method, request]),
    /** A page that listens. @param {import("node:test").TestContext} t @returns {Promise<Page>} */
    async open(t) {
      const page = await (isOwn ? own : msal).openApp(t, world, options);
      await page.addInitScript(listen);
      await page.addInitScript(shape);
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
      const opened = page.waitForEvent("popup");
      const outcome = call(page, method, request);
      outcome.catch(() => {}); // a test that fails on the way does not wait for it
      await answer(await opened);
      return outcome;
    },
    /** @param {Page} page @param {string} method @param {object} request */
    async leave(page, method, request, answer = async (/** @type {Page} */ _page) => {}) {
      await (isOwn ? own : msal).depart(page, method, request);
      await answer(page);
      await isThere(page);
      // As the other app does by itself.
      if (isOwn) await page.evaluate(() => window.answer.value && client.setActiveAccount(window.answer.value.account));
      return answered(page);
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
