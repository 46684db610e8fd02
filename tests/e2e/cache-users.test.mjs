/** Two users in two tabs: who is signed in and who is chosen is known at once everywhere, and nobody gets another one's token. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FORCE, LOCAL, PLAIN, SIGN_IN } from "./support/cache.mjs";
import { brought, call } from "./support/consent.mjs";
import { configurationOf, openProviderApp, openProviderTab, openProviderWorld, signIn } from "./support/provider.mjs";

let world;
before(async () => {
  world = await openProviderWorld();
});
after(() => world?.stop());

/** Notes on `window.events` what the client tells. */
const listen = (page) => page.evaluate(() => {
  window.events = [];
  return client.addEventCallback(({ eventType, payload }) => {
    const account = payload?.account ?? payload;
    window.events.push([eventType, account && account.homeAccountId]);
  }, ["LOGIN_SUCCESS", "LOGOUT_SUCCESS", "ACTIVE_ACCOUNT_CHANGED"].map((name) => consentry.EventType[name]));
});

/** Waits for so many events, and takes them. */
async function heard(page, count) {
  await page.waitForFunction((count) => window.events.length >= count, count);
  return page.evaluate(() => window.events.splice(0));
}

/** Whose a token is, in the server's own words. */
const ownerOf = async (accessToken) => {
  const response = await fetch(`${world.server.origin}/me`, { headers: { Authorization: `Bearer ${accessToken}` } });
  return (await response.json()).sub;
};

const filterOf = ({ sub }) => ({ homeAccountId: sub });
const signedIn = async (page) => (await brought(page, "getAllAccounts")).map(({ homeAccountId }) => homeAccountId);
const chosen = async (page) => (await brought(page, "getActiveAccount"))?.homeAccountId ?? null;

/** Two tabs in which Noor and Ivo are signed in. */
async function openTabs(t) {
  const page = await openProviderApp(t, world, LOCAL);
  await signIn(page, world, SIGN_IN);
  await page.context().clearCookies();
  await signIn(page, world, SIGN_IN, world.ivo);
  const other = await openProviderTab(page, world, LOCAL);
  // Who came in the same second is not older.
  assert.deepEqual((await signedIn(other)).sort(), [world.noor.sub, world.ivo.sub].sort());
  return { page, other, tabs: [page, other] };
}

test("who is chosen in one tab is chosen in the other, both are told, and each gets the tokens of who is chosen", async (t) => {
  const { page, other, tabs } = await openTabs(t);
  await brought(page, "setActiveAccount", null);
  for (const tab of tabs) await listen(tab);
  for (const [tab, user] of [[page, world.noor], [other, world.ivo], [page, world.noor]]) {
    await brought(tab, "setActiveAccount", filterOf(user));
    for (const one of tabs) {
      assert.deepEqual(await heard(one, 1), [["msal:activeAccountChanged", null]]);
      assert.equal(await chosen(one), user.sub);
      for (const request of [PLAIN, FORCE]) {
        const { accessToken, account, idTokenClaims, uniqueId } = await brought(one, "acquireTokenSilent", request);
        assert.deepEqual([account.homeAccountId, idTokenClaims.sub, uniqueId, await ownerOf(accessToken)], Array(4).fill(user.sub));
      }
    }
  }
});

test("tokens are those of the account that is named, whoever is chosen", async (t) => {
  const { page, other } = await openTabs(t);
  const tokens = new Set();
  for (const [tab, choice, user] of [[page, world.ivo, world.noor], [other, world.noor, world.ivo], [other, world.ivo, world.noor]]) {
    await brought(page, "setActiveAccount", filterOf(choice));
    const { accessToken } = await brought(tab, "acquireTokenSilent", { ...PLAIN, account: filterOf(user) });
    assert.equal(await ownerOf(accessToken), user.sub);
    tokens.add(accessToken);
  }
  assert.equal(tokens.size, 2);
});

test("another client of the page knows at once, without waiting for anything", async (t) => {
  const { page } = await openTabs(t);
  const told = await page.evaluate(async ([configuration, noor, ivo]) => {
    const second = new consentry.PublicClientApplication(configuration);
    await second.initialize();
    const events = [];
    second.addEventCallback(({ eventType }) => events.push(eventType));
    const seen = () => [second.getAllAccounts().length, second.getActiveAccount()?.homeAccountId ?? null];
    const states = [];
    for (const homeAccountId of [noor, ivo]) {
      client.setActiveAccount({ homeAccountId });
      states.push(seen());
    }
    const account = client.getAccount({ homeAccountId: ivo });
    const clearing = client.clearCache({ account });
    await clearing;
    states.push(seen());
    const { error } = await window.told(second.acquireTokenSilent({ scopes: ["profile"], account }));
    return { states, code: error?.errorCode, own: client.getAllAccounts().length };
  }, [configurationOf(world, LOCAL), world.noor.sub, world.ivo.sub]);
  assert.deepEqual(told, { states: [[2, world.noor.sub], [2, world.ivo.sub], [1, null]], code: "no_account_error", own: 1 });
});

test("who signs out in one tab is signed out in the other, and both are told; the other user stays", async (t) => {
  const { page, other, tabs } = await openTabs(t);
  await brought(page, "setActiveAccount", filterOf(world.ivo));
  for (const tab of tabs) await listen(tab);
  const ivo = await brought(other, "getAccount", filterOf(world.ivo));
  await brought(other, "acquireTokenSilent", { ...PLAIN, account: ivo });
  await brought(page, "clearCache", { account: ivo });
  const expected = [["msal:activeAccountChanged", null], ["msal:logoutSuccess", world.ivo.sub]];
  for (const tab of tabs) {
    assert.deepEqual(await heard(tab, 2), expected);
    assert.deepEqual([await signedIn(tab), await chosen(tab)], [[world.noor.sub], null]);
    for (const more of [{}, { forceRefresh: true }]) {
      assert.equal((await call(tab, "acquireTokenSilent", { ...PLAIN, account: ivo, ...more })).error.errorCode, "no_account_error");
    }
    assert.equal(await ownerOf((await brought(tab, "acquireTokenSilent", PLAIN)).accessToken), world.noor.sub);
  }
  // At the server as well: the page is left, and the tab that stays is told.
  await page.evaluate(() => void client.logoutRedirect().catch(() => {}));
  assert.deepEqual(await heard(other, 1), [["msal:logoutSuccess", world.noor.sub]]);
  assert.deepEqual(await signedIn(other), []);
});

test("who signs in is told here and there, and whoever does not listen any more hears nothing", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  await signIn(page, world, SIGN_IN);
  const other = await openProviderTab(page, world, LOCAL);
  await brought(page, "clearCache");
  for (const tab of [page, other]) await tab.waitForFunction(() => client.getAllAccounts().length === 0);
  const ids = [await listen(page), await listen(other)];
  const { account } = await brought(page, "ssoSilent", PLAIN);
  assert.equal(account.homeAccountId, world.noor.sub);
  for (const tab of [page, other]) {
    assert.deepEqual((await heard(tab, 1)).filter(([type]) => type !== "msal:activeAccountChanged"), [["msal:loginSuccess", world.noor.sub]]);
    assert.deepEqual(await signedIn(tab), [world.noor.sub]);
  }
  await brought(other, "removeEventCallback", ids[1]);
  await brought(page, "clearCache");
  assert.equal((await heard(page, 1))[0][0], "msal:logoutSuccess");
  await other.waitForFunction(() => client.getAllAccounts().length === 0);
  assert.deepEqual(await other.evaluate(() => window.events), []);
});
