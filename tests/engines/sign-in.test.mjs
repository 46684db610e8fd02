/** Ways in and out: by leaving the page, in a window, in a hidden frame. */
import assert from "node:assert/strict";
import { PAGES, READ, signIn } from "./support/app.mjs";
import { inEachEngine } from "./support/engines.mjs";

/** What a person takes for at once, in milliseconds. */
const AT_ONCE = 1500;

/** Signs in in a window, which closes by itself. @param {import("./support/engines.mjs").App} app */
async function signInByWindow(app) {
  const ended = await app.openWindow("loginPopup", READ);
  await app.giveCredentials();
  await app.browser.press("Accept");
  const { value, error } = await ended();
  assert.equal(error, undefined);
  await app.browser.alone([app.main]);
  return value;
}

/** The server asks anew who it is. @param {import("./support/engines.mjs").App} app */
async function assertNoSession(app) {
  const answer = await app.leave("loginRedirect", READ, app.giveCredentials);
  assert.equal(answer.error, undefined);
}

inEachEngine({
  "by leaving the page, in and out": async (app) => {
    await app.open();
    const { account, fromCache, state } = await signIn(app, { ...READ, state: "mine" });
    assert.deepEqual([account.name, fromCache, state], [app.person.name, false, "mine"]);
    assert.equal(await app.browser.run(() => location.hash + location.search), "", "the answer is taken out of the address");
    assert.deepEqual(await app.leave("logoutRedirect", { account }), { value: null });
    assert.deepEqual(await app.brought("getAllAccounts"), []);
    await assertNoSession(app);
  },

  "in a window, in and out": async (app) => {
    await app.open();
    const { account } = await signInByWindow(app);
    assert.equal(account.username, app.person.username);
    assert.equal((await app.brought("acquireTokenSilent", READ)).fromCache, true);
    const { error } = await app.click("logoutPopup", { account });
    assert.equal(error, undefined);
    await app.browser.alone([app.main]);
    assert.deepEqual(await app.brought("getAllAccounts"), []);
    await assertNoSession(app);
  },

  "a window that the user closes ends the call at once, and the next one signs in": async (app) => {
    await app.open();
    const ended = await app.openWindow("loginPopup", READ);
    await app.browser.until(() => document.querySelector("#username"));
    const began = Date.now();
    await app.browser.close();
    const { error } = await ended();
    const took = Date.now() - began;
    assert.equal(error?.errorCode, "user_cancelled");
    assert.ok(took < AT_ONCE, `after ${took} ms`);
    assert.equal((await signInByWindow(app)).account.username, app.person.username);
  },

  "a window that the browser does not open: in no click, or in a sandbox": async (app) => {
    await app.open();
    assert.equal((await app.call("loginPopup", READ)).error?.errorCode, "popup_window_error");
    await app.open(PAGES.alone);
    for (const method of ["loginPopup", "acquireTokenPopup", "logoutPopup"]) {
      const { error } = await app.click(method, READ);
      assert.deepEqual([error?.name, error?.errorCode], ["BrowserAuthError", "popup_window_error"], method);
    }
  },

  "in a hidden frame, whoever has a session at the server": async (app) => {
    await app.open();
    assert.equal((await app.call("ssoSilent", READ)).error?.errorCode, "login_required");
    await signIn(app);
    await app.brought("clearCache");
    assert.deepEqual(await app.brought("getAllAccounts"), []);
    const { account, fromCache } = await app.brought("ssoSilent", READ);
    assert.deepEqual([account.username, fromCache], [app.person.username, false]);
    assert.equal(await app.browser.run(() => document.querySelectorAll("iframe").length), 0);
  },
});
