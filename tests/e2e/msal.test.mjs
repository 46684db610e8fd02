/** The proof that the tenant is no invention of ours: the unmodified MSAL.js signs in to it and lives with it. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { launch as launchTenant } from "@consentry/tenant/launch.js";
import { serve } from "./msal/serve.mjs";
import { launch as launchBrowser, newPage } from "./support/browser.mjs";

let tenant, site, browser, adele, bo, resource, calls;
before(async () => {
  tenant = await launchTenant({ port: 0 });
  [adele, bo] = tenant.users;
  resource = tenant.apis.orders.resource;
  calls = { orders: `${tenant.apis.orders.origin}/orders`, me: `${tenant.apis.graph.origin}/v1.0/me` };
  site = await serve(configuration);
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await tenant?.stop();
});
beforeEach(() => tenant.reset());

/** MSAL.js takes only an https authority; with the metadata given, it is a name that nobody calls. */
function configuration(origin) {
  const { host } = new URL(tenant.origin);
  return {
    auth: {
      clientId: tenant.clientId,
      authority: `https://${host}/${tenant.tenantId}`,
      knownAuthorities: [host],
      authorityMetadata: JSON.stringify({
        authorization_endpoint: `${tenant.authority}/oauth2/v2.0/authorize`,
        token_endpoint: `${tenant.authority}/oauth2/v2.0/token`,
        end_session_endpoint: `${tenant.authority}/oauth2/v2.0/logout`,
        issuer: `${tenant.authority}/v2.0`,
        jwks_uri: `${tenant.authority}/discovery/v2.0/keys`,
      }),
      redirectUri: `${origin}/redirect.html`,
      postLogoutRedirectUri: `${origin}/`,
    },
    cache: { cacheLocation: "localStorage" },
  };
}

async function openApp(t, options) {
  const page = await newPage(browser, options);
  t.after(() => page.close());
  await page.goto(`${site.origin}/`);
  await isReady(page);
  return page;
}

function isReady(page) {
  return page.waitForFunction(() => document.title === "ready");
}

async function passSignIn(page, user) {
  await page.getByLabel("User name").fill(user.username);
  await page.getByLabel("Password").fill(user.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** @returns {Promise<string>} what the consent page said */
async function passConsent(page, button = "Accept") {
  await page.getByRole("button", { name: button }).waitFor();
  const text = await page.locator("main").innerText();
  await page.getByRole("button", { name: button }).click();
  return text;
}

async function signInByRedirect(page, user, scopes = ["User.Read"]) {
  await page.evaluate((request) => { app.client.loginRedirect(request); }, { scopes });
  await passSignIn(page, user);
  await passConsent(page);
  await page.waitForURL(`${site.origin}/`);
  await isReady(page);
}

async function signInByPopup(page, user, scopes = ["User.Read"]) {
  const opened = page.waitForEvent("popup");
  const result = page.evaluate((request) => app.client.loginPopup(request), { scopes });
  const popup = await opened;
  await passSignIn(popup, user);
  await passConsent(popup);
  const { account } = await result;
  await page.evaluate((username) => app.client.setActiveAccount(app.client.getAccount({ username })), account.username);
  return account;
}

/** What acquireTokenSilent did, with the token used at an API if one is named. */
function silently(page, request, url) {
  return page.evaluate(async ([silentRequest, api]) => {
    try {
      const { accessToken, scopes, fromCache, account } = await app.client.acquireTokenSilent(silentRequest);
      const response = api && await fetch(api, { headers: { Authorization: `Bearer ${accessToken}` } });
      return { scopes, fromCache, accessToken, username: account.username, status: response?.status, body: response?.ok ? await response.json() : undefined };
    } catch (error) {
      return { isInteractionRequired: error instanceof app.InteractionRequiredAuthError, errorCode: error.errorCode, subError: error.subError, errorNo: error.errorNo };
    }
  }, [request, url]);
}

test("signs in by redirect, and calls Graph with the cached token", async (t) => {
  const page = await openApp(t);
  await signInByRedirect(page, adele);
  const { account, scopes } = await page.evaluate(() => app.redirectResult);
  assert.equal(account.username, adele.username);
  assert.equal(account.homeAccountId, `${adele.oid}.${tenant.tenantId}`);
  assert.equal(account.tenantId, tenant.tenantId);
  assert.equal(account.name, adele.name);
  assert.deepEqual(scopes, ["openid", "profile", "email", "User.Read"]);
  const { fromCache, status, body } = await silently(page, { scopes: ["User.Read"] }, calls.me);
  assert.deepEqual([fromCache, status, body.displayName], [true, 200, adele.name]);
});

test("signs in by popup", async (t) => {
  const page = await openApp(t);
  const account = await signInByPopup(page, bo);
  assert.equal(account.username, bo.username);
  assert.equal((await silently(page, { scopes: ["User.Read"] }, calls.me)).body.displayName, bo.name);
});

test("is refused silently for a missing permission, consents to it alone, and calls the API", async (t) => {
  const page = await openApp(t, { allow: [/status of 400 .*\/oauth2\/v2\.0\/token/] });
  await signInByRedirect(page, adele);
  const request = { scopes: [`${resource}/Orders.Read`] };
  assert.deepEqual(await silently(page, request), {
    isInteractionRequired: true, errorCode: "invalid_grant", subError: "consent_required", errorNo: 65001,
  });

  const opened = page.waitForEvent("popup");
  const result = page.evaluate((popupRequest) => app.client.acquireTokenPopup(popupRequest), request);
  const asked = await passConsent(await opened);
  assert.match(asked, /Orders\.Read/);
  assert.doesNotMatch(asked, /User\.Read/);
  assert.deepEqual((await result).scopes, request.scopes);
  const { status, body, fromCache } = await silently(page, request, calls.orders);
  assert.deepEqual([status, fromCache, body.orders.length], [200, true, 2]);
  assert.equal((await silently(page, { scopes: ["User.Read"] }, calls.me)).status, 200);
});

test("learns that the user declined", async (t) => {
  const page = await openApp(t);
  await signInByRedirect(page, adele);
  const opened = page.waitForEvent("popup");
  const result = page.evaluate((scopes) => app.client.acquireTokenPopup({ scopes }).catch(({ errorCode, message }) => ({ errorCode, message })), ["Mail.Send"]);
  await passConsent(await opened, "Cancel");
  const { errorCode, message } = await result;
  assert.equal(errorCode, "access_denied");
  assert.match(message, /AADSTS65004/);
});

test("asks for two APIs on one page, and gets the second token silently", async (t) => {
  const page = await openApp(t);
  await page.evaluate((extraScopesToConsent) => { app.client.loginRedirect({ scopes: ["User.Read"], extraScopesToConsent }); }, [`${resource}/Orders.Read`]);
  await passSignIn(page, adele);
  const asked = await passConsent(page);
  assert.match(asked, /User\.Read[^]*Orders\.Read/);
  await page.waitForURL(`${site.origin}/`);
  await isReady(page);
  const { status, fromCache } = await silently(page, { scopes: [`${resource}/Orders.Read`] }, calls.orders);
  assert.deepEqual([status, fromCache], [200, false]);
});

test("refreshes", async (t) => {
  const page = await openApp(t);
  await signInByRedirect(page, adele);
  const first = await silently(page, { scopes: ["User.Read"] });
  const second = await silently(page, { scopes: ["User.Read"], forceRefresh: true }, calls.me);
  assert.deepEqual([second.fromCache, second.status], [false, 200]);
  assert.notEqual(second.accessToken, first.accessToken);
});

test("uses the session without a page: ssoSilent in a frame", async (t) => {
  const page = await openApp(t);
  await signInByRedirect(page, adele);
  const { account } = await page.evaluate((loginHint) => app.client.ssoSilent({ scopes: ["User.Read"], loginHint }), adele.username);
  assert.equal(account.username, adele.username);
  const refused = await page.evaluate((loginHint) => app.client.ssoSilent({ scopes: ["User.Read"], loginHint }).catch((error) => ({
    isInteractionRequired: error instanceof app.InteractionRequiredAuthError, errorCode: error.errorCode,
  })), bo.username);
  assert.deepEqual(refused, { isInteractionRequired: true, errorCode: "login_required" });
});

test("signs out: accounts and session are gone", async (t) => {
  const page = await openApp(t);
  await signInByRedirect(page, adele);
  await page.evaluate(() => {
    document.title = "leaving";
    app.client.logoutRedirect();
  });
  await isReady(page);
  assert.deepEqual(await page.evaluate(() => app.client.getAllAccounts()), []);
  await page.evaluate(() => { app.client.loginRedirect({ scopes: ["User.Read"] }); });
  await page.getByLabel("Password").waitFor();
});
