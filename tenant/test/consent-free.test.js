/** Tokens that need nobody's consent: for a preauthorized client, and for the client itself. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { apps } from "../fixtures.js";
import { start } from "../index.js";
import { App, GRAPH, ORDERS, assertRefused, assertSentBack, call, claimsOf, listed, responseOf } from "./client.js";

const BASICS = "openid profile offline_access";
const ORDERS_ID = ORDERS.slice("api://".length);
/** The Orders API's own registration used as an app too, as is often done. */
const ordersApp = { ...apps[0], clientId: ORDERS_ID, name: "Orders", registeredPermissions: { [GRAPH]: ["User.Read"] } };

let tenant, adele, workday, desk, own;
before(async () => {
  tenant = await start({ port: 0, apps: [apps[0], apps[1], ordersApp] });
  [adele] = tenant.users;
});
after(() => tenant.stop());
beforeEach(async () => {
  await tenant.reset();
  [workday, desk, own] = tenant.apps.map(({ clientId }) => new App(tenant, { clientId }));
});

test("a preauthorized client gets its permissions without a page, and without a grant of the user", async () => {
  const scope = `${BASICS} ${ORDERS}/Orders.Read`;
  const { code } = responseOf(await desk.authorizationPage(adele, { scope }));
  const { access_token: token, id_token: idToken, refresh_token: refreshToken, scope: granted } = await desk.redeem(code, { scope });
  assert.equal(granted, `${ORDERS}/Orders.Read ${ORDERS}/Orders.Write`);
  assert.equal(claimsOf(idToken).name, adele.name);
  assert.equal((await call(`${tenant.apis.orders.origin}/orders`, token)).status, 200);
  assert.equal((await desk.refresh(refreshToken, { scope: `${ORDERS}/.default` })).status, 200);
  assert.deepEqual(await tenant.permissionGrants(), []);
});

test(".default of an API that preauthorizes the client needs no registration", async () => {
  const scope = `openid ${ORDERS}/.default`;
  const { code } = responseOf(await desk.authorizationPage(adele, { scope }));
  assert.equal(claimsOf((await desk.redeem(code, { scope })).access_token).scp, "Orders.Read Orders.Write");
});

test("preauthorization is for the listed permissions of the listed client only", async () => {
  const other = await desk.authorizationPage(adele, { scope: `${BASICS} ${ORDERS}/Orders.Read User.Read` });
  assert.deepEqual(listed(other), ["User.Read"]);
  assert.match((await desk.authorize({ scope: `openid ${ORDERS}/Orders.Manage` })).text, /Need admin approval/);
  assert.deepEqual(listed(await workday.authorizationPage(adele, { scope: `openid ${ORDERS}/Orders.Read` })), ["Orders.Read"]);
});

test("what needs no consent is not listed by prompt=consent either", async () => {
  const prompt = "consent";
  assert.deepEqual(listed(await desk.authorizationPage(adele, { prompt, scope: `${BASICS} ${ORDERS}/Orders.Read User.Read` })), ["User.Read"]);
  for (const permission of [".default", "Orders.Read"]) {
    assert.deepEqual(listed(await own.authorizationPage(adele, { prompt, scope: `${BASICS} ${ORDERS_ID}/${permission}` })), []);
  }
});

test("the basic scopes alone are no reason to leave out the page", async () => {
  for (const app of [desk, workday]) assert.match((await app.authorizationPage(adele, { scope: BASICS })).text, /value="accept"/);
});

test("preauthorization and tokens for the client itself do without users who may consent", async () => {
  await tenant.changeSettings({ userConsent: false });
  assert.ok(responseOf(await desk.authorizationPage(adele, { scope: `${BASICS} ${ORDERS}/Orders.Write` })).code);
  assert.ok(responseOf(await workday.authorizationPage(adele, { scope: `${BASICS} ${workday.clientId}/.default` })).code);
});

test("taking back a consent does not touch what needs none", async () => {
  const { refresh_token: refreshToken } = await desk.signIn(adele, `${BASICS} ${ORDERS}/Orders.Read`);
  await tenant.revokeConsent(adele.username);
  assert.equal((await desk.refresh(refreshToken, { scope: `${ORDERS}/Orders.Read` })).status, 200);
});

test("<client id>/.default: a token for the client itself, without a page", async () => {
  const scope = `${BASICS} ${workday.clientId}/.default`;
  const { code } = responseOf(await workday.authorizationPage(adele, { scope }));
  const response = await workday.redeem(code, { scope });
  const claims = claimsOf(response.access_token);
  assert.deepEqual([claims.aud, claims.azp, claims.oid, claims.ver, claims.scp], [workday.clientId, workday.clientId, adele.oid, "2.0", undefined]);
  assert.equal(response.scope, `${workday.clientId}/.default`);
  assert.equal(claimsOf(response.id_token).preferred_username, adele.username);
});

test("a refresh token of any consent gets a token for the client itself", async () => {
  const { refresh_token: refreshToken } = await workday.signIn(adele);
  const { access_token: token } = await workday.refresh(refreshToken, { scope: `${workday.clientId.toUpperCase()}/.default` });
  assert.equal(claimsOf(token).aud, workday.clientId);
});

test("<client id>/<permission>: one that the app exposes itself, without a page", async () => {
  const scope = `${BASICS} ${ORDERS_ID}/Orders.Read`;
  const { code } = responseOf(await own.authorizationPage(adele, { scope }));
  const { access_token: token, scope: granted } = await own.redeem(code, { scope });
  assert.equal(claimsOf(token).aud, ORDERS_ID);
  assert.match(claimsOf(token).scp, /Orders\.Read/);
  assert.equal(granted.split(" ")[0], `${ORDERS_ID}/Orders.Read`);
});

test("other permissions beside its own are asked for, and only they", async () => {
  const page = await own.authorizationPage(adele, { scope: `${BASICS} ${ORDERS_ID}/Orders.Read User.Read` });
  assert.deepEqual(listed(page), ["User.Read"]);
});

test("a client that names itself by its URI is refused with 90009, at both endpoints", async () => {
  for (const [app, scope] of [[own, `${ORDERS}/Orders.Read`], [own, `${ORDERS}/.default`], [workday, `api://${workday.clientId}/.default`]]) {
    assertSentBack(app, await app.authorize({ scope: `openid ${scope}` }), "invalid_request", 90009);
    const { refresh_token: refreshToken } = await app.signIn(adele);
    assertRefused(await app.refresh(refreshToken, { scope }), "invalid_request", 90009);
  }
});

test("an app that exposes no API is no resource for others", async () => {
  for (const resource of [workday.clientId, `api://${workday.clientId}`]) {
    assertSentBack(desk, await desk.authorize({ scope: `openid ${resource}/.default` }), "invalid_resource", 500011);
  }
});

test("a client has no permission that it does not expose", async () => {
  assertSentBack(workday, await workday.authorize({ scope: `openid ${workday.clientId}/Read` }), "invalid_client", 650053);
});
