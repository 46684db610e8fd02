/** What is kept of a sign-in, as anybody finds it who looks into the browser's stores: over reloads, tabs, restarts and cleared data. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchProfile } from "./support/browser.mjs";
import { FORCE, LOCAL, PLAIN, SIGN_IN, databaseText, entriesOf, reloadUntold } from "./support/cache.mjs";
import { arrival, brought, call } from "./support/consent.mjs";
import { load, openProviderApp, openProviderTab, openProviderWorld, signIn } from "./support/provider.mjs";

let world;
before(async () => {
  world = await openProviderWorld();
});
after(() => world?.stop());

/** Signs in, and learns how the user is called. What nobody is to read. */
async function signInAll(page, { server } = world) {
  const tokens = [];
  page.on("response", async (response) => {
    if (response.url() === `${server.origin}/token`) tokens.push(response.json().catch(() => ({})));
  });
  const { accessToken, idToken } = await signIn(page, world, SIGN_IN);
  await brought(page, "loadUserInfo");
  const { access_token, refresh_token } = await brought(page, "acquireTokenSilent", FORCE).then(async () => (await Promise.all(tokens)).at(-1));
  assert.ok(access_token && refresh_token);
  return [accessToken, idToken, access_token, refresh_token, world.noor.name];
}

const accountsOf = async (page) => (await brought(page, "getAllAccounts")).map(({ name }) => name);
const accountKey = (entries) => Object.keys(entries).find((key) => key.includes("|account|"));

test("nothing of a token or of a name is in the stores, and reloads and other tabs are signed in", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  const secrets = await signInAll(page);
  const texts = [await entriesOf(page), await entriesOf(page, "sessionStorage"), await databaseText(page)].map((text) => JSON.stringify(text));
  for (const secret of secrets) assert.ok(!texts.some((text) => text.includes(secret)), secret);
  assert.match(texts[0], /\|account\|/);
  assert.match(texts[2], /consentry/);
  const { accessToken } = await brought(page, "acquireTokenSilent", PLAIN);
  await page.reload();
  await arrival(page);
  const other = await openProviderTab(page, world, LOCAL);
  for (const tab of [page, other]) {
    assert.deepEqual(await accountsOf(tab), [world.noor.name]);
    const found = await brought(tab, "acquireTokenSilent", PLAIN);
    assert.deepEqual([found.accessToken, found.fromCache], [accessToken, true]);
  }
  assert.equal((await brought(other, "acquireTokenSilent", FORCE)).fromCache, false);
});

test("the database that has the key is opened while the module is on its way", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  await signIn(page, world, SIGN_IN);
  await page.addInitScript(() => {
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = function (...values) {
      window.opened = (window.opened ?? 0) + 1;
      return open.apply(this, values);
    };
  });
  const held = [];
  await page.route(/\.wasm$/, (route) => held.push(route));
  await reloadUntold(page);
  await page.waitForFunction("window.opened === 1");
  for (const route of held) await route.continue();
  await arrival(page);
  const { length } = await brought(page, "getAllAccounts");
  assert.deepEqual([length, held.length, await page.evaluate("window.opened")], [1, 1, 1]);
});

test("without encryption what is kept is plain, and no key is made", async (t) => {
  const options = { ...LOCAL, cache: { encryption: false } };
  const page = await openProviderApp(t, world, options);
  const secrets = await signInAll(page);
  const text = Object.values(await entriesOf(page)).join("\n");
  for (const secret of secrets.slice(2)) assert.ok(text.includes(secret), secret);
  assert.equal(await databaseText(page), "");
  await page.reload();
  await arrival(page);
  assert.deepEqual(await accountsOf(page), [world.noor.name]);
});

test("entries that were edited, moved, or brought in plain are as if they were not there", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  await signIn(page, world, SIGN_IN);
  const kept = await entriesOf(page);
  const key = accountKey(kept);
  const access = Object.keys(kept).find((name) => name.includes("|access|"));
  const changed = `${kept[key].slice(0, -9)}${kept[key].at(-9) === "A" ? "B" : "A"}${kept[key].slice(-8)}`;
  const plain = JSON.stringify({ idToken: "e30.e30.e30", refreshToken: "mine", addedOn: 1 });
  const moved = { [key]: undefined, [key.replace(world.noor.sub, world.ivo.sub)]: kept[key] };
  const stories = { changed: { [key]: changed }, cut: { [key]: kept[key].slice(0, 40) }, plain: { [key]: plain }, moved, another: { [key]: kept[access] } };
  for (const [what, changes] of Object.entries(stories)) {
    await page.evaluate(([kept, changes, gone]) => {
      localStorage.clear();
      for (const [name, text] of Object.entries({ ...kept, ...changes })) if (!gone.includes(name)) localStorage.setItem(name, text);
    }, [kept, changes, Object.keys(changes).filter((name) => changes[name] === undefined)]);
    await page.reload();
    await arrival(page);
    assert.deepEqual(await brought(page, "getAllAccounts"), [], what);
    assert.equal((await call(page, "acquireTokenSilent", PLAIN)).error.errorCode, "no_account_error", what);
  }
  await signIn(page, world, SIGN_IN, null);
  assert.equal((await brought(page, "getAllAccounts")).length, 1);
});

/** What a page is after a restart of the browser, whose user had signed in before. */
async function overRestart(t, cache, act) {
  const folder = await mkdtemp(join(tmpdir(), "profile-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const begin = async (page) => {
    await signIn(page, world, SIGN_IN);
    assert.match((await entriesOf(page))[accountKey(await entriesOf(page))], /^~/);
  };
  for (const step of [begin, act]) {
    const context = await launchProfile(folder);
    try {
      await step(await load(await context.newPage(), world, { ...LOCAL, cache }));
    } finally {
      await context.close();
    }
  }
}

test("after a restart of the browser its user is signed in", async (t) => {
  await overRestart(t, {}, async (page) => {
    assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).fromCache, true);
    assert.equal((await brought(page, "acquireTokenSilent", FORCE)).fromCache, false);
  });
});

test("after a restart nobody is where that is not wanted, and signing in works", async (t) => {
  await overRestart(t, { keepAfterRestart: false }, async (page) => {
    assert.deepEqual(await brought(page, "getAllAccounts"), []);
    const left = await entriesOf(page);
    assert.deepEqual(Object.keys(left).filter((key) => left[key].startsWith("~")), [], "what nobody can open is gone");
    assert.equal((await call(page, "acquireTokenSilent", PLAIN)).error.errorCode, "no_account_error");
    // The server's own session is still there.
    await signIn(page, world, SIGN_IN, null);
    const other = await openProviderTab(page, world, { ...LOCAL, cache: { keepAfterRestart: false } });
    assert.equal((await brought(other, "acquireTokenSilent", FORCE)).fromCache, false);
  });
});

test("site data that the user clears signs out every page, and who signs in again is signed in in all of them", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  await signIn(page, world, SIGN_IN);
  const other = await openProviderTab(page, world, LOCAL);
  assert.equal((await brought(other, "getAllAccounts")).length, 1);
  const session = await page.context().newCDPSession(page);
  await session.send("Storage.clearDataForOrigin", { origin: world.site.origin, storageTypes: "all" });
  await page.context().clearCookies();
  for (const tab of [page, other]) {
    assert.deepEqual(await brought(tab, "getAllAccounts"), []);
    assert.equal((await call(tab, "acquireTokenSilent", PLAIN)).error.errorCode, "no_account_error");
  }
  const { accessToken } = await signIn(page, world, SIGN_IN);
  assert.equal((await brought(other, "acquireTokenSilent", PLAIN)).accessToken, accessToken);
  assert.equal((await brought(other, "acquireTokenSilent", FORCE)).fromCache, false);
});
