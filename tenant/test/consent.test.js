/** `.default`, narrowed grants, consent that is taken back, and scopes that are refused. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { apps } from "../fixtures.js";
import { start } from "../index.js";
import { App, GRAPH, ORDERS, assertRefused, assertSentBack, claimsOf, listed, responseOf } from "./client.js";

const BASICS = "openid profile offline_access";
const TICKED = "on";

let tenant, adele, carla, app;
before(async () => {
  tenant = await start({ port: 0 });
  [adele, , carla] = tenant.users;
});
after(() => tenant.stop());
beforeEach(async () => {
  await tenant.reset();
  app = new App(tenant);
});

test(".default lists all that is registered, also what is granted, when the resource is new", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele, `${BASICS} User.Read`);
  const page = await app.authorize({ scope: `openid ${ORDERS}/.default` });
  assert.deepEqual(listed(page), ["User.Read", "Mail.Read", "Orders.Read"]);
  await app.browser.submit(page, { action: "accept" });
  assert.equal((await app.refresh(refreshToken, { scope: `${GRAPH}/.default` })).scope, `openid profile email ${GRAPH}/User.Read ${GRAPH}/Mail.Read`);
});

test(".default of a resource with any consent: no page, and what was granted so far", async () => {
  await app.authorizeAs(adele, { scope: `openid ${ORDERS}/Orders.Write Calendars.Read` });
  for (const [scope, scp] of [[`${ORDERS}/.default`, "Orders.Write"], [`${GRAPH}/.default`, "openid profile email Calendars.Read"]]) {
    const { code } = responseOf(await app.authorize({ scope: `${BASICS} ${scope}` }));
    assert.equal(claimsOf((await app.redeem(code, { scope })).access_token).scp, scp);
  }
});

test(".default with prompt=consent lists all that is registered", async () => {
  await app.authorizeAs(adele, { scope: `openid ${ORDERS}/Orders.Write` });
  const page = await app.authorize({ scope: `openid ${ORDERS}/.default`, prompt: "consent" });
  assert.deepEqual(listed(page), ["User.Read", "Mail.Read", "Orders.Read"]);
});

test(".default mixed with a permission is refused with 70011 at the token endpoint as well, with OpenID Connect scopes it is not", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele);
  assertRefused(await app.refresh(refreshToken, { scope: `${GRAPH}/.default Mail.Read` }), "invalid_scope", 70011);
  assertRefused(await app.refresh(refreshToken, { scope: `${GRAPH}/.default ${ORDERS}/.default` }), "invalid_scope", 70011);
  assert.ok((await app.refresh(refreshToken, { scope: `${BASICS} email ${GRAPH}/.default` })).id_token);
});

test(".default with a registered permission for administrators needs approval", async (t) => {
  const [workday] = apps;
  const other = await start({ port: 0, apps: [{ ...workday, registeredPermissions: { [GRAPH]: ["User.Read", "User.Read.All"] } }] });
  t.after(() => other.stop());
  const page = await new App(other).authorizationPage(adele, { scope: `openid ${GRAPH}/.default` });
  assert.match(page.text, /Need admin approval/);
  assert.deepEqual(listed(page), ["User.Read.All"]);
});

const UNREGISTERED = [
  ["a resource", { [GRAPH]: ["User.Read"] }, 650057],
  ["anything", {}, 650056],
];
for (const [name, registeredPermissions, code] of UNREGISTERED) {
  test(`.default of an app that is not registered for ${name} is refused with ${code}`, async (t) => {
    const [workday] = apps;
    const other = await start({ port: 0, apps: [{ ...workday, registeredPermissions }] });
    t.after(() => other.stop());
    const client = new App(other);
    assertSentBack(client, await client.authorize({ scope: `openid ${ORDERS}/.default` }), "invalid_client", code);
  });
}

const REFUSED = [
  ["a permission that the resource lacks", `${ORDERS}/Orders.Raed`, "invalid_client", 650053],
  ["an unknown resource", "https://nobody.example/Read", "invalid_resource", 500011],
  ["a bare GUID", "9c1f6b52-3d0e-4a87-b6a4-51e0c8f7d2a9", "invalid_scope", 70011],
];
for (const [name, scope, error, code] of REFUSED) {
  test(`scope: ${name} is refused with ${code} at the token endpoint`, async () => {
    const { refresh_token: refreshToken } = await app.signIn(adele);
    assertRefused(await app.refresh(refreshToken, { scope }), error, code);
  });
}

test("consent is for one client", async () => {
  const admin = new App(tenant);
  await admin.browser.submit(await admin.authorizationPage(carla), { action: "accept", organization: "on" });
  const desk = new App(tenant, { clientId: tenant.apps[1].clientId });
  assert.deepEqual(listed(await desk.authorizationPage(adele)), ["User.Read"]);
});

test("a code is good for no more than was consented", async () => {
  const { code } = await app.authorizeAs(adele, { scope: `${BASICS} User.Read` });
  assertRefused(await app.redeem(code, { scope: "User.Read Mail.Read" }), "invalid_grant", 65001, "consent_required");
});

test("consent that an administrator takes back ends for everyone at the next refresh, the users' own does not", async () => {
  await app.authorizeAs(adele);
  await app.authorizeAs(adele, { scope: `openid ${ORDERS}/Orders.Read` });
  const admin = new App(tenant);
  const page = await admin.adminConsentPage(carla, { scope: `${ORDERS}/Orders.Write ${GRAPH}/User.Read.All` });
  await admin.browser.submit(page, { action: "accept" });
  const { refresh_token: refreshToken } = await app.signIn(adele);
  const refusedBy = async (scope) => (await app.refresh(refreshToken, { scope })).suberror;
  assert.deepEqual(await Promise.all([`${ORDERS}/Orders.Write`, "User.Read.All"].map(refusedBy)), [undefined, undefined]);

  await tenant.revokeAdminConsent(ORDERS);
  assertRefused(await app.refresh(refreshToken, { scope: `${ORDERS}/Orders.Write` }), "invalid_grant", 65001, "consent_required");
  assert.equal(claimsOf((await app.refresh(refreshToken, { scope: `${ORDERS}/Orders.Read` })).access_token).scp, "Orders.Read");
  assert.equal(await refusedBy("User.Read.All"), undefined);

  await tenant.revokeAdminConsent();
  assert.equal(await refusedBy("User.Read.All"), "consent_required");
  assert.equal(await refusedBy("User.Read"), undefined);
});

test("a user's revocation leaves an administrator's consent in force", async () => {
  const page = await app.authorizationPage(carla);
  await app.browser.submit(page, { action: "accept", organization: "on" });
  const client = new App(tenant);
  const { refresh_token: refreshToken } = await client.signIn(adele, `${BASICS} User.Read Mail.Read`);
  await tenant.revokeConsent(adele.username);
  assert.equal((await client.refresh(refreshToken, { scope: "User.Read" })).status, 200);
  assertRefused(await client.refresh(refreshToken, { scope: "Mail.Read" }), "invalid_grant", 65001, "consent_required");
});

/** The fields of a granular consent page. */
const fields = ({ text }) => [...text.matchAll(/<input type="checkbox" name="([^"]+)" checked>/g)].map(([, name]) => name);

test("granular consent: what the user leaves out is in no token, and is asked again", async () => {
  await tenant.changeSettings({ granularConsent: true });
  const scope = `${BASICS} User.Read Mail.Read ${ORDERS}/Orders.Read`;
  const page = await app.authorizationPage(adele, { scope });
  assert.deepEqual(listed(page), ["User.Read", "Mail.Read", "Orders.Read"]);
  const [userRead, , ordersRead] = fields(page);
  const { code } = responseOf(await app.browser.submit(page, { action: "accept", [userRead]: TICKED, [ordersRead]: TICKED }));
  const { access_token: token, scope: granted, refresh_token: refreshToken } = await app.redeem(code, { scope: `${BASICS} User.Read Mail.Read` });
  assert.equal(granted, "openid profile email User.Read");
  assert.equal(claimsOf(token).scp, granted);
  assertRefused(await app.refresh(refreshToken, { scope: "Mail.Read" }), "invalid_grant", 65001, "consent_required");
  assert.deepEqual(listed(await app.authorize({ scope })), ["Mail.Read"]);
});

test("granular consent: leaving out all of an API leaves no token for it", async () => {
  await tenant.changeSettings({ granularConsent: true });
  const scope = `${BASICS} ${ORDERS}/Orders.Read`;
  const acceptNothing = async () => responseOf(await app.browser.submit(await app.authorizationPage(adele, { scope }), { action: "accept" })).code;
  assertRefused(await app.redeem(await acceptNothing(), { scope }), "invalid_grant", 65001, "consent_required");
  assert.ok((await app.redeem(await acceptNothing(), { scope: BASICS })).id_token);
});

test("granular consent: with nothing left at all it is a decline", async () => {
  await tenant.changeSettings({ granularConsent: true });
  const page = await app.authorizationPage(adele, { scope: "User.Read" });
  assertSentBack(app, await app.browser.submit(page, { action: "accept" }), "access_denied", 65004);
});

test("granular consent: .default can be narrowed, and a repeated consent takes back what is left out", async () => {
  await tenant.changeSettings({ granularConsent: true });
  const scope = `${BASICS} ${GRAPH}/.default`;
  const first = await app.authorizationPage(adele, { scope });
  const [userRead, mailRead] = fields(first);
  await app.browser.submit(first, { action: "accept", [userRead]: TICKED });
  const repeated = await app.authorize({ scope, prompt: "consent" });
  const { code } = responseOf(await app.browser.submit(repeated, { action: "accept", [mailRead]: TICKED }));
  assert.equal(claimsOf((await app.redeem(code, { scope })).access_token).scp, "openid profile email Mail.Read");
});

test("granular consent: a field that the page does not have grants nothing", async () => {
  await tenant.changeSettings({ granularConsent: true });
  const page = await app.authorizationPage(adele, { scope: `${BASICS} User.Read` });
  const [userRead] = fields(page);
  const forged = userRead.replace("User.Read", "User.Read.All");
  await app.browser.submit(page, { action: "accept", [userRead]: TICKED, [forged]: TICKED });
  assert.deepEqual((await tenant.permissionGrants()).map(({ scope }) => scope), ["User.Read"]);
});

test("without granular consent a form cannot leave anything out", async () => {
  const page = await app.authorizationPage(adele, { scope: `${BASICS} User.Read Mail.Read` });
  assert.deepEqual(fields(page), []);
  await app.browser.submit(page, { action: "accept" });
  assert.deepEqual((await tenant.permissionGrants()).map(({ scope }) => scope), ["User.Read Mail.Read"]);
});
