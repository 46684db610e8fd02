/** Tokens: where they come from, where they are kept, and which tab knows of them. */
import assert from "node:assert/strict";
import { READ, signIn } from "../support/app.mjs";

/** How long a token lives at most, with time to spare, in seconds. */
const LIFETIME = 2 * 60 * 60;
const FORCED = { ...READ, forceRefresh: true };

/** The status of a call to an API. @param {import("../support/engines.mjs").App} app */
const callApi = (app, url) => app.browser.run(async (address) => {
  const response = await client.fetch(address);
  return [response.status, client.explainResponse(response).outcome];
}, url);

/** Another tab of the app. @param {import("../support/engines.mjs").App} app */
async function openTab(app) {
  const tab = await app.browser.openTab();
  await app.open();
  return tab;
}

/** In the tab that is looked at: for the client it is long after. Firefox runs the test's script with a `Date` of its own. @param {import("../support/engines.mjs").App} app */
const letTimePass = (app) => app.browser.run((seconds) => {
  const { now } = window.Date;
  window.Date.now = () => now() + seconds * 1000;
}, LIFETIME);

/** @type {import("../support/engines.mjs").Stories} */
export default {
  "from the cache, and by the refresh token when it is to be new": async (app) => {
    await app.open();
    const { accessToken } = await signIn(app);
    const kept = await app.brought("acquireTokenSilent", READ);
    assert.deepEqual([kept.accessToken, kept.fromCache], [accessToken, true]);
    const renewed = await app.brought("acquireTokenSilent", FORCED);
    assert.notEqual(renewed.accessToken, accessToken);
    assert.deepEqual(await app.grants(), ["authorization_code", "refresh_token"]);
  },

  "for a second API, once the user has agreed": async (app) => {
    const orders = { scopes: [`${app.tenant.apis.orders.resource}/Orders.Read`] };
    await app.open();
    await signIn(app);
    const { error } = await app.call("acquireTokenSilent", orders);
    assert.ok(error.classes.includes("ConsentRequiredError"), error.errorCode);
    const ended = await app.openWindow("acquireTokenPopup", orders);
    await app.browser.press("Accept");
    assert.deepEqual((await ended()).value?.scopes, orders.scopes);
    assert.deepEqual(await callApi(app, `${app.tenant.apis.orders.origin}/orders`), [200, "none"]);
  },

  "a demand of an API is met, and the call made once more": async (app) => {
    const url = `${app.tenant.apis.graph.origin}/v1.0/me`;
    await app.open();
    await app.browser.run(() => { localStorage.isCapable = "yes"; });
    await app.reload();
    await signIn(app);
    assert.deepEqual(await callApi(app, url), [200, "none"]);
    await app.tenant.challengeTokens(app.person.username);
    assert.deepEqual(await callApi(app, url), [200, "answered"]);
    assert.deepEqual(await app.grants(), ["authorization_code", "refresh_token"]);
  },

  "what is kept is sealed, with a key that no script can read, and opens after a reload": async (app) => {
    await app.open();
    const { accessToken, idToken } = await signIn(app);
    await app.reload();
    const kept = await app.brought("acquireTokenSilent", READ);
    assert.deepEqual([kept.accessToken, kept.fromCache], [accessToken, true]);
    const texts = Object.values(await app.browser.run(() => ({ ...localStorage }))).join("\n");
    assert.match(texts, /^~[\w-]{11}\.[\w-]{38,}$/m);
    for (const secret of [accessToken, idToken, app.person.username]) assert.ok(!texts.includes(secret));
    assert.deepEqual(await app.browser.run(() => new Promise((resolve, reject) => {
      const opening = indexedDB.open("consentry");
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const reading = opening.result.transaction("keys").objectStore("keys").getAll();
        reading.onsuccess = async () => {
          opening.result.close();
          resolve(await Promise.all(reading.result.map(({ key }) => crypto.subtle.exportKey("raw", key).then(() => "told", ({ name }) => name))));
        };
      };
    })), ["InvalidAccessError"]);
  },

  "two tabs that need the same new token at once ask once": async (app) => {
    const { browser, main, tenant } = app;
    await app.open();
    const { accessToken } = await signIn(app);
    const tab = await openTab(app);
    assert.equal(await browser.run(() => Boolean(navigator.locks)), true);
    await tenant.travel(LIFETIME);
    await tenant.injectFault({ endpoint: "token", delayMilliseconds: 500, times: 1 });
    for (const handle of [main, tab]) {
      await browser.look(handle);
      await letTimePass(app);
      await browser.run((request) => {
        new BroadcastChannel("start").onmessage = async () => { window.result = await told(client.acquireTokenSilent(request)); };
      }, READ);
    }
    await browser.run(() => new BroadcastChannel("start").postMessage("now"));
    await browser.run((request) => { told(client.acquireTokenSilent(request)).then((result) => { window.result = result; }); }, READ);
    const results = [];
    for (const handle of [tab, main]) {
      await browser.look(handle);
      results.push(await browser.until(() => window.result));
    }
    assert.deepEqual(results.map(({ error }) => error), [undefined, undefined]);
    assert.deepEqual(await app.grants(), ["authorization_code", "refresh_token"]);
    const [one, other] = results.map(({ value }) => value.accessToken);
    assert.equal(one, other);
    assert.notEqual(one, accessToken);
    assert.deepEqual(results.map(({ value }) => value.fromCache).sort(), [false, true]);
  },

  "who signs in or out in one tab does in the other": async (app) => {
    const { browser, main } = app;
    await app.open();
    const tab = await openTab(app);
    await browser.look(main);
    await signIn(app);
    await browser.look(tab);
    await browser.until(() => client.getAllAccounts().length === 1);
    assert.equal((await app.brought("acquireTokenSilent", READ)).fromCache, true);
    await app.leave("logoutRedirect", {});
    await browser.look(main);
    await browser.until(() => client.getAllAccounts().length === 0);
    assert.equal((await app.call("acquireTokenSilent", READ)).error?.errorCode, "no_account_error");
  },
};
