/** What is told of each doing, and in which order; and that MSAL.js tells the same, but for what is meant to differ. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { DIFFERENCES } from "./differences.mjs";
import { sideOf, take } from "./support/events.mjs";

const MAIL = { scopes: ["User.Read"] };
/** A busy machine is no reason to give up, in milliseconds. */
const PATIENCE = { timeout: 120_000 };

/** @type {import("./support/events.mjs").Side} */
let ours;
/** @type {import("./support/events.mjs").Side} */
let theirs;
before(async () => {
  [ours, theirs] = await Promise.all([sideOf(true), sideOf(false)]);
});
beforeEach(() => Promise.all([ours, theirs].map(({ world }) => world.tenant.reset())));
after(() => Promise.all([ours, theirs].map((side) => side?.world.stop())));

/** Adele, who is signed in. */
async function signIn(side, page) {
  await side.inWindow(page, "loginPopup", MAIL, side.answer("Accept"));
  await take(page);
  return side.account(page);
}

/** What the user and the app do. @type {Record<string, (side: import("./support/events.mjs").Side, page: any) => Promise<unknown>>} */
const DOINGS = {
  "start": async () => {},
  "loginPopup": (side, page) => side.inWindow(page, "loginPopup", MAIL, side.answer("Accept")),
  "loginPopup, declined": (side, page) => side.inWindow(page, "loginPopup", MAIL, side.answer("Cancel")),
  "loginRedirect": (side, page) => side.leave(page, "loginRedirect", MAIL, side.answer("Accept")),
  "loginRedirect, declined": (side, page) => side.leave(page, "loginRedirect", MAIL, side.answer("Cancel")),
  "acquireTokenSilent, from the cache": async (side, page) => {
    const account = await signIn(side, page);
    await side.call(page, "acquireTokenSilent", { ...MAIL, account });
  },
  "acquireTokenSilent, from the server": async (side, page) => {
    const account = await signIn(side, page);
    await side.call(page, "acquireTokenSilent", { ...MAIL, account, forceRefresh: true });
  },
  "acquireTokenSilent, refused": async (side, page) => {
    const account = await signIn(side, page);
    await side.call(page, "acquireTokenSilent", { scopes: ["Mail.Read"], account });
  },
  "acquireTokenSilent, nobody": (side, page) => side.call(page, "acquireTokenSilent", MAIL),
  "acquireTokenPopup": async (side, page) => {
    const account = await signIn(side, page);
    await side.inWindow(page, "acquireTokenPopup", { scopes: ["Mail.Read"], account }, (popup) => popup.getByRole("button", { name: "Accept" }).click());
  },
  "ssoSilent": async (side, page) => {
    await signIn(side, page);
    await side.call(page, "clearCache");
    await take(page);
    await side.call(page, "ssoSilent", { ...MAIL, loginHint: side.adele.username });
  },
  "ssoSilent, refused": (side, page) => side.call(page, "ssoSilent", { ...MAIL, loginHint: side.adele.username }),
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
    await side.call(page, "clearCache");
  },
  "logoutPopup": async (side, page) => {
    const account = await signIn(side, page);
    await side.inWindow(page, "logoutPopup", { account, postLogoutRedirectUri: "/redirect.html" });
  },
  "logoutPopup, of the active account": async (side, page) => {
    const account = await signIn(side, page);
    await side.call(page, "setActiveAccount", account);
    await side.inWindow(page, "logoutPopup", { account, postLogoutRedirectUri: "/redirect.html" });
  },
  "logoutPopup, not opened": async (side, page) => {
    const account = await signIn(side, page);
    await page.evaluate(() => { window.open = () => null; });
    await side.call(page, "logoutPopup", { account });
  },
  "loginPopup, not opened": async (side, page) => {
    await page.evaluate(() => { window.open = () => null; });
    await side.call(page, "loginPopup", MAIL);
  },
  "logoutRedirect": async (side, page) => {
    const account = await signIn(side, page);
    await side.leave(page, "logoutRedirect", { account });
  },
};

/** What a side tells. */
async function linesOf(t, side, doing) {
  const page = await side.open(t);
  if (doing !== DOINGS.start) await take(page);
  await doing(side, page);
  await page.waitForTimeout(100);
  const heard = await take(page);
  return heard.map(({ line }) => line);
}

/** What another tab is told. */
async function linesElsewhere(t, side) {
  const page = await side.open(t);
  const tab = await side.openTab(page);
  await take(tab);
  await page.bringToFront();
  const account = await signIn(side, page);
  await settled(tab);
  await side.call(page, "setActiveAccount", account);
  await settled(tab);
  await side.inWindow(page, "logoutPopup", { account, postLogoutRedirectUri: "/redirect.html" });
  await settled(tab);
  return (await take(tab)).map(({ line }) => line);
}

/** Until a tab has heard of what another one did. @param {import("playwright-core").Page} tab */
const settled = (tab) => tab.waitForTimeout(300);

/** That both tell the same, or what is meant to differ. */
function compare(name, told) {
  const { [name]: difference } = DIFFERENCES;
  assert.deepEqual(told.theirs, difference?.theirs ?? told.ours);
  if (difference) assert.deepEqual(told.ours, difference.ours);
}

test("each difference is of something that is compared here, and is one", () => {
  for (const [name, { ours: own, theirs: others, why }] of Object.entries(DIFFERENCES)) {
    assert.ok(name in DOINGS || name === "another tab", name);
    assert.notDeepEqual(own, others, name);
    assert.ok(why.length > 20, name);
  }
});

for (const [name, doing] of Object.entries(DOINGS)) {
  test(name, PATIENCE, async (t) => compare(name, { ours: await linesOf(t, ours, doing), theirs: await linesOf(t, theirs, doing) }));
}

test("another tab", PATIENCE, async (t) => {
  compare("another tab", { ours: await linesElsewhere(t, ours), theirs: await linesElsewhere(t, theirs) });
});

test("what is told of one call has the call's correlation id, in the order of time", PATIENCE, async (t) => {
  const page = await ours.open(t);
  await take(page);
  await ours.inWindow(page, "loginPopup", { ...MAIL, correlationId: "b1d3f7a9-5c24-4e68-8f0a-2b4c6d8e0f13" }, ours.answer("Accept"));
  const heard = await take(page);
  assert.deepEqual([...new Set(heard.map(({ correlationId }) => correlationId))], ["b1d3f7a9-5c24-4e68-8f0a-2b4c6d8e0f13"]);
  await ours.call(page, "acquireTokenSilent", MAIL);
  const [start, success] = await take(page);
  assert.ok(start.correlationId && start.correlationId === success.correlationId);
  const times = [...heard, start, success].map(({ timestamp }) => timestamp);
  assert.deepEqual(times, times.toSorted((one, other) => one - other));
});
