/** A token is told as soon as it is sure, a moment before it is stored: what a page sees of that, and what it does not. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { reloadUntold } from "./support/cache.mjs";
import { GRAPH, arrival, openApp, openTab, openWorld, signIn } from "./support/consent.mjs";
import { watchTokenRequests } from "./support/story.mjs";

let world, tenant, orders;
before(async () => {
  world = await openWorld();
  ({ tenant } = world);
  orders = `${world.orders}/Orders.Read`;
});
afterEach(() => tenant.reset());
after(() => world?.stop());

/** Adele, signed in, with consent for another API as well. */
async function openSignedIn(t, cacheLocation) {
  const page = await openApp(t, world, { cacheLocation });
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"] });
  await tenant.grantConsent({ clientId: tenant.clientId, resource: world.orders, permissions: ["Orders.Read"] });
  await signIn(page, world.adele, undefined, { isFree: true });
  await page.evaluate((store) => {
    window.stored = () => Object.keys(window[store]).filter((key) => /\|access\|.*orders/.test(key)).length;
    window.settled = async (count) => {
      for (let tries = 0; window.stored() !== count && tries < 500; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
      return window.stored();
    };
  }, cacheLocation);
  return { page, grants: watchTokenRequests(page) };
}

for (const cacheLocation of ["localStorage", "sessionStorage"]) {
  test(`the page has it and knows it, before it is stored in ${cacheLocation}; the next one has it as well`, async (t) => {
    const { page, grants } = await openSignedIn(t, cacheLocation);
    const seen = await page.evaluate(async (scope) => {
      const first = await window.client.acquireTokenSilent({ scopes: [scope] });
      const atOnce = window.stored();
      const granted = window.client.getGrantedScopes();
      const again = await window.client.acquireTokenSilent({ scopes: [scope] });
      return { atOnce, granted, isSame: again.accessToken === first.accessToken, kept: [first.fromCache, again.fromCache], later: await window.settled(1) };
    }, orders);
    assert.deepEqual(seen.granted[world.orders], ["Orders.Read"]);
    assert.deepEqual([seen.atOnce, seen.later, seen.isSame, seen.kept], [0, 1, true, [false, true]]);
    await reloadUntold(page);
    await arrival(page);
    const next = await page.evaluate(async (scope) => [(await window.client.acquireTokenSilent({ scopes: [scope] })).fromCache, window.client.getGrantedScopes()], orders);
    assert.deepEqual([next[0], next[1][world.orders], grants], [true, ["Orders.Read"], ["refresh_token"]]);
  });
}

test("who signs out at once is out, and nothing is stored later", async (t) => {
  const { page } = await openSignedIn(t, "localStorage");
  const left = await page.evaluate(async (scope) => {
    await window.client.acquireTokenSilent({ scopes: [scope] });
    await window.client.clearCache();
    const accounts = window.client.getAllAccounts().length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return [accounts, window.client.getAllAccounts().length, Object.keys(localStorage).filter((key) => key.startsWith("consentry"))];
  }, orders);
  assert.deepEqual(left, [0, 0, []]);
});

test("two tabs that want it at once ask once: the other waits until it is stored", async (t) => {
  const { page, grants } = await openSignedIn(t, "localStorage");
  const other = await openTab(page, world, { cacheLocation: "localStorage" });
  const theirs = watchTokenRequests(other);
  await tenant.injectFault({ endpoint: "token", delayMilliseconds: 300 });
  const ask = (tab) => tab.evaluate(async (scope) => (await window.client.acquireTokenSilent({ scopes: [scope] })).accessToken, orders);
  const [one, two] = await Promise.all([ask(page), ask(other)]);
  assert.equal(one, two);
  assert.equal([...grants, ...theirs].length, 1);
});

test("what brings a new account is stored first", async (t) => {
  const { page } = await openSignedIn(t, "localStorage");
  const isStored = await page.evaluate(async (scope) => {
    await window.client.acquireTokenSilent({ scopes: [scope], forceRefresh: true });
    return window.stored();
  }, orders);
  assert.equal(isStored, 1);
});
