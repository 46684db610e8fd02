/** What an earlier page was told is said again before anything is loaded, as long as nothing has changed; and never otherwise. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FORCE, LOCAL, PLAIN, SIGN_IN, entriesOf, letTokensEnd } from "./support/cache.mjs";
import { arrival, brought, call, depart } from "./support/consent.mjs";
import { load, openProviderApp, openProviderTab, openProviderWorld, signIn, watch } from "./support/provider.mjs";

let world;
before(async () => {
  world = await openProviderWorld();
});
after(() => world?.stop());

const MEMO = "|memo";
const areaOf = ({ cacheLocation = "sessionStorage" }) => cacheLocation;
const memoOf = async (page, options) => Object.entries(await entriesOf(page, areaOf(options))).find(([key]) => key.endsWith(MEMO));
/** Waits until the page has kept what it was told. @param {string} [before] What was kept earlier. */
const kept = (page, options, before = "") => page.waitForFunction(([area, end, text]) => Object.keys(window[area]).some((key) => key.endsWith(end) && window[area][key] !== text), [areaOf(options), MEMO, before]);

/** The modules that a page asks for from now on. @param {import("playwright-core").Page} page */
function modulesOf(page) {
  const modules = [];
  page.on("request", (request) => {
    if (request.url().endsWith(".wasm")) modules.push(new URL(request.url()).pathname.split("/").at(-1));
  });
  return modules;
}

/** A page that is signed in, asked for a token, and was loaded anew when that was kept. @param {import("node:test").TestContext} t @param {import("./support/provider.mjs").PageOptions} [options] */
async function openKept(t, options = LOCAL) {
  const page = await openProviderApp(t, world, { allow: [/Failed to load resource/], ...options });
  await signIn(page, world, SIGN_IN);
  const before = await brought(page, "acquireTokenSilent", PLAIN);
  await kept(page, options);
  const modules = modulesOf(page);
  const reload = async () => {
    modules.length = 0;
    await page.reload();
    await arrival(page);
  };
  await reload();
  return { page, modules, before, reload };
}

const plain = (result) => JSON.parse(JSON.stringify({ ...result, correlationId: "" }));
const WHOLE = ["consentry_core_bg.wasm"];
const PART = ["consentry_start_bg.wasm"];

for (const [name, options] of Object.entries({ "the tab's storage": {}, "localStorage, encrypted": LOCAL, "localStorage, in the clear": { ...LOCAL, cache: { encryption: false } }, "for the browser's session": { ...LOCAL, cache: { keepAfterRestart: false } } })) {
  test(`the next page has its user and its token without a module: ${name}`, async (t) => {
    const { page, modules, before, reload } = await openKept(t, options);
    const sent = watch(page, world);
    for (let load = 0; load < 2; load += 1) {
      const [account] = await brought(page, "getAllAccounts");
      assert.deepEqual(plain(account), plain(before.account));
      assert.deepEqual(plain(await brought(page, "acquireTokenSilent", PLAIN)), plain(before));
      assert.deepEqual(plain(await brought(page, "acquireTokenSilent", { ...PLAIN, account })), plain(before), "by its account");
      assert.equal(await brought(page, "handleRedirectPromise"), null);
      assert.equal(await brought(page, "getActiveAccount"), null);
      assert.deepEqual(await brought(page, "getGrantedScopes"), {});
      if (load > 0) continue;
      assert.deepEqual(modules, PART, "another request than was made before brings what knows it");
      await kept(page, options, (await memoOf(page, options))[1]);
      await reload();
    }
    assert.deepEqual([modules, sent], [[], []]);
  });
}

test("what is kept can't be read, and opens under no other name and with no other configuration", async (t) => {
  const { page, modules, before, reload } = await openKept(t);
  const [key, text] = await memoOf(page, LOCAL);
  assert.match(text, /^~[\w-]{11}\.[\w-]+$/);
  assert.ok(!text.includes(before.accessToken));
  const plant = (value) => page.evaluate(([name, planted]) => localStorage.setItem(name, planted), [key, value]);
  const said = (changes) => JSON.stringify({ of: "", stamp: "", on: 0, accounts: [], places: [], answers: [], chosen: "", mark: "state=", granted: [], tokens: [], ...changes });
  const account = Object.entries(await entriesOf(page)).find(([name]) => name.includes("|account|"))[1];
  const other = (at) => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
  for (const planted of [other(40), other(text.length - 9), text.slice(0, -4), account, said({}), "{", "null", "~", ""]) {
    await plant(planted);
    await reload();
    assert.deepEqual(plain(await brought(page, "acquireTokenSilent", PLAIN)), plain(before));
    assert.deepEqual(modules, PART, planted.slice(0, 20));
  }
  await plant(text);
  await reload();
  await brought(page, "acquireTokenSilent", PLAIN);
  assert.deepEqual(modules, []);
  for (const auth of [{ redirectUri: `${world.site.origin}/other` }, { clientCapabilities: ["cp1"] }]) {
    const tab = await page.context().newPage();
    const loaded = modulesOf(tab);
    await load(tab, world, { ...LOCAL, auth });
    assert.equal((await brought(tab, "getAllAccounts")).length, 1);
    assert.deepEqual(loaded, PART, JSON.stringify(auth));
    await tab.close();
  }
});

test("what is not sealed, and not as it was written, is nothing", async (t) => {
  const { page, modules, before, reload } = await openKept(t, {});
  const [key, text] = await memoOf(page, {});
  const said = JSON.parse(text);
  for (const changes of [{ accounts: 5 }, { accounts: [null] }, { places: [] }, { places: [1] }, { tokens: [5] }, { tokens: [["a", null]] }, { tokens: said.tokens.map((token) => token.with(2, 9)) }, { tokens: said.tokens.map((token) => token.with(1, {})) }, { granted: null }, { granted: [1] }, { answers: {} }, { chosen: 1 }, { stamp: "other" }, { of: said.of.replace("0.1.0", "0.0.9") }]) {
    await page.evaluate(([name, planted]) => sessionStorage.setItem(name, planted), [key, JSON.stringify({ ...said, ...changes })]);
    await reload();
    assert.deepEqual(plain(await brought(page, "acquireTokenSilent", PLAIN)), plain(before));
    assert.deepEqual(modules, PART, JSON.stringify(changes).slice(0, 40));
  }
});

test("every change takes it away, also another tab's, and what is signed out is signed out", async (t) => {
  const { page, modules, before } = await openKept(t);
  const other = await openProviderTab(page, world, LOCAL);
  assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).accessToken, before.accessToken);
  assert.deepEqual(modules, []);
  const renewed = await brought(other, "acquireTokenSilent", FORCE);
  assert.equal(await memoOf(other, LOCAL), undefined);
  // The browser itself takes a moment to show one tab's storage to another's process.
  await page.waitForFunction(async ({ request, token }) => (await client.acquireTokenSilent(request)).accessToken === token, { request: PLAIN, token: renewed.accessToken });
  await kept(page, LOCAL);
  await brought(other, "clearCache");
  assert.deepEqual(Object.keys(await entriesOf(other)).filter((key) => /account|access|memo/.test(key)), []);
  await page.waitForFunction(() => client.getAllAccounts().length === 0);
  assert.equal((await call(page, "acquireTokenSilent", PLAIN)).error.errorCode, "no_account_error");
});

test("a page with nothing else sees at once who signs out elsewhere, and hears who signs in", async (t) => {
  const { page, modules } = await openKept(t);
  await page.evaluate(() => {
    window.heard = [];
    client.addEventCallback(({ eventType }) => window.heard.push(eventType), ["msal:loginSuccess", "msal:logoutSuccess"]);
  });
  const other = await openProviderTab(page, world, LOCAL);
  await brought(other, "clearCache");
  await page.waitForFunction(() => window.heard.includes("msal:logoutSuccess"));
  assert.deepEqual(await brought(page, "getAllAccounts"), []);
  assert.deepEqual(modules, PART);
  await signIn(other, world, SIGN_IN, null);
  await page.waitForFunction(() => window.heard.includes("msal:loginSuccess"));
  assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).account.homeAccountId, world.noor.sub);
});

test("entries that were removed by hand are nobody's, whatever was kept", async (t) => {
  const { page, reload } = await openKept(t);
  await page.evaluate(() => {
    for (const key of Object.keys(localStorage)) if (key.includes("|account|")) localStorage.removeItem(key);
  });
  assert.deepEqual(await brought(page, "getAllAccounts"), [], "at once");
  assert.equal((await call(page, "acquireTokenSilent", PLAIN)).error.errorCode, "no_account_error");
  await reload();
  assert.deepEqual(await brought(page, "getAllAccounts"), []);
});

test("a token is said until it is to be renewed, without a network until it ends, and a clock that was turned back is not believed", async (t) => {
  const { page, modules, before, reload } = await openKept(t);
  const ends = new Date(before.expiresOn).getTime();
  const turn = (time) => page.evaluate((to) => { const now = Date.now.bind(Date); const by = to - now(); Date.now = () => now() + by; }, time);
  await turn(ends - 60_000);
  await page.context().setOffline(true);
  assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).accessToken, before.accessToken, "in its last minute");
  assert.deepEqual(modules, []);
  await letTokensEnd(page);
  assert.equal((await call(page, "acquireTokenSilent", PLAIN)).error.errorCode, "no_network_connectivity");
  await page.context().setOffline(false);
  assert.notEqual((await brought(page, "acquireTokenSilent", PLAIN)).accessToken, before.accessToken);
  assert.ok(modules.includes(WHOLE[0]));
  await page.evaluate(() => { Date.now = new Date(0).constructor.now; });
  await kept(page, LOCAL);
  await reload();
  await page.context().addInitScript(() => { const { now } = Date; Date.now = () => now() - 3_600_000; });
  await reload();
  await brought(page, "getAllAccounts");
  assert.deepEqual(modules, PART, "what was kept later than now");
});

/** A page on which two have signed in, loaded anew when that was kept. @param {import("node:test").TestContext} t @param {import("./support/provider.mjs").PageOptions} [options] */
async function openKeptOfTwo(t, options = LOCAL) {
  const page = await openProviderApp(t, world, options);
  await signIn(page, world, SIGN_IN);
  await page.context().clearCookies();
  await signIn(page, world, SIGN_IN, world.ivo);
  const all = await brought(page, "getAllAccounts");
  const [noor, ivo] = [world.noor, world.ivo].map(({ sub }) => all.find(({ homeAccountId }) => homeAccountId === sub));
  for (const account of [noor, ivo]) await brought(page, "acquireTokenSilent", { ...PLAIN, account });
  await kept(page, options);
  const modules = modulesOf(page);
  await page.reload();
  await arrival(page);
  return { page, modules, noor, ivo };
}

for (const options of [LOCAL, {}]) {
  test(`who chooses somebody and leaves the page at once has chosen, in ${areaOf(options)}`, async (t) => {
    const { page, modules, noor, ivo } = await openKeptOfTwo(t, options);
    for (const chosen of [noor, ivo, null]) {
      assert.deepEqual(modules, [], "nothing is loaded when it is said");
      await page.evaluate((account) => {
        client.setActiveAccount(account);
        location.reload();
      }, chosen).catch(() => {}); // the page is gone
      await page.waitForLoadState();
      await arrival(page);
      assert.equal((await brought(page, "getActiveAccount"))?.homeAccountId, chosen?.homeAccountId);
      for (const account of [noor, ivo]) assert.ok((await brought(page, "acquireTokenSilent", { ...PLAIN, account })).fromCache);
      await kept(page, options);
      modules.length = 0;
      await page.reload();
      await arrival(page);
    }
  });
}

test("a choice is known in other tabs", async (t) => {
  const { page, modules, ivo } = await openKeptOfTwo(t);
  const other = await openProviderTab(page, world, LOCAL);
  const loaded = modulesOf(other);
  assert.equal(await brought(other, "getActiveAccount"), null);
  await brought(page, "setActiveAccount", ivo);
  await other.waitForFunction((id) => client.getActiveAccount()?.homeAccountId === id, ivo.homeAccountId);
  assert.equal((await brought(other, "acquireTokenSilent", PLAIN)).account.homeAccountId, ivo.homeAccountId);
  assert.deepEqual([modules, loaded], [PART, PART]);
});

test("a choice that there is no room for is one of the page", async (t) => {
  const { page, noor } = await openKeptOfTwo(t);
  await page.evaluate(() => {
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = function (key, text) {
      if (key.endsWith("|active")) throw new DOMException("full", "QuotaExceededError");
      return setItem.call(this, key, text);
    };
  });
  await brought(page, "setActiveAccount", noor);
  assert.equal((await brought(page, "getActiveAccount")).homeAccountId, noor.homeAccountId);
});

test("whoever is chosen is chosen at once, and stays so on the next page", async (t) => {
  const { page, modules, noor, ivo } = await openKeptOfTwo(t);
  assert.deepEqual(modules, []);
  for (const method of ["getGrantedScopes", "acquireTokenSilent"]) assert.equal((await call(page, method, ...(method === "acquireTokenSilent" ? [PLAIN] : []))).error.errorCode, "ambiguous_account");
  for (const { homeAccountId } of [noor, ivo]) {
    const found = await page.evaluate((id) => { client.setActiveAccount(client.getAccount({ homeAccountId: id })); return client.getActiveAccount().homeAccountId; }, homeAccountId);
    assert.equal(found, homeAccountId);
    assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).account.homeAccountId, homeAccountId);
    await kept(page, LOCAL);
    await page.reload();
    await arrival(page);
    assert.equal((await brought(page, "getActiveAccount")).homeAccountId, homeAccountId);
    modules.length = 0;
    const again = await page.evaluate(() => client.setActiveAccount(client.getActiveAccount()));
    assert.deepEqual([again, modules], [undefined, []], "who is active already changes nothing");
  }
  assert.equal((await call(page, "setActiveAccount", { homeAccountId: "nobody" })).error.errorCode, "no_account_error");
  await page.evaluate(() => localStorage.setItem(Object.keys(localStorage).find((key) => key.endsWith("|active")), "{"));
  assert.equal(await brought(page, "getActiveAccount"), null, "a text that somebody has damaged");
});

test("accounts are found by what the core finds them by", async (t) => {
  const { page, modules } = await openKept(t);
  const [account] = await brought(page, "getAllAccounts");
  const upper = (text) => text.toUpperCase();
  const filters = [
    null, {}, account, { ...account, username: "other" }, { homeAccountId: account.homeAccountId }, { homeAccountId: upper(account.homeAccountId) }, { environment: account.environment },
    { environment: upper(account.environment) }, { tenantId: account.tenantId }, { realm: account.tenantId }, { realm: "x" }, { tenantId: "x" }, { localAccountId: account.localAccountId },
    { username: account.username }, { username: upper(account.username) }, { username: "x" }, { name: account.name }, { name: upper(account.name ?? "") }, { name: "x" }, { loginHint: "x" }, { sid: "x" },
    { upn: "" }, { upn: undefined }, { username: 1 }, { unknown: "x" }, { homeAccountId: account.homeAccountId, username: "x" }, { homeAccountId: "" },
  ];
  const found = () => page.evaluate((all) => all.map((filter) => client.getAllAccounts(filter ?? undefined).length), filters);
  const chosen = () => page.evaluate((all) => all.map((filter) => { try { return Object.keys(client.getGrantedScopes(filter ?? undefined)).length; } catch (error) { return error.errorCode; } }), filters);
  const [byMemo, grantedByMemo] = [await found(), await chosen()];
  assert.deepEqual(modules, []);
  await page.evaluate(() => client.plan(["profile"]));
  assert.deepEqual(modules, WHOLE);
  assert.deepEqual(await found(), byMemo);
  assert.deepEqual(await chosen(), grantedByMemo);
  assert.ok(byMemo.includes(0) && byMemo.includes(1), `${byMemo}`);
});

test("an answer that comes to the page is taken, and what only the core knows brings it", async (t) => {
  const { page, modules } = await openKept(t);
  await depart(page, "acquireTokenRedirect", { scopes: ["profile"], prompt: "none" });
  const { answer } = await arrival(page);
  assert.equal(answer.value.fromCache, false);
  assert.deepEqual([...new Set(modules)], WHOLE);
  await brought(page, "acquireTokenSilent", PLAIN);
  await kept(page, LOCAL);
  modules.length = 0;
  await page.goto(`${world.site.origin}/#place`);
  await page.reload();
  await arrival(page);
  await brought(page, "acquireTokenSilent", PLAIN);
  assert.deepEqual(modules, [], "what is no answer is none");
});

test("an answer that is on its way from page to page is seen, in whichever tab it is", async (t) => {
  const { page, modules, reload } = await openKept(t);
  const said = await page.evaluate(() => ({ keys: client.core.said.answers, note: client.core.said.carried }));
  assert.equal(said.keys.length, 2);
  const now = Math.floor(Date.now() / 1000);
  for (const [note, sees] of [[String(now), true], [String(now - 700), false], ["damaged", true], [String(now + 9000), true], [null, false]]) {
    await page.evaluate(([key, name, value, on]) => {
      sessionStorage.setItem(key, JSON.stringify({ response: "code=c&state=s", carriedOn: on }));
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
    }, [said.keys[0], said.note, note, now]);
    await reload();
    const isTaken = await page.evaluate((key) => { const isGone = sessionStorage.getItem(key) === null; sessionStorage.removeItem(key); return isGone; }, said.keys[0]);
    assert.deepEqual([isTaken, modules.includes(WHOLE[0])], [sees, sees], `${note}`);
  }
});

test("an app that calls APIs by the client starts with what knows their map", async (t) => {
  const api = { resources: [{ url: `${world.site.origin}/api`, scopes: ["profile"] }] };
  const page = await openProviderApp(t, world, { ...LOCAL, api });
  await signIn(page, world, SIGN_IN);
  await brought(page, "acquireTokenSilent", PLAIN);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 2000)));
  assert.equal(await memoOf(page, LOCAL), undefined);
});

test("a storage without room keeps nothing of it, and the page goes on", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  await signIn(page, world, SIGN_IN);
  await page.evaluate(() => {
    let size = 2 ** 22;
    for (let at = 0; size >= 1; at += 1) {
      try {
        localStorage.setItem(`fill${at}`, "x".repeat(size));
      } catch {
        size /= 2;
      }
    }
  });
  await brought(page, "acquireTokenSilent", PLAIN);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 2000)));
  assert.equal(await memoOf(page, LOCAL), undefined);
  assert.equal((await brought(page, "acquireTokenSilent", PLAIN)).fromCache, true);
});

test("a page that stores one thing after another keeps what it was told once, when it is calm", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  await signIn(page, world, SIGN_IN);
  const during = await page.evaluate(async ([end, renewal, request]) => {
    const { setItem } = Storage.prototype;
    window.writes = 0;
    Storage.prototype.setItem = function (key, text) {
      if (key.endsWith(end)) window.writes += 1;
      return setItem.call(this, key, text);
    };
    for (let at = 0; at < 20; at += 1) {
      for (const what of [renewal, request]) await client.acquireTokenSilent(what);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    return window.writes;
  }, [MEMO, FORCE, PLAIN]);
  await kept(page, LOCAL);
  assert.deepEqual([during, await page.evaluate(() => window.writes)], [0, 1]);
});

test("hundreds of APIs are kept as well, and not so many that a page would read them for nothing", async (t) => {
  const page = await openProviderApp(t, world, LOCAL);
  await signIn(page, world, SIGN_IN);
  const grant = (from, to) => page.evaluate(([first, end]) => {
    const [, parts] = /\|account\|(.*)$/.exec(Object.keys(localStorage).find((key) => key.includes("|account|")));
    const [start] = Object.keys(localStorage).find((key) => key.includes("|account|")).split("account|");
    for (let at = first; at < end; at += 1) localStorage.setItem(`${start}grant|${parts}|${encodeURIComponent(`api://one-of-many-apis-${at}`)}|`, `api://one-of-many-apis-${at}/Data.Read`);
    localStorage.setItem(`${start}stamp`, `by-hand-${end}`);
  }, [from, to]);
  await grant(0, 400);
  await brought(page, "acquireTokenSilent", PLAIN);
  await kept(page, LOCAL);
  const modules = modulesOf(page);
  await page.reload();
  await arrival(page);
  assert.equal(Object.keys(await brought(page, "getGrantedScopes")).length, 400);
  assert.deepEqual(modules, []);
  await grant(400, 4000);
  assert.ok((await brought(page, "acquireTokenSilent", PLAIN)).fromCache);
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 2500)));
  assert.equal(Object.keys(await brought(page, "getGrantedScopes")).length, 4000);
  await page.reload();
  await arrival(page);
  assert.deepEqual([await memoOf(page, LOCAL), modules.length > 0], [undefined, true]);
});
