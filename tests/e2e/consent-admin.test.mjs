/** What only an administrator can grant, and the ways to one: by redirect, by a link. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  answerWith, arrival, askFor, assertClasses, brought, depart, GRAPH, NOTHING, openApp, openWorld, planFor, refusal, signIn, watchVisits,
} from "./support/consent.mjs";
import { askedPermissions, giveCredentials } from "./support/story.mjs";

/** @type {import("./support/consent.mjs").World} */
let world;
let tenant;
let adele;
let carla;
let orders;
before(async () => {
  world = await openWorld();
  ({ tenant, adele, carla, orders } = world);
});
beforeEach(() => tenant.reset());
after(() => world?.stop());

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** What Carla has registered for the app, as `.default` has it. */
const registered = () => ({ [GRAPH]: ["User.Read", "Mail.Read"], [orders]: ["Orders.Read", "Orders.Read.All"] });

/** Carla opens a link, in a browser of her own. */
async function openLink(t, link, button) {
  const page = await openApp(t, world);
  await page.goto(link);
  await giveCredentials(page, carla);
  const asked = await askedPermissions(page);
  await answerWith(page, button);
  return { page, asked, ...await arrival(page) };
}

test("admin only: a link, an administrator who opens it, and the token is there", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  const { error } = await askFor(page, ["User.Read", "User.Read.All"], "Back to app");
  assertClasses(error, "AdminConsentRequiredError", "ServerError");
  assert.equal(error.errorCode, "access_denied");
  assert.equal(error.outcome, "admin_consent_required");
  assert.deepEqual(error.missingScopes, { [GRAPH]: ["User.Read.All"] });
  assert.deepEqual(await planFor(page, ["User.Read.All"]), { ...NOTHING, interaction: "admin", adminOnly: ["User.Read.All"] });
  assert.equal((await refusal(page, "acquireTokenRedirect", { scopes: ["User.Read.All"] })).outcome, "admin_consent_required");

  const link = await brought(page, "getAdminConsentUrl", { scopes: error.missingScopes });
  const { asked, page: admins, adminAnswer, answer } = await openLink(t, link, "Accept");
  assert.deepEqual(asked, [`${GRAPH} User.Read.All`]);
  assert.deepEqual([adminAnswer, answer], [{ value: null }, { value: null }]);
  assert.deepEqual(await brought(admins, "getAllAccounts"), []);

  const visits = watchVisits(page);
  const result = await brought(page, "acquireTokenSilent", { scopes: ["User.Read.All"], forceRefresh: true });
  assert.ok(result.scopes.includes("User.Read.All"), result.scopes.join(" "));
  assert.deepEqual(await planFor(page, ["User.Read.All"]), { ...NOTHING, interaction: "none", granted: ["User.Read.All"] });
  assert.deepEqual(visits, []);
});

test("admin only: a new request finds what was granted meanwhile", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  await askFor(page, [`${orders}/Orders.Manage`], "Back to app");
  assert.equal((await planFor(page, ["Orders.Manage"], orders)).interaction, "admin");
  await openLink(t, await brought(page, "getAdminConsentUrl", { scopes: { [orders]: ["Orders.Manage"] } }), "Accept");
  const visits = watchVisits(page);
  const { tokens } = await brought(page, "acquireTokens", { scopes: { [orders]: ["Orders.Manage"] } });
  assert.deepEqual(tokens[orders].scopes, [`${orders}/Orders.Manage`]);
  assert.deepEqual(visits, []);
  assert.equal((await planFor(page, ["Orders.Manage"], orders)).interaction, "none");
});

test("revoked by an administrator: the next refresh says so, and the plan with it", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  await openLink(t, await brought(page, "getAdminConsentUrl", { scopes: ["User.Read.All"] }), "Accept");
  await brought(page, "acquireTokenSilent", { scopes: ["User.Read.All"] });
  assert.equal((await planFor(page, ["User.Read.All"])).interaction, "none");
  await tenant.revokeAdminConsent(GRAPH);
  const error = await refusal(page, "acquireTokenSilent", { scopes: ["User.Read.All"], forceRefresh: true });
  assertClasses(error, "ConsentRequiredError", "InteractionRequiredAuthError");
  assert.deepEqual(error.missingScopes, { [GRAPH]: ["User.Read.All"] });
  assert.deepEqual((await planFor(page, ["User.Read.All"])).granted, []);
});

test("user consent is switched off: only an administrator can help", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  await tenant.changeSettings({ userConsent: false });
  const { error } = await askFor(page, ["Mail.Read"], "Back to app");
  assertClasses(error, "AdminConsentRequiredError", "ServerError");
  assert.deepEqual(await planFor(page, ["Mail.Read"]), { ...NOTHING, interaction: "admin", adminOnly: ["Mail.Read"] });
});

test("user consent is switched off: at sign-in as well", async (t) => {
  await tenant.changeSettings({ userConsent: false });
  const page = await openApp(t, world);
  await depart(page, "loginRedirect", { scopes: ["User.Read"] });
  await giveCredentials(page, adele);
  await answerWith(page, "Back to app");
  const { answer: { error } } = await arrival(page);
  assertClasses(error, "AdminConsentRequiredError", "ServerError");
  assert.deepEqual(error.missingScopes, { [GRAPH]: ["User.Read"] });
  assert.deepEqual(await brought(page, "getAllAccounts"), []);
});

test("by redirect: `.default` brings what is registered, application permissions too", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, carla);
  await depart(page, "adminConsentRedirect", { scopes: [`${orders}/.default`], state: "for everyone" });
  const asked = await askedPermissions(page);
  assert.ok(asked.includes(`${orders} Orders.Read.All`), asked.join(", "));
  assert.match(await page.locator("main").innerText(), /Orders API, with nobody signed in/);
  await answerWith(page, "Accept");
  const { adminAnswer: { value, error }, answer } = await arrival(page);
  assert.equal(error, undefined);
  assert.deepEqual(Object.keys(value).sort(), ["correlationId", "scopes", "state"]);
  assert.deepEqual(value.scopes, registered());
  assert.equal(value.state, "for everyone");
  assert.match(value.correlationId, GUID);
  assert.deepEqual(answer, { value: null });
  assert.equal(page.url(), `${world.site.origin}/`);
  const { scopes } = await brought(page, "acquireTokenSilent", { scopes: [`${orders}/Orders.Read`] });
  assert.deepEqual(scopes, [`${orders}/Orders.Read`]);
});

test("by redirect: the answer comes to another page than the one that asked, and is told on this one", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, carla);
  await depart(page, "adminConsentRedirect", { scopes: ["User.Read.All"], redirectUri: "/callback", redirectStartPage: "/index.html?view=users", state: "mine" });
  await answerWith(page, "Accept");
  await page.waitForURL("**/index.html?view=users");
  const { adminAnswer: { value } } = await arrival(page);
  assert.deepEqual([value.scopes, value.state], [{ [GRAPH]: ["User.Read.All"] }, "mine"]);
  assert.equal(page.url(), `${world.site.origin}/index.html?view=users`);
  await page.reload();
  assert.deepEqual((await arrival(page)).adminAnswer, { value: null });
});

test("by redirect: an administrator who cancels", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, carla);
  await depart(page, "adminConsentRedirect", { scopes: ["User.Read.All"], state: "mine" });
  await answerWith(page, "Cancel");
  const { error } = (await arrival(page)).adminAnswer;
  assertClasses(error, "ConsentDeclinedError", "ServerError");
  assert.equal(error.state, "mine");
  assert.deepEqual(error.missingScopes, { [GRAPH]: ["User.Read.All"] });
  assert.equal((await planFor(page, ["User.Read.All"])).granted.length, 0);
});

test("by redirect: a user who is no administrator", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  await depart(page, "adminConsentRedirect", { scopes: ["User.Read.All"] });
  await answerWith(page, "Back to app");
  assertClasses((await arrival(page)).adminAnswer.error, "AdminConsentRequiredError", "ServerError");
});

/** What an answer could change, as far as the page can see. */
async function knowledge(page) {
  const grants = await tenant.permissionGrants();
  return { grants, accounts: await brought(page, "getAllAccounts"), granted: await brought(page, "getGrantedScopes"), plan: await planFor(page, ["User.Read.All"]) };
}

/** Asks for admin consent, and leaves the tenant's page unanswered. @returns {Promise<URL>} where the page was sent */
async function beginConsent(page) {
  const sent = page.waitForRequest(/\/adminconsent\?/);
  await depart(page, "adminConsentRedirect", { scopes: ["User.Read.All"] });
  await page.locator("form button").first().waitFor();
  return new URL((await sent).url());
}

/** An answer at the redirect URI that the tenant did not give. */
async function forge(page, answer) {
  // The fragment alone would not load the page again.
  await page.goto("about:blank");
  await page.goto(`${world.site.origin}/?${new URLSearchParams({ admin_consent: "True", scope: `${GRAPH}/User.Read.All`, tenant: tenant.tenantId, ...answer })}`);
  return (await arrival(page)).adminAnswer;
}

for (const [name, answer] of Object.entries({
  "of another state": { state: "forged" },
  "of no state": {},
  "of another tenant": { state: "forged", tenant: "11111111-1111-4111-8111-111111111111" },
  "with an error": { state: "forged", error: "access_denied", error_description: "AADSTS65004: declined" },
})) {
  test(`a forged answer ${name} changes nothing, asked for or not`, async (t) => {
    const page = await openApp(t, world);
    await signIn(page, adele);
    const before = await knowledge(page);
    assert.deepEqual(await forge(page, answer), { value: null });
    assert.deepEqual(await knowledge(page), before);

    await beginConsent(page);
    const { error } = await forge(page, answer);
    assertClasses(error, "ClientAuthError");
    assert.equal(error.errorCode, "state_mismatch");
    assert.deepEqual(await knowledge(page), before);
  });
}

test("a forged answer does not drive the true one out", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, carla);
  const url = await beginConsent(page);
  assert.equal((await forge(page, { state: "forged" })).error.errorCode, "state_mismatch");
  await page.goto(url.href);
  await answerWith(page, "Accept");
  assert.deepEqual((await arrival(page)).adminAnswer.value.scopes, { [GRAPH]: ["User.Read.All"] });
});

test("a forged answer of the right state is a hint at most: the server decides", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  const state = (await beginConsent(page)).searchParams.get("state");
  const { value } = await forge(page, { state, tenant: "11111111-1111-4111-8111-111111111111" });
  assert.ok(!("tenant" in value), "the tenant is not told");
  const [account] = await brought(page, "getAllAccounts");
  assert.equal(account.tenantId, tenant.tenantId);
  assert.deepEqual((await planFor(page, ["User.Read.All"])).granted, []);
  assert.equal((await refusal(page, "acquireTokenSilent", { scopes: ["User.Read.All"] })).outcome, "consent_required");
});

test("`admin_consent=True` beside an error is an error", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, carla);
  const state = (await beginConsent(page)).searchParams.get("state");
  const { error } = await forge(page, { state, error: "access_denied", error_description: "AADSTS65004: declined" });
  assert.equal(error.errorCode, "access_denied");
  assert.deepEqual((await planFor(page, ["User.Read.All"])).granted, []);
});
