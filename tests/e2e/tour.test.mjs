/** The sample page as a tour: the timeline and what never gets into it, the inspectors, what can be broken, and the guided order. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import {
  answerConsent, assertFitsWidth, giveCredentials, noticeIn, openTab, openWorld, showAfterConsent, signIn, unfold, visit, watchSecrets, watchTokenRequests,
  watchVisits,
} from "./support/story.mjs";

/** What Chromium writes to the console: for refusals, for a connection that is cut, and for the frame that the page's policy forbids. */
const allow = [/status of (?:40[0135]|429|503) /, /net::ERR_EMPTY_RESPONSE/, /^Framing .*"frame-src 'none'"/];

/** @type {import("./support/story.mjs").World} */
let world;
let adele;

before(async () => {
  world = await openWorld();
  [adele] = world.tenant.users;
});
beforeEach(() => world.tenant.reset());
after(() => world?.stop());

async function arrive(t, options = {}) {
  const page = await visit(t, world, { allow, ...options });
  await signIn(page, adele);
  return page;
}

/** @param {import("playwright-core").Page} page */
const entry = (page, kind, text) => page.getByTestId(`entry-${kind}`).filter({ hasText: text }).last();

/** Each field by name, with its value and what it is for. */
async function fieldsOf(entry, side) {
  const part = entry.locator("details > div").filter({ has: entry.page().getByText(side, { exact: true }) });
  const rows = await part.locator("dl > div").all();
  return Object.fromEntries(await Promise.all(rows.map(async (row) => [
    await row.locator("dt").textContent(), { value: await row.locator("dd > :first-child").textContent(), why: await row.locator(".field-why").textContent() },
  ])));
}

test("the timeline of a sign-in: what the page left with, what came back, what was kept and told", async (t) => {
  const page = await visit(t, world, { allow });
  const visits = watchVisits(page);
  await signIn(page, adele);
  await openTab(page, "timeline");
  const asked = visits[0].searchParams;
  const sent = await fieldsOf(entry(page, "leave", "/oauth2/v2.0/authorize"), "Sent");
  assert.deepEqual(Object.keys(sent), [...asked.keys()], "each parameter by its name");
  for (const name of ["client_id", "scope", "redirect_uri", "code_challenge_method"]) assert.equal(sent[name].value, asked.get(name));
  for (const name of ["state", "nonce", "code_challenge"]) assert.equal(sent[name].value, `${asked.get(name).slice(0, 4)}…`);
  for (const { why } of Object.values(sent)) assert.ok(why, "each with what it is for");

  const came = await fieldsOf(entry(page, "return", "Answer in the address"), "Came back");
  assert.deepEqual([came.code.value, came.state.value], ["not shown", sent.state.value]);
  const exchange = entry(page, "request", "POST");
  assert.match(await exchange.locator(".entry-title").textContent(), /\/oauth2\/v2\.0\/token 200$/);
  assert.equal((await fieldsOf(exchange, "Sent")).code_verifier.value, "not shown");
  const answer = await fieldsOf(exchange, "Came back");
  assert.deepEqual(["access_token", "refresh_token", "id_token"].map((name) => answer[name].value), Array(3).fill("not shown"));
  assert.ok(Number(answer.expires_in.value) > 0);
  assert.match(answer.scope.value, /User\.Read/);

  const kept = (await page.getByTestId("entry-kept").locator("li").allTextContents()).join("\n");
  for (const row of [
    "written in sessionStorage: pending request", "changed in sessionStorage: pending request", "written in sessionStorage: account, with its refresh token",
    "written in sessionStorage: access token for Microsoft Graph",
  ]) assert.ok(kept.includes(row), row);
  assert.match(await entry(page, "event", "msal:acquireTokenSuccess").textContent(), /from: /);
  assert.equal(await entry(page, "event", "msal:loginSuccess").count(), 1);
});

test("the timeline outlives redirect and reload in its order, and can be cleared", async (t) => {
  const page = await arrive(t);
  const kinds = () => page.locator("#timeline > li").evaluateAll((nodes) => nodes.map((node) => node.dataset.testid.replace("entry-", "")));
  const first = await kinds();
  assert.deepEqual(first.filter((kind) => ["page", "leave", "return"].includes(kind)), ["page", "leave", "page", "return"]);
  await page.reload();
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  assert.deepEqual((await kinds()).slice(0, first.length), first);
  await openTab(page, "timeline");
  await page.getByTestId("timeline-clear").click();
  assert.deepEqual(await kinds(), []);
  await page.reload();
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  assert.equal((await kinds())[0], "page");
});

test("what an API demands, and what it is answered, is in the timeline without the token", async (t) => {
  const page = await arrive(t);
  await world.tenant.challengeTokens(adele.username);
  await page.reload();
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  const [challenged, again] = await page.getByTestId("entry-request").filter({ hasText: "/v1.0/me" }).all().then((entries) => entries.slice(-2));
  assert.match(await challenged.locator(".entry-title").textContent(), / 401$/);
  assert.match(await again.locator(".entry-title").textContent(), / 200$/);
  const demanded = await fieldsOf(challenged, "Came back");
  assert.equal(demanded.error.value, "insufficient_claims");
  assert.match(demanded.claims.value, /^\{"access_token":/);
  assert.equal((await fieldsOf(again, "Sent")).Authorization.value, "not shown");
});

test("no token, code, verifier, state or nonce is in the page or in what it keeps for itself, through the whole tour", async (t) => {
  const page = await visit(t, world, { allow });
  const { secrets, assertAbsent } = await watchSecrets(page);
  const visits = watchVisits(page);
  const assertNone = async () => {
    for (const { searchParams } of visits) for (const name of ["state", "nonce", "code_challenge"]) secrets.add(searchParams.get(name));
    await assertAbsent();
    const own = await page.evaluate(() => JSON.stringify(Object.entries(sessionStorage).filter(([key]) => key.startsWith("sample."))));
    assert.ok(own.length > 1000, "the timeline is kept");
    for (const secret of secrets) assert.ok(!own.includes(secret), "a secret is in what the page keeps");
  };
  await signIn(page, adele);
  await showAfterConsent(page, "show-orders", "orders-list");
  for (const tab of /** @type {const} */ (["timeline", "accounts", "tokens", "permissions", "break"])) {
    await openTab(page, tab);
    await unfold(page);
    await assertNone();
  }
  await tryOut(page, "bad-signature");
  await page.getByTestId("break").getByTestId("error").waitFor();
  await assertNone();
  await tryOut(page, "challenge-tokens");
  await page.getByTestId("attempt-outcome").waitFor();
  await assertNone();
  assert.ok(secrets.size >= 15, `only ${secrets.size} secrets were seen`);
});

test("what another version of the page has kept does not stop it", async (t) => {
  const page = await visit(t, world, { allow });
  for (const text of ["{", "7", "[null, {\"id\": \"1\"}, {\"id\": 2, \"at\": 5, \"title\": \"kept\", \"sent\": 3}]"]) {
    await page.evaluate((kept) => sessionStorage.setItem("sample.timeline", kept), text);
    await page.reload();
    await page.getByTestId("status").getByText("Signed out.").waitFor();
    assert.equal(await page.getByTestId("entry-page").count(), 1);
  }
});

test("who is signed in: the ids to key users by, and the claims of the ID token with what they mean", async (t) => {
  const page = await arrive(t);
  await openTab(page, "accounts");
  const account = page.getByTestId("account");
  const rows = await account.locator("dl > div").allTextContents();
  for (const start of ["homeAccountId", `tenantId${world.tenant.tenantId}`, `preferred_username${adele.username}for display only`, `aud${world.tenant.clientId}whom it is for`]) {
    assert.ok(rows.some((row) => row.startsWith(start)), start);
  }
  assert.equal(await account.count(), 1);
  await page.getByTestId("sign-out").click();
  await page.getByTestId("sign-in").waitFor();
  assert.equal(await account.count(), 0);
});

test("the tokens by what they say: one for each API, with the time that it has left", async (t) => {
  const page = await arrive(t);
  await showAfterConsent(page, "show-orders", "orders-list");
  await openTab(page, "tokens");
  const token = (name) => page.getByTestId("token").filter({ has: page.getByRole("heading", { name }) });
  const claim = async (of, name) => of.locator("dl > div").filter({ has: page.getByText(name, { exact: true }) }).locator(".field-value").textContent();
  for (const name of ["Microsoft Graph", "Orders API"]) await token(name).getByText("Claims of its payload").click();
  assert.equal(await claim(token("Orders API"), "scp"), "Orders.Read");
  assert.notEqual(await claim(token("Orders API"), "aud"), await claim(token("Microsoft Graph"), "aud"));
  const left = () => token("Orders API").locator("[data-until]").textContent();
  const before = await left();
  assert.match(before, /^ends in (\d+ h )?\d+ min \d\d s$/);
  await page.waitForFunction((text) => !document.querySelector("#tokens")?.textContent?.includes(text), before);
  assert.equal(await token("Orders API").locator("details").getAttribute("open"), "", "the clock closes nothing");
});

test("the tabs go by arrow keys, and stay chosen when the page comes back", async (t) => {
  const page = await visit(t, world, { allow });
  const chosen = () => page.locator("[role=tab][aria-selected=true]").textContent();
  await openTab(page, "permissions");
  for (const [key, name] of [["ArrowRight", "Timeline"], ["End", "Break things"], ["ArrowRight", "Permissions"], ["ArrowLeft", "Break things"], ["Home", "Permissions"], ["ArrowRight", "Timeline"]]) {
    await page.keyboard.press(key);
    assert.deepEqual([await chosen(), await page.locator(":focus").textContent()], [name, name], key);
    assert.equal(await page.getByRole("tabpanel").count(), 1);
  }
  await signIn(page, adele);
  assert.equal(await chosen(), "Timeline");
});

/** Breaks something, and makes the call that meets it. */
async function tryOut(page, action) {
  await openTab(page, "break");
  await page.getByTestId(action).click();
  await page.getByTestId("attempt").click();
}
const mended = (page, text) => page.getByTestId("attempt-outcome").getByText(text).waitFor();
/** The notice of what is not mended: its code, and a reason and a remedy of the package's own. */
async function explained(page, code) {
  const notice = page.getByTestId("break").getByTestId("error");
  await notice.getByText(code, { exact: true }).waitFor();
  assert.equal(await notice.getByTestId("reason").locator(".sentence").count(), 2);
  return notice;
}

test("what can be mended silently is: challenged tokens, new keys, a busy API", async (t) => {
  const page = await arrive(t);
  const visits = watchVisits(page);
  for (const [action, text] of [
    ["challenge-tokens", "Microsoft Graph answered."], ["rotate-keys", "There is a new token for Microsoft Graph."], ["api-503", "Microsoft Graph answered."],
  ]) {
    await tryOut(page, action);
    await mended(page, text);
  }
  const statuses = await page.getByTestId("entry-request").filter({ hasText: "/v1.0/me" }).locator(".entry-status").allTextContents();
  assert.deepEqual(statuses, ["200", "401", "200", "503", "200"]);
  assert.deepEqual(visits, []);
});

test("a slow server is asked once for all that wait for it", async (t) => {
  const page = await arrive(t);
  const grants = watchTokenRequests(page);
  await tryOut(page, "token-slow");
  await mended(page, "There is a new token for Microsoft Graph.");
  assert.deepEqual(grants, ["refresh_token"]);
});

for (const [action, code] of [["wrong-issuer", "invalid_id_token"], ["bad-signature", "id_token_signature_invalid"], ["token-unreachable", "post_request_failed"]]) {
  test(`an answer that is not used is explained, and the next is: ${action}`, async (t) => {
    const page = await arrive(t);
    await tryOut(page, action);
    await explained(page, code);
    await page.getByTestId("attempt").click();
    await mended(page, "There is a new token for Microsoft Graph.");
  });
}

test("a server that wants to be left alone is, until then", async (t) => {
  const page = await arrive(t);
  const grants = watchTokenRequests(page);
  await tryOut(page, "token-429");
  const notice = await explained(page, "temporarily_unavailable");
  await notice.getByText("The server wants to be left alone for 5 s.").waitFor();
  await page.getByTestId("attempt").click();
  await notice.getByText(/left alone for [1-5] s\./).waitFor();
  assert.deepEqual(grants, ["refresh_token"]);
});

test("a withdrawn consent is found out by a renewal, and one click leads to the question", async (t) => {
  const page = await arrive(t);
  await showAfterConsent(page, "show-orders", "orders-list");
  await tryOut(page, "withdraw-consent");
  const notice = await explained(page, "invalid_grant");
  await notice.getByText("Your consent is needed.").waitFor();
  await notice.getByTestId("retry").click();
  await answerConsent(page, "Accept");
  await page.getByTestId("orders-list").locator("li").first().waitFor();
});

for (const action of ["expire-refresh-tokens", "reset"]) {
  test(`without a refresh token that is good, it takes the user: ${action}`, async (t) => {
    const page = await arrive(t);
    await tryOut(page, action);
    const notice = await explained(page, "invalid_grant");
    await notice.getByText("You are needed for this.").waitFor();
    const visits = watchVisits(page);
    // The page that is left shows the profile as well.
    await Promise.all([page.waitForEvent("load"), notice.getByTestId("retry").click()]);
    if (action === "reset") await giveCredentials(page, adele).then(() => answerConsent(page, "Accept"));
    await page.getByTestId("profile").getByText(adele.name).waitFor();
    assert.equal(visits.length, 1);
  });
}

test("where no token helps a call leads to a sign-in, and back to what was called", async (t) => {
  const page = await arrive(t);
  await tryOut(page, "revoke-sessions");
  await giveCredentials(page, adele);
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  assert.equal(await page.getByTestId("error").count(), 0);
});

test("a server whose clock is ahead has to be signed in to, and its answer is refused with what to check", async (t) => {
  const page = await arrive(t);
  await tryOut(page, "clock-ahead");
  await giveCredentials(page, adele);
  await noticeIn(page, "profile").getByText("check the clock of the device").waitFor();
});

test("tokens that live for a moment are renewed by the calls", async (t) => {
  const page = await arrive(t);
  await tryOut(page, "short-tokens");
  await mended(page, "There is a new token for Microsoft Graph.");
  const grants = watchTokenRequests(page);
  await openTab(page, "tokens");
  await page.getByTestId("token").getByText("it has ended").waitFor();
  await page.reload();
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  assert.deepEqual(grants, ["refresh_token"]);
});

test("an answer with the nonce of another sign-in is refused where it was asked, and the user stays signed in", async (t) => {
  const page = await arrive(t);
  await tryOut(page, "wrong-nonce");
  const notice = noticeIn(page, "profile");
  await notice.getByText("The answer was not used.").waitFor();
  assert.match(await notice.textContent(), /nonce/);
  assert.ok(await page.getByTestId("sign-out").isVisible());
});

test("where the page's server refuses, the panel says so", async (t) => {
  const page = await visit(t, world, { allow: allow });
  await signIn(page, adele);
  await openTab(page, "break");
  await page.route("**/tenant/*", (route) => route.fulfill({ status: 400, body: "The tenant did not do it" }));
  await page.getByTestId("rotate-keys").click();
  await page.getByTestId("break").getByTestId("error").getByText("The tenant did not do it").waitFor();
});

test("the tour: a stop at a time, through the redirect, to the place that it speaks of, and to its end", async (t) => {
  const page = await visit(t, world, { allow });
  const title = () => page.locator("#tour-title").textContent();
  await page.getByTestId("tour-begin").click();
  assert.equal(await page.locator(":focus").textContent(), "Before anything");
  await page.getByTestId("tour-on").click();
  await page.getByTestId("tour-show").click();
  assert.equal(await page.locator(":focus").getAttribute("id"), "profile-title");
  await signIn(page, adele);
  assert.equal(await title(), "Sign in");
  const titles = [];
  for (;;) {
    titles.push(await title());
    if (await page.getByTestId("tour-on").textContent() === "Finish") break;
    await page.getByTestId("tour-on").click();
  }
  assert.equal(new Set(titles).size, 9);
  await page.getByTestId("tour-on").click();
  assert.equal(await page.locator(":focus").getAttribute("id"), "tour-begin");
  assert.ok(await page.getByTestId("tour").isHidden());
  await page.reload();
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  assert.ok(await page.getByTestId("tour").isHidden());
});

test("at 360 px the tour and the inspector do not scroll sideways, and a stop stays in sight", async (t) => {
  const page = await visit(t, world, { allow, width: 360 });
  await page.getByTestId("tour-begin").click();
  await assertFitsWidth(page);
  await page.getByTestId("tour-on").click();
  await page.getByTestId("tour-show").click();
  for (const id of ["#profile-title", "#tour-title"]) {
    const { top, bottom } = await page.locator(id).evaluate((node) => node.getBoundingClientRect().toJSON());
    assert.ok(top >= 0 && bottom <= 800, `${id} is out of sight`);
  }
});
