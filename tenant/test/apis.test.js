import assert from "node:assert/strict";
import { createHmac, createSign, generateKeyPairSync } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import { apis, apps } from "../fixtures.js";
import { start } from "../index.js";
import { App, GRAPH, ORDERS, call, claimsOf } from "./client.js";

const SEED = "apis";
const BILLING = "https://billing.contoso.example";
const billing = {
  key: "billing", clientId: "2b8a5f4e-6f1d-4c55-9d6e-1f0a7b3c9e42", applicationIdUri: BILLING, name: "Billing API", tokenVersion: 2,
  permissions: { Read: { title: "Read your bills", explanation: "See your bills." } },
};
/** The Orders API's own registration used as an app too, as is often done. */
const ordersApp = { ...apps[0], clientId: ORDERS.slice("api://".length) };

let tenant, adele, bo, carla, inContoso, ahead;
before(async () => {
  tenant = await start({ port: 0, seed: SEED, apps: [...apps, ordersApp], apis: [...apis, billing], now: () => Date.now() + ahead });
  [adele, bo, carla] = tenant.users;
  // The last user has a personal account.
  inContoso = tenant.users.slice(0, -1);
});
after(() => tenant.stop());
beforeEach(() => {
  ahead = 0;
  return tenant.reset();
});

const graph = (path) => `${tenant.apis.graph.origin}${path}`;
const orders = (path) => `${tenant.apis.orders.origin}${path}`;
const tokenFor = async (user, scope) => (await new App(tenant).signIn(user, scope)).access_token;

test("Graph answers with the user's own data", async () => {
  const token = await tokenFor(adele, "openid User.Read Mail.Read Calendars.Read");
  const me = await (await call(graph("/v1.0/me"), token)).json();
  assert.equal(me.displayName, "Adele Vance");
  assert.equal(me.id, adele.oid);
  const { value: messages } = await (await call(graph("/v1.0/me/messages"), token)).json();
  assert.equal(messages[0].subject, "Shelf plan for December");
  assert.equal(messages[0].from.emailAddress.address, bo.username);
  const { value: events } = await (await call(graph("/v1.0/me/calendar/events"), token)).json();
  assert.equal(events[0].subject, "Weekly stock review");
});

test("mail that is sent arrives at the recipient, from the sender", async () => {
  const message = { subject: "Lunch?", body: { content: "At noon" }, toRecipients: [{ emailAddress: { address: bo.username } }] };
  const sent = await call(graph("/v1.0/me/sendMail"), await tokenFor(adele, "Mail.Send"), { method: "POST", body: { message } });
  assert.equal(sent.status, 202);
  const { value } = await (await call(graph("/v1.0/me/messages"), await tokenFor(bo, "Mail.Read"))).json();
  assert.deepEqual([value[0].subject, value[0].from.emailAddress.address, value[0].bodyPreview], ["Lunch?", adele.username, "At noon"]);
});

test("mail without a recipient is a bad request", async () => {
  const token = await tokenFor(adele, "Mail.Send");
  for (const body of [{}, { message: {} }, { message: { toRecipients: [null] } }, [], undefined]) {
    assert.equal((await call(graph("/v1.0/me/sendMail"), token, { method: "POST", body })).status, 400);
  }
});

test("userinfo is Graph's, and says the subject of the ID token", async () => {
  const { access_token: token, id_token: idToken } = await new App(tenant).signIn(adele, "openid profile email");
  const info = await (await call(graph("/oidc/userinfo"), token)).json();
  assert.deepEqual(info, {
    sub: claimsOf(idToken).sub, name: "Adele Vance", given_name: "Adele", family_name: "Vance", email: adele.username,
  });
});

test("orders are read with one permission and placed with another", async () => {
  const reader = await tokenFor(adele, `${ORDERS}/Orders.Read`);
  const order = { item: "Ladder", quantity: 2 };
  const refused = await call(orders("/orders"), reader, { method: "POST", body: order });
  assert.equal(refused.status, 403);
  assert.match(refused.headers.get("www-authenticate"), new RegExp(`error="insufficient_scope", scope="${ORDERS}/Orders.Write"`));
  assert.deepEqual((await refused.json()).error, "insufficientScope");
  const writer = await tokenFor(adele, `${ORDERS}/Orders.Write`);
  const placed = await call(orders("/orders"), writer, { method: "POST", body: order });
  assert.equal(placed.status, 201);
  assert.deepEqual(await placed.json(), { id: "1003", ...order, status: "open" });
  const { orders: all } = await (await call(orders("/orders"), reader)).json();
  assert.equal(all.at(-1).item, "Ladder");
  assert.equal((await (await call(orders("/orders"), await tokenFor(bo, `${ORDERS}/Orders.Read`))).json()).orders.length, 1);
});

test("an order that is none is a bad request", async () => {
  const token = await tokenFor(adele, `${ORDERS}/Orders.Write`);
  for (const body of [{ item: "" }, { item: "Ladder", quantity: 0 }, { item: "Ladder", quantity: 1.5 }]) {
    assert.equal((await call(orders("/orders"), token, { method: "POST", body })).status, 400);
  }
});

test("reset brings the data back", async () => {
  const token = await tokenFor(adele, `${ORDERS}/Orders.Write`);
  await call(orders("/orders"), token, { method: "POST", body: { item: "Ladder", quantity: 2 } });
  await tenant.reset();
  const reader = await tokenFor(adele, `${ORDERS}/Orders.Read`);
  assert.equal((await (await call(orders("/orders"), reader)).json()).orders.length, 2);
});

test("a missing permission is 403 in Graph's shape", async () => {
  const response = await call(graph("/v1.0/me/messages"), await tokenFor(adele, "User.Read"));
  assert.equal(response.status, 403);
  assert.equal((await response.json()).error.code, "Authorization_RequestDenied");
  assert.match(response.headers.get("www-authenticate"), new RegExp(`error="insufficient_scope", scope="${GRAPH}/Mail.Read"`));
});

test("Graph's other mailboxes: the app needs the permission, and the user the right", async () => {
  const mailbox = (owner, token) => call(graph(`/v1.0/users/${owner}/messages`), token);
  const [ofAdele, ofBo] = await Promise.all([adele, bo].map((user) => tokenFor(user, "Mail.Read.Shared")));
  for (const owner of [bo.oid, bo.username, encodeURIComponent(bo.username)]) {
    const { value } = await (await mailbox(owner, ofAdele)).json();
    assert.equal(value[0].subject, "Re: Shelf plan for December", owner);
  }
  assert.equal((await mailbox(bo.oid, ofBo)).status, 200);

  const noRight = await mailbox(adele.oid, ofBo);
  assert.equal(noRight.status, 403);
  assert.equal((await noRight.json()).error.code, "ErrorAccessDenied");
  assert.equal(noRight.headers.get("www-authenticate"), null);

  const noPermission = await mailbox(bo.oid, await tokenFor(carla, "Mail.Read"));
  assert.equal(noPermission.status, 403);
  assert.equal((await noPermission.json()).error.code, "Authorization_RequestDenied");
  assert.match(noPermission.headers.get("www-authenticate"), new RegExp(`^Bearer .*error="insufficient_scope", scope="${GRAPH}/Mail.Read.Shared"`));

  for (const nobody of ["nobody@contoso.example", "%E0%A4%A"]) assert.equal((await mailbox(nobody, ofAdele)).status, 404, nobody);
  assert.equal((await mailbox("", ofAdele)).status, 404);
});

test("everyone's orders: a permission for administrators, and the right of one", async () => {
  const scope = `openid ${ORDERS}/Orders.Manage`;
  const admin = new App(tenant);
  await admin.browser.submit(await admin.authorizationPage(carla, { scope }), { action: "accept", organization: "on" });
  const { orders: all } = await (await call(orders("/orders/all"), await tokenFor(carla, scope))).json();
  assert.deepEqual([...new Set(all.map(({ orderedBy }) => orderedBy))], inContoso.map(({ username }) => username));
  const refused = await call(orders("/orders/all"), await tokenFor(adele, scope));
  assert.equal(refused.status, 403);
  assert.equal((await refused.json()).error, "accessDenied");
  assert.equal(refused.headers.get("www-authenticate"), null);
});

test("Graph's directory: users and organization, with permissions for administrators", async () => {
  const token = await tokenFor(carla, "User.Read.All Directory.Read.All");
  const { value: users } = await (await call(graph("/v1.0/users"), token)).json();
  assert.deepEqual(users.map(({ userPrincipalName }) => userPrincipalName), inContoso.map(({ username }) => username));
  assert.equal(users[0].id, adele.oid);
  const { value: [organization] } = await (await call(graph("/v1.0/organization"), token)).json();
  assert.deepEqual([organization.id, organization.displayName], [tenant.tenantId, "Contoso"]);
  assert.equal((await call(graph("/v1.0/users"), await tokenFor(adele, "User.Read"))).status, 403);
});

test("without a token: 401 with a challenge that a script may read, and no error in it", async () => {
  const response = await call(graph("/v1.0/me"));
  assert.equal(response.status, 401);
  assert.equal((await response.json()).error.code, "InvalidAuthenticationToken");
  assert.match(response.headers.get("www-authenticate"), /^Bearer realm="", authorization_uri="[^"]+\/authorize"$/);
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  assert.match(response.headers.get("access-control-expose-headers"), /WWW-Authenticate/);
});

test("a preflight allows the Authorization header", async () => {
  const response = await fetch(graph("/v1.0/me"), { method: "OPTIONS" });
  assert.equal(response.status, 204);
  assert.match(response.headers.get("access-control-allow-headers"), /Authorization/);
});

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Each makes a token that must not be accepted, from one that is; and what the challenge says about it. */
const BAD_TOKENS = {
  "of another API": [async () => tokenFor(adele, `${BILLING}/Read`), /for another API/],
  "with changed claims": [(good) => {
    const [header, , signature] = good.split(".");
    return [header, base64url({ ...claimsOf(good), scp: "Orders.Read Orders.Write" }), signature].join(".");
  }, /signature .* is wrong/],
  "without a signature": [(good) => `${base64url({ alg: "none" })}.${good.split(".")[1]}.x`, /not signed with a key/],
  "with a symmetric signature": [async (good) => {
    const { keys: [key] } = await (await fetch(`${tenant.authority}/discovery/v2.0/keys`)).json();
    const input = `${base64url({ alg: "HS256", kid: key.kid })}.${good.split(".")[1]}`;
    return `${input}.${createHmac("sha256", key.n).update(input).digest("base64url")}`;
  }, /not signed with a key/],
  "signed by someone else under the tenant's kid": [(good) => {
    const [header, payload] = good.split(".");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    return `${header}.${payload}.${createSign("sha256").update(`${header}.${payload}`).sign(privateKey, "base64url")}`;
  }, /signature .* is wrong/],
  "of a tenant with the same key": [async () => {
    const other = await start({ port: 0, seed: SEED });
    const { access_token: token } = await new App(other).signIn(adele, `${ORDERS}/Orders.Read`);
    await other.stop();
    return token;
  }, /issuer .* is wrong/],
  "that is an ID token": [async () => (await new App(tenant).signIn(adele)).id_token, /for another API/],
  "that is an ID token for the API": [async () => (await new App(tenant, { clientId: ordersApp.clientId }).signIn(adele)).id_token, /has no scope/],
  "that is no token": [() => "opaque", /needs an access token/],
  "that is no object": [() => `${base64url(null)}.${base64url(null)}.x`, /not signed with a key/],
  "that is no JSON": [() => "a.b.c", /malformed/],
};
for (const [name, [make, reason]] of Object.entries(BAD_TOKENS)) {
  test(`a token ${name} is refused with 401`, async () => {
    const good = await tokenFor(adele, `${ORDERS}/Orders.Read`);
    assert.equal((await call(orders("/orders"), good)).status, 200);
    const response = await call(orders("/orders"), await make(good));
    assert.equal(response.status, 401);
    assert.match(response.headers.get("www-authenticate"), /error="invalid_token"/);
    assert.match(response.headers.get("www-authenticate"), reason);
  });
}

test("an expired token is refused with 401", async () => {
  const { access_token: token, expires_in: seconds } = await new App(tenant).signIn(adele);
  ahead = (seconds - 5) * 1000;
  assert.equal((await call(graph("/v1.0/me"), token)).status, 200);
  ahead = (seconds + 1) * 1000;
  assert.equal((await call(graph("/v1.0/me"), token)).status, 401);
});

test("a token of the future is refused with 401", async () => {
  ahead = 60_000;
  const { access_token: token } = await new App(tenant).signIn(adele);
  ahead = 0;
  const response = await call(graph("/v1.0/me"), token);
  assert.match(response.headers.get("www-authenticate"), /not valid yet/);
});

test("an unknown path is 404", async () => {
  assert.equal((await call(graph("/v1.0/constructor"))).status, 404);
});
