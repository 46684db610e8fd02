/** The proof that the tenant is no invention of ours: the unmodified MSAL.js signs in to it and lives with it. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { claimsOf } from "../../tenant/test/client.js";
import {
  REFUSED, assertRefused, authorityOf, call, callApi, depart, inPopup, isReady, openApp, openWorld, passConsent, signInByPopup, signInByRedirect, silently,
} from "./support/msal.mjs";
import { giveCredentials } from "./support/story.mjs";

/** The tenant of the personal accounts, on the platform as here. */
const PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad";

let world, tenant, adele, bo, dana, evan, orders, calls;
before(async () => {
  world = await openWorld();
  ({ tenant, adele, bo, dana, evan, orders, calls } = world);
});
after(() => world?.stop());
beforeEach(() => tenant.reset());

const READ_PROFILE = { scopes: ["User.Read"] };
const usernames = (page) => page.evaluate(() => app.client.getAllAccounts().map(({ username }) => username).sort());

test("signs in by redirect, and calls Graph with the cached token", async (t) => {
  const page = await openApp(t, world);
  const { account, scopes } = await signInByRedirect(page, adele);
  assert.equal(page.url(), world.url);
  assert.equal(account.username, adele.username);
  assert.equal(account.homeAccountId, `${adele.oid}.${tenant.tenantId}`);
  assert.equal(account.tenantId, tenant.tenantId);
  assert.equal(account.name, adele.name);
  assert.deepEqual(scopes, ["openid", "profile", "email", "User.Read"]);
  const { fromCache, status, body } = await silently(page, READ_PROFILE, calls.me);
  assert.deepEqual([fromCache, status, body.displayName], [true, 200, adele.name]);
});

test("signs in by popup", async (t) => {
  const page = await openApp(t, world);
  const account = await signInByPopup(page, bo);
  assert.equal(account.username, bo.username);
  assert.equal((await silently(page, READ_PROFILE, calls.me)).body.displayName, bo.name);
});

test("signs in by a popup that the tenant's pages cut off from its opener", async (t) => {
  await tenant.changeSettings({ openerPolicy: "same-origin" });
  const page = await openApp(t, world);
  const { popup, result } = await inPopup(page, "loginPopup", READ_PROFILE);
  await giveCredentials(popup, bo);
  await popup.getByRole("button", { name: "Accept" }).waitFor();
  assert.equal(await popup.evaluate(() => window.opener), null);
  const closed = popup.waitForEvent("close");
  await passConsent(popup);
  // The answer comes by a channel between pages of the app, not through the window.
  assert.equal((await result).account.username, bo.username);
  await closed;
});

test("lets the user choose another account", async (t) => {
  const page = await openApp(t, world);
  await signInByRedirect(page, adele);
  await depart(page, "loginRedirect", { ...READ_PROFILE, prompt: "select_account" });
  await page.getByRole("heading", { name: "Choose an account" }).waitFor();
  await page.getByRole("button", { name: "Use another account" }).click();
  await giveCredentials(page, bo);
  await passConsent(page);
  await isReady(page);
  assert.equal(await page.evaluate(() => app.redirectResult.account.username), bo.username);
  assert.deepEqual(await usernames(page), [adele.username, bo.username]);
  assert.equal((await silently(page, READ_PROFILE, calls.me)).body.displayName, bo.name);

  await depart(page, "loginRedirect", { ...READ_PROFILE, prompt: "select_account" });
  await page.getByRole("button", { name: bo.username }).click();
  await isReady(page);
  assert.equal(await page.evaluate(() => app.redirectResult.account.username), bo.username);
});

test("is refused silently for a missing permission, consents to it alone, and calls the API", async (t) => {
  const page = await openApp(t, world, { allow: [REFUSED] });
  await signInByRedirect(page, adele);
  const request = { scopes: [`${orders}/Orders.Read`] };
  const refused = await silently(page, request);
  assertRefused(refused, { isInteractionRequired: true, errorCode: "invalid_grant", subError: "consent_required", errorNo: 65001 });

  const { popup, result } = await inPopup(page, "acquireTokenPopup", request);
  const asked = await passConsent(popup);
  assert.match(asked, /Orders\.Read/);
  assert.doesNotMatch(asked, /User\.Read/);
  assert.deepEqual((await result).scopes, request.scopes);
  const { status, body, fromCache } = await silently(page, request, calls.orders);
  assert.deepEqual([status, fromCache, body.orders.length], [200, true, 2]);
  assert.equal((await silently(page, READ_PROFILE, calls.me)).status, 200);
});

test("learns that the user declined", async (t) => {
  const page = await openApp(t, world);
  await signInByRedirect(page, adele);
  const { popup, result } = await inPopup(page, "acquireTokenPopup", { scopes: ["Mail.Send"] });
  await passConsent(popup, "Cancel");
  const { error } = await result;
  assert.equal(error.errorCode, "access_denied");
  assert.match(error.message, /AADSTS65004/);
});

test("asks for two APIs on one page, and gets the second token silently", async (t) => {
  const page = await openApp(t, world);
  await depart(page, "loginRedirect", { ...READ_PROFILE, extraScopesToConsent: [`${orders}/Orders.Read`] });
  await giveCredentials(page, adele);
  const asked = await passConsent(page);
  assert.match(asked, /User\.Read[^]*Orders\.Read/);
  await isReady(page);
  const { status, fromCache } = await silently(page, { scopes: [`${orders}/Orders.Read`] }, calls.orders);
  assert.deepEqual([status, fromCache], [200, false]);
});

test("uses the session without a page: ssoSilent in a frame", async (t) => {
  const page = await openApp(t, world);
  await signInByRedirect(page, adele);
  const { account } = await call(page, "ssoSilent", { ...READ_PROFILE, loginHint: adele.username });
  assert.equal(account.username, adele.username);
  const refused = await call(page, "ssoSilent", { ...READ_PROFILE, loginHint: bo.username });
  assertRefused(refused, { isInteractionRequired: true, errorCode: "login_required", errorNo: "50058" });
});

test("signs out by redirect: accounts and session are gone", async (t) => {
  const page = await openApp(t, world);
  await signInByRedirect(page, adele);
  await depart(page, "logoutRedirect", {});
  await isReady(page);
  assert.deepEqual(await usernames(page), []);
  await depart(page, "loginRedirect", READ_PROFILE);
  await page.getByLabel("Password").waitFor();
});

test("signs out by popup: accounts and session are gone, the page stays", async (t) => {
  const page = await openApp(t, world);
  await signInByPopup(page, adele);
  await page.evaluate(() => { document.title = "stayed"; });
  // The page after it has to tell that it was reached, as the one after a sign-in has.
  const { popup, result } = await inPopup(page, "logoutPopup", { postLogoutRedirectUri: `${world.url}redirect.html` });
  const closed = popup.waitForEvent("close");
  assert.deepEqual(await result, {});
  await closed;
  assert.equal(await page.title(), "stayed");
  assert.deepEqual(await usernames(page), []);
  await depart(page, "loginRedirect", READ_PROFILE);
  await page.getByLabel("Password").waitFor();
});

test("knows a guest by the home account, and the tenant that they are a guest of", async (t) => {
  const page = await openApp(t, world);
  const account = await signInByPopup(page, dana);
  assert.equal(account.homeAccountId, `${dana.oid}.${dana.tenantId}`);
  assert.equal(account.tenantId, tenant.tenantId);
  assert.notEqual(account.tenantId, dana.tenantId);
  assert.equal(account.localAccountId, account.idTokenClaims.oid);
  assert.notEqual(account.localAccountId, dana.oid);
  assert.equal((await silently(page, READ_PROFILE, calls.me)).body.id, account.localAccountId);

  // The same account at home, by the same refresh token; consent there is another one. MSAL's cache does not look at the authority: it
  // would answer with the token of the tenant that the account is active in.
  const { clientId, apis } = tenant;
  await tenant.grantConsent({ clientId, resource: apis.graph.resource, permissions: READ_PROFILE.scopes, user: dana.username });
  const { authority } = authorityOf(tenant, dana.tenantId);
  const { account: atHome, accessToken, fromCache } = await call(page, "acquireTokenSilent", { ...READ_PROFILE, authority, forceRefresh: true });
  assert.equal(fromCache, false);
  assert.deepEqual([atHome.homeAccountId, atHome.tenantId, atHome.localAccountId], [account.homeAccountId, dana.tenantId, dana.oid]);
  assert.equal((await callApi(page, calls.me, accessToken)).body.id, dana.oid);
});

for (const segment of ["common", "consumers"]) {
  test(`signs in a personal account at ${segment}`, async (t) => {
    const page = await openApp(t, world, { auth: authorityOf(tenant, segment) });
    const account = await signInByPopup(page, evan);
    assert.deepEqual([account.homeAccountId, account.tenantId], [`${evan.oid}.${PERSONAL}`, PERSONAL]);
    assert.equal(claimsOf(account.idToken).iss, `${tenant.origin}/${PERSONAL}/v2.0`);
    const { status, body, fromCache } = await silently(page, { ...READ_PROFILE, forceRefresh: true }, calls.me);
    assert.deepEqual([status, body.displayName, fromCache], [200, evan.name, false]);
  });
}
