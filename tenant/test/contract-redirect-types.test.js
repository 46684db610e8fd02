/** The token request: who may redeem what from where, for how long, and for which resource. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { apis } from "../fixtures.js";
import { start } from "../index.js";
import { App, GRAPH, ORDERS, REDIRECT_URI, assertRefused, assertSentBack, claimsOf, middleOfSecond } from "./client.js";

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
const ORIGIN = "http://localhost:5173";
const BASICS = "openid profile offline_access";
const CP1 = JSON.stringify({ access_token: { xms_cc: { values: ["CP1"] } } });
/** Leaves out Proof Key for Code Exchange. */
const NO_PKCE = { code_challenge: undefined, code_challenge_method: undefined };

/** By Application ID URI, some of the forms that it can have: the name that a permission has then. */
const NAMES = {
  "https://shop.contoso.example/": "https://shop.contoso.example//Read",
  "https://shop.contoso.example/parts": "https://shop.contoso.example/parts/Read",
  "api://contoso.example/6d1f/shop": "api://contoso.example/6d1f/shop/Read",
};

let tenant, adele, carla;
/** Where the time is to stand still, in milliseconds: what is left of a lifetime is told in whole seconds, of which one can end in between. */
let standing;
before(async () => {
  const permissions = { Read: { title: "Read", explanation: "Read." } };
  const shops = Object.keys(NAMES).map((applicationIdUri, index) => ({
    key: `shop-${index}`, clientId: `5d0a1b7c-2e3f-4a51-9c68-7b0d4e2f6a1${index}`, applicationIdUri, name: "Shop", tokenVersion: 1, permissions,
  }));
  tenant = await start({ port: 0, apis: [...apis, ...shops], now: () => standing ?? Date.now() });
  [adele, , carla] = tenant.users;
});
after(() => tenant.stop());
beforeEach(() => {
  standing = undefined;
  return tenant.reset();
});

/** By type of the redirect URI: an app with one, a user of it, and how it redeems. */
const TYPES = {
  spa: { app: "Contoso Workday", redirectUri: REDIRECT_URI, user: () => adele, good: { origin: ORIGIN } },
  web: { app: "Contoso Payroll", redirectUri: "http://localhost:5173/signin-oidc", user: () => carla, good: { origin: null, secret: "payroll-secret" } },
  native: { app: "Contoso Field Kit", redirectUri: "http://localhost:5173", user: () => adele, good: { origin: null } },
};

function appOf(type) {
  const { app: wanted, redirectUri } = TYPES[type];
  return new App(tenant, { clientId: tenant.apps.find(({ name }) => name === wanted).clientId, redirectUri });
}

const redeem = (app, code, { origin, secret }, parameters) => app.redeem(code, { client_secret: secret, ...parameters }, { origin });
const refresh = (app, token, { origin, secret }, parameters) => app.refresh(token, { client_secret: secret, ...parameters }, { origin });

/** Signs in and redeems as the type has it. */
async function signIn(type) {
  const app = appOf(type);
  const { code } = await app.authorizeAs(TYPES[type].user());
  return { app, code, tokens: await redeem(app, code, TYPES[type].good) };
}

/** Origin and secret of the request, and what the types answer: nothing where it is a success. */
const MATRIX = [
  [{ origin: ORIGIN }, { web: 9002326, native: 9002326 }],
  [{ origin: ORIGIN, secret: "wrong" }, { spa: 700025, web: 9002326, native: 9002326 }],
  [{ origin: ORIGIN, secret: "payroll-secret" }, { spa: 700025, web: 9002326, native: 9002326 }],
  [{ origin: null }, { spa: 9002327, web: 7000218 }],
  [{ origin: null, secret: "wrong" }, { spa: 9002327, web: 7000215, native: 700025 }],
  [{ origin: null, secret: "payroll-secret" }, { spa: 9002327, native: 700025 }],
];
const ERRORS = { 9002326: "invalid_request", 9002327: "invalid_request", 700025: "invalid_client", 7000215: "invalid_client", 7000218: "invalid_client" };

function assertAnswer(response, code, what) {
  assert.equal(response.error_codes?.[0], code, what);
  if (code === undefined) assert.equal(response.status, 200, what);
  else assertRefused(response, ERRORS[code], code);
}

for (const type of Object.keys(TYPES)) {
  for (const [request, answers] of MATRIX) {
    const name = `${request.origin ? "with" : "without"} Origin, ${request.secret ? `secret "${request.secret}"` : "no secret"}: ${answers[type] ?? "tokens"}`;
    test(`${type}, ${name}`, async () => {
      const { app, tokens } = await signIn(type);
      const { code } = await app.authorizeAs(TYPES[type].user());
      assertAnswer(await redeem(app, code, request), answers[type], "code");
      assertAnswer(await refresh(app, tokens.refresh_token, request), answers[type], "refresh token");
    });
  }

  test(`${type}: a refusal does not use the code up`, async () => {
    const app = appOf(type);
    const { code } = await app.authorizeAs(TYPES[type].user());
    for (const [request, answers] of MATRIX) if (answers[type]) await redeem(app, code, request);
    assert.equal((await redeem(app, code, TYPES[type].good)).status, 200);
  });

  test(`${type}: a code works once, and its replay ends nothing else`, async () => {
    const { app, code, tokens } = await signIn(type);
    for (let time = 0; time < 2; time += 1) assertRefused(await redeem(app, code, TYPES[type].good), "invalid_grant", 54005);
    assert.equal((await refresh(app, tokens.refresh_token, TYPES[type].good)).status, 200);
  });

  test(`${type}: the verifier has to be the challenge's`, async () => {
    const app = appOf(type);
    const { code } = await app.authorizeAs(TYPES[type].user());
    for (const verifier of ["x".repeat(43), "short", undefined]) {
      assertRefused(await redeem(app, code, TYPES[type].good, { code_verifier: verifier }), "invalid_grant", 501481);
    }
  });
}

test("9002326 can be read by the page that asked, where the origin is the app's", async () => {
  const { app, code } = await signIn("web");
  const response = await redeem(app, code, { origin: ORIGIN });
  assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
  assert.equal((await redeem(app, code, { origin: "https://evil.example" })).headers.get("access-control-allow-origin"), null);
});

test("PKCE is required for redirect URIs of type spa only", async () => {
  const spa = appOf("spa");
  assertSentBack(spa, await spa.authorize(NO_PKCE), "invalid_request", 9002325);
  for (const type of ["web", "native"]) {
    const app = appOf(type);
    const { code } = await app.authorizeAs(TYPES[type].user(), NO_PKCE);
    assertRefused(await redeem(app, code, TYPES[type].good), "invalid_grant", 501481);
    assert.equal((await redeem(app, code, TYPES[type].good, { code_verifier: undefined })).status, 200, type);
  }
});

test("the lifetime of a refresh token is told for spa only", async () => {
  standing = middleOfSecond();
  for (const [type, seconds] of [["spa", DAY], ["web", undefined], ["native", undefined]]) {
    assert.equal((await signIn(type)).tokens.refresh_token_expires_in, seconds, type);
  }
});

test("a refresh token of spa has 24 hours that no use prolongs; then 700084", async () => {
  const { app, tokens } = await signIn("spa");
  let last = tokens;
  for (const hour of [8, 16, 23]) {
    await tenant.travel((hour * HOUR) - (DAY - last.refresh_token_expires_in));
    last = await app.refresh(last.refresh_token);
    assert.ok(Math.abs(last.refresh_token_expires_in - (24 - hour) * HOUR) <= 30, String(last.refresh_token_expires_in));
  }
  await tenant.travel(HOUR + 30);
  for (const token of [tokens, last]) assertRefused(await app.refresh(token.refresh_token), "invalid_grant", 700084, "bad_token");
});

for (const type of ["web", "native"]) {
  test(`a refresh token of ${type} has 90 days, anew with each use; then 700082`, async () => {
    const { app, tokens } = await signIn(type);
    let last = tokens;
    for (let time = 0; time < 3; time += 1) {
      await tenant.travel(89 * DAY);
      last = await refresh(app, last.refresh_token, TYPES[type].good);
      assert.equal(last.status, 200);
    }
    assertRefused(await refresh(app, tokens.refresh_token, TYPES[type].good), "invalid_grant", 700082, "bad_token");
    await tenant.travel(90 * DAY + 1);
    const dead = await refresh(app, last.refresh_token, TYPES[type].good);
    assertRefused(dead, "invalid_grant", 700082, "bad_token");
    assert.match(dead.error_description, /90\.00:00:00/);
  });
}

test("each use of a refresh token brings another one, and the earlier ones work on", async () => {
  const { app, tokens } = await signIn("native");
  const seen = new Set([tokens.refresh_token]);
  for (let time = 0; time < 3; time += 1) seen.add((await refresh(app, tokens.refresh_token, TYPES.native.good)).refresh_token);
  assert.equal(seen.size, 4);
  for (const token of seen) assert.equal((await refresh(app, token, TYPES.native.good)).status, 200);
});

test("a code is good at the endpoint of the segment that it came from, and nowhere else: 700005", async () => {
  for (const [from, to] of [["common", tenant.tenantId], [tenant.tenantId, "common"], ["common", "organizations"], [tenant.tenantId, "fabrikam.example"]]) {
    const app = new App(tenant, { segment: from });
    const { code } = await app.authorizeAs(adele);
    assertRefused(await app.at(to).redeem(code), "invalid_grant", 700005);
    assert.equal((await app.redeem(code)).status, 200, from);
  }
});

test("a refresh token is not bound to the segment that it came from", async () => {
  const { app, tokens } = await signIn("spa");
  for (const segment of ["common", "organizations", "contoso.example"]) assert.equal((await app.at(segment).refresh(tokens.refresh_token)).status, 200, segment);
});

test("an app of a single tenant gets no token elsewhere, by whatever refresh token: 50194 and 700016", async () => {
  const desk = new App(tenant, { clientId: tenant.apps.find(({ name }) => name === "Contoso Order Desk").clientId });
  const { refresh_token: token } = await desk.signIn(adele);
  assertRefused(await desk.at("common").refresh(token), "invalid_request", 50194);
  assertRefused(await desk.at("fabrikam.example").refresh(token), "unauthorized_client", 700016);
  assert.equal((await desk.refresh(token)).status, 200);
});

test("a scope that is empty with a code: 28003; one that is left out stands for what was asked for", async () => {
  const app = appOf("spa");
  const { code } = await app.authorizeAs(adele);
  for (const scope of ["", "  "]) assertRefused(await app.redeem(code, { scope }), "invalid_request", 28003);
  assert.equal((await app.redeem(code, { scope: undefined })).scope, "openid profile email User.Read");
});

test("scopes of two resources with a code: 28000, and the code is not used up", async () => {
  const app = appOf("spa");
  const scope = `${BASICS} User.Read ${ORDERS}/Orders.Read`;
  const { code } = await app.authorizeAs(adele, { scope });
  assertRefused(await app.redeem(code, { scope }), "invalid_request", 28000);
  assertRefused(await app.redeem(code, { scope: `${GRAPH}/.default ${ORDERS}/.default` }), "invalid_scope", 70011);
  assert.equal((await app.redeem(code, { scope: `${BASICS} ${ORDERS}/Orders.Read` })).scope, `${ORDERS}/Orders.Read`);
});

test("of several resources in a refresh request the first one is meant", async () => {
  const app = appOf("spa");
  const { code } = await app.authorizeAs(adele, { scope: `${BASICS} User.Read ${ORDERS}/Orders.Read` });
  const { refresh_token: token } = await app.redeem(code);
  const audiences = { [`${ORDERS}/Orders.Read User.Read`]: ORDERS.slice("api://".length), [`openid User.Read ${ORDERS}/Orders.Read`]: GRAPH };
  for (const [scope, audience] of Object.entries(audiences)) {
    assert.equal(claimsOf((await app.refresh(token, { scope })).access_token).aud, audience, scope);
  }
});

test("a token for the client itself has to be asked for by name: 90009 without a scope", async () => {
  const app = appOf("spa");
  const scope = `${BASICS} ${app.clientId}/.default`;
  const { code } = await app.authorizeAs(adele, { scope });
  assertRefused(await app.redeem(code, { scope: undefined }), "invalid_request", 90009);
  const { refresh_token: token, access_token: own } = await app.redeem(code, { scope });
  assert.equal(claimsOf(own).aud, app.clientId);
  assertRefused(await app.refresh(token, { scope: undefined }), "invalid_request", 90009);
  assert.equal((await app.refresh(token, { scope })).status, 200);
});

test("tokens of a client that answers claims challenges live long, and are renewed half-way", async () => {
  const app = appOf("spa");
  const { code } = await app.authorizeAs(adele, { claims: CP1 });
  const long = await app.redeem(code, { claims: CP1 });
  assert.ok(long.expires_in >= 20 * HOUR && long.expires_in < 28 * HOUR, String(long.expires_in));
  assert.equal(long.refresh_in, Math.floor(long.expires_in / 2));
  assert.deepEqual(claimsOf(long.access_token).xms_cc, ["cp1"]);
  const short = await app.refresh(long.refresh_token);
  assert.ok(short.expires_in >= HOUR && short.expires_in < 1.5 * HOUR, String(short.expires_in));
  assert.equal(short.refresh_in, undefined);
  assert.equal(claimsOf(short.access_token).xms_cc, undefined);
});

test("claims that are not a JSON object are refused with 90023 here as well", async () => {
  const { app, tokens } = await signIn("spa");
  for (const claims of ["{", "\"cp1\"", "null"]) assertRefused(await app.refresh(tokens.refresh_token, { claims }), "invalid_request", 90023);
});

for (const [uri, scope] of Object.entries(NAMES)) {
  test(`an API whose Application ID URI is ${uri}: the permission is the part after the last slash`, async () => {
    const app = appOf("spa");
    const { code } = await app.authorizeAs(adele, { scope: `${BASICS} ${scope}` });
    const tokens = await app.redeem(code, { scope: `${BASICS} ${scope}` });
    assert.equal(tokens.scope, scope);
    const { aud, scp } = claimsOf(tokens.access_token);
    assert.deepEqual([aud, scp], [uri, "Read"]);
    assert.equal((await app.refresh(tokens.refresh_token, { scope: scope.replace("Read", ".default") })).scope, scope);
  });
}

test("an Application ID URI with a slash at its end is another one than without: 500011", async () => {
  const { app, tokens } = await signIn("spa");
  assertRefused(await app.refresh(tokens.refresh_token, { scope: "https://shop.contoso.example/Read" }), "invalid_resource", 500011);
});
