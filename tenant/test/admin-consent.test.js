/** The admin consent endpoint. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { apps } from "../fixtures.js";
import { start } from "../index.js";
import { App, GRAPH, ORDERS, REDIRECT_URI, assertSentBack, claimsOf, listed, responseOf } from "./client.js";

const DEFAULT_SCOPE = `${GRAPH}/.default`;

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

/** That the response is this refusal, which the endpoint marks as it marks a success. */
function assertRefusal(page, error, code) {
  assertSentBack(app, page, error, code);
  assert.equal(responseOf(page).admin_consent, "True");
}

test("named permissions: listed, accepted, and granted to everyone", async () => {
  const page = await app.adminConsentPage(carla, { scope: `${GRAPH}/User.Read.All ${ORDERS}/Orders.Manage` });
  assert.match(page.text, /<h1>Allow Contoso Workday for Contoso\?<\/h1>/);
  assert.deepEqual(listed(page), ["User.Read.All", "Orders.Manage"]);
  const redirect = await app.browser.submit(page, { action: "accept" });
  assert.equal(redirect.url.split("?")[0], REDIRECT_URI);
  assert.deepEqual(responseOf(redirect), {
    tenant: tenant.tenantId, scope: `${GRAPH}/User.Read.All ${ORDERS}/Orders.Manage`, admin_consent: "True", state: app.state,
  });
  const { access_token: token } = await new App(tenant).signIn(adele, `openid ${ORDERS}/Orders.Manage`);
  assert.equal(claimsOf(token).scp, "Orders.Manage");
});

test(".default: all that is registered for the app, application permissions too", async () => {
  const page = await app.adminConsentPage(carla, { scope: DEFAULT_SCOPE });
  assert.deepEqual(listed(page), ["User.Read", "Mail.Read", "Orders.Read", "Orders.Read.All"]);
  assert.match(page.text, /Orders API, with nobody signed in/);
  const { scope } = responseOf(await app.browser.submit(page, { action: "accept" }));
  assert.equal(scope, `${GRAPH}/User.Read ${GRAPH}/Mail.Read ${ORDERS}/Orders.Read ${ORDERS}/Orders.Read.All`);
  const all = { clientId: tenant.clientId, consentType: "AllPrincipals" };
  assert.deepEqual(await tenant.permissionGrants(), [
    { ...all, resource: GRAPH, scope: "User.Read Mail.Read" },
    { ...all, resource: ORDERS, scope: "Orders.Read" },
    { ...all, resource: ORDERS, appRoles: "Orders.Read.All" },
  ]);
});

test("application permissions are never a user's to consent to, nor in a user's token", async () => {
  const page = await app.authorizationPage(adele, { scope: `openid ${ORDERS}/.default` });
  assert.ok(!listed(page).includes("Orders.Read.All"));
  await app.browser.submit(page, { action: "accept" });
  assert.ok((await tenant.permissionGrants()).every((grant) => grant.appRoles === undefined));
  const named = await app.authorize({ scope: `openid ${ORDERS}/Orders.Read.All` });
  assertSentBack(app, named, "invalid_client", 650053);
});

test("decline: access_denied with 65004, nothing granted", async () => {
  const page = await app.adminConsentPage(carla, { scope: DEFAULT_SCOPE });
  assertRefusal(await app.browser.submit(page, { action: "cancel" }), "access_denied", 65004);
  assert.deepEqual(await tenant.permissionGrants(), []);
});

test("who is no administrator: a page, and back with 90093, whatever the form says", async () => {
  for (const action of ["cancel", "accept"]) {
    const page = await app.adminConsentPage(adele, { scope: DEFAULT_SCOPE });
    assert.match(page.text, /<h1>Need admin approval<\/h1>/);
    assert.deepEqual(listed(page), ["User.Read", "Mail.Read", "Orders.Read", "Orders.Read.All"]);
    assertRefusal(await app.browser.submit(page, { action }), "access_denied", 90093);
  }
  assert.deepEqual(await tenant.permissionGrants(), []);
});

test("an administrator can take over from a user who is signed in", async () => {
  await app.authorizeAs(adele);
  const page = await app.adminConsentPage(adele, { scope: DEFAULT_SCOPE });
  const consent = await app.enterCredentials(carla, await app.browser.submit(page, { action: "use-other" }));
  assert.equal(responseOf(await app.browser.submit(consent, { action: "accept" })).tenant, tenant.tenantId);
});

test("the page comes again although all is granted, and an administrator who is signed in is not asked for a password", async () => {
  await app.browser.submit(await app.adminConsentPage(carla, { scope: DEFAULT_SCOPE }), { action: "accept" });
  const again = await app.adminConsentPage(undefined, { scope: DEFAULT_SCOPE });
  assert.deepEqual(listed(again), ["User.Read", "Mail.Read", "Orders.Read", "Orders.Read.All"]);
});

test(".default of a resource with nothing but application permissions registered", async (t) => {
  const [workday] = apps;
  const other = await start({ port: 0, apps: [{ ...workday, registeredPermissions: {} }] });
  t.after(() => other.stop());
  const client = new App(other);
  const page = await client.adminConsentPage(carla, { scope: `${ORDERS}/.default` });
  assert.deepEqual(listed(page), ["Orders.Read.All"]);
  assert.equal(responseOf(await client.browser.submit(page, { action: "accept" })).scope, `${ORDERS}/Orders.Read.All`);
  assertSentBack(client, await client.authorize({ scope: `openid ${ORDERS}/.default` }), "invalid_client", 650056);
});

const REFUSED = [
  ["an unknown permission", `${GRAPH}/User.Raed`, "invalid_client", 650053],
  ["an unknown resource", "https://nobody.example/Read", "invalid_resource", 500011],
  [".default beside a permission", `${DEFAULT_SCOPE} ${ORDERS}/Orders.Read`, "invalid_scope", 70011],
  ["no scope", undefined, "invalid_request", 900144],
];
for (const [name, scope, error, code] of REFUSED) {
  test(`${name} is refused with ${code}, without a page`, async () => {
    assertRefusal(await app.adminConsentPage(carla, { scope }), error, code);
  });
}

test("a redirect URI or client that is not registered: an error page, and no redirect", async () => {
  for (const [parameters, code] of [
    [{ redirect_uri: "https://evil.example/" }, 50011], [{ redirect_uri: undefined }, 900971],
    [{ client_id: "00000000-0000-0000-0000-000000000001" }, 700016],
  ]) {
    const { response, text } = await app.adminConsentPage(carla, { scope: DEFAULT_SCOPE, ...parameters });
    assert.equal(response.status, 400);
    assert.match(text, new RegExp(`AADSTS${code}`));
  }
});

test("without a state there is none in the response; other parameters of an authorization request do nothing", async () => {
  const others = { response_mode: "fragment", prompt: "none", resource: GRAPH };
  const page = await app.adminConsentPage(carla, { scope: DEFAULT_SCOPE, state: undefined, ...others });
  const { url } = await app.browser.submit(page, { action: "accept" });
  assert.deepEqual([...new URL(url).searchParams.keys()], ["tenant", "scope", "admin_consent"]);
});

test("an authorization request cannot pass for one, in any spelling of the path", async () => {
  for (const path of ["authorize", "AUTHORIZE"]) {
    const page = await app.browser.open(app.authorizationUrl({ admin_consent: "True" }).replace("authorize", path));
    assertRefusal(page, "invalid_request", 90023);
  }
});
