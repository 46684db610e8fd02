/** The device code flow, by the eyes of the device and of the person. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { apps } from "../fixtures.js";
import { start } from "../index.js";
import { App, ORDERS, assertRefused, claimsOf, headingOf } from "./client.js";

const CONTOSO = "3b6e1f0a-7c52-4d9b-8f14-e2a5d07c9b36";
const FABRIKAM = "c5a8d0e2-19f7-4b3d-a6c4-7e02b8f51d90";
const DAY = 24 * 60 * 60;
const SCOPE = "openid profile offline_access User.Read";
const WRONG = /role="alert" id="refused">The code is wrong, has expired, or was used or declined\./;

let tenant, adele, dana, evan, kit;
before(async () => {
  const [, , fieldKit] = apps;
  const ofOneTenant = { ...fieldKit, clientId: "5d0a1b7c-2e3f-4a51-9c68-7b0d4e2f6a13", name: "Contoso Scanner", signInAudience: "AzureADMyOrg" };
  tenant = await start({ port: 0, apps: [...apps, ofOneTenant] });
  [adele, , , dana, evan] = tenant.users;
  kit = fieldKit.clientId;
});
after(() => tenant.stop());
beforeEach(() => tenant.reset());

const device = (segment = "common", clientId = kit) => new App(tenant, { clientId, segment });
const xsrfOf = ({ text }) => /name="xsrf" value="(.*?)"/.exec(text)[1];
const enter = (app, page, form) => app.browser.submit(page, { xsrf: xsrfOf(page), ...form });

/** The page that shows what a code is about, in the person's browser. */
async function openCode(app, { verification_uri: address, user_code: code }) {
  return enter(app, await app.browser.open(address), { user_code: code });
}

/** Enters the code, confirms it, and signs in: what comes then. */
async function confirm(app, answer, user) {
  const page = await openCode(app, answer);
  return app.enterCredentials(user, await enter(app, page, { user_code: answer.user_code, confirm: "yes" }));
}

/** The whole of it: what the device gets. */
async function signIn(app, user, parameters) {
  const answer = await app.deviceCode(parameters);
  const page = await app.browser.submit(await confirm(app, answer, user), { action: "accept" });
  assert.equal(headingOf(page), "You are signed in on the other device");
  return app.pollFor(answer.device_code, { client_info: "1" });
}

test("the answer has the documented members, and a message for the person", async () => {
  const { status, headers, ...answer } = await device().deviceCode();
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(answer).sort(), ["device_code", "expires_in", "interval", "message", "user_code", "verification_uri"]);
  assert.match(headers.get("content-type"), /^application\/json/);
  assert.match(answer.user_code, /^[A-Z0-9]{9}$/);
  assert.ok(answer.device_code.length > 40);
  assert.deepEqual([answer.expires_in, answer.interval, answer.verification_uri], [900, 5, `${tenant.origin}/devicelogin`]);
  assert.ok(answer.message.includes(answer.verification_uri) && answer.message.includes(answer.user_code));
});

test("each answer has codes of its own", async () => {
  const [first, second] = [await device().deviceCode(), await device().deviceCode()];
  assert.notEqual(first.device_code, second.device_code);
  assert.notEqual(first.user_code, second.user_code);
});

test("until the person is done: authorization_pending, 70016, at every step", async () => {
  const app = device();
  const answer = await app.deviceCode();
  const isPending = async () => assertRefused(await app.pollFor(answer.device_code), "authorization_pending", 70016);
  await isPending();
  const page = await openCode(app, answer);
  assert.equal(headingOf(page), "Sign in to Contoso Field Kit on another device?");
  assert.ok(page.text.includes(answer.user_code));
  await isPending();
  const consent = await confirm(app, answer, adele);
  assert.equal(headingOf(consent), "Allow Contoso Field Kit?");
  await isPending();
  await app.browser.submit(consent, { action: "accept" });
  assert.equal((await app.pollFor(answer.device_code)).status, 200);
});

test("success: the tokens that were asked for, of the person in their own tenant", async () => {
  const { headers, ...tokens } = await signIn(device(), adele);
  assert.equal(tokens.status, 200);
  assert.equal(headers.get("cache-control"), "no-store");
  assert.deepEqual([tokens.token_type, tokens.scope], ["Bearer", "openid profile email User.Read"]);
  assert.ok(tokens.expires_in >= 3600 && tokens.expires_in < 5400);
  const claims = claimsOf(tokens.id_token);
  assert.deepEqual([claims.aud, claims.oid, claims.tid, claims.iss], [kit, adele.oid, CONTOSO, `${tenant.origin}/${CONTOSO}/v2.0`]);
  assert.equal(claims.nonce, undefined);
  assert.deepEqual(JSON.parse(Buffer.from(tokens.client_info, "base64url")), { uid: adele.oid, utid: CONTOSO });
  assert.equal(claimsOf(tokens.access_token).appid, kit);
});

test("without openid and offline_access there is neither an ID token nor a refresh token", async () => {
  const tokens = await signIn(device(), adele, { scope: "User.Read" });
  assert.equal(tokens.status, 200);
  assert.deepEqual([tokens.id_token, tokens.refresh_token], [undefined, undefined]);
});

test("the tokens come once", async () => {
  const app = device();
  const answer = await app.deviceCode();
  await app.browser.submit(await confirm(app, answer, adele), { action: "accept" });
  assert.equal((await app.pollFor(answer.device_code)).status, 200);
  assertRefused(await app.pollFor(answer.device_code), "invalid_grant", 54005);
});

test("the grant goes by the platform's old name as well, which MSAL for Node sends", async () => {
  const app = device();
  const answer = await app.deviceCode();
  assert.deepEqual((await app.pollFor(answer.device_code, { grant_type: "device_code" })).error_codes, [70016]);
  await app.browser.submit(await confirm(app, answer, adele), { action: "accept" });
  assert.equal((await app.pollFor(answer.device_code, { grant_type: "device_code" })).status, 200);
});

test("who is signed in already is asked to confirm, and for nothing else", async () => {
  const app = device();
  await signIn(app, adele);
  const answer = await app.deviceCode();
  const page = await enter(app, await openCode(app, answer), { user_code: answer.user_code, confirm: "yes" });
  assert.equal(headingOf(page), "You are signed in on the other device");
});

test("a user code is taken in any case and with separators", async () => {
  const app = device();
  const answer = await app.deviceCode();
  const typed = `${answer.user_code.slice(0, 4)}-${answer.user_code.slice(4)}`.toLowerCase();
  assert.equal(headingOf(await openCode(app, { ...answer, user_code: typed })), "Sign in to Contoso Field Kit on another device?");
});

test("a wrong user code: the page says so, and the device waits on", async () => {
  const app = device();
  const answer = await app.deviceCode();
  const page = await openCode(app, { ...answer, user_code: "WRONGCODE" });
  assert.equal(headingOf(page), "Enter code");
  assert.equal(page.response.status, 400);
  assert.match(page.text, WRONG);
  assertRefused(await app.pollFor(answer.device_code), "authorization_pending", 70016);
  assert.equal(headingOf(await enter(app, page, { user_code: answer.user_code })), "Sign in to Contoso Field Kit on another device?");
});

/** By where the person says no. */
const DECLINES = {
  "on the page that shows the code": async (app, answer) => enter(app, await openCode(app, answer), { user_code: answer.user_code, abort: "yes" }),
  "on the consent page": async (app, answer) => app.browser.submit(await confirm(app, answer, adele), { action: "cancel" }),
};
for (const [name, decline] of Object.entries(DECLINES)) {
  test(`a decline ${name}: authorization_declined, and the code is spent`, async () => {
    const app = device();
    const answer = await app.deviceCode();
    assert.match((await decline(app, answer)).text, WRONG);
    assertRefused(await app.pollFor(answer.device_code), "authorization_declined", 65004);
    assert.match((await openCode(app, answer)).text, WRONG);
    assert.deepEqual(await tenant.permissionGrants(), []);
  });
}

test("after fifteen minutes the codes are over, for the device and for the person", async () => {
  const app = device();
  const answer = await app.deviceCode();
  await tenant.travel(answer.expires_in - 60);
  assertRefused(await app.pollFor(answer.device_code), "authorization_pending", 70016);
  await tenant.travel(61);
  assertRefused(await app.pollFor(answer.device_code), "expired_token", 70019);
  assert.match((await openCode(app, answer)).text, WRONG);
});

test("a device code that nobody was given: bad_verification_code; one of another client: invalid_grant", async () => {
  assertRefused(await device().pollFor("unknown"), "bad_verification_code", 70018);
  const { device_code: code } = await device().deviceCode();
  const scanner = device(CONTOSO, tenant.apps.find(({ name }) => name === "Contoso Scanner").clientId);
  assertRefused(await scanner.pollFor(code), "invalid_grant", 70000);
});

/** By name of the app: why it gets no device code. */
const NOT_PUBLIC = { "Contoso Workday": "common", "Contoso Payroll": CONTOSO };
for (const [name, segment] of Object.entries(NOT_PUBLIC)) {
  test(`${name} is no public client: 7000218`, async () => {
    assertRefused(await device(segment, tenant.apps.find((app) => app.name === name).clientId).deviceCode(), "invalid_client", 7000218);
  });
}

/** By what is wrong with the request: the parameters and the refusal. */
const REFUSED = {
  "an unknown client": [{ client_id: "00000000-0000-0000-0000-000000000001" }, "unauthorized_client", 700016],
  "no client": [{ client_id: undefined }, "invalid_request", 900144],
  "no scope": [{ scope: undefined }, "invalid_request", 900144],
  "a permission that the resource lacks": [{ scope: "User.Raed" }, "invalid_client", 650053],
  "a bare GUID": [{ scope: ORDERS.slice("api://".length) }, "invalid_scope", 70011],
};
for (const [name, [parameters, error, code]] of Object.entries(REFUSED)) {
  test(`refused with ${code}: ${name}`, async () => {
    assertRefused(await device().deviceCode(parameters), error, code);
  });
}

test("an app of one tenant gets no device code elsewhere", async () => {
  const scanner = (segment) => device(segment, tenant.apps.find(({ name }) => name === "Contoso Scanner").clientId);
  assertRefused(await scanner("common").deviceCode(), "invalid_request", 50194);
  assertRefused(await scanner(FABRIKAM).deviceCode(), "unauthorized_client", 700016);
  assert.equal((await scanner(CONTOSO).deviceCode()).status, 200);
});

test("a resource that the tenant does not have: 500011", async () => {
  assertRefused(await device(FABRIKAM).deviceCode({ scope: `${ORDERS}/Orders.Read` }), "invalid_resource", 500011);
});

test("the segment of the request says whose accounts may confirm it, not that of the page", async () => {
  for (const [segment, user] of [[FABRIKAM, adele], ["organizations", evan], ["common", evan]]) {
    const app = device(segment);
    const page = await confirm(app, await app.deviceCode(), user);
    assert.equal(headingOf(page), "Sign in", `${user.username} at ${segment}`);
    assert.match(page.text, /role="alert" id="refused">This account is of another organization\./);
  }
});

test("a guest signs in to the tenant that the request names", async () => {
  const app = device(CONTOSO);
  const claims = claimsOf((await signIn(app, dana)).id_token);
  assert.deepEqual([claims.tid, claims.oid], [CONTOSO, "7f3c2a58-d94e-4b06-a1c7-5e8b90d2f613"]);
});

test("the refresh token is native: not for browsers, without a secret, for 90 days anew with each use", async () => {
  const app = device();
  const tokens = await signIn(app, adele);
  assert.equal(tokens.refresh_token_expires_in, undefined);
  assertRefused(await app.refresh(tokens.refresh_token), "invalid_request", 9002326);
  assertRefused(await app.refresh(tokens.refresh_token, { client_secret: "s" }, { origin: null }), "invalid_client", 700025);
  let last = tokens;
  for (let time = 0; time < 2; time += 1) {
    await tenant.travel(89 * DAY);
    last = await app.refresh(last.refresh_token, {}, { origin: null });
    assert.equal(last.status, 200);
  }
  assert.equal(claimsOf(last.id_token).sub, claimsOf(tokens.id_token).sub);
  assertRefused(await app.refresh(tokens.refresh_token, {}, { origin: null }), "invalid_grant", 700082, "bad_token");
});

test("one resource for the device code, others by its refresh token once they are consented to", async () => {
  const app = device();
  const { refresh_token: token } = await signIn(app, adele);
  const scope = `${ORDERS}/Orders.Read`;
  assertRefused(await app.refresh(token, { scope }, { origin: null }), "invalid_grant", 65001, "consent_required");
  await signIn(app, adele, { scope: `${SCOPE} ${scope}` });
  assert.equal((await app.refresh(token, { scope }, { origin: null })).scope, scope);
});

test("what Conditional Access wants is asked of the person, and kept by the tokens", async () => {
  await tenant.requireMfa(adele.username);
  const app = device();
  const answer = await app.deviceCode();
  const page = await confirm(app, answer, adele);
  assert.equal(headingOf(page), "Approve sign-in");
  await app.browser.submit(await app.browser.submit(page, { action: "approve" }), { action: "accept" });
  const tokens = await app.pollFor(answer.device_code);
  assert.deepEqual(claimsOf(tokens.access_token).amr, ["pwd", "mfa"]);
  assert.equal((await app.refresh(tokens.refresh_token, {}, { origin: null })).status, 200);
});
