/**
 * MSAL.js where more than a password is wanted: by the tenant's Conditional Access, which says so in `claims` of a refusal, or by an
 * API, which challenges the token. MSAL passes the claims on; reading the API's challenge is the app's part.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { claimsOf } from "../../tenant/test/client.js";
import {
  REFUSED, assertRefused, call, callApi, depart, inPopup, isReady, openApp, openWorld, passConsent, signInByPopup, silently, tokenAnswers,
} from "./support/msal.mjs";
import { giveCredentials } from "./support/story.mjs";

let world, tenant, adele, bo, orders, calls;
before(async () => {
  world = await openWorld();
  ({ tenant, adele, bo, orders, calls } = world);
});
after(() => world?.stop());
beforeEach(() => tenant.reset());

const READ_PROFILE = { scopes: ["User.Read"] };
const RENEW = { ...READ_PROFILE, forceRefresh: true };
const readOrders = () => ({ scopes: [`${orders}/Orders.Read`] });

/** Opens the app, signs in, and consents to the API as well. */
async function signedIn(t, { permission = "Orders.Read", ...auth } = {}) {
  const page = await openApp(t, world, { auth, allow: [REFUSED] });
  await signInByPopup(page, adele, { extraScopesToConsent: [`${orders}/${permission}`] });
  return page;
}

/** @param {import("playwright-core").Page} popup @param {"Approve" | "Cancel"} answer */
async function passSecondFactor(popup, answer = "Approve") {
  await popup.getByRole("heading", { name: "Approve sign-in" }).waitFor();
  await popup.getByRole("button", { name: answer, exact: true }).click();
}

test("is refused without a second factor, gives it in a popup, and goes on silently", async (t) => {
  const page = await signedIn(t);
  await tenant.requireMfa(adele.username, { resource: orders });
  const refused = await silently(page, readOrders());
  assertRefused(refused, { isInteractionRequired: true, errorCode: "invalid_grant", subError: "basic_action", errorNo: 50076 });
  const { claims } = refused.error;
  assert.equal(JSON.parse(claims).access_token.capolids.essential, true);
  assert.equal((await silently(page, RENEW, calls.me)).status, 200, "the other API wants none");

  const { popup, result } = await inPopup(page, "acquireTokenPopup", { ...readOrders(), claims });
  await passSecondFactor(popup);
  assert.equal((await result).error, undefined);
  const cached = await silently(page, readOrders(), calls.orders);
  assert.deepEqual([cached.status, cached.fromCache], [200, true]);
  const renewed = await silently(page, { ...readOrders(), forceRefresh: true }, calls.orders);
  assert.deepEqual([renewed.status, renewed.fromCache], [200, false]);
});

test("gives the second factor by redirect", async (t) => {
  const page = await signedIn(t);
  await tenant.requireMfa(adele.username, { resource: orders });
  const { error: { claims } } = await silently(page, readOrders());
  await depart(page, "acquireTokenRedirect", { ...readOrders(), claims });
  await passSecondFactor(page);
  await isReady(page);
  const { status, fromCache } = await silently(page, readOrders(), calls.orders);
  assert.deepEqual([status, fromCache], [200, true]);
});

test("learns that the user would not give the second factor", async (t) => {
  const page = await signedIn(t);
  await tenant.requireMfa(adele.username, { resource: orders });
  const { popup, result } = await inPopup(page, "acquireTokenPopup", readOrders());
  await passSecondFactor(popup, "Cancel");
  assertRefused(await result, { isInteractionRequired: false, errorCode: "access_denied" });
  assertRefused(await silently(page, readOrders()), { isInteractionRequired: true, errorNo: 50076 });
});

test("gives an API the authentication context that it wants for one of its calls", async (t) => {
  const page = await signedIn(t, { permission: "Orders.Write" });
  const request = { scopes: [`${orders}/Orders.Write`] };
  const cancel = (accessToken) => callApi(page, `${calls.orders}/1002`, accessToken, "DELETE");

  const { accessToken } = await silently(page, request);
  const { status, claims } = await cancel(accessToken);
  assert.deepEqual([status, JSON.parse(claims)], [401, { access_token: { acrs: { essential: true, value: "c1" } } }]);
  const refused = await silently(page, { ...request, claims });
  assertRefused(refused, { isInteractionRequired: true, errorCode: "invalid_grant", subError: "basic_action", errorNo: 50076 });

  const { popup, result } = await inPopup(page, "acquireTokenPopup", { ...request, claims });
  await passSecondFactor(popup);
  const { accessToken: better } = await result;
  assert.deepEqual(claimsOf(better).acrs, ["c1"]);
  assert.equal((await cancel(better)).status, 204);
  assert.equal((await cancel(better)).status, 404, "the order is gone");
});

test("answers a challenge of a token that was good until now with a new one, silently", async (t) => {
  const page = await signedIn(t, { clientCapabilities: ["CP1"] });
  const first = await silently(page, READ_PROFILE, calls.me);
  assert.equal(first.status, 200);
  assert.deepEqual(claimsOf(first.accessToken).xms_cc, ["cp1"]);
  await tenant.challengeTokens(adele.username);

  const { status, claims } = await callApi(page, calls.me, first.accessToken);
  assert.equal(status, 401);
  assert.deepEqual(Object.keys(JSON.parse(claims).access_token), ["nbf"]);
  const again = await silently(page, READ_PROFILE, calls.me);
  assert.deepEqual([again.fromCache, again.status], [true, 401], "without the claims MSAL answers from its cache");
  const second = await silently(page, { ...READ_PROFILE, claims }, calls.me);
  assert.deepEqual([second.fromCache, second.status], [false, 200]);
  const third = await silently(page, READ_PROFILE, calls.me);
  assert.deepEqual([third.fromCache, third.accessToken], [true, second.accessToken]);
});

test("has to ask the user when the sessions were revoked", async (t) => {
  const page = await signedIn(t, { clientCapabilities: ["CP1"] });
  const { accessToken } = await silently(page, READ_PROFILE);
  await tenant.revokeSessions(adele.username);
  const { status, claims } = await callApi(page, calls.me, accessToken);
  assert.equal(status, 401);
  // The refresh token is refused (50173) in a way that MSAL does not take for final: it tries its hidden frame, which says so.
  const refused = await silently(page, { ...READ_PROFILE, claims });
  assertRefused(refused, { isInteractionRequired: true, errorCode: "login_required", errorNo: "50133" });
  assert.match((await tokenAnswers(tenant)).at(-1), /50173/);

  const { popup, result } = await inPopup(page, "acquireTokenPopup", { ...READ_PROFILE, claims });
  await giveCredentials(popup, adele);
  const { accessToken: better } = await result;
  assert.equal((await callApi(page, calls.me, better)).status, 200);
});

test("without the capability a token is not challenged while it lives", async (t) => {
  const page = await signedIn(t);
  await tenant.challengeTokens(adele.username);
  const { status, fromCache, accessToken } = await silently(page, READ_PROFILE, calls.me);
  assert.deepEqual([status, fromCache, claimsOf(accessToken).xms_cc], [200, true, undefined]);
});

test("signs in again when the tenant no longer counts the sign-in", async (t) => {
  const page = await signedIn(t);
  await tenant.limitSignIn(adele.username, { seconds: 3600 });
  assert.equal((await silently(page, RENEW, calls.me)).status, 200);
  await tenant.travel(3601);
  // MSAL does not know the suberror `token_expired`, so to it this is a plain invalid_grant: it tries its hidden frame, and it is the
  // frame's login_required that makes it an InteractionRequiredAuthError.
  const refused = await silently(page, RENEW);
  assertRefused(refused, { isInteractionRequired: true, errorCode: "login_required", subError: "", errorNo: "70043" });
  assert.match((await tokenAnswers(tenant)).at(-1), /70043.*token_expired/);

  const { popup, result } = await inPopup(page, "acquireTokenPopup", READ_PROFILE);
  await giveCredentials(popup, adele);
  assert.equal((await result).error, undefined);
  assert.equal((await silently(page, RENEW, calls.me)).status, 200);
});

test("where Conditional Access blocks, the page in the popup never comes back", async (t) => {
  await tenant.block(adele.username);
  const page = await openApp(t, world, { allow: [REFUSED] });
  await page.clock.install();
  const { popup, result } = await inPopup(page, "loginPopup", READ_PROFILE);
  await giveCredentials(popup, adele);
  await popup.getByRole("heading", { name: "You cannot access this right now" }).waitFor();
  assert.match(await popup.locator("main").innerText(), /AADSTS53003/);
  await popup.close();

  // MSAL does not look at the window: it waits for its minute, and lets nothing else begin.
  assertRefused(await call(page, "loginPopup", READ_PROFILE), { errorCode: "interaction_in_progress" });
  await page.clock.fastForward(60_000);
  assertRefused(await result, { isInteractionRequired: false, errorCode: "timed_out", subError: "redirect_bridge_timeout" });

  await tenant.liftPolicies(adele.username);
  const { popup: second, result: signedInNow } = await inPopup(page, "loginPopup", READ_PROFILE);
  await passConsent(second);
  assert.equal((await signedInNow).account.username, adele.username);
});

test("takes a block for something that a popup mends: another account is the only way on", async (t) => {
  const page = await signedIn(t);
  await tenant.block(adele.username, { resource: orders });
  // `message_only` is among the suberrors that MSAL knows, as one of those that want the user.
  const refused = await silently(page, readOrders());
  assertRefused(refused, { isInteractionRequired: true, errorCode: "invalid_grant", subError: "message_only", errorNo: 53003 });
  assert.equal((await silently(page, RENEW, calls.me)).status, 200, "the other API is not blocked");

  const { popup, result } = await inPopup(page, "acquireTokenPopup", readOrders());
  await popup.getByRole("heading", { name: "You cannot access this right now" }).waitFor();
  await popup.getByRole("button", { name: "Switch account" }).click();
  await giveCredentials(popup, bo);
  await passConsent(popup);
  assert.equal((await result).account.username, bo.username);
});
