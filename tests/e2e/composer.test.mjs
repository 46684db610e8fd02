/** The sample page's composer: scopes as a person types them, and the requests that come of them. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { assertFitsWidth, openWorld, signIn, stateOf, visit, watchTokenRequests } from "./support/story.mjs";

/** @type {import("./support/story.mjs").World} */
let world;
let graph;
let orders;

before(async () => {
  world = await openWorld();
  ({ graph, orders } = world.tenant.apis);
});
beforeEach(() => world.tenant.reset());
after(() => world?.stop());

const resultOf = (page) => page.getByTestId("composer-result");
/** What a person types, and what comes of it: the line, the parameters in order, the names and states of the permissions. */
async function compose(page, text) {
  await page.getByTestId("composer-input").fill(text);
  const result = resultOf(page);
  await page.locator("[data-testid=composer-result][aria-busy=false]").waitFor();
  return {
    line: await result.locator(".composer-line").textContent(),
    parameters: await result.locator(".composer-part .parameter").allTextContents(),
    states: await result.locator(".mark-name").allTextContents(),
  };
}
const words = (text) => text?.split(" ").sort();

test("two APIs are one authorization request and two token requests", async (t) => {
  const page = await visit(t, world);
  const { line, parameters, states } = await compose(page, `Mail.Read,Calendars.Read\n${orders.resource}/Orders.Read`);
  assert.equal(line, "One sign-in, 2 token requests.");
  const own = ["offline_access", "openid", "profile"];
  assert.deepEqual(parameters.map(words), [
    [...own, "Calendars.Read", "Mail.Read", `${orders.resource}/Orders.Read`].sort(),
    [...own, "Calendars.Read", "Mail.Read"].sort(),
    [...own, `${orders.resource}/Orders.Read`].sort(),
  ]);
  assert.equal(states.length, 3);
});

test("a list and an object of the same permissions come to the same", async (t) => {
  const page = await visit(t, world);
  const list = await compose(page, `${graph.resource}/Mail.Read ${orders.resource}/Orders.Read`);
  const object = await compose(page, JSON.stringify({ [graph.resource]: ["Mail.Read"], [orders.resource]: ["Orders.Read"] }));
  assert.deepEqual(object, list);
});

test("what is granted is not asked for again", async (t) => {
  const page = await visit(t, world);
  await signIn(page, world.tenant.users[0]);
  const requests = watchTokenRequests(page);
  const { line, parameters } = await compose(page, "openid profile email User.Read");
  assert.equal(line, "No question, 1 token request.");
  assert.equal(parameters.length, 1);
  const both = await compose(page, "User.Read Mail.Read");
  assert.deepEqual(words(both.parameters[0]), ["Mail.Read", "offline_access", "openid", "profile"]);
  assert.deepEqual(both.states.map((text) => text.trim()), ["User.Read granted", "Mail.Read not asked yet"]);
  assert.deepEqual(requests, [], "composing asks nobody");
});

test("an Application ID URI that ends in a slash keeps it", async (t) => {
  const page = await visit(t, world);
  const { parameters, states } = await compose(page, "https://contoso.example/stock//Items.Read");
  assert.deepEqual(states.map((text) => text.trim()), ["Items.Read not asked yet"]);
  assert.match(parameters[0], /https:\/\/contoso\.example\/stock\/\/Items\.Read/);
});

test("a request that could be smaller says how, and becomes it with a click", async (t) => {
  const page = await visit(t, world);
  const { line } = await compose(page, "Mail.Read Mail.ReadWrite");
  assert.equal(line, "One sign-in, 1 token request, 1 warning.");
  assert.match(await resultOf(page).locator(".notice").textContent(), /redundant_scope/);
  await page.getByRole("button", { name: "Use the smaller request" }).click();
  assert.equal(await page.getByTestId("composer-input").inputValue(), "Mail.ReadWrite");
  assert.equal(await resultOf(page).locator(".notice").count(), 0);
});

test("a request whose smaller form only the developer knows is warned of, without a button", async (t) => {
  const page = await visit(t, world);
  const { line, parameters } = await compose(page, `${graph.resource}/.default`);
  assert.equal(line, "One sign-in, 1 token request, 1 warning.");
  assert.equal(parameters.length, 2);
  const notice = resultOf(page).locator(".notice");
  assert.match(await notice.textContent(), /default_scope/);
  assert.deepEqual(await notice.locator(".parameter, button").all(), []);
});

test("a `.default` that stands for what is granted becomes its names with a click", async (t) => {
  const page = await visit(t, world);
  await signIn(page, world.tenant.users[0]);
  await compose(page, `${graph.resource}/.default`);
  await page.getByRole("button", { name: "Use the smaller request" }).click();
  assert.equal(await page.getByTestId("composer-input").inputValue(), `${graph.resource}/User.Read`);
});

for (const [what, text, message] of [
  [".default beside a name", "https://graph.microsoft.com/.default Mail.Read", /\.default/],
  ["a bare ID", "9c1f6b52-3d0e-4a87-b6a4-51e0c8f7d2a9", /^scopes has a malformed scope/],
  ["address", "openid address", /^scopes /],
  ["an API that is none", "{\"orders\": [\"Read\"]}", /^scopes /],
  ["something else than names", "{\"https://graph.microsoft.com\": [1]}", /^scopes /],
  ["an API without a permission", "{\"https://graph.microsoft.com\": []}", /^scopes /],
  ["broken JSON", "{\"https://graph.microsoft.com\": [", /valid JSON/],
]) {
  test(`${what} is refused in place`, async (t) => {
    const page = await visit(t, world);
    const { line, parameters } = await compose(page, text);
    assert.equal(line, "This can’t be asked for.");
    assert.deepEqual(parameters, []);
    assert.match(await resultOf(page).locator(".sentence").textContent(), message);
    assert.equal(await page.getByTestId("composer-input").getAttribute("aria-invalid"), "true");
    await compose(page, "User.Read");
    assert.equal(await page.getByTestId("composer-input").getAttribute("aria-invalid"), "false");
  });
}

test("an answer that comes late does not take the place of a newer one", async (t) => {
  const page = await visit(t, world);
  await page.route("**/auth.js", async (route) => {
    const response = await route.fetch();
    const slow = "async (scopes) => { await new Promise((resolve) => setTimeout(resolve, String(scopes).includes('Slow') ? 800 : 50)); return client.plan(scopes); };";
    const body = (await response.text()).replace("(scopes) => client.plan(scopes);", slow);
    assert.ok(body.includes(slow));
    await route.fulfill({ response, body });
  });
  await page.reload();
  await page.locator("#status", { hasNotText: "Loading" }).waitFor();
  await page.getByTestId("composer-input").fill("Slow.Read");
  const { states } = await compose(page, "Mail.Read");
  assert.deepEqual(states.map((text) => text.trim()), ["Mail.Read not asked yet"]);
  await page.waitForTimeout(1000);
  assert.deepEqual(await resultOf(page).locator(".mark-name").allTextContents(), states);
  await signIn(page, world.tenant.users[0]);
  assert.equal(await stateOf(page, "User.Read"), "granted");
});

test("each example shows what it is for, at 360 px as well, and the page below stays in place", async (t) => {
  const page = await visit(t, world, { width: 360 });
  const examples = await page.getByTestId("composer").getByRole("group", { name: "Examples" }).getByRole("button").all();
  const lines = [];
  for (const example of examples) {
    await example.click();
    lines.push(await resultOf(page).locator(".composer-line").textContent());
    await assertFitsWidth(page);
  }
  assert.equal(lines.filter((line) => line === "This can’t be asked for.").length, 3);
  assert.equal(lines.filter((line) => line.includes("warning")).length, 2);
  await page.getByTestId("composer-input").fill("");
  assert.equal(await resultOf(page).locator(".composer-line").textContent(), "Nothing is asked for yet.");
});
