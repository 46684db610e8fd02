/** Whose tokens they are: guests, personal accounts, subjects, optional claims, and the two shapes of an access token. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { apps, users } from "../fixtures.js";
import { start } from "../index.js";
import { App, GRAPH, ORDERS, assertErrorPage, assertRefused, call, claimsOf, headingOf, responseOf } from "./client.js";

const CONTOSO = "3b6e1f0a-7c52-4d9b-8f14-e2a5d07c9b36";
const FABRIKAM = "c5a8d0e2-19f7-4b3d-a6c4-7e02b8f51d90";
/** The platform's id of the tenant that holds the personal accounts. */
const PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad";
const DANA_AT_HOME = "e07d4b19-3a62-4c8f-8d15-92b6f0c3a7e4";
const DANA_AS_GUEST = "7f3c2a58-d94e-4b06-a1c7-5e8b90d2f613";
const BASICS = "openid profile email offline_access";
const GROUPED = "5d0a1b7c-2e3f-4a51-9c68-7b0d4e2f6a13";

const groupIds = (count) => Array.from({ length: count }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`);
/** Users who differ in nothing but the number of their groups. */
const inGroups = (count) => ({
  ...users[0], oid: `00000000-0000-4000-9000-${String(count).padStart(12, "0")}`, username: `member.of.${count}@contoso.example`, groups: groupIds(count),
});

let tenant, adele, bo, carla, dana, evan, clients;
before(async () => {
  const asAdmin = users.map((user) => (user.oid === DANA_AT_HOME ? { ...user, isAdmin: true } : user));
  const grouped = { ...apps[0], clientId: GROUPED, name: "Contoso Groups", mayIssueIdTokens: true, optionalClaims: ["groups"] };
  tenant = await start({ port: 0, users: [...asAdmin, ...[0, 6, 7, 200, 201].map(inGroups)], apps: [...apps, grouped] });
  [adele, bo, carla, dana, evan] = tenant.users;
  clients = Object.fromEntries(tenant.apps.map(({ name, clientId }) => [name, clientId]));
});
after(() => tenant.stop());
beforeEach(() => tenant.reset());

const clientInfoOf = ({ client_info: text }) => JSON.parse(Buffer.from(text, "base64url"));

/** Signs in at a segment: the app, and what it got. */
async function signInAt(segment, user, scope = `${BASICS} User.Read`, clientId = tenant.clientId) {
  const app = new App(tenant, { segment, clientId });
  const front = await app.authorizeAs(user, { scope, client_info: "1" });
  const tokens = await app.redeem(front.code, { scope, client_info: "1" });
  assert.equal(tokens.status, 200, tokens.error_description);
  return { app, front, tokens, claims: claimsOf(tokens.id_token) };
}

test("a guest: the tokens are of the tenant, client_info is of home, and idp says where that is", async () => {
  const { front, tokens, claims } = await signInAt(CONTOSO, dana);
  assert.deepEqual([claims.tid, claims.oid, claims.iss], [CONTOSO, DANA_AS_GUEST, `${tenant.origin}/${CONTOSO}/v2.0`]);
  assert.deepEqual([claims.idp, claims.preferred_username], [`${tenant.origin}/${FABRIKAM}/`, dana.username]);
  for (const answer of [front, tokens]) assert.deepEqual(clientInfoOf(answer), { uid: DANA_AT_HOME, utid: FABRIKAM });
  const access = claimsOf(tokens.access_token);
  assert.deepEqual([access.tid, access.oid, access.iss, access.idp], [CONTOSO, DANA_AS_GUEST, `${tenant.origin}/${CONTOSO}/`, claims.idp]);
});

for (const segment of [FABRIKAM, "fabrikam.example", "common", "organizations"]) {
  test(`the same user at ${segment} is at home: no idp`, async () => {
    const { tokens, claims } = await signInAt(segment, dana);
    assert.deepEqual([claims.tid, claims.oid, claims.iss], [FABRIKAM, DANA_AT_HOME, `${tenant.origin}/${FABRIKAM}/v2.0`]);
    assert.ok(!("idp" in claims) && !("idp" in claimsOf(tokens.access_token)));
    assert.deepEqual(clientInfoOf(tokens), { uid: DANA_AT_HOME, utid: FABRIKAM });
  });
}

test("a guest's refresh token works at home too, where consent is another matter", async () => {
  const { app, tokens } = await signInAt(CONTOSO, dana);
  const atHome = app.at(FABRIKAM);
  assertRefused(await atHome.refresh(tokens.refresh_token), "invalid_grant", 65001, "consent_required");
  const page = await atHome.authorize();
  assert.equal(headingOf(page), "Allow Contoso Workday?");
  await app.browser.submit(page, { action: "accept" });
  const home = await atHome.refresh(tokens.refresh_token, { client_info: "1" });
  const claims = claimsOf(home.id_token);
  assert.deepEqual([claims.tid, claims.oid, claims.idp], [FABRIKAM, DANA_AT_HOME, undefined]);
  assert.deepEqual(clientInfoOf(home), clientInfoOf(tokens));
  assert.equal(claimsOf((await app.refresh(home.refresh_token)).id_token).tid, CONTOSO);
});

test("a refresh token is no good in a tenant that the user is not in: 50020", async () => {
  const { app, tokens } = await signInAt(CONTOSO, adele);
  for (const segment of [FABRIKAM, "consumers"]) assertRefused(await app.at(segment).refresh(tokens.refresh_token), "invalid_grant", 50020);
});

test("an organization's consent is for its own users and guests, and for no other organization", async () => {
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"] });
  const app = new App(tenant, { segment: CONTOSO });
  assert.ok(responseOf(await app.authorizationPage(dana)).code);
  assert.equal(headingOf(await app.at(FABRIKAM).authorize()), "Allow Contoso Workday?");
});

test("an administrator at home is none as a guest", async () => {
  const scope = `${BASICS} User.Read.All`;
  const guest = new App(tenant, { segment: CONTOSO });
  assert.equal(headingOf(await guest.authorizationPage(dana, { scope })), "Need admin approval");
  const host = await guest.at(FABRIKAM).authorize({ scope });
  assert.equal(headingOf(host), "Allow Contoso Workday?");
  assert.match(host.text, /name="organization"/);
  const asked = await new App(tenant).adminConsentPage(dana, { scope: `${GRAPH}/User.Read` });
  assert.equal(headingOf(asked), "Need admin approval");
});

test("Graph knows a guest by the object id of the tenant, and lists guests among its users", async () => {
  const me = async (token) => (await call(`${tenant.apis.graph.origin}/v1.0/me`, token)).json();
  const { app, tokens } = await signInAt(CONTOSO, dana);
  assert.equal((await me(tokens.access_token)).id, DANA_AS_GUEST);
  const atHome = app.at(FABRIKAM);
  await atHome.authorizeAs(dana);
  assert.equal((await me((await atHome.refresh(tokens.refresh_token)).access_token)).id, DANA_AT_HOME);
  const { tokens: admins } = await signInAt(CONTOSO, carla, `${BASICS} User.Read.All`);
  const { value } = await (await call(`${tenant.apis.graph.origin}/v1.0/users`, admins.access_token)).json();
  const ids = value.map(({ id }) => id);
  assert.ok(ids.includes(DANA_AS_GUEST) && ids.includes(adele.oid) && !ids.includes(DANA_AT_HOME) && !ids.includes(evan.oid));
});

test("an API of one tenant is there for its guests, and nowhere else: 500011", async () => {
  const scope = `${BASICS} ${ORDERS}/Orders.Read`;
  const { app, tokens } = await signInAt(CONTOSO, dana, scope);
  const { orders } = await (await call(`${tenant.apis.orders.origin}/orders`, tokens.access_token)).json();
  assert.deepEqual(orders.map(({ item }) => item), ["Display stand"]);
  assertRefused(await app.at(FABRIKAM).refresh(tokens.refresh_token, { scope }), "invalid_resource", 500011);
  assert.match(responseOf(await app.at(FABRIKAM).authorize({ scope })).error_description, /^AADSTS500011: /);
});

for (const segment of ["common", "consumers", PERSONAL]) {
  test(`a personal account at ${segment}: the tenant of all of them, and no e-mail address where there is none`, async () => {
    const { tokens, claims } = await signInAt(segment, evan);
    assert.deepEqual([claims.tid, claims.iss, claims.oid], [PERSONAL, `${tenant.origin}/${PERSONAL}/v2.0`, evan.oid]);
    assert.equal(claims.preferred_username, "evan@live.example");
    assert.ok(!("email" in claims));
    assert.deepEqual(clientInfoOf(tokens), { uid: evan.oid, utid: PERSONAL });
    const info = await (await call(`${tenant.apis.graph.origin}/oidc/userinfo`, tokens.access_token)).json();
    assert.deepEqual(info, { sub: claims.sub, name: "Evan Ruiz", given_name: "Evan", family_name: "Ruiz" });
  });
}

/** By name: the app, the segment, and the account that is not for it. */
const STRANGERS = {
  "a personal account at organizations": ["Contoso Workday", "organizations", () => evan],
  "a personal account at an organization": ["Contoso Workday", CONTOSO, () => evan],
  "a personal account in an app for organizations, at common": ["Contoso Field Kit", "common", () => evan],
  "an organization's account at consumers": ["Contoso Workday", "consumers", () => adele],
  "a user who is no guest at another organization": ["Contoso Workday", FABRIKAM, () => bo],
};
for (const [name, [app, segment, user]] of Object.entries(STRANGERS)) {
  test(`refused on the sign-in page: ${name}`, async () => {
    const redirectUri = app === "Contoso Field Kit" ? "http://localhost:5173" : undefined;
    const page = await new App(tenant, { clientId: clients[app], segment, redirectUri }).authorizationPage(user());
    assert.equal(headingOf(page), "Sign in");
    assert.match(page.text, /role="alert" id="refused">This account is of another organization\./);
  });
}

test("an app that is not for personal accounts is not there for consumers: 700016", async () => {
  for (const name of ["Contoso Field Kit", "Contoso Order Desk"]) {
    const redirectUri = name === "Contoso Field Kit" ? "http://localhost:5173" : undefined;
    assertErrorPage(await new App(tenant, { clientId: clients[name], segment: "consumers", redirectUri }).authorize(), 700016);
  }
});

test("the subject is one for a user, a client and a tenant, in every kind of token", async () => {
  const scope = `${BASICS} User.Read ${ORDERS}/Orders.Read`;
  const app = new App(tenant, { clientId: GROUPED });
  const { id_token: front, code } = await app.authorizeAs(dana, { scope, response_type: "code id_token" });
  const graph = await app.redeem(code);
  const orders = await app.refresh(graph.refresh_token, { scope: `openid ${ORDERS}/Orders.Read` });
  const info = await (await call(`${tenant.apis.graph.origin}/oidc/userinfo`, graph.access_token)).json();
  const subjects = [front, graph.id_token, orders.id_token, graph.access_token, orders.access_token].map((token) => claimsOf(token).sub);
  assert.deepEqual([...new Set([...subjects, info.sub])], [subjects[0]]);
  const others = await Promise.all([signInAt(CONTOSO, dana), signInAt(FABRIKAM, dana, undefined, GROUPED), signInAt(CONTOSO, adele, undefined, GROUPED)]);
  assert.equal(new Set([subjects[0], ...others.map(({ claims }) => claims.sub)]).size, 4);
});

test("optional claims come for the app that has them configured", async () => {
  const [workday, desk] = [await signInAt(CONTOSO, adele), await signInAt(CONTOSO, adele, undefined, clients["Contoso Order Desk"])];
  assert.match(workday.claims.login_hint, /^O\./);
  for (const name of ["sid", "auth_time", "groups"]) assert.ok(!(name in workday.claims), name);
  assert.match(desk.claims.sid, /^[0-9a-f-]{36}$/);
  assert.ok(!("login_hint" in desk.claims));
});

test("sid is the session's, and auth_time the moment of the password, also in later tokens", async () => {
  const { app, tokens, claims } = await signInAt(CONTOSO, adele, undefined, clients["Contoso Order Desk"]);
  assert.ok(Math.abs(claims.auth_time - claims.iat) <= 30);
  await tenant.travel(3600);
  const refreshed = claimsOf((await app.refresh(tokens.refresh_token)).id_token);
  assert.ok(refreshed.iat - claims.iat >= 3600);
  assert.deepEqual([refreshed.sid, refreshed.auth_time], [claims.sid, claims.auth_time]);
  const again = claimsOf((await app.redeem((await app.authorizeAs(adele)).code)).id_token);
  assert.deepEqual([again.sid, again.auth_time], [claims.sid, claims.auth_time]);
  const other = await signInAt(CONTOSO, adele, undefined, clients["Contoso Order Desk"]);
  assert.notEqual(other.claims.sid, claims.sid);
  assert.ok(other.claims.auth_time - claims.auth_time >= 3600);
});

/** By number of groups: which claims say so, in an ID token of the token endpoint and in one of the authorization endpoint. */
const GROUPS = {
  0: [[], []],
  6: [["groups"], ["groups"]],
  7: [["groups"], ["hasgroups"]],
  200: [["groups"], ["hasgroups"]],
  201: [["_claim_names", "_claim_sources"], ["hasgroups"]],
};
for (const [count, [back, front]] of Object.entries(GROUPS)) {
  test(`${count} groups: ${back.join(", ") || "nothing"} from the token endpoint, ${front.join(", ") || "nothing"} from the authorization endpoint`, async () => {
    const user = inGroups(Number(count));
    const app = new App(tenant, { clientId: GROUPED });
    const said = (token) => Object.keys(claimsOf(token)).filter((name) => ["groups", "hasgroups", "_claim_names", "_claim_sources"].includes(name));
    const { code, id_token: hybrid } = await app.authorizeAs(user, { response_type: "code id_token" });
    const { id_token: redeemed } = await app.redeem(code);
    const { id_token: alone } = responseOf(await app.authorize({ response_type: "id_token" }));
    assert.deepEqual([redeemed, hybrid, alone].map(said), [back, front, front]);
    const { groups, hasgroups, _claim_names: names, _claim_sources: sources } = { ...claimsOf(redeemed), hasgroups: claimsOf(hybrid).hasgroups };
    if (back.includes("groups")) assert.deepEqual(groups, groupIds(Number(count)));
    if (front.includes("hasgroups")) assert.equal(hasgroups, true);
    if (names) assert.deepEqual([names, sources], [{ groups: "src1" }, { src1: { endpoint: `${tenant.apis.graph.origin}/v1.0/users/${user.oid}/getMemberObjects` } }]);
  });
}

const SHARED = ["aio", "aud", "exp", "iat", "iss", "name", "nbf", "oid", "rh", "scp", "sub", "tid", "uti", "ver"];

test("an access token of version 1: its claims, with the Application ID URI as the audience", async () => {
  const claims = claimsOf((await signInAt("common", adele)).tokens.access_token);
  assert.deepEqual(Object.keys(claims).sort(), [...SHARED, "acr", "amr", "appid", "appidacr", "unique_name", "upn"].sort());
  assert.deepEqual(
    [claims.ver, claims.aud, claims.iss, claims.appid, claims.appidacr, claims.upn, claims.unique_name, claims.amr],
    ["1.0", GRAPH, `${tenant.origin}/${CONTOSO}/`, tenant.clientId, "0", adele.username, adele.username, ["pwd"]],
  );
});

test("an access token of version 2: its claims, with the client id of the API as the audience", async () => {
  const scope = `${BASICS} ${ORDERS}/Orders.Read`;
  const claims = claimsOf((await signInAt("common", adele, scope)).tokens.access_token);
  assert.deepEqual(Object.keys(claims).sort(), [...SHARED, "azp", "azpacr", "preferred_username"].sort());
  assert.deepEqual(
    [claims.ver, claims.aud, claims.iss, claims.azp, claims.azpacr, claims.preferred_username, claims.scp],
    ["2.0", ORDERS.slice("api://".length), `${tenant.origin}/${CONTOSO}/v2.0`, tenant.clientId, "0", adele.username, "Orders.Read"],
  );
});

test("a token tells whether its client proved itself by a secret", async () => {
  const { clientId } = tenant.apps.find(({ name }) => name === "Contoso Payroll");
  const carla = tenant.users.find(({ username }) => username.startsWith("carla"));
  const app = new App(tenant, { clientId, redirectUri: "http://localhost:5173/signin-oidc" });
  const { code } = await app.authorizeAs(carla);
  const { access_token: token } = await app.redeem(code, { client_secret: "payroll-secret" }, { origin: null });
  assert.equal(claimsOf(token).appidacr, "1");
});
