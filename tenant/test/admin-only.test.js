/** Permissions that only an administrator can consent to, and a tenant where users cannot consent at all. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { start } from "../index.js";
import { App, GRAPH, ORDERS, assertRefused, assertSentBack, claimsOf, listed, responseOf } from "./client.js";

const BASICS = "openid profile offline_access";
const RESTRICTED = `${BASICS} User.Read User.Read.All ${ORDERS}/Orders.Manage`;

let tenant, adele, bo, carla, app;
before(async () => {
  tenant = await start({ port: 0 });
  [adele, bo, carla] = tenant.users;
});
after(() => tenant.stop());
beforeEach(async () => {
  await tenant.reset();
  app = new App(tenant);
});

const isApprovalPage = ({ text }) => /<h1>Need admin approval<\/h1>/.test(text) && !text.includes("value=\"accept\"");

test("a user who is asked for such permissions is told which, and by whom they can be granted", async () => {
  const page = await app.authorizationPage(adele, { scope: RESTRICTED });
  assert.ok(isApprovalPage(page));
  assert.deepEqual(listed(page), ["User.Read.All", "Orders.Manage"]);
  assert.match(page.text, /only an administrator of Contoso/);
});

test("the way back is access_denied with 90094, and nothing is granted", async () => {
  const page = await app.authorizationPage(adele, { scope: RESTRICTED });
  assertSentBack(app, await app.browser.submit(page, { action: "cancel" }), "access_denied", 90094);
  assert.deepEqual(await tenant.permissionGrants(), []);
});

test("a form that accepts all the same grants nothing", async () => {
  const page = await app.authorizationPage(adele, { scope: RESTRICTED });
  assertSentBack(app, await app.browser.submit(page, { action: "accept", organization: "on" }), "access_denied", 90094);
  assert.deepEqual(await tenant.permissionGrants(), []);
});

test("silent requests are answered as for any missing consent", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele);
  for (const scope of ["User.Read.All", `${ORDERS}/Orders.Manage`]) {
    assertSentBack(app, await app.authorize({ prompt: "none", scope: `openid ${scope}` }), "interaction_required", 65001);
    assertRefused(await app.refresh(refreshToken, { scope }), "invalid_grant", 65001, "consent_required");
  }
});

test("an administrator consents like a user, for nobody else", async () => {
  const page = await app.authorizationPage(carla, { scope: RESTRICTED });
  assert.deepEqual(listed(page), ["User.Read", "User.Read.All", "Orders.Manage"]);
  assert.match(page.text, /Consent on behalf of your organization/);
  const { code } = responseOf(await app.browser.submit(page, { action: "accept" }));
  assert.match(claimsOf((await app.redeem(code, { scope: "User.Read.All" })).access_token).scp, /User\.Read\.All/);
  assert.ok(isApprovalPage(await new App(tenant).authorizationPage(adele, { scope: RESTRICTED })));
});

test("an administrator consents for the organization: nobody in it is asked any more", async () => {
  const page = await app.authorizationPage(carla, { scope: RESTRICTED });
  assert.ok(responseOf(await app.browser.submit(page, { action: "accept", organization: "on" })).code);
  for (const user of [adele, bo]) {
    const other = new App(tenant);
    const { code } = responseOf(await other.authorizationPage(user, { scope: RESTRICTED }));
    const { access_token: token } = await other.redeem(code, { scope: `${ORDERS}/Orders.Manage` });
    assert.equal(claimsOf(token).scp, "Orders.Manage");
  }
});

test("a user's page has no box for the organization, and a form that ticks it grants for the user only", async () => {
  const page = await app.authorizationPage(adele);
  assert.doesNotMatch(page.text, /on behalf of your organization/);
  await app.browser.submit(page, { action: "accept", organization: "on" });
  assert.match((await new App(tenant).authorizationPage(bo)).text, /value="accept"/);
});

test("a user who repeats an administrator's consent gets no grant of their own", async () => {
  const page = await app.authorizationPage(carla, { scope: RESTRICTED });
  await app.browser.submit(page, { action: "accept", organization: "on" });
  const other = new App(tenant);
  const repeated = await other.authorizationPage(adele, { scope: RESTRICTED, prompt: "consent" });
  assert.deepEqual(listed(repeated), ["User.Read"]);
  await other.browser.submit(repeated, { action: "accept" });
  await tenant.revokeAdminConsent();
  assert.deepEqual(await tenant.permissionGrants(), [
    { clientId: tenant.clientId, consentType: "Principal", principalId: adele.oid, resource: GRAPH, scope: "User.Read" },
  ]);
});

test("from the approval page another account can sign in and consent", async () => {
  const page = await app.authorizationPage(adele, { scope: RESTRICTED });
  const signIn = await app.browser.submit(page, { action: "use-other" });
  assert.match(signIn.text, /name="password"/);
  const consent = await app.enterCredentials(carla, signIn);
  assert.deepEqual(listed(consent), ["User.Read", "User.Read.All", "Orders.Manage"]);
  const { code } = responseOf(await app.browser.submit(consent, { action: "accept" }));
  assert.equal(claimsOf((await app.redeem(code)).id_token).preferred_username, carla.username);
});

test("a user with a session can hand over to an administrator as well", async () => {
  await app.authorizeAs(adele);
  const page = await app.authorize({ scope: RESTRICTED });
  const consent = await app.enterCredentials(carla, await app.browser.submit(page, { action: "use-other" }));
  assert.ok(responseOf(await app.browser.submit(consent, { action: "accept" })).code);
});

test("where users cannot consent, any consent of theirs needs approval", async () => {
  await tenant.changeSettings({ userConsent: false });
  for (const [scope, names] of [["User.Read", ["User.Read"]], ["openid profile", []]]) {
    const page = await new App(tenant).authorizationPage(adele, { scope });
    assert.ok(isApprovalPage(page), scope);
    assert.deepEqual(listed(page), names);
  }
  assert.match((await new App(tenant).authorizationPage(adele, { scope: "openid" })).text, /Sign you in/);
});

test("where users cannot consent, an administrator can, also for them", async () => {
  await tenant.changeSettings({ userConsent: false });
  const page = await app.authorizationPage(carla);
  await app.browser.submit(page, { action: "accept", organization: "on" });
  assert.equal((await new App(tenant).signIn(adele)).status, 200);
});

test("what was consented before users lost the right to consent stays", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele);
  await tenant.changeSettings({ userConsent: false });
  assert.equal((await app.refresh(refreshToken)).status, 200);
  assert.ok(responseOf(await app.authorize()).code);
});

test("userConsent is an option too, and reset returns to it", async (t) => {
  const other = await start({ port: 0, userConsent: false });
  t.after(() => other.stop());
  assert.ok(isApprovalPage(await new App(other).authorizationPage(adele)));
  await other.changeSettings({ userConsent: true });
  assert.equal((await new App(other).signIn(adele)).status, 200);
  await other.reset();
  assert.ok(isApprovalPage(await new App(other).authorizationPage(adele)));
});

test("a setting that does not exist, or is not a boolean, is refused", async () => {
  for (const settings of [{ userconsent: false }, { userConsent: "no" }, { constructor: true }]) {
    await assert.rejects(tenant.changeSettings(settings), /no such setting/);
  }
});
