/** How the package comes into a page, and into a worker. */
import assert from "node:assert/strict";
import { PAGES, READ, signIn } from "../support/app.mjs";

/** @type {import("../support/engines.mjs").Stories} */
export default {
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
