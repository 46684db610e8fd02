/** Leaving the page, and coming back to it: as asked, by the back button, in another tab, or not at all. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  answerWith, arrival, assertClasses, brought, call, depart, openApp, openPopup, openTab, openWorld, REFUSED, signIn,
} from "./support/consent.mjs";
import { giveCredentials, watchTokenRequests } from "./support/story.mjs";

/** @type {import("./support/consent.mjs").World} */
let world;
let tenant;
let adele;
before(async () => {
  world = await openWorld();
  ({ tenant, adele } = world);
});
beforeEach(() => tenant.reset());
after(() => world?.stop());

/** A page that does not come is not waited for longer, in milliseconds. */
const PATIENCE = { timeout: 60_000 };
const MAIL = { scopes: ["User.Read"] };
const SHARED = /** @type {const} */ ({ cacheLocation: "localStorage" });

const isShown = (page) => page.getByLabel("User name").waitFor();

/** Changes what the app configures, from the next load on: by a function, as functions are among it. */
async function configure(page, change) {
  await page.addInitScript(`(${change})(window.settings.configuration);`);
  await page.reload();
  await arrival(page);
}

/** The address of the next page of the server that the page asks for; nobody goes there. @returns {Promise<() => URL>} */
async function holdBack(page, endpoint) {
  /** @type {URL | undefined} */
  let asked;
  await page.route(new RegExp(`/${endpoint}\\?`), (route) => {
    asked = new URL(route.request().url());
    return route.fulfill({ status: 204 });
  });
  return () => asked;
}

/** Waits until something is there. @template T @param {() => T | undefined} look @returns {Promise<T>} */
async function seen(look) {
  for (let found; ;) {
    if ((found = look()) !== undefined) return found;
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

test("who comes back by the back button has signed in nowhere, and may try again: by redirect or in a window", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  await depart(page, "loginRedirect", MAIL);
  await isShown(page);
  await page.goBack();
  assert.deepEqual((await arrival(page)).answer, { value: null });
  const { popup, result } = await openPopup(page, "loginPopup", MAIL);
  await giveCredentials(popup, adele);
  await answerWith(popup, "Accept");
  assert.equal((await result).value?.account.username, adele.username);
  await brought(page, "clearCache");
  await depart(page, "loginRedirect", { ...MAIL, prompt: "login" });
  await isShown(page);
  await page.goBack();
  await arrival(page);
  await page.context().clearCookies();
  assert.equal((await signIn(page, adele, MAIL.scopes, { isFree: true })).account.username, adele.username);
});

test("a page that the browser kept as it was goes on: its call has ended, and it is told", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  const asked = await holdBack(page, "authorize");
  await page.evaluate((request) => {
    window.heard = [];
    client.addEventCallback(({ eventType, interactionType }) => heard.push([eventType, interactionType]));
    window.leaving = told(client.loginRedirect(request));
  }, MAIL);
  await seen(asked);
  // What the browser says on such a return; the browser of the tests keeps no page.
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  assert.deepEqual(await page.evaluate(() => window.leaving), { value: undefined });
  assert.deepEqual(await page.evaluate(() => heard), [["msal:acquireTokenStart", "redirect"], ["msal:restoreFromBFCache", "redirect"]]);
  await page.unroute(/\/authorize\?/);
  assert.equal((await signIn(page, adele)).account.username, adele.username);
});

test("an answer is taken once, for all who ask", PATIENCE, async (t) => {
  const page = await openApp(t, world, { isHasty: true });
  const grants = watchTokenRequests(page);
  await page.addInitScript(() => {
    addEventListener("DOMContentLoaded", async () => {
      while (!window.client) await new Promise((resolve) => { setTimeout(resolve, 1); });
      const calls = [client.handleRedirectPromise(), client.handleRedirectPromise()];
      window.answers = Promise.all(calls);
    });
  });
  const value = await signIn(page, adele);
  const [first, second] = await page.evaluate(async () => (await window.answers).map(({ accessToken }) => accessToken));
  assert.deepEqual([first, second], [value.accessToken, value.accessToken]);
  assert.deepEqual(grants, ["authorization_code"]);
});

test("two tabs sign in at once, each with its own answer", PATIENCE, async (t) => {
  const page = await openApp(t, world, SHARED);
  const tab = await openTab(page, world, SHARED);
  for (const each of [page, tab]) await depart(each, "loginRedirect", { ...MAIL, state: each === tab ? "tab" : "page" });
  for (const each of [page, tab]) await isShown(each);
  for (const each of [page, tab]) {
    await giveCredentials(each, adele);
    if (each === page) await answerWith(page, "Accept");
    const { answer } = await arrival(each);
    assert.deepEqual([answer.value?.account.username, answer.value?.state], [adele.username, each === tab ? "tab" : "page"]);
  }
  assert.equal((await brought(page, "getAllAccounts")).length, 1);
});

for (const redirectUri of ["/callback", "/"]) {
  test(`the user is back where they were, by ${redirectUri}`, PATIENCE, async (t) => {
    const page = await openApp(t, world, { path: "/index.html?own=1&code=x#part" });
    const address = page.url();
    await signIn(page, adele, MAIL.scopes, { redirectUri });
    assert.equal(page.url(), address);
  });
}

test("an app that goes to the server by itself is told where, and the page stays; signed out it is all the same", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  await configure(page, (configuration) => {
    window.asked = [];
    configuration.auth.onRedirectNavigate = (url) => (window.asked.push(url), false);
  });
  assert.equal((await call(page, "acquireTokenRedirect", { scopes: ["Mail.Read"] })).error, undefined);
  assert.equal((await call(page, "logoutRedirect")).error, undefined);
  const asked = await page.evaluate(() => window.asked.map((url) => new URL(url).pathname.split("/").pop()));
  assert.deepEqual(asked, ["authorize", "logout"]);
  assert.deepEqual(await brought(page, "getAllAccounts"), []);
});

for (const delay of [0, 300]) test(`a router that goes to the app's own page without loading it, after ${delay} ms: the answer is taken`, PATIENCE, async (t) => {
  const page = await openApp(t, world, { path: "/index.html?deep" });
  await page.addInitScript(`window.delay = ${delay};`);
  await configure(page, (configuration) => {
    window.routed = [];
    configuration.system = {
      navigationClient: {
        async navigateInternal(url, options) {
          window.routed.push([url, options.noHistory]);
          if (window.delay) setTimeout(() => history.replaceState(null, "", url), window.delay);
          else history.replaceState(null, "", url);
          return false;
        },
        async navigateExternal(url) {
          location.assign(url);
          return true;
        },
      },
    };
  });
  const address = page.url();
  const value = await signIn(page, adele, MAIL.scopes, { redirectUri: "/callback" });
  assert.equal(value.account.username, adele.username);
  assert.deepEqual(await page.evaluate(() => window.routed), [[address, true]]);
  await page.waitForURL(address);
});

test("a page that is not left within `redirectNavigationTimeout`", PATIENCE, async (t) => {
  const page = await openApp(t, world, { system: { redirectNavigationTimeout: 300 } });
  await holdBack(page, "authorize");
  const { error } = await call(page, "loginRedirect", MAIL);
  assertClasses(error, "BrowserAuthError");
  assert.equal(error.errorCode, "timed_out");
});

test("what the sign-out asks the server", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  const asked = await holdBack(page, "logout");
  const queryOf = async (request) => {
    await page.evaluate((value) => void client.logoutRedirect(value).catch(() => {}), request);
    const { searchParams } = await seen(asked);
    await holdBack(page, "logout");
    return Object.fromEntries(searchParams);
  };
  const { "client-request-id": _, ...query } = await queryOf({ logoutHint: "hint", idTokenHint: "id token", state: "app", correlationId: "c" });
  assert.deepEqual(query, {
    post_logout_redirect_uri: `${world.site.origin}/`, logout_hint: "hint", id_token_hint: "id token", state: "app",
    ...(query.client_id ? { client_id: tenant.clientId } : {}),
  });
});

test("the `state` of a sign-out by redirect comes back as the app wrote it, and nothing is believed of it", PATIENCE, async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  const state = "to: /bye?a=b&c=d #é.";
  await depart(page, "logoutRedirect", { state });
  const { answer } = await arrival(page);
  assert.equal(new URL(page.url()).searchParams.get("state"), state);
  assert.deepEqual([answer, await brought(page, "getAllAccounts")], [{ value: null }, []]);

  await signIn(page, adele, MAIL.scopes, { isFree: true });
  const kept = () => page.evaluate(() => ({ ...sessionStorage, ...localStorage }));
  const before = await kept();
  // Nobody has signed out: whoever made this address is heard by nobody, and neither is it the answer that is awaited.
  for (const forged of [state, "a".repeat(43)]) {
    await page.goto(`${world.site.origin}/?${new URLSearchParams({ state: forged })}`);
    assert.deepEqual((await arrival(page)).answer, { value: null });
    assert.equal(new URL(page.url()).searchParams.get("state"), forged);
    assert.deepEqual([await kept(), (await brought(page, "getAllAccounts")).length], [before, 1]);
  }
});

for (const how of ["request", "configuration"]) {
  test(`with no page to come back to, by the ${how}, the user stays at the server`, PATIENCE, async (t) => {
    const page = await openApp(t, world);
    await signIn(page, adele);
    if (how === "configuration") await configure(page, (configuration) => { configuration.auth.postLogoutRedirectUri = null; });
    await depart(page, "logoutRedirect", how === "request" ? { postLogoutRedirectUri: null } : {});
    await page.waitForURL(/\/logout\?/);
    const { searchParams } = new URL(page.url());
    assert.equal(searchParams.has("post_logout_redirect_uri"), false);
  });
}

test("who signs out while the server fails has signed out here", PATIENCE, async (t) => {
  const page = await openApp(t, world, { allow: [REFUSED, /Failed to load resource/], ...SHARED });
  await signIn(page, adele);
  await page.evaluate(() => sessionStorage.clear());
  await page.route(/openid-configuration/, (route) => route.fulfill({ status: 503 }));
  await page.evaluate(() => {
    for (const key of Object.keys(localStorage)) if (/metadata/i.test(key)) localStorage.removeItem(key);
  });
  await page.reload();
  await arrival(page);
  const { error } = await call(page, "logoutRedirect");
  assert.ok(error, "the server was not asked");
  assert.deepEqual(await brought(page, "getAllAccounts"), []);
  await page.reload();
  await arrival(page);
  assert.deepEqual(await brought(page, "getAllAccounts"), []);
});

test("the server's frame of the app's page signs out whom it may mean, and no other server's users", PATIENCE, async (t) => {
  const page = await openApp(t, world, SHARED);
  const { account } = await signIn(page, adele);
  const isLeft = async (iss) => {
    await page.evaluate(async (src) => {
      const frame = Object.assign(document.createElement("iframe"), { src });
      document.body.append(frame);
      while (frame.contentDocument?.title !== "ready") await new Promise((resolve) => { setTimeout(resolve, 20); });
      await frame.contentWindow.client.handleFrontChannelLogout();
      frame.remove();
    }, `/callback?${new URLSearchParams({ sid: "session", iss })}`);
    await page.waitForTimeout(200); // the page hears of it as any other tab
    return (await brought(page, "getAllAccounts")).length > 0;
  };
  assert.equal(await isLeft("https://other.example"), true);
  assert.equal(await isLeft(account.idTokenClaims.iss), false);
});
