/** Conditional Access: a second factor, blocks, how long a sign-in counts, assignment, and disabled accounts. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { apps } from "../fixtures.js";
import { start } from "../index.js";
import { approve, assertError, enterUserCode, numberIn, silently } from "./steps.js";
import { App, GRAPH, ORDERS, assertErrorPage, assertRefused, call, claimsOf, headingOf, listed, responseOf } from "./client.js";

const BASICS = "openid profile offline_access";
const ON_ORDERS = { scope: `${BASICS} ${ORDERS}/Orders.Read` };
const APPROVE = "Approve sign-in";
const REGISTER = "More information required";
const BLOCKED = "You cannot access this right now";

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

const accept = (client, page) => client.browser.submit(page, { action: "accept" });
/** The ids of the policies that `claims` wants to be met. */
const policiesIn = (claims) => JSON.parse(claims).access_token.capolids;

/** Signed in with both factors and consented, for Graph. */
async function signInWithSecondFactor(user, parameters) {
  const page = await approve(app, await app.authorizationPage(user, parameters));
  const { code } = responseOf(page.text ? await accept(app, page) : page);
  return app.redeem(code, parameters);
}

test("a second factor is asked for after the password and before consent, and the code comes after both", async () => {
  await tenant.requireMfa(adele.username);
  const page = await app.authorizationPage(adele);
  assert.equal(headingOf(page), APPROVE);
  assert.equal(page.response.status, 200);
  assert.match(page.text, /to continue to Contoso Workday as adele@contoso.example/);
  const consent = await approve(app, page);
  assert.deepEqual(listed(consent), ["User.Read"]);
  const { code } = responseOf(await accept(app, consent));
  const { access_token: token, status } = await app.redeem(code);
  assert.equal(status, 200);
  assert.deepEqual(claimsOf(token).amr, ["pwd", "mfa"]);
});

test("in the device code flow the page comes in the same place", async () => {
  await tenant.requireMfa(adele.username);
  const kit = new App(tenant, { clientId: tenant.apps.find(({ name }) => name === "Contoso Field Kit").clientId });
  const device = await kit.deviceCode();
  const page = await kit.enterCredentials(adele, await enterUserCode(kit, device));
  assert.equal(headingOf(page), APPROVE);
  assert.equal(headingOf(await accept(kit, await approve(kit, page))), "You are signed in on the other device");
  const { access_token: token, refresh_token: refreshToken } = await kit.pollFor(device.device_code);
  assert.deepEqual(claimsOf(token).amr, ["pwd", "mfa"]);
  assert.equal((await kit.refresh(refreshToken, {}, { origin: null })).status, 200);
});

test("without a demand there is one factor", async () => {
  assert.deepEqual(claimsOf((await app.signIn(adele)).access_token).amr, ["pwd"]);
});

test("the second factor counts for the session: it is not asked for again", async () => {
  await tenant.requireMfa(adele.username);
  await signInWithSecondFactor(adele);
  assert.ok(responseOf(await app.authorize()).code);
  assert.ok((await silently(app)).code);
});

test("cancel is access_denied, 65004, and the next request asks again", async () => {
  await tenant.requireMfa(adele.username);
  const page = await app.authorizationPage(adele);
  const response = responseOf(await app.browser.submit(page, { action: "cancel" }));
  assertError(response, "access_denied", 65004);
  assert.equal(response.state, app.state);
  assert.equal(response.code, undefined);
  assert.equal(headingOf(await app.authorize()), APPROVE);
  assertError(await silently(app), "interaction_required", 50076);
});

test("the demand is of the user that it names, and of everyone when it names none", async () => {
  await tenant.requireMfa(bo.username);
  assert.deepEqual(listed(await app.authorizationPage(adele)), ["User.Read"]);
  assert.equal(headingOf(await new App(tenant).authorizationPage(bo)), APPROVE);
  await tenant.requireMfa();
  for (const user of [adele, carla]) assert.equal(headingOf(await new App(tenant).authorizationPage(user)), APPROVE);
});

test("the demand is of the resource that it names, at authorize and at the token endpoint", async () => {
  await tenant.requireMfa(undefined, { resource: ORDERS });
  const { refresh_token: refreshToken } = await app.signIn(adele);
  assert.equal(headingOf(await app.authorize(ON_ORDERS)), APPROVE);
  assertRefused(await consentedRefresh(refreshToken), "invalid_grant", 50076, "basic_action");
  assert.equal((await app.refresh(refreshToken)).status, 200);
});

/** A refresh request for the Orders API, whose permission is granted without a page. */
async function consentedRefresh(refreshToken, parameters) {
  await tenant.grantConsent({ clientId: tenant.clientId, resource: ORDERS, permissions: ["Orders.Read"], user: adele.username });
  return app.refresh(refreshToken, { ...ON_ORDERS, ...parameters });
}

test("of several resources one with a demand is enough", async () => {
  await tenant.requireMfa(adele.username, { resource: ORDERS });
  assert.equal(headingOf(await app.authorizationPage(adele, { scope: `${BASICS} User.Read ${ORDERS}/Orders.Read` })), APPROVE);
});

test("silently: interaction_required, 50076, with claims that name the policy", async () => {
  await app.signIn(adele);
  await tenant.requireMfa(adele.username);
  const response = await silently(app);
  assertError(response, "interaction_required", 50076);
  assert.equal(response.state, app.state);
  assert.equal(response.error_uri, `${tenant.origin}/error?code=50076`);
  const { essential, values } = policiesIn(response.claims);
  assert.equal(essential, true);
  assert.match(values.join(), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test("at the token endpoint: invalid_grant, basic_action, 50076, with the same claims as at authorize", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele);
  await tenant.requireMfa(adele.username);
  const refusal = await app.refresh(refreshToken);
  assertRefused(refusal, "invalid_grant", 50076, "basic_action");
  assert.equal(refusal.claims, (await silently(app)).claims);
  assert.equal(refusal.access_token, undefined);
});

test("two demands are named both", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele);
  await tenant.requireMfa(adele.username);
  await tenant.requireMfa(undefined, { resource: GRAPH });
  assert.equal(new Set(policiesIn((await app.refresh(refreshToken)).claims).values).size, 2);
});

test("a code of before the demand is refused in the same way", async () => {
  const { code } = await app.authorizeAs(adele);
  await tenant.requireMfa(adele.username);
  assertRefused(await app.redeem(code), "invalid_grant", 50076, "basic_action");
});

test("after the second factor the new refresh token works, and the one of before it does not", async () => {
  const { refresh_token: before } = await app.signIn(adele);
  await tenant.requireMfa(adele.username);
  const { claims } = await app.refresh(before);
  const page = await app.authorize({ claims });
  assert.equal(headingOf(page), APPROVE);
  const { code } = responseOf(await approve(app, page));
  const { refresh_token: afterwards } = await app.redeem(code, { claims });
  assert.equal((await app.refresh(afterwards)).status, 200);
  assertRefused(await app.refresh(before), "invalid_grant", 50076, "basic_action");
});

test("a second factor of too long ago is 50078, until it is given again", async () => {
  await tenant.requireMfa(adele.username, { maxAgeSeconds: 600 });
  const { refresh_token: refreshToken } = await signInWithSecondFactor(adele);
  await tenant.travel(590);
  assert.equal((await app.refresh(refreshToken)).status, 200);
  assert.ok((await silently(app)).code);
  await tenant.travel(20);
  assertRefused(await app.refresh(refreshToken), "invalid_grant", 50078, "basic_action");
  const silent = await silently(app);
  assertError(silent, "interaction_required", 50078);
  assert.equal(policiesIn(silent.claims).values.length, 1);
  const page = await app.authorize();
  assert.equal(headingOf(page), APPROVE);
  const { refresh_token: renewed } = await app.redeem(responseOf(await approve(app, page)).code);
  assert.equal((await app.refresh(renewed)).status, 200);
});

test("the second factor does not renew the sign-in", async () => {
  await tenant.limitSignIn(adele.username, { seconds: 600 });
  await app.signIn(adele);
  await tenant.travel(400);
  await tenant.requireMfa(adele.username);
  assert.ok(responseOf(await approve(app, await app.authorize())).code);
  await tenant.travel(400);
  assertError(await silently(app), "login_required", 70043);
});

test("without a registered second factor it is 50079, and the page registers one", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele);
  await tenant.forgetSecondFactor(adele.username);
  assert.equal((await app.refresh(refreshToken)).status, 200);
  await tenant.requireMfa(adele.username);
  assertRefused(await app.refresh(refreshToken), "invalid_grant", 50079, "basic_action");
  const silent = await silently(app);
  assertError(silent, "interaction_required", 50079);
  assert.equal(policiesIn(silent.claims).values.length, 1);
  const page = await app.authorize();
  assert.equal(headingOf(page), REGISTER);
  assert.match(page.text, /Register and approve/);
  assert.ok(responseOf(await approve(app, page)).code);
  assert.equal(headingOf(await new App(tenant).authorizationPage(adele)), APPROVE);
});

test("a block is a page with 403 and the number, and nothing goes to the app", async () => {
  await tenant.block(adele.username);
  const page = await app.authorizationPage(adele);
  assert.equal(headingOf(page), BLOCKED);
  assertErrorPage(page, 53003, 403);
  assert.match(page.text, /adele@contoso.example cannot go on to Contoso Workday/);
  for (const action of ["approve", "accept", "cancel"]) assertErrorPage(await app.browser.submit(page, { action }), 53003, 403);
});

test("from the page of a block another account can go on", async () => {
  await tenant.block(adele.username);
  const signIn = await app.browser.submit(await app.authorizationPage(adele), { action: "use-other" });
  assert.match(signIn.text, /name="password"/);
  const { code } = responseOf(await accept(app, await app.enterCredentials(bo, signIn)));
  assert.equal(claimsOf((await app.redeem(code)).id_token).preferred_username, bo.username);
});

test("a block silently: access_denied, 53003; at the token endpoint: message_only; and no claims, there is nothing to do", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele);
  await tenant.block(adele.username);
  const silent = await silently(app);
  assertError(silent, "access_denied", 53003);
  const refusal = await app.refresh(refreshToken);
  assertRefused(refusal, "invalid_grant", 53003, "message_only");
  assert.equal(refusal.error_uri, `${tenant.origin}/error?code=53003`);
  assert.deepEqual([silent.claims, refusal.claims], [undefined, undefined]);
});

test("a block of one resource leaves the others, and of everyone names nobody", async () => {
  await tenant.block(undefined, { resource: ORDERS });
  const { refresh_token: refreshToken } = await app.signIn(adele);
  assertRefused(await consentedRefresh(refreshToken), "invalid_grant", 53003, "message_only");
  assertErrorPage(await new App(tenant).authorizationPage(bo, ON_ORDERS), 53003, 403);
  assert.equal((await new App(tenant).signIn(bo)).status, 200);
});

test("a block is stronger than a demand for a second factor", async () => {
  await tenant.requireMfa(adele.username);
  await tenant.block(adele.username);
  assertErrorPage(await app.authorizationPage(adele), 53003, 403);
});

test("sign-in frequency: 70043 with token_expired, login_required silently, and the sign-in page", async () => {
  await tenant.limitSignIn(adele.username, { seconds: 3600 });
  const { refresh_token: refreshToken } = await app.signIn(adele);
  await tenant.travel(3590);
  assert.equal((await app.refresh(refreshToken)).status, 200);
  assert.ok(responseOf(await app.authorize()).code);
  await tenant.travel(20);
  assertRefused(await app.refresh(refreshToken), "invalid_grant", 70043, "token_expired");
  assertError(await silently(app), "login_required", 70043);
  const page = await app.authorize();
  assert.match(page.text, /name="password"/);
  const { refresh_token: renewed } = await app.redeem(responseOf(await app.enterCredentials(adele, page)).code);
  assert.equal((await app.refresh(renewed)).status, 200);
  assertRefused(await app.refresh(refreshToken), "invalid_grant", 70043, "token_expired");
});

test("sign-in frequency of one resource, and of another user, leaves the rest", async () => {
  await tenant.limitSignIn(adele.username, { resource: ORDERS, seconds: 60 });
  await tenant.limitSignIn(bo.username, { seconds: 60 });
  const { refresh_token: refreshToken } = await app.signIn(adele);
  await tenant.travel(120);
  assert.equal((await app.refresh(refreshToken)).status, 200);
  assertRefused(await consentedRefresh(refreshToken), "invalid_grant", 70043, "token_expired");
});

test("who is not assigned to Contoso Payroll meets a page, 50105; who is goes on", async () => {
  const { clientId } = tenant.apps.find(({ name }) => name === "Contoso Payroll");
  const payroll = () => new App(tenant, { clientId, redirectUri: "http://localhost:5173/signin-oidc" });
  assertErrorPage(await payroll().authorizationPage(adele), 50105, 403);
  await app.authorizeAs(adele);
  assertError(await silently(Object.assign(payroll(), { browser: app.browser })), "interaction_required", 50105);
  assert.ok((await payroll().authorizeAs(carla)).code);
});

test("assignment is any app's: a page, interaction_required silently, and the way to another account", async (t) => {
  const [workday, desk] = apps;
  const other = await start({ port: 0, apps: [workday, { ...desk, redirectUris: workday.redirectUris, assignedUsers: [bo.username] }] });
  t.after(() => other.stop());
  const client = new App(other);
  await client.signIn(adele);
  const assigned = Object.assign(new App(other, { clientId: desk.clientId }), { browser: client.browser });
  const response = await silently(assigned);
  assertError(response, "interaction_required", 50105);
  assert.equal(response.error_uri, `${other.origin}/error?code=50105`);
  const page = await assigned.authorize();
  assertErrorPage(page, 50105, 403);
  const signIn = await assigned.browser.submit(page, { action: "use-other" });
  const redirect = await accept(assigned, await assigned.enterCredentials(bo, signIn));
  assert.equal((await assigned.redeem(responseOf(redirect).code)).status, 200);
});

test("a disabled account: a page, 50057; invalid_grant at the token endpoint; interaction_required silently; and back", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele);
  await tenant.disableUser(adele.username);
  assertErrorPage(await app.authorize(), 50057, 403);
  assertErrorPage(await new App(tenant).authorizationPage(adele), 50057, 403);
  assertError(await silently(app), "interaction_required", 50057);
  assertRefused(await app.refresh(refreshToken), "invalid_grant", 50057);
  await tenant.disableUser(adele.username, false);
  assert.equal((await app.refresh(refreshToken)).status, 200);
  assert.ok((await silently(app)).code);
});

test("liftPolicies takes back the demands of one user, or those of everyone", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele);
  const outcome = async () => numberIn(await app.refresh(refreshToken)) || 200;
  await tenant.requireMfa(adele.username);
  await tenant.block(undefined);
  assert.equal(await outcome(), 53003);
  await tenant.liftPolicies();
  assert.equal(await outcome(), 50076);
  await tenant.liftPolicies(bo.username);
  assert.equal(await outcome(), 50076);
  await tenant.liftPolicies(adele.username);
  assert.equal(await outcome(), 200);
});

test("reset lifts everything that was asked of anyone", async () => {
  await tenant.requireMfa();
  await tenant.limitSignIn(adele.username, { seconds: 0 });
  await tenant.block(adele.username);
  await tenant.forgetSecondFactor(adele.username);
  await tenant.disableUser(adele.username);
  await tenant.reset();
  assert.equal((await app.signIn(adele)).status, 200);
  await tenant.requireMfa(adele.username);
  assert.equal(headingOf(await new App(tenant).authorizationPage(adele)), APPROVE);
});

test("access tokens that were issued before a policy go on working", async () => {
  const { access_token: token } = await app.signIn(adele);
  await tenant.block(adele.username);
  assert.equal((await call(`${tenant.apis.graph.origin}/v1.0/me`, token)).status, 200);
});
