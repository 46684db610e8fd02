/** What a token from the cache comes with, and which one is taken: claims, results that are the caller's own, and one shape for all. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FORCE, LOCAL, PLAIN, SIGN_IN, refreshes } from "./support/cache.mjs";
import { brought } from "./support/consent.mjs";
import { openProviderApp, openProviderWorld, signIn, watch } from "./support/provider.mjs";

const GUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

let world;
before(async () => {
  world = await openProviderWorld();
});
after(() => world?.stop());

for (const [where, options] of Object.entries({ "encrypted": LOCAL, "in the tab": { ...LOCAL, cacheLocation: "sessionStorage" } })) {
  test(`claims, ${where}: one request for the same, another for others, and no token comes back that was replaced`, async (t) => {
    const page = await openProviderApp(t, world, options);
    const { accessToken: first } = await signIn(page, world, SIGN_IN);
    const sent = watch(page, world);
    const asking = (claims) => brought(page, "acquireTokenSilent", { ...PLAIN, claims });
    const one = JSON.stringify({ access_token: { nbf: { essential: true, value: "1" } } });
    const other = JSON.stringify({ access_token: { nbf: { essential: true, value: "2" } } });

    const brought1 = await asking(one);
    assert.equal(brought1.fromCache, false);
    assert.notEqual(brought1.accessToken, first);
    for (const same of [one, JSON.stringify(JSON.parse(one), null, 2)]) {
      const again = await asking(same);
      assert.deepEqual([again.accessToken, again.fromCache], [brought1.accessToken, true]);
    }
    assert.equal(refreshes(sent).length, 1);

    const plain = await brought(page, "acquireTokenSilent", PLAIN);
    assert.deepEqual([plain.accessToken, plain.fromCache], [brought1.accessToken, true]);

    const brought2 = await asking(other);
    assert.equal(brought2.fromCache, false);
    assert.ok(![first, brought1.accessToken].includes(brought2.accessToken));
    assert.equal(refreshes(sent).length, 2);
    const after = await brought(page, "acquireTokenSilent", PLAIN);
    assert.notEqual(after.accessToken, first);
    assert.equal(after.fromCache, true);
  });
}

/** The type of everything in a value, by its name. Of claims it is the server's decision which there are. */
const SHAPE = `(function shape(value) {
  if (value instanceof Date) return "Date";
  if (Array.isArray(value)) return [...new Set(value.map(shape))];
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, shape(value[key])]));
})`;

for (const [where, options] of Object.entries({ "encrypted": LOCAL, "plain": { ...LOCAL, cache: { encryption: false } } })) {
  test(`a result has one shape, ${where}: from the cache at once, after a reload, and from the server`, async (t) => {
    const page = await openProviderApp(t, world, options);
    await signIn(page, world, SIGN_IN);
    const shapes = await page.evaluate(async ([plain, force, shape]) => {
      const shapeOf = eval(shape);
      const fresh = await client.acquireTokenSilent(force);
      const hit = await client.acquireTokenSilent(plain);
      // What the short way does not take.
      const slow = await client.acquireTokenSilent({ ...plain, forceRefresh: false, claims: undefined, resource: undefined, redirectUri: "/" });
      const other = new consentry.PublicClientApplication(settings.configuration);
      await other.initialize();
      const read = await other.acquireTokenSilent(plain);
      return { shapes: [fresh, hit, slow, read].map(shapeOf), flags: [fresh, hit, slow, read].map(({ fromCache }) => fromCache), dates: [hit, fresh].map(({ expiresOn }) => expiresOn.getTime()), tokens: new Set([fresh, hit, slow, read].map(({ accessToken, idToken }) => `${accessToken} ${idToken}`)).size };
    }, [PLAIN, FORCE, SHAPE]);
    const [fresh, ...others] = shapes.shapes;
    assert.equal(fresh.expiresOn, "Date");
    assert.equal(fresh.account.idTokenClaims.sub, "string");
    for (const other of others) assert.deepEqual(other, fresh);
    assert.deepEqual(shapes.flags, [false, true, true, true]);
    assert.equal(shapes.dates[0], shapes.dates[1]);
    assert.equal(shapes.tokens, 1);
  });
}

test("a result is its caller's own: who changes one changes no other, nor what is kept", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  await signIn(page, world, SIGN_IN);
  const { before, after, accounts } = await page.evaluate(async (plain) => {
    const spoil = (value) => {
      for (const key of Object.keys(value)) {
        if (value[key] instanceof Date) value[key].setTime(0);
        else if (value[key] && typeof value[key] === "object") spoil(value[key]);
        else value[key] = "spoiled";
      }
      if (Array.isArray(value)) value.push("spoiled");
      value.more = "spoiled";
    };
    const correlationId = "00000000-0000-4000-8000-000000000000";
    const [one, two] = [await client.acquireTokenSilent({ ...plain, correlationId }), await client.acquireTokenSilent({ ...plain, correlationId })];
    const before = JSON.stringify(two);
    spoil(one);
    spoil(client.getAllAccounts()[0]);
    spoil(client.getAccount({ homeAccountId: two.account.homeAccountId }));
    const unchanged = JSON.stringify(two);
    const three = JSON.stringify(await client.acquireTokenSilent({ ...plain, correlationId }));
    client.setActiveAccount(two.account);
    spoil(client.getActiveAccount());
    const four = JSON.stringify(await client.acquireTokenSilent({ ...plain, correlationId }));
    return { before, after: [unchanged, three, four], accounts: [client.getAllAccounts()[0], client.getActiveAccount()].map((account) => JSON.stringify(account)) };
  }, PLAIN);
  assert.deepEqual(after, [before, before, before]);
  assert.deepEqual(accounts, Array(2).fill(JSON.stringify(JSON.parse(before).account)));
  assert.ok(!before.includes("spoiled"));
});

test("a result has the correlation id of its request, or a new one each", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  await signIn(page, world, SIGN_IN);
  const correlationId = "01234567-89ab-4cde-8f01-23456789abcd";
  for (const request of [PLAIN, FORCE]) {
    assert.equal((await brought(page, "acquireTokenSilent", { ...request, correlationId })).correlationId, correlationId);
    const made = [await brought(page, "acquireTokenSilent", request), await brought(page, "acquireTokenSilent", request)].map((result) => result.correlationId);
    for (const id of made) assert.match(id, GUID);
    assert.notEqual(made[0], made[1]);
  }
});
