/** Who the user is, as the platform says at Microsoft Graph, which is another host than the one that they signed in at. */
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { GRAPH, REFUSED, assertClasses, brought, call, openApp, openWorld, signIn } from "./support/consent.mjs";
import { storageOf, watchTokenRequests } from "./support/story.mjs";

/** Chromium says on the console what an API answered. */
const ANSWERED = /status of (?:401|403|503)/;

let world, tenant;
before(async () => {
  world = await openWorld();
  ({ tenant } = world);
});
afterEach(() => tenant.reset());
after(() => world?.stop());

async function openSignedIn(t, scopes) {
  const page = await openApp(t, world, { allow: [REFUSED, ANSWERED] });
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: ["User.Read"] });
  await signIn(page, world.adele, scopes, { isFree: scopes === undefined });
  return page;
}

/** The access tokens that are sent to it, from now on. */
function watchUserInfo(page) {
  const sent = [];
  page.on("request", (request) => {
    if (request.url() === `${tenant.apis.graph.origin}/oidc/userinfo` && request.method() === "GET") sent.push(request.headers().authorization);
  });
  return sent;
}

const answerWith = (body, more) => tenant.injectFault({ endpoint: "api:graph", status: 200, body, ...more });

test("Microsoft Graph says who the user is, by the token that is there", async (t) => {
  const page = await openSignedIn(t);
  const [sent, grants] = [watchUserInfo(page), watchTokenRequests(page)];
  const { accessToken, idTokenClaims } = await brought(page, "acquireTokenSilent", { scopes: ["User.Read"] });
  const before = await storageOf(page);
  const claims = await brought(page, "loadUserInfo");
  assert.equal(claims.sub, idTokenClaims.sub);
  assert.equal(claims.name, world.adele.name);
  assert.deepEqual([sent, grants], [[`Bearer ${accessToken}`], []]);
  assert.deepEqual(await storageOf(page), before, "it is not kept");
});

test("a token of another API is not sent there", async (t) => {
  const page = await openSignedIn(t, { [world.orders]: ["Orders.Read"] });
  const [sent, grants] = [watchUserInfo(page), watchTokenRequests(page)];
  const { accessToken } = await brought(page, "acquireTokenSilent", { scopes: { [world.orders]: ["Orders.Read"] } });
  await brought(page, "loadUserInfo");
  assert.deepEqual([sent.length, grants], [1, ["refresh_token"]]);
  assert.notEqual(sent[0], `Bearer ${accessToken}`);
});

/** By name: what is said to be the user's. */
const ANSWERS = {
  "another subject at Microsoft Graph": [JSON.stringify({ sub: "another", name: "Bo" }), "userinfo_subject_mismatch"],
  "no subject at Microsoft Graph": [JSON.stringify({ name: "Adele" }), "userinfo_subject_mismatch"],
  "an answer that is none": ["<html>", "invalid_userinfo_response"],
};

test("what is not of the user is refused", async (t) => {
  const page = await openSignedIn(t);
  const before = await storageOf(page);
  for (const [name, [body, code]] of Object.entries(ANSWERS)) {
    await answerWith(body, { times: 1 });
    const { error, value } = await call(page, "loadUserInfo");
    assert.deepEqual([error?.errorCode, value], [code, undefined], name);
    assert.deepEqual(await storageOf(page), before, name);
  }
});

test("a token that is refused is renewed once, and then the user is needed", async (t) => {
  const page = await openSignedIn(t);
  const grants = watchTokenRequests(page);
  await answerWith("", { status: 401, times: 1 });
  assert.equal((await brought(page, "loadUserInfo")).name, world.adele.name);
  assert.deepEqual(grants, ["refresh_token"]);
  await answerWith("", { status: 401 });
  const { error } = await call(page, "loadUserInfo");
  assertClasses(error, "InteractionRequiredAuthError");
  assert.deepEqual(grants, ["refresh_token", "refresh_token"]);
});

test("any other refusal is the server's", async (t) => {
  const page = await openSignedIn(t);
  for (const [status, code] of [[403, "http_error"], [503, "temporarily_unavailable"]]) {
    await answerWith("", { status, times: 1 });
    const { error } = await call(page, "loadUserInfo");
    assertClasses(error, "ServerError");
    assert.equal(error.errorCode, code);
  }
});
