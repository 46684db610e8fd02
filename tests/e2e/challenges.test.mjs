/** What an API demands beyond a token: each kind of challenge, by each way of answering. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { answerWith, arrival, openApp, openWorld, signIn, watchVisits } from "./support/consent.mjs";
import { callApi, challenge, encoded, startApi, watchChallenges } from "./support/api.mjs";
import { giveCredentials, watchTokenRequests } from "./support/story.mjs";

/** @type {import("./support/consent.mjs").World} */
let world;
let tenant;
let own;
/** Addresses of the tenant's APIs. */
let me;
let orders;
before(async () => {
  world = await openWorld();
  own = await startApi();
  ({ tenant } = world);
  me = `${tenant.apis.graph.origin}/v1.0/me`;
  orders = `${tenant.apis.orders.origin}/orders`;
});
beforeEach(() => tenant.reset());
after(() => Promise.all([world?.stop(), own?.stop()]));

const REFUSALS = [/status of (?:40[013]|429|503)/];
const READ = ["User.Read"];

const api = (more) => ({
  resources: [
    { url: `${tenant.apis.graph.origin}/v1.0`, scopes: READ, routes: [{ path: "/me/messages", scopes: ["Mail.Read"] }] },
    { url: tenant.apis.orders.origin, resource: world.orders, scopes: ["Orders.Read"], routes: [{ path: "/orders", methods: ["DELETE"], scopes: ["Orders.Write"] }] },
    { url: own.origin, scopes: READ },
  ],
  ...more,
});

/** A page whose client says that it answers challenges, and where somebody is signed in. */
async function opened(t, { more = {}, user = world.adele, scopes = READ, capabilities = ["CP1"] } = {}) {
  const page = await openApp(t, world, { allow: REFUSALS, api: api(more), auth: { clientCapabilities: capabilities } });
  await signIn(page, user, scopes);
  return page;
}

/** The client's call, in the click of a button, and the window that opens for it. */
async function callWithWindow(page, url, init, options) {
  const opening = page.waitForEvent("popup");
  const calling = callApi(page, url, init, options);
  return { popup: await opening, calling };
}

test("claims, silently: a revoked token is replaced, and the call goes on", async (t) => {
  const page = await opened(t);
  assert.equal((await callApi(page, me)).status, 200);
  await tenant.challengeTokens(world.adele.username);
  const [grants, visits, told] = [watchTokenRequests(page), watchVisits(page), await watchChallenges(page)];
  const { status, explanation } = await callApi(page, me);
  assert.deepEqual([status, explanation.outcome, grants, visits], [200, "answered", ["refresh_token"], []]);
  assert.deepEqual(await told(), ["claims", "claims answered"]);
  // The next call has that token at once.
  assert.equal((await callApi(page, me)).explanation.outcome, "none");
  assert.deepEqual(grants, ["refresh_token"]);
});

test("without the capability the tenant challenges nobody", async (t) => {
  const page = await opened(t, { capabilities: [] });
  await tenant.challengeTokens(world.adele.username);
  const { status, explanation } = await callApi(page, me);
  assert.deepEqual([status, explanation.outcome], [200, "none"]);
});

test("claims, silently, where the session is over: the answer says that the user is needed, and for what", async (t) => {
  const page = await opened(t);
  await callApi(page, me);
  await tenant.revokeSessions(world.adele.username);
  const { status, explanation } = await callApi(page, me);
  assert.deepEqual([status, explanation.outcome, explanation.challenge.kind], [401, "needs_user", "claims"]);
  assert.match(explanation.request.claims, /^\{"access_token":\{"nbf":/);
  assert.deepEqual(explanation.error.classes, ["AuthError", "InteractionRequiredAuthError"]);
  // What it names is what it takes.
  const { popup, calling } = await openWindow(page, explanation.request);
  await giveCredentials(popup, world.adele);
  assert.equal((await calling).error, undefined);
  assert.equal((await callApi(page, me)).status, 200);
});

/** A token by a window, with a request that an explanation names. */
async function openWindow(page, request) {
  const opening = page.waitForEvent("popup");
  const calling = page.evaluate((request) => told(client.acquireTokenPopup(request)), request);
  return { popup: await opening, calling };
}

test("claims, with a window, and with one that is closed", async (t) => {
  const page = await opened(t, { more: { onChallenge: "popup" } });
  await callApi(page, me);
  await tenant.revokeSessions(world.adele.username);
  const first = await callWithWindow(page, me);
  await first.popup.close();
  const refused = await first.calling;
  assert.deepEqual([refused.status, refused.explanation.outcome, refused.explanation.error.errorCode], [401, "failed", "user_cancelled"]);
  const second = await callWithWindow(page, me);
  await giveCredentials(second.popup, world.adele);
  const { status, explanation } = await second.calling;
  assert.deepEqual([status, explanation.outcome], [200, "answered"]);
});

test("claims, leaving the page: the call ends, and the app goes on when the user is back", async (t) => {
  const page = await opened(t);
  await callApi(page, me);
  await tenant.revokeSessions(world.adele.username);
  await page.evaluate((url) => {
    document.title = "leaving";
    void client.fetch(url, {}, { onChallenge: "redirect", state: "open profile" });
  }, me);
  await giveCredentials(page, world.adele);
  const { answer } = await arrival(page);
  assert.deepEqual([answer.error, answer.value.state], [undefined, "open profile"]);
  const { status, explanation } = await callApi(page, me);
  assert.deepEqual([status, explanation.outcome], [200, "none"]);
});

test("a call that the page leaves for ends, also where the page stays", async (t) => {
  const page = await opened(t);
  await callApi(page, me);
  await tenant.revokeSessions(world.adele.username);
  const gone = await page.evaluate(async (url) => {
    const addresses = [];
    client.setNavigationClient({ navigateInternal: async () => false, navigateExternal: async (address) => { addresses.push(new URL(address).pathname.split("/").at(-1)); return false; } });
    const codes = await Promise.all([1, 2].map(() => client.fetch(url, {}, { onChallenge: "redirect" }).catch(({ errorCode }) => errorCode)));
    return { codes, addresses };
  }, me);
  assert.deepEqual(gone, { codes: ["page_left", "page_left"], addresses: ["authorize"] });
});

test("step-up: an order is cancelled with a second factor, once", async (t) => {
  const page = await opened(t, { scopes: [`${world.orders}/Orders.Write`] });
  const { popup, calling } = await callWithWindow(page, `${orders}/1001`, { method: "DELETE" }, { onChallenge: "popup" });
  await answerWith(popup, "Approve");
  const { status, explanation } = await calling;
  assert.deepEqual([status, explanation.outcome, explanation.challenge.kind], [204, "answered", "claims"]);
  // The token has the context: no second window.
  const next = await callApi(page, `${orders}/1002`, { method: "DELETE" });
  assert.equal(next.explanation.outcome, "none");
});

test("the app may refuse, by each challenge", async (t) => {
  const page = await opened(t);
  await callApi(page, me);
  await tenant.revokeSessions(world.adele.username);
  const grants = watchTokenRequests(page);
  const result = await page.evaluate(async (url) => {
    const seen = [];
    const response = await client.fetch(url, {}, { onChallenge: async (challenge) => { seen.push(challenge); return "refuse"; } });
    return { status: response.status, outcome: client.explainResponse(response).outcome, seen: seen.map(({ account, ...rest }) => ({ ...rest, username: account.username })) };
  }, `${me}?secret=1`);
  assert.deepEqual(result, { status: 401, outcome: "refused", seen: [{ kind: "claims", url: me, method: "GET", scopes: READ, username: world.adele.username }] });
  assert.deepEqual(grants, []);
});

test("scope: what consent can bring is asked for, silently where it was granted meanwhile", async (t) => {
  const page = await opened(t);
  own.answer(({ authorization }) => {
    const { scp } = JSON.parse(Buffer.from(authorization.split(".")[1], "base64url").toString());
    return scp.includes("Mail.Read") ? {} : { status: 403, headers: challenge({ error: "insufficient_scope", scope: "https://graph.microsoft.com/Mail.Read" }) };
  });
  const first = await callApi(page, `${own.origin}/mail`);
  assert.deepEqual([first.status, first.explanation.outcome, first.explanation.challenge.kind, first.explanation.forbidden.cause], [403, "needs_user", "scope", "consent"]);
  assert.deepEqual(first.explanation.request.scopes.toSorted(), ["User.Read", "https://graph.microsoft.com/Mail.Read"]);
  const { popup, calling } = await callWithWindow(page, `${own.origin}/mail`, {}, { onChallenge: "popup" });
  await answerWith(popup, "Accept");
  const { status, explanation } = await calling;
  assert.deepEqual([status, explanation.outcome], [200, "answered"]);
});

test("scope: what the user lacks the right to is asked of nobody", async (t) => {
  const page = await opened(t, { more: { onChallenge: "popup", resources: [{ url: tenant.apis.orders.origin, resource: world.orders, scopes: ["Orders.Manage"] }] } });
  await tenant.grantConsent({ clientId: tenant.clientId, resource: world.orders, permissions: ["Orders.Manage"] });
  const { status, explanation } = await callApi(page, `${orders}/all`);
  assert.deepEqual([status, explanation.outcome, explanation.forbidden.cause, explanation.forbidden.consentCanHelp], [403, "none", "user", false]);
});

test("token: one that the API does not take is renewed, once", async (t) => {
  const page = await opened(t);
  own.answer((_, count) => (count === 0 ? { status: 401, headers: challenge({ error: "invalid_token", error_description: "expired" }) } : {}));
  const grants = watchTokenRequests(page);
  const { status, explanation } = await callApi(page, `${own.origin}/x`);
  assert.deepEqual([status, explanation.outcome, grants], [200, "answered", ["refresh_token"]]);
  const [first, second] = own.calls.map(({ authorization }) => authorization);
  assert.notEqual(first, second);
});

test("before the call: a permission that is not granted yet is asked for in a window", async (t) => {
  const page = await opened(t);
  const refused = await callApi(page, `${me}/messages`);
  assert.deepEqual([refused.error.outcome, refused.error.classes], ["consent_required", ["AuthError", "ConsentRequiredError", "InteractionRequiredAuthError"]]);
  const told = await watchChallenges(page);
  const { popup, calling } = await callWithWindow(page, `${me}/messages`, {}, { onChallenge: "popup" });
  await answerWith(popup, "Accept");
  assert.equal((await calling).status, 200);
  assert.deepEqual(await told(), ["interaction"]);
});

for (const [spelling, claims] of Object.entries({
  "base64url without padding": (text) => Buffer.from(text).toString("base64url"),
  "base64 with padding": (text) => Buffer.from(text).toString("base64"),
})) {
  test(`claims in ${spelling}, beside a challenge of another scheme, go to the server as they are`, async (t) => {
    const page = await opened(t);
    const wanted = { access_token: { acrs: { essential: true, value: "c1" }, note: { value: "ÿ>?~" } } };
    own.answer((_, count) => (count === 0
      ? { status: 401, headers: { "WWW-Authenticate": `Negotiate, DPoP algs="ES256", error="invalid_token", Bearer claims="${claims(JSON.stringify(wanted))}", error="insufficient_claims"` } }
      : {}));
    const asked = [];
    page.context().on("request", (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname.endsWith("/authorize")) asked.push(JSON.parse(searchParams.get("claims")));
    });
    const { popup, calling } = await callWithWindow(page, `${own.origin}/x`, {}, { onChallenge: "popup" });
    await answerWith(popup, "Approve");
    assert.equal((await calling).status, 200);
    assert.deepEqual(asked, [{ access_token: { ...wanted.access_token, xms_cc: { values: ["CP1"] } } }]);
  });
}

test("a header that the API does not show to scripts is explained", async (t) => {
  const page = await opened(t);
  own.answer(() => ({ status: 401, headers: { ...challenge({ error: "insufficient_claims", claims: encoded({ nbf: { value: "1" } }) }), "Access-Control-Expose-Headers": "Retry-After" } }));
  const grants = watchTokenRequests(page);
  const { status, explanation } = await callApi(page, `${own.origin}/x`);
  assert.deepEqual([status, explanation.outcome, grants, own.calls.length], [401, "hidden", ["refresh_token"], 2]);
});

test("an answer is only ever to the API that was sent a token", async (t) => {
  const page = await opened(t, { more: { onChallenge: "popup" } });
  const stranger = await startApi(() => ({ status: 401, headers: challenge({ error: "insufficient_claims", claims: encoded({ nbf: { value: "1" } }) }) }));
  t.after(() => stranger.stop());
  const grants = watchTokenRequests(page);
  const { status, explanation } = await callApi(page, `${stranger.origin}/x`);
  assert.deepEqual([status, explanation.outcome, grants], [401, "none", []]);
});

test("giving up closes the window that was opened for a call, and the next one gets its own", async (t) => {
  const page = await opened(t, { more: { onChallenge: "popup" } });
  await callApi(page, me);
  await tenant.revokeSessions(world.adele.username);
  const opening = page.waitForEvent("popup");
  const calling = page.evaluate((url) => {
    window.controller = new AbortController();
    return client.fetch(url, { signal: window.controller.signal }).catch((error) => error.name);
  }, me);
  await (await opening).getByLabel("User name").waitFor();
  await page.evaluate(() => window.controller.abort());
  assert.equal(await calling, "AbortError");
  const second = await callWithWindow(page, me);
  await giveCredentials(second.popup, world.adele);
  assert.equal((await second.calling).status, 200);
});
