/** An app that changes from MSAL.js: who is signed in stays signed in, and who signs out stays out. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundle, page as htmlOf } from "./support/bundled.mjs";
import { newPage } from "./support/browser.mjs";
import { arrival, call, depart, openWorld } from "./support/consent.mjs";
import { authorityOf, isReady, signInByPopup } from "./support/msal.mjs";

const READ_PROFILE = { scopes: ["User.Read"] };
/** The page of the app as it is now. */
const NEW = "/callback";

let world;
before(async () => {
  const { scripts } = await bundle(new URL("./msal/", import.meta.url), ["app", "redirect"]);
  world = await openWorld({}, {
    modules: { "/before.js": scripts.get("/app.js"), "/redirect.js": scripts.get("/redirect.js") },
    others: { "/": htmlOf("before"), "/redirect.html": htmlOf("redirect") },
    policies: {},
  });
});
after(() => world?.stop());

/** A browser in which the app was, as it was with MSAL.js, and Adele has signed in. */
async function comingFrom(t, cacheLocation) {
  const { tenant, site, adele } = world;
  await tenant.reset();
  const page = await newPage(world.browser);
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  const { clientId } = tenant;
  await page.context().route("**/config.json", (route) => route.fulfill({ json: {
    auth: { ...authorityOf(tenant, tenant.tenantId), clientId, redirectUri: `${site.origin}/redirect.html` },
    cache: { cacheLocation },
  } }));
  const configuration = { auth: { clientId, authority: tenant.authority }, cache: { cacheLocation } };
  await page.context().addInitScript(`window.settings = { configuration: ${JSON.stringify(configuration)} };`);
  await page.goto(`${site.origin}/`);
  await isReady(page);
  await signInByPopup(page, adele);
  return page;
}

/** Opens the app as it is now: who is signed in there. */
async function openNew(page) {
  await page.goto(`${world.site.origin}${NEW}`);
  await arrival(page);
  return usersOf(page);
}

const usersOf = async (page) => (await call(page, "getAllAccounts")).value.map(({ username }) => username);

/** All that MSAL.js has written. */
const written = (page) => page.evaluate(() => {
  const own = (store) => Object.entries(store).filter(([key]) => !key.startsWith("consentry")).sort();
  return { local: own(localStorage), session: own(sessionStorage), cookie: document.cookie };
});

/** The scripts that the page asks for from now on. */
function watchScripts(page) {
  const scripts = [];
  page.on("request", (request) => scripts.push(new URL(request.url()).pathname));
  return scripts;
}

for (const cacheLocation of ["localStorage", "sessionStorage"]) {
  test(`in ${cacheLocation} the user of MSAL.js is there, and has a token without being asked`, async (t) => {
    const page = await comingFrom(t, cacheLocation);
    const before = await written(page);
    const entries = cacheLocation === "localStorage" ? before.local : before.session;
    const refreshTokens = entries.filter(([key]) => key.includes("|refreshtoken|"));
    assert.equal(refreshTokens.length, 1);
    assert.equal(refreshTokens[0][1].includes('"nonce"'), cacheLocation === "localStorage", "encrypted where all tabs have it");

    assert.deepEqual(await openNew(page), [world.adele.username]);
    const { value: active } = await call(page, "getActiveAccount");
    assert.equal(active.username, world.adele.username, "MSAL's active account is the active one");
    const { value: result, error } = await call(page, "acquireTokenSilent", READ_PROFILE);
    assert.equal(error, undefined);
    assert.deepEqual([result.fromCache, result.account.homeAccountId], [false, active.homeAccountId]);
    const token = (await world.tenant.requests()).findLast(({ path }) => path.endsWith("/token"));
    assert.equal(token.parameters.grant_type, "refresh_token");
    assert.deepEqual(await written(page), before, "nothing of MSAL's is changed");

    const scripts = watchScripts(page);
    assert.deepEqual(await openNew(page), [world.adele.username]);
    assert.ok(scripts.includes("/consentry/call.js") && !scripts.includes("/consentry/migration.js"), "once is enough");
    assert.equal((await call(page, "acquireTokenSilent", READ_PROFILE)).value.fromCache, true);
  });

  test(`in ${cacheLocation} who signs out is not brought back`, async (t) => {
    const page = await comingFrom(t, cacheLocation);
    const before = await written(page);
    assert.deepEqual(await openNew(page), [world.adele.username]);
    await depart(page, "logoutRedirect", { postLogoutRedirectUri: NEW });
    await arrival(page);
    assert.deepEqual(await usersOf(page), []);
    assert.deepEqual(await openNew(page), []);
    assert.equal((await call(page, "acquireTokenSilent", READ_PROFILE)).error.errorCode, "no_account_error");
    assert.deepEqual(await written(page), before);
  });
}

test("where MSAL.js was not, nothing is loaded for it", async (t) => {
  const page = await newPage(world.browser);
  t.after(() => page.close());
  await page.addInitScript(`window.settings = { configuration: ${JSON.stringify({ auth: { clientId: world.tenant.clientId, authority: world.tenant.authority } })} };`);
  const scripts = watchScripts(page);
  assert.deepEqual(await openNew(page), []);
  assert.ok(scripts.includes("/consentry/call.js") && !scripts.includes("/consentry/migration.js"));
});

/** What can have become of MSAL's cache; each is done to a whole one, in the page. */
const DAMAGES = {
  "no cookie": () => { document.cookie = "msal.cache.encryption=; path=/; max-age=0; Secure; SameSite=None"; },
  "another key of the same id": () => {
    const [, text] = /msal\.cache\.encryption=([^;]*)/.exec(document.cookie);
    const cookie = { ...JSON.parse(decodeURIComponent(text)), key: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
    document.cookie = `msal.cache.encryption=${encodeURIComponent(JSON.stringify(cookie))}; path=/; Secure; SameSite=None`;
  },
  "a cookie that is none": () => { document.cookie = "msal.cache.encryption=%7B%22id%22%3A; path=/; Secure; SameSite=None"; },
  "a cookie that can't be decoded": () => { document.cookie = "msal.cache.encryption=%; path=/; Secure; SameSite=None"; },
  "entries cut off": () => { for (const key of Object.keys(localStorage)) if (key.includes("|")) localStorage[key] = localStorage[key].slice(0, -9); },
  "entries of other types": () => { for (const key of Object.keys(localStorage)) if (key.includes("|")) localStorage[key] = '{"id":1,"nonce":[],"data":{}}'; },
  "an index that is none": () => { for (const key of Object.keys(localStorage)) if (key.includes(".token.keys.")) localStorage[key] = "["; },
  "an index of other types": () => { for (const key of Object.keys(localStorage)) if (key.includes(".token.keys.")) localStorage[key] = '{"idToken":{"a":1},"refreshToken":[null,{},7]}'; },
  "no entries": () => { for (const key of Object.keys(localStorage)) if (key.includes("|")) localStorage.removeItem(key); },
};

test("a cache that is damaged is no error, and nobody is there", async (t) => {
  const page = await comingFrom(t, "localStorage");
  const whole = await page.evaluate(() => ({ cookie: document.cookie, entries: { ...localStorage } }));
  for (const [name, damage] of Object.entries(DAMAGES)) {
    await page.goto(`${world.site.origin}/redirect.js`);
    await page.evaluate(({ cookie, entries }) => {
      document.cookie = `${cookie}; path=/; Secure; SameSite=None`;
      localStorage.clear();
      Object.assign(localStorage, entries);
    }, whole);
    await page.evaluate(damage);
    const before = await written(page);
    assert.deepEqual(await openNew(page), [], name);
    assert.deepEqual(await written(page), before, name);
  }
  await page.evaluate(({ cookie, entries }) => {
    document.cookie = `${cookie}; path=/; Secure; SameSite=None`;
    Object.assign(localStorage, entries);
  }, whole);
  assert.deepEqual(await openNew(page), [world.adele.username], "the whole one is taken");
});
