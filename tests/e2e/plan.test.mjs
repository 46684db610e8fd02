/** The sample page shows the plan: what is granted, missing, declined and an administrator's, and what each takes. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  answerConsent, askedPermissions, assertFitsWidth, consentForOrganization, giveCredentials, lastTokenCall, leaveApproval, noticeIn,
  openWorld, permission, showAfterConsent, signIn, stateOf, tokenCalls, visit, watchTokenRequests, watchVisits,
} from "./support/story.mjs";

/** What Chromium writes to the console for a refresh that lacks consent, and for a call that an API refuses. */
const allow = [/status of 400 .*\/oauth2\/v2\.0\/token/, /status of 403 .*\/(messages|all)\)$/];

/** @type {import("./support/story.mjs").World} */
let world;
let adele;
let bo;
let carla;
let graph;
let orders;

before(async () => {
  world = await openWorld();
  [adele, bo, carla] = world.tenant.users;
  ({ graph, orders } = world.tenant.apis);
});
beforeEach(() => world.tenant.reset());
after(() => world?.stop());

/** Opens the page and signs in. */
async function arrive(t, user = adele, options = {}) {
  const page = await visit(t, world, { allow, ...options });
  await signIn(page, user);
  return page;
}

/** Comes as far as the notice that an administrator is needed. */
async function needAdmin(page) {
  await page.getByTestId("show-all-orders").click();
  await leaveApproval(page, "Back to app");
  await page.getByTestId("admin-link").waitFor();
}

async function declineAsAdmin(popup) {
  await leaveApproval(popup, "Switch account");
  await giveCredentials(popup, carla);
  await answerConsent(popup, "Cancel");
}

const planLine = (page) => page.getByTestId("plan-line").textContent();
const titleIn = (page, step, title) => noticeIn(page, step).getByText(title).waitFor();

test("each permission shows its state: granted, declined, for an admin, not asked yet", async (t) => {
  const page = await visit(t, world, { allow });
  for (const name of ["User.Read", "Mail.Read", "Mail.Read.Shared", "Orders.Read", "Orders.Manage"]) {
    assert.equal(await stateOf(page, name), "not asked yet");
  }
  assert.match(await planLine(page), /^login /);
  await signIn(page, adele);
  assert.match(await planLine(page), /^consent 3 permissions not asked yet/);
  await page.getByTestId("show-mail").click();
  await answerConsent(page, "Cancel");
  await needAdmin(page);
  const states = ["User.Read", "Mail.Read", "Mail.Read.Shared", "Orders.Read", "Orders.Manage"].map((name) => stateOf(page, name));
  assert.deepEqual(await Promise.all(states), ["granted", "declined", "not asked yet", "not asked yet", "for an admin"]);
  assert.match(await planLine(page), /^consent 2 permissions not asked yet/);
});

test("what was granted beyond the page's own permissions stays listed", async (t) => {
  const page = await arrive(t);
  await page.evaluate(async () => {
    const [{ PublicClientApplication }, { default: { clientId, authority } }] = await Promise.all([import("consentry"), import("/config.js")]);
    const client = new PublicClientApplication({ auth: { clientId, authority } });
    await client.initialize();
    await client.acquireTokenRedirect({ scopes: ["Calendars.Read"] });
  }).catch(() => { /* the page is gone before it can answer */ });
  await answerConsent(page, "Accept");
  await permission(page, "Calendars.Read").waitFor();
  assert.equal(await stateOf(page, "Calendars.Read"), "granted");
});

test("one interaction asks for the rest of both APIs, and then everything opens without a question", async (t) => {
  const page = await arrive(t);
  const visits = watchVisits(page);
  await page.getByTestId("ask-all").click();
  assert.deepEqual(await askedPermissions(page), [
    `${graph.resource} Mail.Read`, `${graph.resource} Mail.Read.Shared`, `${orders.resource} Orders.Read`,
  ]);
  await answerConsent(page, "Accept");
  await page.getByTestId("status").getByText("A token for 2 APIs.").waitFor();
  for (const name of ["Mail.Read", "Mail.Read.Shared", "Orders.Read"]) assert.equal(await stateOf(page, name), "granted");
  assert.match(await planLine(page), /^none /);
  assert.ok(await page.getByTestId("ask-all").isHidden());
  for (const [button, list] of [["show-mail", "mail-list"], ["show-orders", "orders-list"]]) {
    await page.getByTestId(button).click();
    await page.getByTestId(list).locator("li").first().waitFor();
    assert.equal(await lastTokenCall(page), "from cache");
  }
  assert.equal(visits.length, 1);
});

test("one sign-in can ask for everything", async (t) => {
  const page = await visit(t, world, { allow });
  const visits = watchVisits(page);
  await page.getByTestId("ask-all").click();
  await giveCredentials(page, adele);
  assert.equal((await askedPermissions(page)).length, 4);
  await answerConsent(page, "Accept");
  await page.getByTestId("status").getByText("A token for 2 APIs.").waitFor();
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  assert.equal(await stateOf(page, "Orders.Read"), "granted");
  assert.equal(visits.length, 1);
});

test("who declines all at once is asked again only when they say so", async (t) => {
  const page = await arrive(t);
  const visits = watchVisits(page);
  await page.getByTestId("ask-all").click();
  await answerConsent(page, "Cancel");
  await page.getByTestId("permissions").getByTestId("error").getByText("You declined.").waitFor();
  for (const name of ["Mail.Read", "Mail.Read.Shared", "Orders.Read"]) assert.equal(await stateOf(page, name), "declined");
  assert.match(await planLine(page), /^declined /);
  await page.reload();
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  assert.ok(await page.getByTestId("ask-all").isHidden());
  assert.equal(visits.length, 1);
});

test("the retry after declining all at once asks for all again", async (t) => {
  const page = await arrive(t);
  await page.getByTestId("ask-all").click();
  await answerConsent(page, "Cancel");
  await page.getByTestId("retry").click();
  assert.equal((await askedPermissions(page)).length, 3);
  await answerConsent(page, "Accept");
  await page.getByTestId("status").getByText("A token for 2 APIs.").waitFor();
});

test("a decline is shown with its time, outlives a reload, and is asked again by a click", async (t) => {
  const began = Date.now();
  const page = await arrive(t);
  await page.getByTestId("show-mail").click();
  await answerConsent(page, "Cancel");
  await titleIn(page, "mail", "You declined.");
  const on = () => permission(page, "Mail.Read").locator("time").getAttribute("datetime");
  const first = await on();
  assert.ok(Date.parse(first) >= began - 1000 && Date.parse(first) <= Date.now(), first);

  const visits = watchVisits(page);
  await page.reload();
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  assert.equal(await stateOf(page, "Mail.Read"), "declined");
  assert.equal(await on(), first);
  assert.deepEqual(visits, []);
  await showAfterConsent(page, "show-mail", "mail-list");
  assert.equal(await stateOf(page, "Mail.Read"), "granted");
});

test("what the user leaves out on the consent page counts as declined, and is asked for again by a click", async (t) => {
  const page = await arrive(t);
  await world.tenant.changeSettings({ granularConsent: true });
  await page.getByTestId("show-mail").click();
  await page.getByRole("checkbox").uncheck();
  await answerConsent(page, "Accept");
  await titleIn(page, "mail", "You declined.");
  assert.equal(await stateOf(page, "Mail.Read"), "declined");
  await noticeIn(page, "mail").getByTestId("retry").click();
  assert.deepEqual(await askedPermissions(page), [`${graph.resource} Mail.Read`]);
  await answerConsent(page, "Accept");
  await page.getByTestId("mail-list").locator("li").first().waitFor();
});

test("an administrator who follows the link takes the question away", async (t) => {
  const page = await arrive(t);
  await needAdmin(page);
  assert.equal(await stateOf(page, "Orders.Manage"), "for an admin");
  const link = await page.getByTestId("admin-link").inputValue();

  const other = await visit(t, world, { allow });
  await other.goto(link);
  await consentForOrganization(other, carla);
  await other.getByTestId("status").getByText("Whoever sent it can go on now.").waitFor();
  assert.equal(other.url(), world.url);

  const visits = watchVisits(page);
  const requests = watchTokenRequests(page);
  await page.getByTestId("retry").click();
  // The page has its token. What the API says now is about Adele.
  await titleIn(page, "all-orders", "You may not do this.");
  assert.deepEqual((await tokenCalls(page)).slice(0, 2), ["from cache", "by refresh token"]);
  assert.equal(await stateOf(page, "Orders.Manage"), "granted");
  assert.deepEqual(requests, ["refresh_token"]);
  assert.deepEqual(visits, []);
});

test("the link can be copied, and is selected where the browser denies the clipboard", async (t) => {
  const page = await arrive(t);
  await needAdmin(page);
  const link = await page.getByTestId("admin-link").inputValue();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByTestId("copy-link").click();
  await page.getByTestId("copy-link").getByText("Copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);

  await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error("denied")); });
  await page.getByTestId("copy-link").click();
  await page.getByTestId("copy-link").getByText("Selected").waitFor();
  assert.equal(await page.evaluate(() => getSelection()?.toString() || document.activeElement?.value), link);
});

test("an administrator consents in a window, and the page goes on", async (t) => {
  const page = await arrive(t);
  await needAdmin(page);
  const opening = page.waitForEvent("popup");
  await page.getByTestId("admin-consent").click();
  const popup = await opening;
  await leaveApproval(popup, "Switch account");
  await consentForOrganization(popup, carla);
  await titleIn(page, "all-orders", "You may not do this.");
  assert.equal(await stateOf(page, "Orders.Manage"), "granted");
  assert.ok(popup.isClosed());
  assert.equal(await page.locator("#account").textContent(), adele.username);
});

test("a window that comes back without consent, or is closed, leaves the ways on in place", async (t) => {
  const page = await arrive(t);
  await needAdmin(page);
  for (const leave of [(popup) => leaveApproval(popup, "Back to app"), (popup) => popup.close()]) {
    const opening = page.waitForEvent("popup");
    await page.getByTestId("admin-consent").click();
    const popup = await opening;
    await popup.getByRole("button", { name: "Back to app" }).waitFor();
    await leave(popup);
    await page.getByTestId("status").getByText("Asking an administrator").waitFor({ state: "detached" });
    await page.getByTestId("admin-consent").waitFor();
    assert.equal(await page.getByTestId("admin-link").count(), 1);
  }
  await titleIn(page, "all-orders", "The window was closed.");
});

test("an administrator who declines, in a window or in the page, is not taken for the user", async (t) => {
  const page = await arrive(t);
  await needAdmin(page);
  const opening = page.waitForEvent("popup");
  await page.getByTestId("admin-consent").click();
  await declineAsAdmin(await opening);
  await titleIn(page, "all-orders", "The administrator declined.");
  assert.equal(await stateOf(page, "Orders.Manage"), "for an admin");

  await page.evaluate(() => { window.open = () => null; });
  await page.getByTestId("admin-consent").click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await titleIn(page, "all-orders", "The administrator declined.");
  assert.equal(await page.getByTestId("admin-link").count(), 1);
});

test("without a window the page itself goes to the administrator and back", async (t) => {
  const page = await arrive(t);
  await needAdmin(page);
  await page.evaluate(() => { window.open = () => null; });
  await page.getByTestId("admin-consent").click();
  await leaveApproval(page, "Switch account");
  await consentForOrganization(page, carla);
  await titleIn(page, "all-orders", "You may not do this.");
  assert.equal(await stateOf(page, "Orders.Manage"), "granted");
  assert.equal(page.url(), world.url);
});

test("an administrator's own step opens after one consent", async (t) => {
  const page = await arrive(t, carla);
  await showAfterConsent(page, "show-all-orders", "all-orders-list");
  await page.getByTestId("all-orders-list").getByText(bo.username).first().waitFor();
});

test("a refusal that consent cures leads to it, one that no consent cures asks nobody", async (t) => {
  const page = await arrive(t);
  await page.getByTestId("colleague").selectOption(carla.username);
  await page.getByTestId("show-colleague").click();
  await titleIn(page, "colleague", "The page lacks a permission.");
  assert.equal(await lastTokenCall(page), "from cache");
  await noticeIn(page, "colleague").getByTestId("retry").click();
  assert.deepEqual(await askedPermissions(page), [`${graph.resource} Mail.Read.Shared`]);
  await answerConsent(page, "Accept");
  await titleIn(page, "colleague", "You may not do this.");
  assert.equal(await page.getByTestId("colleague").inputValue(), carla.username);
  assert.equal(await noticeIn(page, "colleague").getByTestId("retry").count(), 0);

  const visits = watchVisits(page);
  await page.getByTestId("colleague").selectOption(bo.username);
  assert.equal(await noticeIn(page, "colleague").count(), 0);
  await page.getByTestId("show-colleague").click();
  await page.getByTestId("colleague-list").getByText("Re: Shelf plan for December").waitFor();
  await page.getByTestId("colleague").selectOption(carla.username);
  assert.ok(await page.getByTestId("colleague-list").isHidden(), "nobody takes Bo's mail for Carla's");
  assert.deepEqual(visits, []);
});

test("who may not read a mailbox is told so after consenting, and not asked again", async (t) => {
  const page = await arrive(t, bo);
  await page.getByTestId("colleague").selectOption(adele.username);
  await page.getByTestId("show-colleague").click();
  await noticeIn(page, "colleague").getByTestId("retry").click();
  await answerConsent(page, "Accept");
  await titleIn(page, "colleague", "You may not do this.");
  assert.equal(await stateOf(page, "Mail.Read.Shared"), "granted");
});

test("what the API says with its refusal counts", async (t) => {
  const page = await arrive(t);
  await page.route(`${graph.origin}/v1.0/me/messages`, (route) => route.fulfill({
    status: 403,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-expose-headers": "WWW-Authenticate",
      "www-authenticate": "Bearer realm=\"\", error=\"insufficient_claims\", claims=\"e30=\"",
    },
    json: {},
  }));
  await page.getByTestId("show-mail").click();
  await answerConsent(page, "Accept");
  await titleIn(page, "mail", "The API wants to know you better.");
});

test("what another tab was granted opens here without a question, and shows when this tab is looked at again", async (t) => {
  const page = await arrive(t);
  const other = await page.context().newPage();
  await other.goto(world.url);
  await other.getByTestId("sign-in").click();
  await other.getByTestId("profile").getByText(adele.name).waitFor();
  await showAfterConsent(other, "show-mail", "mail-list");
  assert.equal(await stateOf(page, "Mail.Read"), "not asked yet", "tokens stay in their tab");

  // Another client of this tab learns of it; the page looks when it is looked at.
  await page.evaluate(async () => {
    const [{ PublicClientApplication }, { default: { clientId, authority } }] = await Promise.all([import("consentry"), import("/config.js")]);
    const client = new PublicClientApplication({ auth: { clientId, authority } });
    await client.initialize();
    await client.acquireTokenSilent({ scopes: ["Mail.Read"] });
  });
  await page.evaluate(() => window.dispatchEvent(new Event("focus")));
  assert.equal(await stateOf(page, "Mail.Read"), "granted");
  const visits = watchVisits(page);
  await page.getByTestId("show-mail").click();
  await page.getByTestId("mail-list").locator("li").first().waitFor();
  assert.deepEqual(visits, []);
});

test("where only administrators may consent, asking for all at once says so and has a link for all", async (t) => {
  const page = await arrive(t);
  await world.tenant.changeSettings({ userConsent: false });
  await page.getByTestId("ask-all").click();
  await leaveApproval(page, "Back to app");
  const notice = page.getByTestId("permissions").getByTestId("error");
  await notice.getByText("An administrator has to allow this.").waitFor();
  const wanted = [`${graph.resource}/Mail.Read`, `${graph.resource}/Mail.Read.Shared`, `${orders.resource}/Orders.Read`];
  const link = () => notice.getByTestId("admin-link").inputValue();
  const scopes = async () => new URL(await link()).searchParams.get("scope")?.split(" ").sort();
  assert.deepEqual(await scopes(), wanted.toSorted());
  for (const name of ["Mail.Read", "Orders.Read"]) assert.equal(await stateOf(page, name), "for an admin");

  const visits = watchVisits(page);
  const goOn = () => page.getByTestId("permissions").getByTestId("retry").click();
  await goOn();
  assert.deepEqual(await scopes(), wanted.toSorted(), "the link is still for all");
  const other = await visit(t, world);
  await other.goto(await link());
  await consentForOrganization(other, carla);
  await other.getByTestId("status").getByText("Whoever sent it can go on now.").waitFor();
  await goOn();
  await page.getByTestId("status").getByText("A token for 2 APIs.").waitFor();
  assert.deepEqual(visits, [], "nobody was asked");
});

test("at 360 px the new notices do not scroll sideways", async (t) => {
  const page = await arrive(t, adele, { width: 360 });
  await needAdmin(page);
  await assertFitsWidth(page);
  await page.getByTestId("show-colleague").click();
  await titleIn(page, "colleague", "The page lacks a permission.");
  await assertFitsWidth(page);
});
