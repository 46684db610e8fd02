/** An administrator's consent in a window: its answer comes, whatever becomes of the two pages meanwhile. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  answerWith, arrival, askFor, assertClasses, brought, call, cutTies, GRAPH, openApp, openPopup as open, openWorld, planFor, REFUSED, signIn,
} from "./support/consent.mjs";
import { giveCredentials } from "./support/story.mjs";

/** @type {import("./support/consent.mjs").World} */
let world;
let tenant;
let adele;
let carla;
before(async () => {
  world = await openWorld();
  ({ tenant, adele, carla } = world);
});
beforeEach(() => tenant.reset());
after(() => world?.stop());

/** A window that never answers is not waited for longer, in milliseconds. */
const PATIENCE = { timeout: 60_000 };
/** In these a page and its window see the same record. */
const SHARED = /** @type {const} */ ({ cacheLocation: "localStorage" });
const WANTED = { scopes: ["User.Read.All"] };
const GRANTED = { [GRAPH]: WANTED.scopes };

/** Begins admin consent in a window. */
const openPopup = (page, request = WANTED) => open(page, "adminConsentPopup", request);

async function openAsAdmin(t, options) {
  const page = await openApp(t, world, options);
  await signIn(page, carla);
  return page;
}

/** Adele, who needs an administrator. */
async function openInNeed(t, options) {
  const page = await openApp(t, world, { ...SHARED, ...options });
  await signIn(page, adele);
  await askFor(page, WANTED.scopes, "Back to app");
  assert.equal(await interactionOf(page), "admin");
  return page;
}

const interactionOf = async (page) => (await planFor(page, WANTED.scopes)).interaction;

/** Carla takes Adele's window over, and consents. */
async function consentAsAdmin(popup) {
  await popup.getByRole("button", { name: "Switch account" }).click();
  await giveCredentials(popup, carla);
  await answerWith(popup, "Accept");
}

test("the answer comes to the page that asked, and the window goes", PATIENCE, async (t) => {
  const page = await openAsAdmin(t);
  const { popup, result } = await openPopup(page, { ...WANTED, state: "window" });
  const closed = popup.waitForEvent("close");
  await answerWith(popup, "Accept");
  const { value, error } = await result;
  assert.equal(error, undefined);
  assert.deepEqual([value.scopes, value.state], [GRANTED, "window"]);
  await closed;
  assert.equal(page.url(), `${world.site.origin}/`);
});

test("an administrator who cancels", PATIENCE, async (t) => {
  const page = await openAsAdmin(t);
  const { popup, result } = await openPopup(page);
  await answerWith(popup, "Cancel");
  assertClasses((await result).error, "ConsentDeclinedError", "ServerError");
});

test("a window that the user closes is given up within about a second", PATIENCE, async (t) => {
  const page = await openAsAdmin(t);
  const { popup, result } = await openPopup(page);
  await popup.getByRole("button", { name: "Accept" }).waitFor();
  const began = Date.now();
  await popup.close();
  const { error } = await result;
  assert.ok(Date.now() - began < 1500, `after ${Date.now() - began} ms`);
  assertClasses(error, "BrowserAuthError");
  assert.equal(error.errorCode, "user_cancelled");
  assert.match(error.message, /the window was closed/);
  assert.deepEqual(await tenant.permissionGrants(), [
    { clientId: tenant.clientId, consentType: "Principal", principalId: carla.oid, resource: GRAPH, scope: "User.Read" },
  ]);
});

test("a window that the browser does not open", PATIENCE, async (t) => {
  const page = await openApp(t, world, { path: "/redirect.html", allow: [REFUSED, /Blocked opening/] });
  const { error } = await call(page, "adminConsentPopup", WANTED);
  assertClasses(error, "BrowserAuthError");
  assert.equal(error.errorCode, "popup_window_error");
  assert.match(error.message, /call this in a click/);
});

test("the server's page can't reach the page that opened it", PATIENCE, async (t) => {
  const page = await openAsAdmin(t);
  const { popup, result } = await openPopup(page);
  await popup.getByRole("button", { name: "Accept" }).waitFor();
  assert.equal(new URL(popup.url()).origin, tenant.origin);
  assert.equal(await popup.evaluate(() => window.opener), null);
  await answerWith(popup, "Accept");
  assert.deepEqual((await result).value.scopes, GRANTED);
});

test("a server's page that cuts the tie: the answer comes, and the window goes", PATIENCE, async (t) => {
  const page = await openAsAdmin(t);
  await cutTies(page, tenant.origin);
  const { popup, result } = await openPopup(page);
  await popup.getByRole("button", { name: "Accept" }).waitFor();
  assert.equal(await page.evaluate(() => window.opened.closed), true, "the tie is cut");
  await page.waitForFunction(() => window.looks > 3);
  const closed = popup.waitForEvent("close");
  await answerWith(popup, "Accept");
  assert.deepEqual((await result).value?.scopes, GRANTED);
  await closed;
});

test("an answer that comes after the window was given up is still learnt from", PATIENCE, async (t) => {
  const page = await openInNeed(t);
  await cutTies(page, tenant.origin);
  const { popup, result } = await openPopup(page);
  await popup.getByRole("button", { name: "Switch account" }).waitFor();
  await page.evaluate(() => { window.isFocused = true; });
  assert.equal((await result).error.errorCode, "user_cancelled");
  assert.equal(await interactionOf(page), "admin");

  const closed = popup.waitForEvent("close");
  await consentAsAdmin(popup);
  await closed;
  // The window has gone once its answer is on its way to this page, which reads it a little later.
  let interaction;
  for (let tries = 0; interaction !== "consent" && tries < 100; tries += 1) interaction = await interactionOf(page);
  assert.equal(interaction, "consent");
  const { scopes } = await brought(page, "acquireTokenSilent", WANTED);
  assert.ok(scopes.includes("User.Read.All"), scopes.join(" "));
});

for (const isHasty of [false, true]) {
  const how = isHasty ? "which asks for both of its answers at once" : "which asks for its answers in turn";
  test(`the page that asked was loaded again: the window's own, ${how}, takes the answer`, PATIENCE, async (t) => {
    const page = await openInNeed(t, { isHasty });
    const { popup } = await openPopup(page, { ...WANTED, state: "window" });
    await popup.getByRole("button", { name: "Switch account" }).waitFor();
    await page.reload();
    assert.deepEqual((await arrival(page)).adminAnswer, { value: null });

    await consentAsAdmin(popup);
    const { answer, adminAnswer } = await arrival(popup);
    assert.deepEqual(answer, { value: null });
    assert.deepEqual([adminAnswer.value?.scopes, adminAnswer.value?.state], [GRANTED, "window"]);
    // The page that asked learns it too, a little later.
    let plan;
    for (let tries = 0; plan?.interaction !== "consent" && tries < 100; tries += 1) plan = await planFor(page, ["User.Read.All"]);
    assert.equal(plan.interaction, "consent");
  });
}

test("a window that sends its answer twice", PATIENCE, async (t) => {
  const page = await openAsAdmin(t, { isHasty: true });
  const { popup, result } = await openPopup(page);
  const closed = popup.waitForEvent("close");
  await answerWith(popup, "Accept");
  assert.deepEqual((await result).value?.scopes, GRANTED);
  await closed;
  assert.deepEqual(await brought(page, "handleAdminConsentPromise"), null);
});

test("a second window is not opened beside another, but may take its place", PATIENCE, async (t) => {
  const page = await openAsAdmin(t);
  const first = await openPopup(page);
  const closed = first.popup.waitForEvent("close");
  await first.popup.getByRole("button", { name: "Accept" }).waitFor(); // before, it would close at once
  const others = { scopes: ["Directory.Read.All"] };
  assert.equal((await call(page, "adminConsentPopup", others)).error.errorCode, "interaction_in_progress");
  const second = await openPopup(page, { ...others, overrideInteractionInProgress: true });
  assert.equal((await first.result).error?.errorCode, "interaction_in_progress_cancelled");
  await answerWith(second.popup, "Accept");
  assert.deepEqual((await second.result).value?.scopes, { [GRAPH]: ["Directory.Read.All"] });
  // What it was opened for nobody waits for any more, but it goes once it is back.
  await answerWith(first.popup, "Accept");
  await closed;
});

test("the window's page hears of nothing while it is on its way out", PATIENCE, async (t) => {
  const page = await openAsAdmin(t);
  // One that stays, so that it can be looked at.
  await page.context().addInitScript(() => {
    window.close = () => setTimeout(() => { window.hasHeard = window.answer !== undefined; }, 500);
  });
  const { popup, result } = await openPopup(page);
  await answerWith(popup, "Accept");
  assert.deepEqual((await result).value?.scopes, GRANTED);
  await popup.waitForFunction(() => window.answer !== undefined);
  assert.deepEqual(await popup.evaluate(() => [window.hasHeard, window.answer]), [false, { value: null }]);
});
