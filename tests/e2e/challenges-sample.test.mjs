/** The sample page's calls meet what its APIs demand: silently where that can be, else with the user, and each refusal is explained. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  answerConsent, assertFitsWidth, giveCredentials, leaveApproval, noticeIn, openTab, openWorld, permission, showAfterConsent, signIn, stateOf, tokenCalls, visit,
  watchTokenRequests, watchVisits,
} from "./support/story.mjs";

/** What Chromium writes to the console: for a token that is refused, a call that an API challenges, and the frame that the page's policy forbids. */
const allow = [
  /status of 400 .*\/oauth2\/v2\.0\/token/, /status of 40[13] .*\/(me|messages|orders|orders\/\d+)\)$/,
  /^Framing .*"frame-src 'none'"/,
];

/** @type {import("./support/story.mjs").World} */
let world;
let adele;
let graph;
let orders;

before(async () => {
  world = await openWorld();
  [adele] = world.tenant.users;
  ({ graph, orders } = world.tenant.apis);
});
beforeEach(() => world.tenant.reset());
after(() => world?.stop());

async function arrive(t, options = {}) {
  const page = await visit(t, world, { allow, ...options });
  await signIn(page, adele);
  return page;
}

const demands = (page) => page.getByTestId("demand").locator(".trace-top").allTextContents();
const says = (page, text) => page.getByTestId("status").getByText(text).waitFor();
const titleIn = (page, step, title) => noticeIn(page, step).getByText(title, { exact: true }).waitFor();

/** The calls of an API from now on, as method and status. */
function watchCalls(page, url) {
  const calls = [];
  page.on("response", (response) => {
    const method = response.request().method();
    if (response.url() === url && method !== "OPTIONS") calls.push(`${method} ${response.status()}`);
  });
  return calls;
}

async function passSecondFactor(page) {
  await page.getByRole("heading", { name: "Approve sign-in" }).waitFor();
  await page.getByRole("button", { name: "Approve" }).click();
}

/** Clicks, and has the window that opens. */
async function windowAfter(page, act) {
  const opening = page.waitForEvent("popup");
  await act();
  return opening;
}

test("challenged tokens are renewed by the call, and nobody visits the server", async (t) => {
  const page = await arrive(t);
  await showAfterConsent(page, "show-mail", "mail-list");
  const calls = watchCalls(page, `${graph.origin}/v1.0/me/messages`);
  const visits = watchVisits(page);
  const grants = watchTokenRequests(page);
  await openTab(page, "break");
  await page.getByTestId("challenge-tokens").click();
  await says(page, "Your tokens are challenged.");
  await page.getByTestId("show-mail").click();
  await says(page, "Mail: ");
  assert.deepEqual(await demands(page), ["Microsoft Graph demanded other claims answered silently"]);
  assert.deepEqual(calls, ["GET 401", "GET 200"]);
  assert.deepEqual(grants, ["refresh_token"]);
  assert.deepEqual(visits, []);
});

test("after the session is revoked a click leads through one sign-in, and on to what it was for", async (t) => {
  const page = await arrive(t);
  await showAfterConsent(page, "show-mail", "mail-list");
  const visits = watchVisits(page);
  await openTab(page, "break");
  await page.getByTestId("revoke-sessions").click();
  await says(page, "Your session is revoked.");
  await page.getByTestId("show-mail").click();
  await giveCredentials(page, adele);
  await page.getByTestId("mail-list").locator("li").first().waitFor();
  // The profile's own token is of before.
  assert.deepEqual(await demands(page), ["Microsoft Graph demanded other claims answered silently", "Microsoft Graph demanded other claims answered with you"]);
  assert.ok((await tokenCalls(page)).includes("as the API demanded"));
  assert.equal(await page.locator(":focus").textContent(), "Your mail");
  assert.equal(visits.length, 1);
});

test("a call that no click began asks nobody: the page says what is wanted, and a click goes on", async (t) => {
  const page = await arrive(t);
  await world.tenant.revokeSessions(adele.username);
  const visits = watchVisits(page);
  await page.reload();
  await titleIn(page, "profile", "The API wants to know you better.");
  assert.deepEqual(await demands(page), ["Microsoft Graph demanded other claims needs you"]);
  assert.deepEqual(visits, []);
  await noticeIn(page, "profile").getByRole("button", { name: "Continue" }).click();
  await giveCredentials(page, adele);
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  assert.deepEqual(await demands(page), ["Microsoft Graph demanded other claims answered with you"]);
});

test("who turns back from what an API demands is told so, and the demand stays open", async (t) => {
  const page = await arrive(t);
  await world.tenant.revokeSessions(adele.username);
  await page.reload();
  await noticeIn(page, "profile").getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("Password").waitFor();
  await page.goto(world.url);
  await titleIn(page, "profile", "The API wants to know you better.");
  assert.deepEqual(await demands(page), ["Microsoft Graph demanded other claims needs you", "Microsoft Graph demanded other claims not answered"]);
});

test("an order is cancelled after a second factor, in a window", async (t) => {
  const page = await arrive(t);
  await world.tenant.grantConsent({ clientId: world.tenant.clientId, resource: orders.resource, permissions: ["Orders.Write"], user: adele.username });
  await showAfterConsent(page, "show-orders", "orders-list");
  const calls = watchCalls(page, `${orders.origin}/orders/1001`);
  const popup = await windowAfter(page, () => page.getByTestId("cancel-1001").click());
  await says(page, "Orders API demanded other claims.");
  await passSecondFactor(popup);
  await says(page, "Order 1001 is cancelled.");
  assert.equal(await page.getByTestId("cancel-1001").count(), 0);
  assert.equal(await page.getByTestId("cancel-1002").count(), 1);
  assert.equal(await page.locator(":focus").textContent(), "Your orders");
  assert.deepEqual(calls, ["DELETE 401", "DELETE 204"]);
  assert.deepEqual(await demands(page), ["Orders API demanded other claims answered with you"]);

  // The session has the second factor now.
  const visits = watchVisits(page);
  await page.getByTestId("cancel-1002").click();
  await says(page, "Order 1002 is cancelled.");
  assert.deepEqual(visits, []);
});

test("the permission to cancel is asked for by the call, and shown with what it is for", async (t) => {
  const page = await arrive(t);
  await showAfterConsent(page, "show-orders", "orders-list");
  const consent = await windowAfter(page, () => page.getByTestId("cancel-1001").click());
  const factor = await windowAfter(page, () => answerConsent(consent, "Accept"));
  await passSecondFactor(factor);
  await says(page, "Order 1001 is cancelled.");
  assert.equal(await stateOf(page, "Orders.Write"), "granted");
  assert.match((await permission(page, "Orders.Write").textContent()) ?? "", /To cancel an order/);
});

test("without a window the page leaves, and what is still wanted after that a click begins", async (t) => {
  const page = await arrive(t);
  await showAfterConsent(page, "show-orders", "orders-list");
  await page.addInitScript(() => { window.open = () => null; });
  await page.evaluate(() => { window.open = () => null; });
  await page.getByTestId("cancel-1001").click();
  await answerConsent(page, "Accept");
  await titleIn(page, "orders", "The API wants to know you better.");
  assert.equal(await page.getByTestId("cancel-1001").count(), 1);
  await noticeIn(page, "orders").getByRole("button", { name: "Continue" }).click();
  await passSecondFactor(page);
  await says(page, "Order 1001 is cancelled.");
  assert.equal(await page.getByTestId("cancel-1001").count(), 0);
  assert.deepEqual(await demands(page), ["Orders API demanded other claims answered with you"]);
});

test("a window that is closed, or a consent that is declined, cancels nothing and can be opened again", async (t) => {
  const page = await arrive(t);
  await showAfterConsent(page, "show-orders", "orders-list");
  const consent = await windowAfter(page, () => page.getByTestId("cancel-1001").click());
  await answerConsent(consent, "Cancel");
  await titleIn(page, "orders", "You declined.");
  await noticeIn(page, "orders").getByRole("button", { name: "Ask me again" }).click();
  await answerConsent(page, "Accept");
  await titleIn(page, "orders", "The API wants to know you better.");
  const goOn = (name) => windowAfter(page, () => noticeIn(page, "orders").getByRole("button", { name }).click());
  const factor = await goOn("Continue");
  await factor.getByRole("heading", { name: "Approve sign-in" }).waitFor();
  await factor.close();
  await titleIn(page, "orders", "The window was closed.");
  assert.equal(await page.getByTestId("cancel-1001").count(), 1);
  await passSecondFactor(await goOn("Go on"));
  await says(page, "Order 1001 is cancelled.");
});

test("who declined what an API told the page to ask for is asked again at one click", async (t) => {
  const page = await arrive(t);
  await page.getByTestId("show-colleague").click();
  await titleIn(page, "colleague", "The page lacks a permission.");
  await noticeIn(page, "colleague").getByRole("button", { name: "Continue" }).click();
  await answerConsent(page, "Cancel");
  await titleIn(page, "colleague", "You declined.");
  await noticeIn(page, "colleague").getByRole("button", { name: "Ask me again" }).click();
  await answerConsent(page, "Accept");
  await page.getByTestId("colleague-list").waitFor();
});

/** Graph refuses the mailboxes of others, with this header or none. */
const refuse = (page, challenge) => page.route(`${graph.origin}/v1.0/users/*/messages`, (route) => route.fulfill({
  status: 403,
  headers: {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "WWW-Authenticate",
    ...(challenge && { "www-authenticate": `Bearer realm="", ${challenge}` }),
  },
  json: {},
}));
const missing = (name) => `error="insufficient_scope", scope="${graph.resource}/${name}"`;

test("each kind of refusal has its sentence", async (t) => {
  const page = await arrive(t);
  await page.getByTestId("show-mail").click();
  await answerConsent(page, "Cancel");
  await titleIn(page, "mail", "You declined.");
  const visits = watchVisits(page);
  for (const [challenge, title, button] of [
    [missing("Calendars.Read"), "The page lacks a permission.", "Continue"],
    [missing("Mail.Read"), "You declined.", "Ask me again"],
    [missing("User.Read"), "The API refused.", "Try again"],
    ['error="insufficient_claims"', "The API wants to know you better.", "Continue"],
    ["", "You may not do this.", ""],
  ]) {
    await page.unrouteAll();
    await refuse(page, challenge);
    // A choice clears what was said before.
    await page.getByTestId("colleague").dispatchEvent("change");
    await page.getByTestId("show-colleague").click();
    await titleIn(page, "colleague", title);
    const buttons = await noticeIn(page, "colleague").getByRole("button").allTextContents();
    assert.deepEqual(buttons, button ? [button] : [], title);
  }
  assert.deepEqual(visits, []);
});

test("a refusal that an administrator lifts has the link for one", async (t) => {
  const page = await arrive(t);
  await page.getByTestId("show-all-orders").click();
  await leaveApproval(page, "Back to app");
  await page.getByTestId("admin-link").waitFor();
  await page.route(`${orders.origin}/orders`, (route) => route.fulfill({
    status: 403,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-expose-headers": "WWW-Authenticate",
      "www-authenticate": `Bearer realm="", error="insufficient_scope", scope="${orders.resource}/Orders.Manage"`,
    },
    json: {},
  }));
  await page.getByTestId("show-orders").click();
  await answerConsent(page, "Accept");
  await titleIn(page, "orders", "An administrator has to allow this.");
  assert.equal(await noticeIn(page, "orders").getByTestId("admin-link").count(), 1);
});

test("where the page's server leaves the tenant alone there is nothing to break", async (t) => {
  const page = await visit(t, world);
  await openTab(page, "break");
  assert.ok(await page.getByTestId("reset").isHidden(), "not before somebody is signed in");
  await page.route("**/config.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace(/"actions": \[[^\]]*\]/, '"actions": []') });
  });
  await page.reload();
  await signIn(page, adele);
  assert.equal(await page.getByTestId("break").count(), 0);
  assert.deepEqual(await page.getByRole("tab").allTextContents(), ["Permissions", "Timeline", "Accounts", "Tokens"]);
});

test("at 360 px what is new does not scroll sideways", async (t) => {
  const page = await arrive(t, { width: 360 });
  await showAfterConsent(page, "show-orders", "orders-list");
  await openTab(page, "break");
  await page.getByTestId("challenge-tokens").click();
  await says(page, "Your tokens are challenged.");
  await page.getByTestId("show-orders").click();
  await openTab(page, "tokens");
  await page.getByTestId("demand").waitFor();
  await assertFitsWidth(page);
});
