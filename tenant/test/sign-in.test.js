import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { start } from "../index.js";
import { App, GRAPH, ORDERS, claimsOf, listed, responseOf } from "./client.js";

let tenant, adele, bo;
before(async () => {
  tenant = await start({ port: 0 });
  [adele, bo] = tenant.users;
});
after(() => tenant.stop());
beforeEach(() => tenant.reset());

const credentials = ({ username, password }) => ({ username, password, action: "sign-in" });
const ALL = `openid profile offline_access User.Read ${ORDERS}/Orders.Read`;

/** The ID token's claims of an app that gets the session's id. */
async function signedInDesk(browser, username) {
  const desk = new App(tenant, { clientId: tenant.apps[1].clientId });
  desk.browser = browser;
  let page = await desk.authorize({ login_hint: username, scope: "openid profile User.Read" });
  if (page.text?.includes("value=\"accept\"")) page = await browser.submit(page, { action: "accept" });
  return claimsOf((await desk.redeem(responseOf(page).code, { scope: "openid profile User.Read" })).id_token);
}

/** Who the response is about. */
async function signedInAs(app, response) {
  return claimsOf((await app.redeem(response.code)).id_token).preferred_username;
}

test("a wrong password is said in an alert, and the user name is kept", async () => {
  const app = new App(tenant);
  const page = await app.browser.submit(await app.authorize(), { username: "adele@contoso.example", password: "wrong" });
  assert.match(page.text, /role="alert"/);
  assert.match(page.text, /value="adele@contoso.example"/);
  const retried = await app.browser.submit(page, credentials(adele));
  assert.match(retried.text, /value="accept"/);
});

test("the sign-in page has labels, shows who may sign in, and runs no script", async () => {
  const { text, response } = await new App(tenant).authorize();
  for (const id of ["username", "password"]) assert.match(text, new RegExp(`<label for="${id}">`));
  const personal = tenant.users.at(-1);
  for (const user of tenant.users) assert.equal(text.includes(user.username), user !== personal, user.username);
  assert.doesNotMatch(text, /<script/);
  assert.match(response.headers.get("content-security-policy"), /default-src 'none'.*frame-ancestors 'none'/);
});

test("consent shows each missing permission by API, once", async () => {
  const app = new App(tenant);
  const first = await app.browser.submit(await app.authorize({ scope: ALL }), credentials(adele));
  assert.deepEqual(listed(first), ["User.Read", "Orders.Read"]);
  for (const uri of [GRAPH, ORDERS]) assert.ok(first.text.includes(`<code>${uri}</code>`));
  assert.match(first.text, /Sign you in/);
  assert.ok(responseOf(await app.browser.submit(first, { action: "accept" })).code);

  const second = await app.authorize({ scope: `${ALL} Mail.Read ${ORDERS}/Orders.Write` });
  assert.deepEqual(listed(second), ["Mail.Read", "Orders.Write"]);
  assert.doesNotMatch(second.text, /Sign you in/);
  await app.browser.submit(second, { action: "accept" });
  assert.ok(responseOf(await app.authorize({ scope: `${ALL} Mail.Read` })).code);
});

test("cancel is access_denied, and nothing is granted", async () => {
  const app = new App(tenant);
  const page = await app.browser.submit(await app.authorize(), credentials(adele));
  const response = responseOf(await app.browser.submit(page, { action: "cancel" }));
  assert.equal(response.error, "access_denied");
  assert.equal(response.error_subcode, "cancel");
  assert.match(response.error_description, /^AADSTS65004: /);
  assert.equal(response.state, app.state);
  assert.match((await app.authorize()).text, /value="accept"/);
});

test("consent is the user's: another user is asked", async () => {
  await new App(tenant).authorizeAs(adele);
  const app = new App(tenant);
  assert.match((await app.browser.submit(await app.authorize(), credentials(bo))).text, /value="accept"/);
});

test("consent outlives the session", async () => {
  await new App(tenant).authorizeAs(adele);
  const app = new App(tenant);
  assert.ok(responseOf(await app.browser.submit(await app.authorize(), credentials(adele))).code);
});

test("prompt=none: login_required without a session, 65001 without consent, a code with both", async () => {
  const app = new App(tenant);
  const nobody = responseOf(await app.authorize({ prompt: "none" }));
  assert.equal(nobody.error, "login_required");
  assert.match(nobody.error_description, /^AADSTS50058: /);
  await app.authorizeAs(adele);
  assert.ok(responseOf(await app.authorize({ prompt: "none" })).code);
  const missing = responseOf(await app.authorize({ prompt: "none", scope: "openid Mail.Send" }));
  assert.equal(missing.error, "interaction_required");
  assert.match(missing.error_description, /^AADSTS65001: /);
});

test("prompt=login asks for the password although there is a session", async () => {
  const app = new App(tenant);
  await app.authorizeAs(adele);
  const page = await app.authorize({ prompt: "login" });
  assert.match(page.text, /name="password"/);
  assert.ok(responseOf(await app.browser.submit(page, credentials(adele))).code);
});

test("prompt=consent shows the page again, with all that is asked for", async () => {
  const app = new App(tenant);
  await app.authorizeAs(adele, { scope: ALL });
  const page = await app.authorize({ prompt: "consent", scope: ALL });
  assert.deepEqual(listed(page), ["User.Read", "Orders.Read"]);
  assert.ok(responseOf(await app.browser.submit(page, { action: "accept" })).code);
});

test("prompt=select_account offers who is signed in", async () => {
  const app = new App(tenant);
  await app.authorizeAs(adele);
  const page = await app.authorize({ prompt: "select_account" });
  assert.match(page.text, /Adele Vance/);
  const response = responseOf(await app.browser.submit(page, { account: adele.oid }));
  assert.equal(await signedInAs(app, response), adele.username);
});

test("prompt=select_account: another account joins, and a request means the one that it hints at", async () => {
  const app = new App(tenant);
  await app.authorizeAs(adele);
  const choice = await app.authorize({ prompt: "select_account" });
  const page = await app.browser.submit(choice, { action: "use-other" });
  assert.match(page.text, /name="password"/);
  const consent = await app.browser.submit(page, credentials(bo));
  const response = responseOf(await app.browser.submit(consent, { action: "accept" }));
  assert.equal(await signedInAs(app, response), bo.username);
  for (const user of [adele, bo]) {
    assert.equal(await signedInAs(app, responseOf(await app.authorize({ prompt: "none", login_hint: user.username }))), user.username);
  }
  const unclear = responseOf(await app.authorize({ prompt: "none" }));
  assert.equal(unclear.error, "interaction_required");
  assert.match(unclear.error_description, /^AADSTS16000: /);
});

test("with several accounts and no hint the user chooses, without a password", async () => {
  const app = new App(tenant);
  await app.authorizeAs(adele);
  await app.authorizeAs(bo, { prompt: "login" });
  const page = await app.authorize();
  assert.match(page.text, /Choose an account[^]*Adele Vance[^]*Bo Lindgren/);
  assert.equal(await signedInAs(app, responseOf(await app.browser.submit(page, { account: adele.oid }))), adele.username);
  const { sid } = await signedInDesk(app.browser, adele.username);
  assert.notEqual((await signedInDesk(app.browser, bo.username)).sid, sid);
});

test("sid means a session; another browser's is none", async () => {
  const app = new App(tenant);
  await app.authorizeAs(adele);
  const { sid } = await signedInDesk(app.browser, adele.username);
  await app.authorizeAs(bo, { prompt: "login" });
  assert.equal(await signedInAs(app, responseOf(await app.authorize({ prompt: "none", sid }))), adele.username);
  assert.equal(responseOf(await app.authorize({ prompt: "none", sid: "elsewhere" })).error, "login_required");
});

test("a sign-out with a hint leaves the other account, one without leaves none", async () => {
  const app = new App(tenant);
  const isSignedIn = async ({ username }) => "code" in responseOf(await app.authorize({ prompt: "none", login_hint: username }));
  await app.authorizeAs(adele);
  await app.authorizeAs(bo, { prompt: "login" });
  await app.browser.open(`${tenant.authority}/oauth2/v2.0/logout?logout_hint=${adele.username}`);
  assert.deepEqual([await isSignedIn(adele), await isSignedIn(bo)], [false, true]);
  await app.browser.open(`${tenant.authority}/oauth2/v2.0/logout`);
  assert.equal(await isSignedIn(bo), false);
});

test("prompt=select_account with nobody signed in is a sign-in", async () => {
  assert.match((await new App(tenant).authorize({ prompt: "select_account" })).text, /name="password"/);
});

test("login_hint fills in the user name, picks the session, and does not take another user's", async () => {
  const app = new App(tenant);
  assert.match((await app.authorize({ login_hint: adele.username })).text, /value="adele@contoso.example"/);
  await app.authorizeAs(adele);
  assert.ok(responseOf(await app.authorize({ prompt: "none", login_hint: adele.username })).code);
  const other = await app.authorize({ login_hint: bo.username });
  assert.match(other.text, /value="bo@contoso.example"/);
  assert.equal(responseOf(await app.authorize({ prompt: "none", login_hint: bo.username })).error, "login_required");
});

test("the claim login_hint works as login_hint", async () => {
  const app = new App(tenant);
  const { id_token: idToken } = await app.signIn(adele);
  const { login_hint: hint } = claimsOf(idToken);
  assert.doesNotMatch(hint, /adele/);
  assert.match((await new App(tenant).authorize({ login_hint: hint })).text, /value="adele@contoso.example"/);
});

test(".default: all registered permissions at the first consent, and no page after it", async () => {
  const app = new App(tenant);
  const page = await app.browser.submit(await app.authorize({ scope: `openid ${ORDERS}/.default` }), credentials(adele));
  assert.deepEqual(listed(page), ["User.Read", "Mail.Read", "Orders.Read"]);
  await app.browser.submit(page, { action: "accept" });
  for (const scope of [`openid ${ORDERS}/.default`, `openid ${GRAPH}/.default`]) {
    assert.ok(responseOf(await app.authorize({ scope })).code, scope);
  }
});

test("a sign-in that is over says so on a page", async () => {
  const app = new App(tenant);
  const page = await app.authorize();
  await app.browser.submit(page, credentials(adele));
  const late = await app.browser.open(page.url);
  assert.equal(late.response.status, 400);
  assert.match(late.text, /has expired or was completed/);
});
