/** Every row of the errors' table: by command at each endpoint, and as a client brings it about, where that is possible. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { ERRORS } from "../errors-table.js";
import { apps } from "../fixtures.js";
import { start } from "../index.js";
import { App, GRAPH, ORDERS, headingOf, responseOf } from "./client.js";

const GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const TIME = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ";
const PAYROLL_URI = "http://localhost:5173/signin-oidc";

let tenant, adele;
before(async () => {
  const bare = { ...apps[0], clientId: "5d0a1b7c-2e3f-4a51-9c68-7b0d4e2f6a13", name: "Contoso Bare", registeredPermissions: {}, registeredAppRoles: {} };
  tenant = await start({ port: 0, apps: [...apps, bare] });
  [adele] = tenant.users;
});
after(() => tenant.stop());

/** The numbers that clients have to reckon with, whether or not the tenant brings them about. */
const NUMBERS = [
  16000, 16001, 28000, 28002, 28003, 50011, 50020, 50034, 50053, 50057, 50058, 50059, 50076, 50078, 50079, 50097, 50105, 50126, 50132, 50133, 50173,
  53000, 53001, 53003, 65001, 65002, 65004, 65005, 70000, 70008, 70011, 70043, 500011, 500113, 530032, 530034, 650051, 650052, 650053, 650056, 650057,
  700016, 700082, 700084, 7000218, 90009, 90014, 900144, 90023, 90093, 90094, 90099, 900561, 900971, 9002325, 9002326, 9002327, 1002016,
  50049, 50194, 50196, 50199, 50140, 54005, 501481, 50147, 700005, 700022, 700023, 700025, 700054, 7000215, 70003, 70007, 70016, 70018, 70019, 70001,
  700011, 901002, 90002, 90015, 90006, 90024, 90033, 90055, 500208, 530084, 9001023, 90095,
];

test("each number that is known has a row", () => {
  assert.deepEqual(NUMBERS.filter((code) => !Object.hasOwn(ERRORS, code)), []);
});

/** What is documented or was seen, and is no guess: at the token endpoint, in a redirect, or that there is a page in its place. */
const KNOWN = [
  { token: "invalid_grant", suberror: undefined, of: [50034, 50053, 50057, 50126, 50173, 54005, 501481, 70000, 70008] },
  { token: "invalid_grant", suberror: "basic_action", redirect: "interaction_required", of: [50076, 50078, 50079] },
  { token: "invalid_grant", suberror: "consent_required", redirect: "interaction_required", of: [65001] },
  { token: "invalid_grant", suberror: "token_expired", of: [70043] },
  { token: "invalid_grant", suberror: "bad_token", of: [700082, 700084] },
  { isTraced: false, of: [1002016] },
  { token: "invalid_grant", of: [53003, 50196, 530032, 530034] },
  { token: "invalid_client", status: 401, of: [7000218, 7000215, 700025, 65002, 65005, 700023] },
  { token: "invalid_request", status: 400, of: [28003, 90009, 90014, 900144, 90023, 9002326, 9002327, 1002016, 90002, 901002] },
  { token: "invalid_request", status: 405, of: [900561] },
  { token: "unauthorized_client", page: true, of: [700016] },
  { token: "invalid_scope", redirect: "invalid_scope", of: [70011] },
  { token: "invalid_resource", redirect: "invalid_resource", of: [500011] },
  { token: "unsupported_grant_type", of: [70003] },
  { token: "authorization_pending", of: [70016] },
  { token: "temporarily_unavailable", of: [90055] },
  { token: "invalid_instance", of: [50049] },
  { redirect: "interaction_required", of: [16000] },
  { redirect: "login_required", of: [50058] },
  { redirect: "access_denied", of: [50020, 65004] },
  { redirect: "invalid_client", of: [650051, 650052, 650053, 650056, 650057] },
  { redirect: "invalid_request", of: [90009, 90023, 9002325] },
  { page: true, of: [50011, 500113, 900971, 50034, 50053, 50057, 50126, 50194] },
  { page: true, silent: "interaction_required", of: [50105] },
];

const knownOf = (code) => KNOWN.filter(({ of }) => of.includes(code)).map(({ of, ...facts }) => facts);
/** By OAuth error; any other is a bad request. */
const STATUSES = { invalid_client: 401, server_error: 500, temporarily_unavailable: 429 };

async function fail(endpoint, code, claims) {
  await tenant.injectFault({ endpoint, code, times: 1, claims });
}

function assertBody(body, code) {
  const { text, suberror, untraced } = ERRORS[code];
  const { status, headers, ...members } = body;
  const traced = untraced ? [] : ["correlation_id", "trace_id"];
  const expected = ["error", "error_codes", "error_description", "error_uri", "timestamp", ...traced, ...(suberror ? ["suberror"] : [])];
  assert.deepEqual(Object.keys(members).sort(), expected.sort());
  assert.deepEqual(body.error_codes, [code]);
  assert.match(body.timestamp, new RegExp(`^${TIME}$`));
  assert.ok(body.error_description.startsWith(`AADSTS${code}: ${text}`));
  const trace = untraced ? "" : ` Trace ID: ${body.trace_id} Correlation ID: ${body.correlation_id} Timestamp: ${body.timestamp}`;
  assert.ok(body.error_description.endsWith(`${text}${trace}`), body.error_description);
  if (!untraced) for (const id of [body.trace_id, body.correlation_id]) assert.match(id, new RegExp(`^${GUID}$`));
  assert.equal(body.error_uri, `${tenant.origin}/error?code=${code}`);
}

/** What the redirect URI is told; nothing where a page is shown. */
function assertPlace(app, page, code) {
  if (page.text) {
    assert.match(page.text, new RegExp(`role="alert">AADSTS${code}: `));
    assert.equal(page.response.status, STATUSES[ERRORS[code].error] ?? 400);
    return undefined;
  }
  const { error, state, error_description: description, error_uri: uri, error_subcode: subcode } = responseOf(page);
  assert.equal(state, app.state);
  assert.match(description, new RegExp(`^AADSTS${code}: .*\\r\\nTrace ID: ${GUID}\\r\\nCorrelation ID: ${GUID}\\r\\nTimestamp: ${TIME}$`));
  assert.equal(uri, `${tenant.origin}/error?code=${code}`);
  assert.equal(subcode, ERRORS[code].subcode);
  return error;
}

for (const code of Object.keys(ERRORS).map(Number)) {
  const row = ERRORS[code];
  test(`${code} by command: ${row.error} for a token, ${row.page ? "a page" : row.authorize ?? row.error} at sign-in`, async () => {
    const app = new App(tenant);
    await fail("token", code);
    const body = await app.refresh("any");
    assertBody(body, code);
    assert.deepEqual([body.error, body.suberror, body.status], [row.error, row.suberror, row.status ?? STATUSES[row.error] ?? 400]);
    await fail("authorize", code);
    const redirect = assertPlace(app, await app.authorize(), code);
    assert.equal(redirect, row.page ? undefined : row.authorize ?? row.error);
    await fail("authorize", code);
    const silent = assertPlace(app, await app.authorize({ prompt: "none" }), code);
    assert.equal(silent, row.silent ?? row.authorize ?? row.error);
    for (const known of knownOf(code)) {
      const isTraced = body.trace_id !== undefined;
      const seen = { token: body.error, suberror: body.suberror, status: body.status, isTraced, redirect, page: redirect === undefined, silent };
      assert.deepEqual(Object.fromEntries(Object.keys(known).map((name) => [name, seen[name]])), known);
    }
  });
}

test("each known fact is about a row", () => {
  for (const code of KNOWN.flatMap(({ of }) => of)) assert.ok(Object.hasOwn(ERRORS, code), String(code));
});

for (const code of [53003, 70011, 90055, 650052, 1002016]) {
  test(`${code} by command at the device code endpoint`, async () => {
    await fail("devicecode", code);
    const kit = new App(tenant, { clientId: apps[2].clientId });
    const body = await kit.deviceCode();
    assertBody(body, code);
    assert.equal(body.error, ERRORS[code].error);
    assert.equal((await kit.deviceCode()).status, 200);
  });
}

test("claims go along with a refusal by command, at both endpoints", async () => {
  const claims = "{\"access_token\":{\"acrs\":{\"essential\":true,\"value\":\"c7\"}}}";
  const app = new App(tenant);
  await fail("token", 50076, claims);
  assert.equal((await app.refresh("any")).claims, claims);
  await fail("authorize", 50076, claims);
  assert.equal(responseOf(await app.authorize()).claims, claims);
});

test("what error_uri leads to tells each number", async () => {
  for (const code of Object.keys(ERRORS)) {
    const response = await fetch(`${tenant.origin}/error?code=${code}`);
    assert.equal(response.status, 200);
    assert.ok((await response.text()).includes(`AADSTS${code}`));
  }
  assert.equal((await fetch(`${tenant.origin}/error?code=1`)).status, 404);
});

const workday = (segment) => new App(tenant, { segment });
const named = (wanted, options) => new App(tenant, { clientId: tenant.apps.find(({ name }) => name === wanted).clientId, ...options });
const payroll = () => named("Contoso Payroll", { redirectUri: PAYROLL_URI });
const bodyOf = async (path, init) => (await fetch(`${tenant.origin}${path}`, init)).json();

/** After a sign-in, and what then happens: the answer to the refresh token. */
async function refreshAfter(happens, app = workday(), init = undefined) {
  const { code } = await app.authorizeAs(adele);
  const { refresh_token: token } = await app.redeem(code, {}, init);
  assert.ok(token);
  await happens(app, token);
  return app.refresh(token, {}, init);
}

async function silentAfter(happens) {
  const app = workday();
  await app.signIn(adele);
  await happens();
  return app.authorize({ prompt: "none" });
}

/** The page does not tell which of the two it was. */
async function assertWrongCredentials(user) {
  const page = await workday().authorizationPage(user);
  assert.equal(headingOf(page), "Sign in");
  assert.match(page.text, /role="alert" id="refused">The user name or the password is wrong\./);
}

async function giveSecondFactor(app) {
  await app.browser.submit(await app.authorize(), { action: "approve" });
}

const cancel = async (app, page) => app.browser.submit(await page, { action: "cancel" });
const inFile = (file, title) => ({ file, title });

/** By number: what brings it about without a command to fail, or the test of another file that does. */
const NATURAL = {
  16000: inFile("contract-authorize", "silently with an account that is not in the tenant: interaction_required, 16000; with a page: the sign-in"),
  28000: inFile("contract-redirect-types", "scopes of two resources with a code: 28000, and the code is not used up"),
  28003: inFile("contract-redirect-types", "a scope that is empty with a code: 28003; one that is left out stands for what was asked for"),
  50011: () => workday().authorize({ redirect_uri: "http://localhost:5173/elsewhere" }),
  50020: inFile("contract-accounts", "a refresh token is no good in a tenant that the user is not in: 50020"),
  50034: () => assertWrongCredentials({ ...adele, username: "nobody@contoso.example" }),
  50049: () => bodyOf("/common/discovery/instance?authorization_endpoint=https://login.elsewhere.example/common/oauth2/v2.0/authorize"),
  50057: () => refreshAfter(() => tenant.disableUser(adele.username)),
  50058: () => workday().authorize({ prompt: "none" }),
  50076: () => refreshAfter(() => tenant.requireMfa(adele.username)),
  50078: async () => {
    await tenant.requireMfa(adele.username, { maxAgeSeconds: 60 });
    const app = workday();
    await app.authorizationPage(adele);
    await giveSecondFactor(app);
    const { refresh_token: token } = await app.signIn(adele);
    await tenant.travel(62);
    return app.refresh(token);
  },
  50079: () => refreshAfter(async () => { await tenant.forgetSecondFactor(adele.username); await tenant.requireMfa(adele.username); }),
  50105: () => payroll().authorizationPage(adele),
  50126: () => assertWrongCredentials({ ...adele, password: "wrong" }),
  50132: () => silentAfter(() => tenant.changePassword(adele.username, "another")),
  50133: () => silentAfter(() => tenant.revokeSessions(adele.username)),
  50147: () => workday().authorize({ code_challenge: "short" }),
  50173: () => refreshAfter(() => tenant.revokeSessions(adele.username)),
  50194: () => named("Contoso Order Desk", { segment: "common" }).authorize(),
  50196: async () => {
    await tenant.changeSettings({ loopLimit: 2 });
    return refreshAfter(async (app, token) => { for (let time = 0; time < 2; time += 1) assert.equal((await app.refresh(token)).status, 200); });
  },
  53003: () => refreshAfter(() => tenant.block(adele.username)),
  54005: inFile("token", "a code works once"),
  65001: () => refreshAfter(() => tenant.revokeConsent(adele.username)),
  65004: () => { const app = workday(); return cancel(app, app.authorizationPage(adele)); },
  70000: () => workday().refresh("unknown"),
  70003: () => workday().token({ grant_type: "password", username: adele.username, password: adele.password }),
  70007: () => payroll().authorize({ response_type: "id_token", response_mode: "query" }),
  70008: inFile("token", "a code lives for ten minutes"),
  70011: () => workday().authorize({ scope: "openid nothing/here" }),
  70016: inFile("contract-device", "until the person is done: authorization_pending, 70016, at every step"),
  70018: inFile("contract-device", "a device code that nobody was given: bad_verification_code; one of another client: invalid_grant"),
  70019: inFile("contract-device", "after fifteen minutes the codes are over, for the device and for the person"),
  70043: async () => { await tenant.limitSignIn(adele.username, { seconds: 60 }); return refreshAfter(() => tenant.travel(62)); },
  90002: () => bodyOf("/tailspin.example/v2.0/.well-known/openid-configuration"),
  90009: () => workday().authorize({ scope: `api://${tenant.clientId}/.default` }),
  90015: () => workday().authorize({ login_hint: "x".repeat(9_000) }),
  90023: () => workday().authorize({ prompt: "sometimes" }),
  90093: () => { const app = workday(); return cancel(app, app.adminConsentPage(adele, { scope: "User.Read" })); },
  90094: () => { const app = workday(); return cancel(app, app.authorizationPage(adele, { scope: "User.Read.All" })); },
  500011: () => workday().authorize({ scope: "api://3d2a7c1e-0000-4000-8000-000000000000/Read" }),
  500112: inFile("token", "the verifier, the redirect URI and the client of the code must be right"),
  501481: inFile("token", "the verifier, the redirect URI and the client of the code must be right"),
  650053: () => workday().authorize({ scope: "User.Raed" }),
  650056: () => named("Contoso Bare").authorize({ scope: `${GRAPH}/.default` }),
  650057: () => payroll().authorize({ scope: `${ORDERS}/.default` }),
  700005: inFile("contract-redirect-types", "a code is good at the endpoint of the segment that it came from, and nowhere else: 700005"),
  700016: () => workday().authorize({ client_id: "00000000-0000-0000-0000-000000000001" }),
  700025: () => workday().redeem("any", { client_secret: "s" }),
  700054: () => workday().authorize({ response_type: "code id_token" }),
  700082: () => refreshAfter(() => tenant.expireRefreshTokens(), named("Contoso Field Kit", { redirectUri: "http://localhost:5173" }), { origin: null }),
  700084: () => refreshAfter(() => tenant.expireRefreshTokens(adele.username)),
  900144: () => workday().redeem(undefined),
  900561: () => bodyOf("/common/oauth2/v2.0/token"),
  900971: () => workday().authorize({ redirect_uri: undefined }),
  901002: () => workday().redeem("any", { resource: GRAPH }),
  7000215: () => payroll().redeem("any", { client_secret: "wrong" }, { origin: null }),
  7000218: () => payroll().redeem("any", {}, { origin: null }),
  9002325: () => workday().authorize({ code_challenge: undefined, code_challenge_method: undefined }),
  9002326: () => payroll().redeem("any"),
  9002327: () => workday().redeem("any", {}, { origin: null }),
};

/** What needs more of a platform than there is here: devices, throttling, risk, brokers, client assertions, other clouds. */
const BY_COMMAND_ONLY = [
  16001, 28002, 50053, 50059, 50097, 50140, 50199, 53000, 53001, 65002, 65005, 70001, 90006, 90014, 90024, 90033, 90055, 90095, 90099, 500113, 500208,
  530032, 530034, 530084, 650051, 650052, 700011, 700022, 700023, 1002016, 9001023,
];

test("each row comes about by itself, or is known to come by command only", () => {
  const accounted = [...Object.keys(NATURAL).map(Number), ...BY_COMMAND_ONLY].sort((one, other) => one - other);
  assert.deepEqual(accounted, Object.keys(ERRORS).map(Number));
});

/** The number that a page, a redirect or a body tells. */
function numberIn(answer) {
  if (answer.error_codes) return answer.error_codes[0];
  const told = answer.text ?? responseOf(answer).error_description ?? "";
  return Number(/AADSTS(\d+): /.exec(told)?.[1]);
}

for (const [code, brought] of Object.entries(NATURAL)) {
  if (typeof brought === "function") {
    test(`${code} as it comes about`, async () => {
      await tenant.reset();
      const answer = await brought();
      if (answer) assert.equal(numberIn(answer), Number(code));
    });
  } else {
    test(`${code} has a test in ${brought.file}`, () => {
      const [, source] = readFileSync(new URL(`${brought.file}.test.js`, import.meta.url), "utf8").split(`\ntest("${brought.title}", `);
      assert.ok(source, brought.title);
      assert.match(source.split("\n});\n")[0], new RegExp(`assert.*\\b${code}\\b`));
    });
  }
}
