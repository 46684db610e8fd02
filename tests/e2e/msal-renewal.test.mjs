/** How MSAL.js renews tokens: by refresh token, in its hidden frame when that is over, and not at all while the server asks to be left alone. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { REFUSED, assertRefused, call, callApi, inPopup, openApp, openWorld, signInByPopup, silently, tokenAnswers } from "./support/msal.mjs";
import { giveCredentials } from "./support/story.mjs";

let world, tenant, adele, calls;
before(async () => {
  world = await openWorld();
  ({ tenant, adele, calls } = world);
});
after(() => world?.stop());
beforeEach(() => tenant.reset());

const HOUR = 60 * 60;
const READ_PROFILE = { scopes: ["User.Read"] };
/** The browser's clock does not travel along, so MSAL takes its access token for good. */
const RENEW = { ...READ_PROFILE, forceRefresh: true };

async function signedIn(t) {
  const page = await openApp(t, world, { allow: [REFUSED] });
  await signInByPopup(page, adele);
  return page;
}

const kidOf = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url")).kid;

/** How many authorization requests MSAL's hidden frame has made. */
async function framesSoFar() {
  const requests = await tenant.requests();
  return requests.filter(({ path, parameters }) => path.endsWith("/authorize") && parameters.prompt === "none").length;
}

test("refreshes", async (t) => {
  const page = await signedIn(t);
  const first = await silently(page, READ_PROFILE);
  assert.equal(first.fromCache, true);
  const second = await silently(page, RENEW, calls.me);
  assert.deepEqual([second.fromCache, second.status], [false, 200]);
  assert.notEqual(second.accessToken, first.accessToken);
  assert.equal(await framesSoFar(), 0);
});

test("refreshes by itself when the access token's time is over", async (t) => {
  const page = await signedIn(t);
  await page.clock.install();
  const first = await silently(page, READ_PROFILE, calls.me);
  assert.deepEqual([first.fromCache, first.status], [true, 200]);
  await tenant.travel(2 * HOUR);
  assert.equal((await callApi(page, calls.me, first.accessToken)).status, 401);
  await page.clock.fastForward(2 * HOUR * 1000);
  const second = await silently(page, READ_PROFILE, calls.me);
  assert.deepEqual([second.fromCache, second.status], [false, 200]);
});

test("falls back on its hidden frame when the refresh token is over, while the session lives", async (t) => {
  const page = await signedIn(t);
  await tenant.expireRefreshTokens(adele.username);
  const renewed = await silently(page, RENEW, calls.me);
  assert.deepEqual([renewed.fromCache, renewed.status], [false, 200]);
  assert.match((await tokenAnswers(tenant)).at(-2), /700084.*bad_token/);
  assert.equal(await framesSoFar(), 1);
  assert.equal((await silently(page, RENEW, calls.me)).status, 200);
  assert.equal(await framesSoFar(), 1, "the frame brought a refresh token that is good");
});

test("has to ask the user when the refresh token is over and the browser sends no cookies to frames", async (t) => {
  const page = await signedIn(t);
  await tenant.changeSettings({ thirdPartyCookies: false });
  assert.equal((await silently(page, RENEW, calls.me)).status, 200, "the refresh token needs no cookie");
  await tenant.expireRefreshTokens(adele.username);
  assertRefused(await silently(page, RENEW), { isInteractionRequired: true, errorCode: "login_required", errorNo: "50058" });
  assert.equal(await framesSoFar(), 1);

  // A window has the cookie, and the session still lives: the user is asked nothing.
  const { result } = await inPopup(page, "acquireTokenPopup", READ_PROFILE);
  assert.equal((await result).account.username, adele.username);
});

test("has to ask the user after 24 hours, when refresh token and session are over", async (t) => {
  const page = await signedIn(t);
  await tenant.travel(23 * HOUR);
  assert.equal((await silently(page, RENEW, calls.me)).status, 200);
  // The new refresh token has inherited what was left.
  await tenant.travel(HOUR + 1);
  assertRefused(await silently(page, RENEW), { isInteractionRequired: true, errorCode: "login_required", errorNo: "50058" });
  assert.match((await tokenAnswers(tenant)).at(-1), /700084/);
  const { popup, result } = await inPopup(page, "acquireTokenPopup", READ_PROFILE);
  await giveCredentials(popup, adele);
  assert.equal((await result).account.username, adele.username);
});

test("gives up when the account was disabled", async (t) => {
  const page = await signedIn(t);
  await tenant.disableUser(adele.username);
  // A plain invalid_grant to MSAL; it is its hidden frame that learns that there is no way without the user.
  assertRefused(await silently(page, RENEW), { isInteractionRequired: true, errorCode: "interaction_required", errorNo: "50057" });
  assert.match((await tokenAnswers(tenant)).at(-1), /50057/);
});

test("leaves a server alone that asks to be left alone, without a request, for as long as it says", async (t) => {
  const page = await signedIn(t);
  await page.clock.install();
  await tenant.injectFault({ endpoint: "token", code: 90055, headers: { "Retry-After": "60" }, times: 1 });
  const asked = async () => (await tokenAnswers(tenant)).length;
  const before = await asked();
  assertRefused(await silently(page, RENEW), { name: "ServerError", errorCode: "temporarily_unavailable" });
  assert.equal(await asked(), before + 1);
  // The same request is refused in MSAL, with another code.
  assertRefused(await silently(page, RENEW), { name: "ServerError", errorCode: "90055" });
  await page.clock.fastForward(30_000);
  assertRefused(await silently(page, RENEW), { name: "ServerError", errorCode: "90055" });
  assert.equal(await asked(), before + 1);
  assert.equal((await silently(page, READ_PROFILE, calls.me)).status, 200, "what is in the cache can be had");

  await page.clock.fastForward(31_000);
  assert.equal((await silently(page, RENEW, calls.me)).status, 200);
  assert.equal(await asked(), before + 2);
});

test("is not disturbed by a new signing key", async (t) => {
  const page = await signedIn(t);
  const first = await call(page, "acquireTokenSilent", READ_PROFILE);
  await tenant.rotateKeys({ retire: true });
  assert.equal((await callApi(page, calls.me, first.accessToken)).status, 401, "the old key is no longer published");
  const second = await call(page, "acquireTokenSilent", RENEW);
  assert.equal(second.error, undefined);
  assert.notEqual(kidOf(second.idToken), kidOf(first.idToken));
  assert.equal((await callApi(page, calls.me, second.accessToken)).status, 200);
  const { account } = await call(page, "ssoSilent", { ...READ_PROFILE, loginHint: adele.username });
  assert.equal(account.username, adele.username);
});
