/** How the package comes into a page, and into a worker. */
import assert from "node:assert/strict";
import { PAGES, READ, signIn } from "../support/app.mjs";

const PART = "consentry_start_bg.wasm";
const WHOLE = "consentry_core_bg.wasm";
/** Where tokens are kept, and what a stored one begins with there. */
const PLACES = { sessionStorage: "{", localStorage: "~" };

/** The modules that the page has loaded. @param {import("../support/engines.mjs").App} app */
const modulesOf = (app) => app.browser.run(() => performance.getEntriesByType("resource").map(({ name }) => name.split("/").at(-1)).filter((name) => name.endsWith(".wasm")));

/** With a token that is stored there. @param {keyof typeof PLACES} place @returns {import("../support/engines.mjs").Stories[string]} */
const fromPart = (place) => async (app) => {
  await app.open();
  await app.browser.run((location) => { localStorage.place = location; }, place);
  await app.reload();
  const { accessToken } = await signIn(app);
  assert.deepEqual(await modulesOf(app), [WHOLE]);
  await app.reload();
  const kept = await app.brought("acquireTokenSilent", READ);
  assert.deepEqual([kept.accessToken, kept.fromCache], [accessToken, true]);
  const begin = await app.browser.run((location) => Object.entries(window[location]).find(([key]) => /\|access\|/.test(key))?.[1][0], place);
  assert.equal(begin, PLACES[place]);
  assert.deepEqual(await modulesOf(app), [PART]);
  const renewed = await app.brought("acquireTokenSilent", { ...READ, forceRefresh: true });
  assert.notEqual(renewed.accessToken, accessToken);
  assert.deepEqual(await modulesOf(app), [PART, WHOLE]);
  assert.deepEqual(await app.grants(), ["authorization_code", "refresh_token"]);
};

/** @type {import("../support/engines.mjs").Stories} */
export default {
  "with a token in sessionStorage a page loads the part alone, until only the server can tell more": fromPart("sessionStorage"),
  "with a sealed token in localStorage a page loads the part alone, until only the server can tell more": fromPart("localStorage"),

  "the module is compiled while it comes": async ({ browser, open }) => {
    await open();
    assert.equal(await browser.run(() => window.streamed), 1);
  },

  "where no WebAssembly may run the other entry signs in, renews, and keeps tokens over a reload": async (app) => {
    await app.open(PAGES.plain);
    assert.equal(await app.browser.run(() => window.mayRun), false);
    await signIn(app);
    const renewed = await app.brought("acquireTokenSilent", { ...READ, forceRefresh: true });
    assert.equal(renewed.fromCache, false);
    await app.reload();
    assert.equal((await app.brought("acquireTokenSilent", READ)).accessToken, renewed.accessToken);
  },

  "where no WebAssembly may run the package says which directive is missing": async ({ browser, open }) => {
    await open(PAGES.forbidden);
    const failure = await browser.run(() => window.failure);
    assert.deepEqual([failure?.name, failure?.errorCode], ["BrowserAuthError", "wasm_load_failed"]);
    assert.match(failure.message, /Content-Security-Policy: script-src 'wasm-unsafe-eval'/, failure.cause);
  },

  "a worker has a client of its own": async ({ browser, open, configuration }) => {
    await open();
    const answer = await browser.run((settings) => new Promise((resolve, reject) => {
      const worker = new Worker("/worker.js", { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(settings);
    }), { auth: configuration.auth, cache: { cacheLocation: "memoryStorage" } });
    assert.deepEqual(answer, { name: "BrowserAuthError", errorCode: "no_account_error" });
  },
};
