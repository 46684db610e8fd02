/** Faults: every endpoint and every kind, on a tenant whose answers repeat, so that what a fault leaves alone can be compared. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ERRORS } from "../errors-table.js";
import { ENDPOINTS } from "../faults.js";
import { start } from "../index.js";
import { App, ORDERS, assertRefused, call, responseOf } from "./client.js";
import { RepeatableApp } from "./steps.js";

const ORIGIN = "http://localhost:5173";
const SCOPE = "openid profile offline_access User.Read";
const ORDER = { item: "Ladder", quantity: 2 };
const CLAIMS = "{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"1\"}}}";

let tenant, adele, bo, app, signedIn, writer, sender;
before(async () => {
  tenant = await start({ port: 0, seed: "faults", now: () => Date.parse("2026-11-20T12:00:00Z") });
  [adele, bo] = tenant.users;
});
after(() => tenant.stop());

/** What is asked of these takes a user who is signed in. */
const WITH_USER = ["token", "logout", "api:graph", "api:orders"];

/** The same state each time, up to the tokens, as far as the endpoint needs it. */
async function begin(endpoint = "token") {
  await tenant.reset();
  app = new RepeatableApp(tenant);
  if (!WITH_USER.includes(endpoint)) return;
  signedIn = await app.signIn(adele, SCOPE);
  for (const [resource, permission] of [[tenant.apis.graph.resource, "Mail.Send"], [ORDERS, "Orders.Write"], [ORDERS, "Orders.Read"]]) {
    await tenant.grantConsent({ clientId: tenant.clientId, resource, permissions: [permission], user: adele.username });
  }
  writer = (await app.refresh(signedIn.refresh_token, { scope: `${ORDERS}/Orders.Write` })).access_token;
  sender = (await app.refresh(signedIn.refresh_token, { scope: "Mail.Send" })).access_token;
}

const post = (path, form, headers = { Origin: ORIGIN }) =>
  fetch(`${tenant.authority}${path}`, { method: "POST", redirect: "manual", headers, body: new URLSearchParams(form) });
const get = (url) => fetch(url, { redirect: "manual", headers: { Origin: ORIGIN } });
const adminConsentQuery = () => new URLSearchParams({ client_id: tenant.clientId, redirect_uri: app.redirectUri, scope: "User.Read" });
const instanceQuery = () => new URLSearchParams({ authorization_endpoint: `${tenant.origin}/common/oauth2/v2.0/authorize` });
const withToken = (url, token, body) => fetch(url, {
  method: "POST", headers: { Origin: ORIGIN, Authorization: `Bearer ${token}`, "Content-Type": "application/json" }, body: JSON.stringify(body),
});
const letter = () => ({ message: { subject: "Lunch?", toRecipients: [{ emailAddress: { address: bo.username } }] } });

/** By endpoint: a request that is answered, and changes something where the endpoint can. */
const REQUESTS = {
  authorize: () => get(new App(tenant).authorizationUrl()),
  token: () => post("/oauth2/v2.0/token", { client_id: tenant.clientId, grant_type: "refresh_token", refresh_token: signedIn.refresh_token, scope: SCOPE }),
  devicecode: () => post("/oauth2/v2.0/devicecode", { client_id: fieldKit(), scope: "openid User.Read" }),
  logout: () => app.browser.request(`${tenant.authority}/oauth2/v2.0/logout`),
  adminconsent: () => get(`${tenant.authority}/v2.0/adminconsent?${adminConsentQuery()}`),
  metadata: () => get(`${tenant.authority}/v2.0/.well-known/openid-configuration`),
  keys: () => get(`${tenant.authority}/discovery/v2.0/keys`),
  instance: () => get(`${tenant.origin}/common/discovery/instance?${instanceQuery()}`),
  "api:graph": () => withToken(`${tenant.apis.graph.origin}/v1.0/me/sendMail`, sender, letter()),
  "api:orders": () => withToken(`${tenant.apis.orders.origin}/orders`, writer, ORDER),
};
const fieldKit = () => tenant.apps.find(({ name }) => name === "Contoso Field Kit").clientId;

test("every endpoint has its request here, and is answered without a fault", async () => {
  await begin();
  assert.deepEqual(Object.keys(REQUESTS), [...Object.keys(ENDPOINTS), "api:graph", "api:orders"]);
  const answers = await Promise.all(Object.values(REQUESTS).map((request) => request()));
  assert.deepEqual(answers.map(({ status }) => status), [303, 200, 200, 200, 303, 200, 200, 200, 202, 201]);
});

/** What can be seen of an answer; with headers by name. */
async function seen(response) {
  const { status, headers } = response;
  const shown = ["location", "content-type", "access-control-allow-origin", "access-control-expose-headers"];
  return { status, ...Object.fromEntries(shown.map((name) => [name, headers.get(name)])), text: await response.text() };
}

/** The answer as it is without a fault, and the one to the same request with it. */
async function both(endpoint, fault) {
  await begin(endpoint);
  const whole = await seen(await REQUESTS[endpoint]());
  await begin(endpoint);
  await tenant.injectFault({ endpoint, ...fault });
  return [whole, await seen(await REQUESTS[endpoint]())];
}

for (const endpoint of Object.keys(REQUESTS)) {
  const request = REQUESTS[endpoint];

  test(`${endpoint}: a status, with a body, that pages of other origins can read`, async () => {
    await begin(endpoint);
    await tenant.injectFault({ endpoint, status: 503, body: "{\"broken\":true}", contentType: "application/json" });
    const response = await request();
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.deepEqual(await response.json(), { broken: true });
    if (endpoint !== "logout") assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
  });

  test(`${endpoint}: 429 with Retry-After, that pages of other origins can read`, async () => {
    await begin(endpoint);
    await tenant.injectFault({ endpoint, status: 429, headers: { "Retry-After": "7" } });
    const response = await request();
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("retry-after"), "7");
    assert.match(response.headers.get("access-control-expose-headers"), /Retry-After/);
    assert.equal(await response.text(), "");
  });

  test(`${endpoint}: a body in place of the answer's, and nothing else changed`, async () => {
    const [whole, changed] = await both(endpoint, { body: "<p>Proxy</p>" });
    assert.notEqual(whole.text, changed.text);
    assert.deepEqual(changed, { ...whole, text: "<p>Proxy</p>" });
  });

  test(`${endpoint}: half of the body, and nothing else changed`, async () => {
    const [whole, changed] = await both(endpoint, { truncate: true });
    const bytes = Buffer.from(whole.text);
    assert.deepEqual(changed, { ...whole, text: bytes.subarray(0, Math.floor(bytes.length / 2)).toString() });
  });

  test(`${endpoint}: another content type, and nothing else changed`, async () => {
    const [whole, changed] = await both(endpoint, { contentType: "text/csv" });
    assert.deepEqual(changed, { ...whole, "content-type": "text/csv" });
  });

  test(`${endpoint}: more headers, and nothing else changed`, async () => {
    await begin(endpoint);
    await tenant.injectFault({ endpoint, headers: { "X-Broken": "yes" } });
    const { status, headers } = await request();
    assert.equal(headers.get("x-broken"), "yes");
    assert.ok(status < 400);
    const [whole, changed] = await both(endpoint, { headers: { "X-Broken": "yes" } });
    assert.deepEqual(changed, whole);
  });

  test(`${endpoint}: cors false takes the headers that let pages of other origins read, of an answer and of a status`, async () => {
    const [whole, changed] = await both(endpoint, { cors: false });
    assert.deepEqual(changed, { ...whole, "access-control-allow-origin": null, "access-control-expose-headers": null });
    await tenant.clearFaults();
    await tenant.injectFault({ endpoint, status: 500, cors: false });
    const { headers } = await request();
    assert.deepEqual([...headers.keys()].filter((name) => name.startsWith("access-control-")), []);
  });

  test(`${endpoint}: times and skip count the requests, and clearFaults and reset end it`, async () => {
    const isCut = () => request().then(() => false, () => true);
    await begin(endpoint);
    await tenant.injectFault({ endpoint, status: 500, skip: 1, times: 2 });
    const statuses = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await request()).status);
    assert.deepEqual(statuses.map((status) => status === 500), [false, true, true, false]);
    await tenant.injectFault({ endpoint, drop: "before" });
    assert.deepEqual([await isCut(), await isCut()], [true, true]);
    await tenant.clearFaults();
    assert.equal(await isCut(), false);
    await tenant.injectFault({ endpoint, drop: "before" });
    await begin(endpoint);
    assert.equal(await isCut(), false);
  });

  test(`${endpoint}: a cut connection has no answer, before and after; the others are answered`, async () => {
    await begin();
    for (const drop of ["before", "after"]) {
      await tenant.injectFault({ endpoint, drop, times: 1 });
      await assert.rejects(request(), (error) => error instanceof TypeError && error.message === "fetch failed");
      assert.equal((await tenant.requests()).at(-1).status, undefined);
    }
    await tenant.injectFault({ endpoint, drop: "before" });
    for (const other of Object.keys(REQUESTS).filter((name) => name !== endpoint)) assert.ok((await REQUESTS[other]()).status < 400, other);
  });
}

test("a delay holds back the request it is for: every other one overtakes it", async () => {
  await begin();
  const answered = [];
  // Of two requests that are sent together either may arrive first: the header tells which one the fault was for.
  const ask = async (request) => {
    const { status, headers } = await request();
    assert.ok(status < 400);
    answered.push(headers.get("x-late") ?? "at once");
  };
  for (const endpoint of Object.keys(REQUESTS)) await tenant.injectFault({ endpoint, delayMilliseconds: 4000, headers: { "X-Late": "late" }, times: 1 });
  const requests = Object.values(REQUESTS);
  await Promise.all([...requests, ...requests].map(ask));
  assert.deepEqual(answered, [...requests.map(() => "at once"), ...requests.map(() => "late")]);
});

const orderItems = async () => {
  const { access_token: reader } = await app.refresh(signedIn.refresh_token, { scope: `${ORDERS}/Orders.Read` });
  return (await (await call(`${tenant.apis.orders.origin}/orders`, reader)).json()).orders.map(({ item }) => item);
};

test("a delay comes before the request is processed", async () => {
  // A machine that is busy may need longer to look than the request is held back: then it is tried again with more time.
  for (let delayMilliseconds = 2000, seen = false; !seen; delayMilliseconds *= 2) {
    await begin();
    await tenant.injectFault({ endpoint: "api:orders", delayMilliseconds, times: 1 });
    const sentOn = performance.now();
    const late = REQUESTS["api:orders"]();
    const isThere = (await orderItems()).includes(ORDER.item);
    seen = performance.now() - sentOn < delayMilliseconds;
    if (seen) assert.equal(isThere, false);
    assert.equal((await late).status, 201);
    assert.equal((await orderItems()).includes(ORDER.item), true);
    assert.ok(delayMilliseconds < 30_000, "the tenant needs longer than half a minute for two requests");
  }
});

/** By endpoint: whether its request, which nobody saw the answer of, was processed. */
const TRACES = {
  authorize: () => isSecondDraw("authorize", "location"),
  adminconsent: () => isSecondDraw("adminconsent", "location"),
  devicecode: () => isSecondDraw("devicecode", "text"),
  token: () => isSecondDraw("token", "text"),
  logout: async () => "error" in responseOf(await app.authorize({ prompt: "none" })),
  "api:graph": async () => {
    const { access_token: token } = await new App(tenant).signIn(bo, "Mail.Read");
    return (await (await call(`${tenant.apis.graph.origin}/v1.0/me/messages`, token)).json()).value[0].subject === "Lunch?";
  },
  "api:orders": async () => (await orderItems()).includes(ORDER.item),
};

/** By fault: whether the request is processed all the same. */
const PROCESSED = [[{ drop: "before" }, false], [{ drop: "after" }, true], [{ status: 500 }, false], [{ body: "" }, true], [{ truncate: true }, true]];

/** The tenant's chance repeats: whether the next answer is the first one of a run, or the one after it. */
async function isSecondDraw(endpoint, member) {
  const next = (await seen(await REQUESTS[endpoint]()))[member];
  await begin(endpoint);
  const [first, second] = [await seen(await REQUESTS[endpoint]()), await seen(await REQUESTS[endpoint]())].map((answer) => answer[member]);
  assert.notEqual(first, second);
  assert.ok([first, second].includes(next));
  return next === second;
}

for (const [endpoint, wasProcessed] of Object.entries(TRACES)) {
  for (const [fault, expected] of PROCESSED) {
    test(`${endpoint}: with ${JSON.stringify(fault)} the request is ${expected ? "" : "not "}processed`, async () => {
      await begin(endpoint);
      await tenant.injectFault({ endpoint, times: 1, ...fault });
      await REQUESTS[endpoint]().then((response) => response.text()).catch(() => {});
      assert.equal(await wasProcessed(), expected);
    });
  }
}

test("a code whose answer was cut off is redeemed; one whose request was cut off is not", async () => {
  await begin();
  for (const [drop, outcome] of [["after", [54005]], ["before", undefined]]) {
    const { code } = await app.authorizeAs(adele);
    await tenant.injectFault({ endpoint: "token", drop, times: 1 });
    await assert.rejects(app.redeem(code));
    assert.deepEqual((await app.redeem(code)).error_codes, outcome);
  }
});

test("preflights are answered as ever, and use no fault up", async () => {
  await begin();
  await tenant.injectFault({ endpoint: "api:orders", status: 500, times: 1 });
  await tenant.injectFault({ endpoint: "token", status: 500, times: 1 });
  const headers = { Origin: ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization" };
  for (const url of [`${tenant.apis.orders.origin}/orders`, `${tenant.authority}/oauth2/v2.0/token`]) {
    const response = await fetch(url, { method: "OPTIONS", headers });
    assert.equal(response.status, 204);
    assert.ok(response.headers.get("access-control-allow-origin"));
  }
  assert.equal((await REQUESTS["api:orders"]()).status, 500);
  assert.equal((await REQUESTS.token()).status, 500);
});

test("of two faults of an endpoint the second has its turn after the first", async () => {
  await begin();
  for (const status of [500, 502]) await tenant.injectFault({ endpoint: "token", status, times: 1 });
  const statuses = [];
  for (let count = 0; count < 3; count += 1) statuses.push((await REQUESTS.token()).status);
  assert.deepEqual(statuses, [500, 502, 200]);
});

test("token: every error by its number, with claims", async () => {
  await begin();
  for (const [number, row] of Object.entries(ERRORS)) {
    await tenant.injectFault({ endpoint: "token", code: Number(number), claims: CLAIMS, times: 1 });
    const { status, headers, ...body } = await app.refresh(signedIn.refresh_token);
    assert.deepEqual([status, body.error, body.suberror], [row.status ?? 400, row.error, row.suberror]);
    assert.deepEqual([body.error_codes, body.claims], [[Number(number)], CLAIMS]);
    assert.match(body.error_description, new RegExp(`^AADSTS${number}: `));
    assert.equal(headers.get("access-control-allow-origin"), ORIGIN);
  }
  assert.equal((await app.refresh(signedIn.refresh_token)).status, 200);
});

test("devicecode: every error by its number", async () => {
  await begin();
  for (const [number, row] of Object.entries(ERRORS)) {
    await tenant.injectFault({ endpoint: "devicecode", code: Number(number), times: 1 });
    const response = await REQUESTS.devicecode();
    const { error, error_codes: codes, claims } = await response.json();
    assert.deepEqual([response.status, error, codes, claims], [row.status ?? 400, row.error, [Number(number)], undefined]);
  }
});

test("authorize: every error by its number, on a page or in the redirect; silently always in the redirect", async () => {
  await begin();
  for (const [number, row] of Object.entries(ERRORS)) {
    await tenant.injectFault({ endpoint: "authorize", code: Number(number), claims: CLAIMS, times: 2 });
    const page = await app.authorize();
    assert.equal(page.text !== undefined, row.page === true, number);
    if (row.page) assert.match(page.text, new RegExp(`role="alert">AADSTS${number}: `));
    else assert.equal(responseOf(page).error, row.authorize ?? row.error, number);
    const silent = responseOf(await app.authorize({ prompt: "none" }));
    assert.match(silent.error_description, new RegExp(`^AADSTS${number}: `));
    assert.deepEqual([silent.claims, silent.state, silent.error_subcode], [CLAIMS, app.state, row.subcode], number);
  }
});

test("an error is for one request where it is wanted once", async () => {
  await begin();
  await tenant.injectFault({ endpoint: "token", code: 70043, times: 1 });
  assertRefused(await app.refresh(signedIn.refresh_token), "invalid_grant", 70043, "token_expired");
  assert.equal((await app.refresh(signedIn.refresh_token)).status, 200);
});

const REFUSED = [
  [{ endpoint: "tokens", status: 500 }, /no endpoint "tokens"\. There are: authorize, token, devicecode, .*, api:graph, api:orders/],
  [{ endpoint: "api:payroll", status: 500 }, /no endpoint "api:payroll"/],
  [{ status: 500 }, /`fault.endpoint` is a text/],
  [{ endpoint: "token", code: 1 }, /no error 1 at the endpoint token/],
  [{ endpoint: "metadata", code: 50076 }, /no error 50076 at the endpoint metadata/],
  [{ endpoint: "api:graph", code: 50076 }, /no error 50076 at the endpoint api:graph/],
  [{ endpoint: "token", status: 42 }, /`fault.status` is an HTTP status/],
  [{ endpoint: "token", drop: "now" }, /`fault.drop` is "before" or "after"/],
  [{ endpoint: "token", times: 0 }, /`fault.times` is a whole number from 1 on/],
  [{ endpoint: "token", delayMilliseconds: "5" }, /`fault.delayMilliseconds` is a number/],
  [{ endpoint: "token", headers: { "X\n": "1" } }, /`fault.headers` is/],
  [{ endpoint: "token", stauts: 500 }, /no `fault.stauts`/],
];
for (const [fault, message] of REFUSED) {
  test(`refused: ${JSON.stringify(fault)}`, async () => {
    await begin();
    await assert.rejects(tenant.injectFault(fault), message);
    assert.equal((await REQUESTS.token()).status, 200);
  });
}
