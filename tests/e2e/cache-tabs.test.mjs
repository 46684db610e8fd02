/** Real tabs that need the same new token at once: one asks, all have it, and the server has no reason to end the session. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FORCE, LOCAL, PLAIN, SHARED_STORE, SIGN_IN, letTokensEnd, refreshes, withoutLocks } from "./support/cache.mjs";
import { brought, call } from "./support/consent.mjs";
import { openProviderApp, openProviderTab, openProviderWorld, signIn, watch } from "./support/provider.mjs";

let world;
before(async () => {
  world = await openProviderWorld();
});
after(() => world?.stop());

/** By name: how many tabs, and how they are. */
const STORIES = {
  "three tabs": [3, LOCAL],
  "two tabs of a browser without locks": [2, { ...LOCAL, changes: [withoutLocks] }],
  "two tabs that share a database of the app's own": [2, SHARED_STORE],
  "two tabs without encryption": [2, { ...LOCAL, cache: { encryption: false } }],
};

for (const [what, [count, options]] of Object.entries(STORIES)) {
  test(`${what} want a token at once: one request, the same token for all, and the session goes on`, async (t) => {
    const first = await openProviderApp(t, world, options);
    await signIn(first, world, SIGN_IN);
    const tabs = [first];
    while (tabs.length < count) tabs.push(await openProviderTab(first, world, options));
    if (options.changes) assert.equal(await first.evaluate(() => navigator.locks), undefined);
    const sent = tabs.map((tab) => watch(tab, world));
    await letTokensEnd(...tabs);

    const results = await Promise.all(tabs.map((tab) => call(tab, "acquireTokenSilent", PLAIN)));
    assert.deepEqual(results.map(({ error }) => error), tabs.map(() => undefined));
    assert.equal(new Set(results.map(({ value }) => value.accessToken)).size, 1);
    assert.equal(sent.flatMap(refreshes).length, 1);
    assert.deepEqual(results.map(({ value }) => value.fromCache).sort(), [false, ...tabs.slice(1).map(() => true)]);

    assert.equal((await brought(tabs[0], "acquireTokenSilent", FORCE)).fromCache, false);
    // Of a store that is read at renewals only, a tab first takes what the one before has brought.
    for (const tab of tabs) await brought(tab, "acquireTokenSilent", FORCE);
    const used = sent.flatMap(refreshes);
    assert.ok(used.length > 2);
    assert.equal(new Set(used).size, used.length);
  });
}
