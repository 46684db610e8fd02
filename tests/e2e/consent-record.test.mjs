/** What is remembered of consent: for how long, for whom, and who sees it. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  answerWith, arrival, askFor, brought, depart, GRAPH, NOTHING, openApp, openTab, openWorld, planFor, refusal, signIn,
} from "./support/consent.mjs";
import { askedPermissions, giveCredentials, storageOf } from "./support/story.mjs";

/** @type {import("./support/consent.mjs").World} */
let world;
let adele;
before(async () => {
  world = await openWorld();
  ({ adele } = world);
});
beforeEach(() => world.tenant.reset());
after(() => world?.stop());

const SHARED = /** @type {const} */ ({ cacheLocation: "localStorage" });
const interactionFor = async (page, ...args) => (await planFor(page, ...args)).interaction;

/** Adele has granted User.Read, and declined Mail.Read. */
async function decline(page) {
  await signIn(page, adele);
  await askFor(page, ["Mail.Read"], "Cancel");
  assert.equal(await interactionFor(page, ["Mail.Read"]), "declined");
}

for (const cacheLocation of /** @type {const} */ (["sessionStorage", "localStorage"])) {
  test(`it survives a reload: ${cacheLocation}`, async (t) => {
    const page = await openApp(t, world, { cacheLocation });
    await decline(page);
    const plan = await planFor(page, ["User.Read", "Mail.Read"]);
    await page.reload();
    await arrival(page);
    assert.deepEqual(await planFor(page, ["User.Read", "Mail.Read"]), plan);
    assert.equal((await refusal(page, "acquireTokenRedirect", { scopes: ["Mail.Read"] })).outcome, "declined");
  });
}

test("another tab sees it at once", async (t) => {
  const page = await openApp(t, world, SHARED);
  await signIn(page, adele);
  const tab = await openTab(page, world, SHARED);
  assert.equal(await interactionFor(tab, ["Mail.Read"]), "consent");
  await askFor(page, ["Mail.Read"], "Cancel");
  assert.equal(await interactionFor(tab, ["Mail.Read"]), "declined");
  assert.equal((await refusal(tab, "acquireTokenRedirect", { scopes: ["Mail.Read"] })).outcome, "declined");
  await askFor(tab, ["Mail.Read"], "Accept", { askAgain: true });
  assert.deepEqual(await planFor(page, ["Mail.Read"]), { ...NOTHING, interaction: "none", granted: ["Mail.Read"] });
});

test("it is of one app", async (t) => {
  const page = await openApp(t, world, SHARED);
  await decline(page);
  const desk = await openTab(page, world, { ...SHARED, app: 1 });
  assert.equal(await interactionFor(desk, ["Mail.Read"]), "login");
  await depart(desk, "loginRedirect", { scopes: ["User.Read"] });
  await answerWith(desk, "Accept");
  await arrival(desk);
  assert.equal(await interactionFor(desk, ["Mail.Read"]), "consent");
  assert.equal(await interactionFor(page, ["Mail.Read"]), "declined");
});

test("it is of one account", async (t) => {
  const page = await openApp(t, world, SHARED);
  await decline(page);
  await depart(page, "loginRedirect", { scopes: ["User.Read"], prompt: "login" });
  await giveCredentials(page, world.bo);
  await answerWith(page, "Accept");
  await arrival(page);
  const accounts = await brought(page, "getAllAccounts");
  assert.deepEqual(accounts.map(({ username }) => username), [adele.username, world.bo.username]);
  const interactions = [];
  for (const account of accounts) interactions.push(await interactionFor(page, ["Mail.Read"], GRAPH, account));
  assert.deepEqual(interactions, ["declined", "consent"]);
});

test("it goes with signing out", async (t) => {
  const page = await openApp(t, world, SHARED);
  await decline(page);
  assert.notDeepEqual(consentIn(await storageOf(page)), []);
  await depart(page, "logoutRedirect", {});
  await arrival(page);
  assert.deepEqual(consentIn(await storageOf(page)), []);
  await depart(page, "loginRedirect", { scopes: ["User.Read"] });
  await giveCredentials(page, adele);
  await arrival(page);
  assert.equal(await interactionFor(page, ["Mail.Read"]), "consent");
});

test("a decline keeps nobody out who clicks to sign in", async (t) => {
  const page = await openApp(t, world);
  await decline(page);
  assert.equal((await refusal(page, "acquireTokenRedirect", { scopes: ["Mail.Read"] })).outcome, "declined");
  await depart(page, "loginRedirect", { scopes: ["Mail.Read"] });
  assert.deepEqual(await askedPermissions(page), [`${GRAPH} Mail.Read`]);
});

test("that an administrator was needed is an observation of an hour", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  await askFor(page, ["User.Read.All"], "Back to app");
  const asked = Date.now();
  for (const [minutes, interaction] of [[59, "admin"], [61, "consent"]]) {
    await page.clock.setFixedTime(asked + minutes * 60_000);
    assert.equal(await interactionFor(page, ["User.Read.All"]), interaction, `after ${minutes} minutes`);
    if (interaction === "admin") await refusal(page, "acquireTokenRedirect", { scopes: ["User.Read.All"] });
  }
  await depart(page, "acquireTokenRedirect", { scopes: ["User.Read.All"] });
  await page.getByRole("button", { name: "Back to app" }).waitFor();
});

test("that the user declined does not lapse", async (t) => {
  const page = await openApp(t, world);
  await decline(page);
  await page.clock.setFixedTime(Date.now() + 24 * 3_600_000);
  assert.equal((await refusal(page, "acquireTokenRedirect", { scopes: ["Mail.Read"] })).outcome, "declined");
});

/** The entries that name a permission or speak of consent. */
function consentIn(storage) {
  return Object.entries(storage).filter(([key, text]) => key.includes("|consent|") || text.includes("Mail.Read"));
}
