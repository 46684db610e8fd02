/** An API of another server than the platform that wants a stronger or newer sign-in (RFC 9470). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { callApi, challenge, startApi } from "./support/api.mjs";
import { openProviderApp, openProviderWorld, signIn, watch } from "./support/provider.mjs";
import { giveCredentials } from "./support/story.mjs";

/** @type {import("./support/provider.mjs").ProviderWorld} */
let world;
let own;
before(async () => {
  world = await openProviderWorld();
  own = await startApi();
});
after(() => Promise.all([world?.stop(), own?.stop()]));

/** Noor is signed in, and the API has its first call challenged. @param {import("node:test").TestContext} t @param {Record<string, string>} demanded @param {string} onChallenge */
async function opened(t, demanded, onChallenge) {
  const resources = [{ url: own.origin, scopes: ["profile"] }];
  const page = await openProviderApp(t, world, { allow: [/status of 40[01]/], api: { resources, onChallenge } });
  await signIn(page, world, { scopes: ["profile"] });
  own.answer((_, count) => (count === 0 ? { status: 401, headers: challenge({ error: "insufficient_user_authentication", ...demanded }) } : {}));
  return { page, sent: watch(page, world) };
}

/** What was asked of the user, or of the session: `prompt max_age acr_values`. */
const asked = (sent) => sent.filter(({ path }) => path === "/auth").map(({ query }) => [query.prompt, query.max_age, query.acr_values].join(" "));

test("what the session meets already is had without a word", async (t) => {
  const { page, sent } = await opened(t, { max_age: "3600" }, "silent");
  const { status, explanation } = await callApi(page, `${own.origin}/x`);
  assert.deepEqual([status, explanation.outcome, explanation.error], [200, "answered", null]);
  assert.deepEqual(asked(sent), ["none 3600 "]);
  const [first, second] = own.calls.map(({ authorization }) => authorization);
  assert.notEqual(first, second);
});

test("what it does not meet needs the user: in a window, after a frame", async (t) => {
  const { page, sent } = await opened(t, { max_age: "0", acr_values: "urn:one urn:two" }, "popup");
  const opening = page.waitForEvent("popup");
  const calling = callApi(page, `${own.origin}/x`);
  const popup = await opening;
  const inWindow = watch(popup, world);
  await giveCredentials(popup, world.noor);
  await popup.getByRole("button", { name: "Accept" }).click({ timeout: 3000 }).catch(() => {}); // not where nothing new is asked for
  const { status, explanation } = await calling;
  assert.deepEqual([status, explanation.outcome, explanation.error], [200, "answered", null]);
  assert.deepEqual(asked([...sent, ...inWindow])[0], "none 0 urn:one urn:two");
});

test("what it does not meet is told where nobody may be asked, with the request that asks", async (t) => {
  const { page } = await opened(t, { max_age: "0" }, "silent");
  const { status, explanation } = await callApi(page, `${own.origin}/x`);
  assert.deepEqual([status, explanation.outcome, explanation.challenge.kind], [401, "needs_user", "authentication"]);
  assert.deepEqual(explanation.request, { scopes: ["profile"], extraQueryParameters: { max_age: "0" } });
});

test("an API that is never content costs one frame", async (t) => {
  const { page, sent } = await opened(t, {}, "silent");
  own.answer(() => ({ status: 401, headers: challenge({ error: "insufficient_user_authentication", max_age: "3600" }) }));
  for (let at = 0; at < 3; at += 1) assert.equal((await callApi(page, `${own.origin}/x`)).explanation.outcome, "repeated");
  assert.equal(asked(sent).length, 1);
  assert.equal(own.calls.length, 4);
});

test("where scopes do not name their API, the map's `resource` does", async (t) => {
  const { identifier, scopes: [scope] } = world.server.resources.one;
  const resources = [{ url: own.origin, resource: identifier, scopes: [scope] }];
  const page = await openProviderApp(t, world, { allow: [/status of 40[01]/], api: { resources } });
  await signIn(page, world, { scopes: ["profile"] });
  const sent = watch(page, world);
  await callApi(page, `${own.origin}/x`);
  const forms = sent.filter(({ path }) => path === "/token").map(({ form }) => [form.resource, form.scope].join(" "));
  assert.ok(forms.some((text) => text.startsWith(`${identifier} `) && text.includes(scope)), JSON.stringify(forms));
});
