/** What the user and the app do, on either side; each tells what came of it. */
import { take } from "./events.mjs";

/** @typedef {import("./events.mjs").Side} Side */
/** @typedef {import("./events.mjs").Page} Page */
/** @typedef {(side: Side, page: Page) => Promise<import("./events.mjs").Outcome | void>} Doing */

export const MAIL = { scopes: ["User.Read"] };
const MORE = { scopes: ["Mail.Read"] };
const AFTERWARDS = { postLogoutRedirectUri: "/redirect.html" };

/** Adele, who is signed in. @param {Side} side @param {Page} page */
export async function signIn(side, page) {
  await side.inWindow(page, "loginPopup", MAIL, side.answer("Accept"));
  await take(page);
  return side.account(page);
}

/** Adele is signed in, and the app makes a call. @param {string} method @param {object} request @returns {Doing} */
const signedIn = (method, request) => async (side, page) => {
  const account = await signIn(side, page);
  return side.call(page, method, { ...request, account });
};

/** The same, once the server has been made to answer so. @param {object} fault @param {string} method @param {object} request @returns {Doing} */
const faulty = (fault, method, request) => async (side, page) => {
  const account = await signIn(side, page);
  await side.world.tenant.injectFault(fault);
  return side.call(page, method, { ...request, account });
};

/** Nobody is signed in here, but at the server. @param {(side: Side) => object} requestOf @returns {Doing} */
const strangely = (requestOf) => async (side, page) => {
  await signIn(side, page);
  await side.call(page, "clearCache");
  await take(page);
  return side.call(page, "ssoSilent", { ...MAIL, ...requestOf(side) });
};

/** The browser opens no window. @param {Page} page */
const blockWindows = (page) => page.evaluate(() => { window.open = () => null; });
/** What would be waited for ten seconds and more is waited for one. @param {Page} page */
const hasten = (page) => page.evaluate(() => {
  const wait = window.setTimeout.bind(window);
  window.setTimeout = (work, milliseconds, ...more) => wait(work, milliseconds >= 10_000 ? 1_000 : milliseconds, ...more);
});
/** @param {Page} popup */
const shut = async (popup) => {
  await popup.getByLabel("User name").waitFor();
  await popup.close();
};

const SILENTLY = /** @type {Record<string, Doing>} */ ({
  "acquireTokenSilent, from the cache": signedIn("acquireTokenSilent", { ...MAIL, state: "mine" }),
  "acquireTokenSilent, from the server": signedIn("acquireTokenSilent", { ...MAIL, forceRefresh: true, state: "mine" }),
  "acquireTokenSilent, refused": signedIn("acquireTokenSilent", MORE),
  "acquireTokenSilent, from an empty cache alone": signedIn("acquireTokenSilent", { ...MORE, cacheLookupPolicy: 1 }),
  "acquireTokenSilent, nobody": (side, page) => side.call(page, "acquireTokenSilent", MAIL),
  "acquireTokenSilent, somebody who is not here": async (side, page) => {
    const { environment, tenantId } = await signIn(side, page);
    const { oid, username } = side.world.bo;
    const account = { environment, tenantId, homeAccountId: `${oid}.${tenantId}`, localAccountId: oid, username };
    return side.call(page, "acquireTokenSilent", { ...MAIL, account });
  },
  "acquireTokenSilent, no scopes": signedIn("acquireTokenSilent", { scopes: [] }),
  "acquireTokenSilent, the server is busy": faulty({ endpoint: "token", code: 90055, times: 1 }, "acquireTokenSilent", { ...MAIL, forceRefresh: true }),
  "acquireTokenSilent, the server fails": faulty({ endpoint: "token", status: 500, body: "", times: 1 }, "acquireTokenSilent", { ...MAIL, forceRefresh: true }),
  "acquireTokenSilent, the app is unknown": faulty({ endpoint: "token", code: 700016, times: 1 }, "acquireTokenSilent", { ...MAIL, forceRefresh: true }),
  "acquireTokenSilent, not initialized": (side, page) => side.callAnew(page, "acquireTokenSilent", MAIL),
  "ssoSilent": strangely(({ adele }) => ({ loginHint: adele.username, state: "mine" })),
  "ssoSilent, refused": (side, page) => side.call(page, "ssoSilent", { ...MAIL, loginHint: side.adele.username }),
  "ssoSilent, somebody else": strangely(({ world }) => ({ loginHint: world.bo.username })),
  "ssoSilent, no answer": async (side, page) => {
    await hasten(page);
    await page.route(/\/authorize\?/, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>silent</title>" }));
    return side.call(page, "ssoSilent", MAIL);
  },
  "ssoSilent, a prompt": (side, page) => side.call(page, "ssoSilent", { ...MAIL, prompt: "login" }),
});

const IN_WINDOWS = /** @type {Record<string, Doing>} */ ({
  "loginPopup": (side, page) => side.inWindow(page, "loginPopup", { ...MAIL, state: "mine" }, side.answer("Accept")),
  "loginPopup, declined": (side, page) => side.inWindow(page, "loginPopup", MAIL, side.answer("Cancel")),
  "loginPopup, closed": async (side, page) => {
    await hasten(page);
    return side.inWindow(page, "loginPopup", MAIL, shut);
  },
  "loginPopup, not opened": async (side, page) => {
    await blockWindows(page);
    return side.call(page, "loginPopup", MAIL);
  },
  "loginPopup, not initialized": (side, page) => side.callAnew(page, "loginPopup", MAIL),
  "acquireTokenPopup": async (side, page) => {
    const account = await signIn(side, page);
    return side.inWindow(page, "acquireTokenPopup", { ...MORE, account }, (popup) => popup.getByRole("button", { name: "Accept" }).click());
  },
  "acquireTokenPopup, declined": async (side, page) => {
    const account = await signIn(side, page);
    return side.inWindow(page, "acquireTokenPopup", { ...MORE, account }, (popup) => popup.getByRole("button", { name: "Cancel" }).click());
  },
  "logoutPopup": async (side, page) => {
    const account = await signIn(side, page);
    return side.inWindow(page, "logoutPopup", { account, ...AFTERWARDS });
  },
  "logoutPopup, of the active account": async (side, page) => {
    const account = await signIn(side, page);
    await side.call(page, "setActiveAccount", account);
    return side.inWindow(page, "logoutPopup", { account, ...AFTERWARDS });
  },
  "logoutPopup, not opened": async (side, page) => {
    const account = await signIn(side, page);
    await blockWindows(page);
    return side.call(page, "logoutPopup", { account });
  },
});

/** @type {Record<string, Doing>} */
export const DOINGS = {
  "start": (side, page) => side.answered(page),
  ...SILENTLY,
  ...IN_WINDOWS,
  "loginRedirect": (side, page) => side.leave(page, "loginRedirect", { ...MAIL, state: "mine" }, side.answer("Accept")),
  "loginRedirect, declined": (side, page) => side.leave(page, "loginRedirect", MAIL, side.answer("Cancel")),
  "setActiveAccount": async (side, page) => {
    await signIn(side, page);
    await page.evaluate(() => {
      const client = window.client ?? app.client;
      client.setActiveAccount(client.getAllAccounts()[0]);
      client.setActiveAccount(null);
    });
  },
  "clearCache": async (side, page) => {
    await signIn(side, page);
    return side.call(page, "clearCache");
  },
  "logoutRedirect": async (side, page) => {
    const account = await signIn(side, page);
    return side.leave(page, "logoutRedirect", { account });
  },
};
