/** The sample page's whole story, against the local tenant and with the real package. */
import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import {
  answerConsent, askedPermissions, assertFitsWidth, giveCredentials, lastTokenCall, openWorld, showAfterConsent,
  signIn, stateOf, storageOf, tokenCalls, tokenEndpoint, visit, watchSecrets, watchTokenRequests,
} from "./support/story.mjs";

/** What Chromium itself writes to the console: for a request that the test stops, */
const stopped = /Failed to load resource: net::ERR_FAILED/;
/** and for the refresh that tells the client that consent is missing. */
const consentMissing = /Failed to load resource: the server responded with a status of 400 .*\/oauth2\/v2\.0\/token/;

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

test("from signing in to signing out", async (t) => {
  const page = await visit(t, world, { allow: [consentMissing] });
  assert.equal(await stateOf(page, "User.Read"), "not asked yet");
  await signIn(page, adele);
  assert.deepEqual(await tokenCalls(page), ["from cache", "after sign-in"]);
  assert.equal(await stateOf(page, "User.Read"), "granted");
  assert.equal(await stateOf(page, "Mail.Read"), "not asked yet");

  await showAfterConsent(page, "show-mail", "mail-list");
  assert.ok(await page.getByTestId("mail-list").locator("li").count() > 0);
  assert.equal(await stateOf(page, "Mail.Read"), "granted");
  assert.equal(await page.locator(":focus").textContent(), "Your mail");

  await showAfterConsent(page, "show-orders", "orders-list");
  assert.ok(await page.getByTestId("orders-list").locator("li").count() > 0);
  assert.equal(await stateOf(page, "Orders.Read"), "granted");
  const panel = await page.getByTestId("permissions").textContent();
  for (const resource of [graph.resource, orders.resource]) assert.ok(panel.includes(resource));

  await page.getByTestId("show-mail").click();
  await page.getByTestId("mail-list").waitFor();
  assert.equal(await lastTokenCall(page), "from cache");

  await page.getByTestId("sign-out").click();
  await page.getByTestId("sign-in").waitFor();
  assert.equal(page.url().split(/[?#]/)[0], world.url);
  assert.equal(await stateOf(page, "User.Read"), "not asked yet");
  await page.getByTestId("sign-in").click();
  await page.getByLabel("Password").waitFor();
});

test("a reload keeps the user signed in, without a token request", async (t) => {
  const page = await visit(t, world);
  const requests = watchTokenRequests(page);
  await signIn(page, adele);
  await page.reload();
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  assert.equal(await lastTokenCall(page), "from cache");
  assert.deepEqual(requests, ["authorization_code"]);
});

test("the consent page lists only what is missing", async (t) => {
  const page = await visit(t, world, { allow: [consentMissing] });
  await page.getByTestId("sign-in").click();
  await giveCredentials(page, adele);
  assert.deepEqual(await askedPermissions(page), [`${graph.resource} User.Read`]);
  await answerConsent(page, "Accept");
  await page.getByTestId("show-mail").click();
  assert.deepEqual(await askedPermissions(page), [`${graph.resource} Mail.Read`]);
  await answerConsent(page, "Accept");
  await page.getByTestId("show-orders").click();
  assert.deepEqual(await askedPermissions(page), [`${orders.resource} Orders.Read`]);
});

test("a declined consent is shown where it was asked, and nothing is asked again by itself", async (t) => {
  const page = await visit(t, world, { allow: [consentMissing] });
  await signIn(page, adele);
  await page.getByTestId("show-mail").click();
  await answerConsent(page, "Cancel");
  const error = page.locator("[data-step=mail]").getByTestId("error");
  await error.getByText("You declined.").waitFor();
  assert.match(await error.textContent(), /access_denied/);
  assert.match((await error.getByTestId("reason").textContent()) ?? "", /^The user declined .*askAgain: true\.$/);
  assert.equal(await stateOf(page, "Mail.Read"), "declined");
  await page.getByTestId("profile").getByText(adele.name).waitFor();

  const left = [];
  page.on("framenavigated", (frame) => left.push(frame.url()));
  await page.reload();
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  await page.waitForTimeout(500);
  assert.deepEqual(left, [world.url]);
  assert.equal(await page.getByTestId("error").count(), 0);
  await showAfterConsent(page, "show-mail", "mail-list");
});

test("after a decline the user can be asked again, from the keyboard", async (t) => {
  const page = await visit(t, world, { allow: [consentMissing] });
  await signIn(page, adele);
  await page.getByTestId("show-mail").click();
  await answerConsent(page, "Cancel");
  await page.getByTestId("retry").focus();
  await page.keyboard.press("Enter");
  await answerConsent(page, "Accept");
  await page.getByTestId("mail-list").waitFor();
});

test("an answer with another state is refused and leaves nothing behind", async (t) => {
  const page = await visit(t, world);
  const requests = watchTokenRequests(page);
  await page.addInitScript(() => {
    if (!location.hash.includes("state=")) return;
    history.replaceState(null, "", location.href.replace(/state=[^&]*/, "state=forged"));
    window.storedOnArrival = { ...localStorage, ...sessionStorage };
  });
  await page.getByTestId("sign-in").click();
  await giveCredentials(page, adele);
  await answerConsent(page, "Accept");
  const error = page.getByTestId("error");
  await error.waitFor();
  assert.match(await error.textContent(), /state_mismatch/);
  assert.deepEqual(requests, []);
  await page.getByTestId("sign-in").waitFor({ state: "attached" });
  assert.ok(await page.getByTestId("sign-out").isHidden());

  const before = await page.evaluate(() => window.storedOnArrival);
  const { "sample.timeline": _, ...kept } = await storageOf(page);
  for (const [key, text] of Object.entries(kept)) assert.equal(text, before[key], `${key} was stored`);
  assert.ok(!page.url().includes("code="), "the code is out of the address");
  await page.reload();
  await page.getByTestId("sign-in").waitFor();
});

test("the callback's address, loaded again, redeems nothing and keeps the user signed in", async (t) => {
  const page = await visit(t, world);
  const requests = watchTokenRequests(page);
  const addresses = [];
  page.on("framenavigated", (frame) => addresses.push(frame.url()));
  await signIn(page, adele);
  const callback = addresses.find((address) => address.startsWith(world.url) && address.includes("code="));
  await page.goto("about:blank");
  await page.goto(callback);
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  assert.deepEqual(requests, ["authorization_code"]);
  assert.ok(!page.url().includes("code="), "the code is out of the address");
});

test("a reload while the code is being redeemed leaves a page that can sign in", async (t) => {
  const page = await visit(t, world);
  await page.route(tokenEndpoint, () => { /* never answered */ }, { times: 1 });
  await page.getByTestId("sign-in").click();
  await giveCredentials(page, adele);
  const redeeming = page.waitForRequest(tokenEndpoint);
  await answerConsent(page, "Accept");
  await redeeming;
  await page.reload();
  await page.getByTestId("sign-in").click();
  await page.getByTestId("profile").getByText(adele.name).waitFor();
});

test("a token request that fails is said in place, and the page can sign in", async (t) => {
  const page = await visit(t, world, { allow: [stopped] });
  await page.route(tokenEndpoint, (route) => route.abort());
  await page.getByTestId("sign-in").click();
  await giveCredentials(page, adele);
  await answerConsent(page, "Accept");
  await page.getByTestId("error").getByText("The server did not answer.").waitFor();
  await page.unroute(tokenEndpoint);
  await page.getByTestId("retry").click();
  await page.getByTestId("profile").getByText(adele.name).waitFor();
});

test("Back from the consent page gives a page that works", async (t) => {
  const page = await visit(t, world, { allow: [consentMissing] });
  await signIn(page, adele);
  await page.getByTestId("show-mail").click();
  await page.getByRole("button", { name: "Accept" }).waitFor();
  await page.goBack();
  await page.getByTestId("profile").getByText(adele.name).waitFor();
  await showAfterConsent(page, "show-mail", "mail-list");
});

test("no token, code or verifier is in the console or in the page", async (t) => {
  const page = await visit(t, world, { allow: [consentMissing] });
  const { secrets, assertAbsent } = await watchSecrets(page);
  await signIn(page, adele);
  await assertAbsent();
  await showAfterConsent(page, "show-mail", "mail-list");
  await assertAbsent();
  await page.getByTestId("show-orders").click();
  await answerConsent(page, "Cancel");
  await page.getByTestId("error").waitFor();
  await assertAbsent();
  // Two codes with their verifiers, and at least access, refresh and ID token for each.
  assert.ok(secrets.size >= 10, `only ${secrets.size} secrets were seen`);
});

test("what an API sends is text, whatever is in it", async (t) => {
  const page = await visit(t, world, { allow: [consentMissing] });
  const markup = "<img src=x onerror=document.title='taken'>";
  await signIn(page, adele);
  await page.route(`${graph.origin}/v1.0/me/messages`, (route) => route.fulfill({
    headers: { "access-control-allow-origin": "*" },
    json: { value: [{ id: "1", subject: markup, bodyPreview: markup, from: { emailAddress: { name: markup } } }] },
  }));
  await showAfterConsent(page, "show-mail", "mail-list");
  assert.equal(await page.getByTestId("mail-list").getByText(markup).count(), 3);
  assert.equal(await page.locator("main img").count(), 0);
});

test("without its WebAssembly module the page says so", async (t) => {
  const page = await visit(t, world, { allow: [stopped] });
  await page.route("**/*.wasm", (route) => route.abort());
  await page.reload();
  await page.getByTestId("error").getByText("could not be loaded").waitFor();
  await page.unroute("**/*.wasm");
  await page.getByTestId("retry").click();
  await page.getByTestId("sign-in").waitFor();
});

test("without its tenant the page says so, in place", async (t) => {
  const page = await visit(t, world, { allow: [stopped] });
  await page.route(`${world.tenant.origin}/**`, (route) => route.abort());
  await page.getByTestId("sign-in").click();
  await page.locator("[data-step=profile]").getByTestId("error").getByText("The server did not answer.").waitFor();
  await page.unroute(`${world.tenant.origin}/**`);
  await page.getByTestId("retry").click();
  await page.getByLabel("Password").waitFor();
});

test("at 360 px nothing scrolls sideways", async (t) => {
  const page = await visit(t, world, { allow: [consentMissing], width: 360 });
  await assertFitsWidth(page);
  await signIn(page, adele);
  await assertFitsWidth(page);
  await showAfterConsent(page, "show-mail", "mail-list");
  await assertFitsWidth(page);
  await page.getByTestId("show-orders").click();
  await answerConsent(page, "Cancel");
  await page.getByTestId("error").waitFor();
  await assertFitsWidth(page);
  await page.getByTestId("retry").click();
  await answerConsent(page, "Accept");
  await page.getByTestId("orders-list").waitFor();
  await assertFitsWidth(page);
});

test("light and dark", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "consentry-sample-"));
  t.diagnostic(`screenshots in ${folder}`);
  const grounds = [];
  for (const colorScheme of ["light", "dark"]) {
    const page = await visit(t, world, { colorScheme });
    await page.screenshot({ path: join(folder, `signed-out-${colorScheme}.png`), fullPage: true });
    grounds.push(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor));
    await page.getByTestId("sign-in").click();
    await giveCredentials(page, adele);
    if (colorScheme === "light") await answerConsent(page, "Accept");
    await page.getByTestId("profile").getByText(adele.name).waitFor();
    await page.screenshot({ path: join(folder, `signed-in-${colorScheme}.png`), fullPage: true });
  }
  assert.notEqual(grounds[0], grounds[1]);
});

test("an expired access token is renewed by refresh token, without the user", async (t) => {
  const accessTokenSeconds = 2;
  const shortLived = await openWorld({ accessTokenSeconds });
  t.after(() => shortLived.stop());
  const page = await visit(t, shortLived, { allow: [consentMissing] });
  await signIn(page, adele);
  await showAfterConsent(page, "show-mail", "mail-list");
  const requests = watchTokenRequests(page);
  const left = [];
  page.on("framenavigated", (frame) => left.push(frame.url()));
  await page.waitForTimeout((accessTokenSeconds + 1) * 1000);
  const answered = page.waitForResponse((response) => response.url().endsWith("/v1.0/me/messages") && response.request().method() === "GET");
  await page.getByTestId("show-mail").click();
  assert.equal((await answered).status(), 200);
  assert.equal(await lastTokenCall(page), "by refresh token");
  assert.deepEqual(requests, ["refresh_token"]);
  assert.deepEqual(left, []);
});
