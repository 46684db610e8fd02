/** Tokens and sign-out in a window of its own. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  answerWith, arrival, assertClasses, brought, call, cutTies, depart, openApp, openPopup, openTab, openWorld, REFUSED, signIn,
} from "./support/consent.mjs";
import { giveCredentials } from "./support/story.mjs";

/** A page that asks the user before it looks whether it has an answer for another page. What came of it is left for all to see. */
const EAGER = `
import * as consentry from "consentry";
const client = new consentry.PublicClientApplication(window.settings.configuration);
await client.initialize();
const codes = [];
for (const method of ["loginPopup", "loginRedirect", "logoutPopup"]) {
  await client[method]({ scopes: ["User.Read"] }).catch(({ errorCode }) => codes.push(errorCode));
}
localStorage.setItem("refused", codes.join(" "));
await client.handleRedirectPromise();`;
const EAGER_PAGE = `<!doctype html><title>eager</title><link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "consentry": "/consentry/index.js" } }</script>
<script type="module" src="/eager.js"></script>`;
const BLANK_PAGE = '<!doctype html><title>blank</title><link rel="icon" href="data:,">';

/** @type {import("./support/consent.mjs").World} */
let world;
/** The same page, but at /callback an eager one, and at /index.html one without a script. @type {import("./support/consent.mjs").World} */
let others;
let tenant;
let adele;
before(async () => {
  world = await openWorld();
  others = await openWorld({}, { modules: { "/eager.js": EAGER }, others: { "/callback": EAGER_PAGE, "/index.html": BLANK_PAGE } });
  ({ tenant, adele } = world);
});
beforeEach(() => Promise.all([tenant.reset(), others.tenant.reset()]));
after(() => Promise.all([world?.stop(), others?.stop()]));

/** A window that never answers is not waited for longer, in milliseconds. */
const PATIENCE = { timeout: 60_000 };
const MAIL = { scopes: ["User.Read"] };
const SHARED = /** @type {const} */ ({ cacheLocation: "localStorage" });

/** Adele answers in the window. */
async function answer(popup, button = "Accept") {
  await giveCredentials(popup, adele);
  await answerWith(popup, button);
}

/** Adele signs in in a window, which closes. */
async function signInByPopup(page, request = MAIL) {
  const { popup, result } = await openPopup(page, "loginPopup", request);
  const closed = popup.waitForEvent("close");
  await answer(popup);
  const { value, error } = await result;
  assert.equal(error, undefined);
  await closed;
  return value;
}

/** Which code a call in a window fails with. */
async function assertFails(result, errorCode) {
  const { error, value } = await result;
  assert.equal(error?.errorCode, errorCode, JSON.stringify(value));
  assertClasses(error, "BrowserAuthError");
  return error;
}

/** Whose form it is that the window shows. @param {import("playwright-core").Page} popup */
const isShown = (popup) => popup.getByLabel("User name").waitFor();

for (const [path, isCut] of /** @type {const} */ ([["/", false], ["/callback", false], ["/", true]])) {
  test(`sign-in, another token and sign-out in windows that come back to ${path}${isCut ? ", whose server cuts the tie" : ""}`, PATIENCE, async (t) => {
    const page = await openApp(t, world, { path });
    if (isCut) await cutTies(page, tenant.origin);
    const value = await signInByPopup(page, { ...MAIL, state: "window" });
    assert.deepEqual([value.account.username, value.state, value.fromCache], [adele.username, "window", false]);
    assert.equal((await brought(page, "acquireTokenSilent", MAIL)).fromCache, true);

    const more = await openPopup(page, "acquireTokenPopup", { scopes: ["Mail.Read"], state: "more" });
    const gone = more.popup.waitForEvent("close");
    await answerWith(more.popup, "Accept");
    const { value: token } = await more.result;
    assert.deepEqual([token.scopes.includes("Mail.Read"), token.state], [true, "more"]);
    await gone;

    const { popup, result } = await openPopup(page, "logoutPopup", { mainWindowRedirectUri: `${path}?left` });
    await popup.waitForEvent("close");
    await result.catch(() => {}); // the page goes where it was told to
    await page.waitForURL(`${world.site.origin}${path}?left`);
    await arrival(page);
    assert.deepEqual(await brought(page, "getAllAccounts"), []);
    await depart(page, "loginRedirect", MAIL);
    await isShown(page); // the session at the server has ended, too
  });
}

test("the window may come back to a page without a script", PATIENCE, async (t) => {
  const page = await openApp(t, others);
  const value = await signInByPopup(page, { ...MAIL, redirectUri: "/index.html" });
  assert.equal(value.account.username, adele.username);
  const { popup, result } = await openPopup(page, "logoutPopup", { postLogoutRedirectUri: "/index.html" });
  await popup.waitForEvent("close");
  assert.equal((await result).error, undefined);
  assert.deepEqual(await brought(page, "getAllAccounts"), []);
});

test("a window that the user closes is given up within about a second, and the next one opens at once", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  const { popup, result } = await openPopup(page, "loginPopup", { ...MAIL, state: "first" });
  await isShown(popup);
  const began = Date.now();
  await popup.close();
  const error = await assertFails(result, "user_cancelled");
  assert.ok(Date.now() - began < 1500, `after ${Date.now() - began} ms`);
  assert.equal(error.state, "first");
  assert.equal((await signInByPopup(page)).account.username, adele.username);
});

test("who closes the window of a sign-out has signed out here all the same", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  await signInByPopup(page);
  await page.context().route(/\/logout\?/, (route) => route.fulfill({ contentType: "text/html", body: "Signed out." }));
  const { popup, result } = await openPopup(page, "logoutPopup", {});
  await popup.getByText("Signed out.").waitFor();
  await popup.close();
  assert.equal((await result).error, undefined);
  assert.deepEqual(await brought(page, "getAllAccounts"), []);
});

test("with no page to come back to, the window of a sign-out stays at the server, and nobody waits for it", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  await signInByPopup(page);
  const { popup, result } = await openPopup(page, "logoutPopup", { postLogoutRedirectUri: null });
  assert.equal((await result).error, undefined);
  await popup.waitForURL(/\/logout\?/);
  assert.equal(new URL(popup.url()).searchParams.has("post_logout_redirect_uri"), false);
  assert.equal(popup.isClosed(), false);
});

test("a window that the browser does not open", PATIENCE, async (t) => {
  const page = await openApp(t, world, { path: "/redirect.html", allow: [REFUSED, /Blocked opening/] });
  for (const method of ["loginPopup", "acquireTokenPopup", "logoutPopup"]) await assertFails(call(page, method, MAIL), "popup_window_error");
});

test("the window opens in the task of the click, also where the tokens are encrypted", PATIENCE, async (t) => {
  const page = await openApp(t, world, SHARED);
  const opened = await page.evaluate((request) => {
    let isIn = true;
    const found = [];
    const open = window.open.bind(window);
    window.open = (...args) => (found.push(isIn), open(...args));
    for (const method of ["loginPopup", "acquireTokenPopup", "logoutPopup"]) {
      client[method]({ ...request, overrideInteractionInProgress: true }).catch(() => {});
    }
    isIn = false;
    return found;
  }, MAIL);
  assert.deepEqual(opened, [true, true, true]);
});

test("a user who declines: the error says which call it was", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  const { popup, result } = await openPopup(page, "loginPopup", { ...MAIL, state: "window" });
  const closed = popup.waitForEvent("close");
  await answer(popup, "Cancel");
  const { error } = await result;
  assertClasses(error, "ConsentDeclinedError", "ServerError");
  assert.equal(error.state, "window");
  await closed;
});

test("one window at a time: a second one waits, or takes the place of the first", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  const first = await openPopup(page, "loginPopup");
  await isShown(first.popup);
  await assertFails(call(page, "acquireTokenPopup", MAIL), "interaction_in_progress");
  await assertFails(call(page, "logoutPopup"), "interaction_in_progress");
  const second = await openPopup(page, "loginPopup", { ...MAIL, overrideInteractionInProgress: true });
  await assertFails(first.result, "interaction_in_progress_cancelled");
  await answer(second.popup);
  assert.equal((await second.result).value?.account.username, adele.username);
});

test("a window that is given up before it leaves the page closes", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  let go = () => {};
  const held = new Promise((resolve) => { go = resolve; });
  await page.route(/openid-configuration/, async (route) => (await held, route.continue()));
  const first = await openPopup(page, "loginPopup");
  const closed = first.popup.waitForEvent("close");
  const second = await openPopup(page, "loginPopup", { ...MAIL, overrideInteractionInProgress: true });
  go();
  await assertFails(first.result, "interaction_in_progress_cancelled");
  await closed;
  await answer(second.popup);
  assert.equal((await second.result).value?.account.username, adele.username);
});

test("an answer that comes after the window was given up signs in after all", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  await cutTies(page, tenant.origin);
  const { popup, result } = await openPopup(page, "loginPopup");
  await isShown(popup);
  await page.evaluate(() => { window.isFocused = true; });
  await assertFails(result, "user_cancelled");
  const closed = popup.waitForEvent("close");
  await answer(popup);
  await closed;
  await page.waitForFunction(() => client.getAllAccounts().length === 1);
});

test("the page that asked was loaded again: the window's page is one as any other", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  const { popup } = await openPopup(page, "loginPopup");
  await isShown(popup);
  await page.reload();
  assert.deepEqual((await arrival(page)).answer, { value: null });
  await answer(popup);
  assert.deepEqual((await arrival(popup)).answer, { value: null });
  await depart(popup, "loginRedirect", MAIL);
  await answerWith(popup, "Accept");
  assert.equal((await arrival(popup)).answer.value?.account.username, adele.username);
});

test("a page in a window of another one asks nobody before it has given its answer", PATIENCE, async (t) => {
  const page = await openApp(t, others);
  await cutTies(page, others.tenant.origin); // so that only the window's page can bring the answer
  await signInByPopup(page, { ...MAIL, redirectUri: "/callback" });
  const refused = await page.evaluate(() => localStorage.getItem("refused"));
  assert.equal(refused, Array(3).fill("block_nested_popups").join(" "));
});

test("a page in a frame leaves for no server, and in a hidden frame of ours asks nobody", PATIENCE, async (t) => {
  const page = await openApp(t, others, { allow: [/Blocked|popup/] });
  const visits = [];
  page.on("request", (request) => request.url().includes("/authorize?") && visits.push(request.url()));
  const refusedIn = (address) => page.evaluate(async (src) => {
    localStorage.removeItem("refused");
    const frame = Object.assign(document.createElement("iframe"), { src });
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin");
    document.body.append(frame);
    while (localStorage.getItem("refused") === null) await new Promise((resolve) => { setTimeout(resolve, 50); });
    frame.remove();
    return localStorage.getItem("refused");
  }, address);
  assert.equal(await refusedIn("/callback"), "popup_window_error redirect_in_iframe popup_window_error");
  assert.equal(await refusedIn("/callback#error=login_required&state=of-ours."), Array(3).fill("block_iframe_reload").join(" "));
  assert.deepEqual(visits, []);
});

test("another tab hears of who signed in, and out, in a window", PATIENCE, async (t) => {
  const page = await openApp(t, world, SHARED);
  const tab = await openTab(page, world, SHARED);
  await tab.evaluate(() => {
    window.heard = [];
    client.addEventCallback(({ eventType, interactionType, payload }) => heard.push([eventType, interactionType, (payload.account ?? payload).username]));
  });
  await page.bringToFront();
  await signInByPopup(page);
  await tab.waitForFunction(() => heard.length > 0);
  assert.deepEqual(await tab.evaluate(() => heard.splice(0)), [["msal:loginSuccess", null, adele.username]]);
  const { popup } = await openPopup(page, "logoutPopup", {});
  await popup.waitForEvent("close");
  await tab.waitForFunction(() => heard.length > 0);
  assert.deepEqual(await tab.evaluate(() => heard), [["msal:logoutSuccess", null, adele.username]]);
});

test("who has signed in by redirect gets more in a window, without typing anything", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  const { popup, result } = await openPopup(page, "acquireTokenPopup", { scopes: ["Mail.Read"] });
  await answerWith(popup, "Accept");
  assert.ok((await result).value?.scopes.includes("Mail.Read"));
});

test("giving up ends a call that waits for a window: a token, an administrator's consent, the end of a session", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  const given = async (method, request) => {
    const opening = page.waitForEvent("popup");
    const calling = page.evaluate(([name, value]) => {
      window.giving = new AbortController();
      return client[name]({ ...value, signal: window.giving.signal }).catch((error) => error);
    }, [method, request]);
    const popup = await opening;
    await popup.waitForURL((url) => url.href !== "about:blank");
    await page.evaluate(() => window.giving.abort("enough"));
    const why = await calling;
    await popup.close();
    return why;
  };
  assert.equal(await given("acquireTokenPopup", { scopes: ["Mail.Read"] }), "enough");
  assert.equal(await given("adminConsentPopup", { scopes: ["User.Read.All"] }), "enough");
  // Signing out is done here by the time that the window is open; the server takes its time.
  await tenant.injectFault({ endpoint: "logout", delayMilliseconds: 5000 });
  const opening = page.waitForEvent("popup");
  const leaving = page.evaluate(() => {
    window.giving = new AbortController();
    return client.logoutPopup({ signal: window.giving.signal }).catch((error) => error);
  });
  const popup = await opening;
  await page.waitForFunction(() => client.getAllAccounts().length === 0);
  await page.evaluate(() => window.giving.abort("enough"));
  assert.equal(await leaving, "enough");
  await popup.close();
  // Nothing is opened for who has given up before.
  const before = await page.evaluate(() => client.loginPopup({ scopes: ["User.Read"], signal: AbortSignal.abort("before") }).catch((error) => error));
  assert.equal(before, "before");
});
