/** Many calls that meet a challenge at once, and APIs that are never content. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { answerWith, openApp, openWorld, signIn } from "./support/consent.mjs";
import { callApi, challenge, encoded, startApi } from "./support/api.mjs";
import { giveCredentials, watchTokenRequests } from "./support/story.mjs";

/** @type {import("./support/consent.mjs").World} */
let world;
let tenant;
let own;
let me;
before(async () => {
  world = await openWorld();
  own = await startApi();
  ({ tenant } = world);
  me = `${tenant.apis.graph.origin}/v1.0/me`;
});
beforeEach(() => tenant.reset());
after(() => Promise.all([world?.stop(), own?.stop()]));

const REFUSALS = [/status of (?:40[013]|429|503)/];
const READ = ["User.Read"];
const MANY = 50;

async function opened(t, onChallenge) {
  const resources = [{ url: `${tenant.apis.graph.origin}/v1.0`, scopes: READ, routes: [{ path: "/me/messages", scopes: ["Mail.Read"] }] }, { url: own.origin, scopes: READ }];
  const page = await openApp(t, world, { allow: REFUSALS, api: { resources, onChallenge }, auth: { clientCapabilities: ["CP1"] } });
  await signIn(page, world.adele, READ);
  return page;
}

/** Many calls at once: how often each status came. @param {import("playwright-core").Page} page @param {string} url @param {number} [gap] between them, in milliseconds */
const callMany = (page, url, gap = 0) =>
  page.evaluate(async ([url, count, gap]) => {
    const pause = (/** @type {number} */ time) => new Promise((resolve) => { setTimeout(resolve, time); });
    const calls = Array.from({ length: count }, async (_, at) => {
      await pause(at * gap);
      return client.fetch(url).then(({ status }) => status, ({ errorCode }) => errorCode);
    });
    const tally = {};
    for (const result of await Promise.all(calls)) tally[result] = (tally[result] ?? 0) + 1;
    return tally;
  }, [url, MANY, gap]);

/** The windows of a page, from now on. */
function watchWindows(page) {
  const windows = [];
  page.on("popup", (popup) => windows.push(popup));
  return windows;
}

test("50 calls that meet one challenge are one token request", async (t) => {
  const page = await opened(t, "silent");
  await callApi(page, me);
  await tenant.challengeTokens(world.adele.username);
  const grants = watchTokenRequests(page);
  assert.deepEqual(await callMany(page, me), { 200: MANY });
  assert.deepEqual(grants, ["refresh_token"]);
});

test("50 calls that come one after the other, while the first is answered, are one token request", async (t) => {
  const page = await opened(t, "silent");
  await callApi(page, me);
  await tenant.challengeTokens(world.adele.username);
  await tenant.injectFault({ endpoint: "token", delayMilliseconds: 600, times: 1 });
  const grants = watchTokenRequests(page);
  // The tenant names another second in each challenge.
  assert.deepEqual(await callMany(page, me, 30), { 200: MANY });
  assert.deepEqual(grants, ["refresh_token"]);
});

/** Many calls for which one window opens. @param {import("playwright-core").Page} page @param {string} url @param {(popup: import("playwright-core").Page) => Promise<unknown>} act What the user does in it. */
async function callWithWindow(page, url, act) {
  const windows = watchWindows(page);
  const opening = page.waitForEvent("popup");
  const calling = callMany(page, url);
  await act(await opening);
  const tally = await calling;
  assert.equal(windows.length, 1);
  return tally;
}

/** A page whose user has to sign in again. */
async function revoked(t) {
  const page = await opened(t, "popup");
  await callApi(page, me);
  await tenant.revokeSessions(world.adele.username);
  return page;
}

test("50 calls that meet a challenge that only the user can answer open one window", async (t) => {
  const page = await revoked(t);
  assert.deepEqual(await callWithWindow(page, me, (popup) => giveCredentials(popup, world.adele)), { 200: MANY });
});

test("50 calls of which the one window is closed all end, and ask no more", async (t) => {
  const page = await revoked(t);
  const close = async (popup) => {
    await popup.getByLabel("User name").waitFor();
    await popup.close();
  };
  assert.deepEqual(await callWithWindow(page, me, close), { 401: MANY });
});

test("50 calls that need a permission first open one window", async (t) => {
  const page = await opened(t, "popup");
  assert.deepEqual(await callWithWindow(page, `${me}/messages`, (popup) => answerWith(popup, "Accept")), { 200: MANY });
});

const ALWAYS = {
  "the same claims": () => challenge({ error: "insufficient_claims", claims: encoded({ nbf: { essential: true, value: "1" } }) }),
  "other claims each time": (count) => challenge({ error: "insufficient_claims", claims: encoded({ nbf: { essential: true, value: String(count) } }) }),
  "a valid token": () => challenge({ error: "invalid_token" }),
  nothing: () => ({}),
};
for (const [what, headers] of Object.entries(ALWAYS)) {
  test(`an API that always demands ${what} is sent each call twice at most, and costs one token for each demand`, async (t) => {
    const page = await opened(t, "silent");
    own.answer((_, count) => ({ status: 401, headers: headers(count) }));
    const grants = watchTokenRequests(page);
    const outcomes = [];
    for (let at = 0; at < 5; at += 1) outcomes.push((await callApi(page, `${own.origin}/x`)).explanation.outcome);
    // What it has not demanded yet may be what it takes: that is tried three times.
    const tries = what === "other claims each time" ? 3 : 1;
    assert.equal(own.calls.length, 5 + tries);
    assert.deepEqual([...new Set(outcomes)], [what === "nothing" ? "hidden" : "repeated"]);
    assert.equal(grants.length, tries);
  });
}

test("an API that always challenges does not have the user leave the page again and again", async (t) => {
  const page = await opened(t, "popup");
  own.answer(() => ({ status: 401, headers: challenge({ error: "insufficient_claims", claims: encoded({ acrs: { essential: true, value: "c1" } }) }) }));
  const windows = watchWindows(page);
  const opening = page.waitForEvent("popup");
  const calling = callApi(page, `${own.origin}/x`);
  await answerWith(await opening, "Approve");
  assert.equal((await calling).explanation.outcome, "repeated");
  for (let at = 0; at < 3; at += 1) assert.equal((await callApi(page, `${own.origin}/x`)).explanation.outcome, "repeated");
  assert.equal(windows.length, 1);
});
