/** Ways in and out: by leaving the page, in a window, in a hidden frame. */
import assert from "node:assert/strict";
import { PAGES, READ, signIn } from "../support/app.mjs";

/** Sooner than a window is given up that can't be seen, in milliseconds. */
const AT_ONCE = 2900;

/** The server's page does not let the app's know of it: its window looks closed. @param {import("../support/engines.mjs").App} app */
async function cutTies(app) {
  await app.tenant.injectFault({ endpoint: "authorize", headers: { "Cross-Origin-Opener-Policy": "same-origin" } });
  await app.browser.run(() => {
    const open = window.open.bind(window);
    window.open = (...args) => (window.opened = open(...args));
  });
  await giveFocus(app, false);
}

/** Chromium without a display says of every page that it has the focus, and without a window manager WebKitGTK may say it of none. */
const PLAYED = ["Chromium", "WebKitGTK"];
/** @param {import("../support/engines.mjs").App} app @param {boolean} hasFocus */
const giveFocus = (app, hasFocus) => PLAYED.includes(app.engine) && app.browser.run((value) => { document.hasFocus = () => value; }, hasFocus);

/** Signs in in a window, which closes by itself. @param {import("../support/engines.mjs").App} app */
async function signInByWindow(app) {
  const ended = await app.openWindow("loginPopup", READ);
  await app.giveCredentials();
  await app.browser.press("Accept");
  const { value, error } = await ended();
  assert.equal(error, undefined);
  return value;
}

/** The server asks anew who it is. @param {import("../support/engines.mjs").App} app */
async function assertNoSession(app) {
  const answer = await app.leave("loginRedirect", READ, app.giveCredentials);
  assert.equal(answer.error, undefined);
}

/** @type {import("../support/engines.mjs").Stories} */
export default {
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
    assert.deepEqual(await app.brought("getAllAccounts"), []);
    await assertNoSession(app);
  },

  "a window that the user closes ends the call at once, and the next one signs in": async (app) => {
    await app.open();
    await giveFocus(app, true);
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

  "in a window whose server cuts the tie to the app: the answer comes all the same": async (app) => {
    await app.open();
    await cutTies(app);
    assert.equal((await signInByWindow(app)).account.username, app.person.username);
  },

  "a window that the user closes after its server has cut the tie ends the call": async (app) => {
    await app.open();
    await cutTies(app);
    const ended = await app.openWindow("loginPopup", READ);
    await app.browser.until(() => document.querySelector("#username"));
    const popup = await app.browser.here();
    await app.browser.look(app.main);
    assert.deepEqual(await app.browser.run(() => [window.opened.closed, window.result]), [true, null], "it only looks closed");
    await app.browser.look(popup);
    await app.browser.close();
    await app.browser.look(app.main);
    await giveFocus(app, true);
    assert.equal((await ended()).error?.errorCode, "user_cancelled");
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
    await app.browser.until(() => document.querySelectorAll("iframe").length === 0);
  },
};
