/** Each outcome of asking for permissions, told by the real package on a page of its own, with the local tenant to ask. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import * as fixtures from "../../tenant/fixtures.js";
import {
  answerWith, arrival, askFor, assertClasses, brought, call, depart, GRAPH, NOTHING, openApp, openWorld, planFor, refusal, refuseAll, signIn,
  watchTokenScopes, watchVisits,
} from "./support/consent.mjs";
import { askedPermissions, giveCredentials, tokenEndpoint } from "./support/story.mjs";

/** @type {import("./support/consent.mjs").World} */
let world;
let tenant;
let adele;
let orders;
before(async () => {
  // The app exposes a permission itself.
  const [{ clientId, name }] = fixtures.apps;
  const permissions = { access_as_user: { title: `Use ${name}`, explanation: "Act as you in the app itself." } };
  const own = { key: "workday", clientId, applicationIdUri: `api://${clientId}`, name, tokenVersion: 2, permissions };
  world = await openWorld({ apis: [...fixtures.apis, own] });
  ({ tenant, adele, orders } = world);
});
beforeEach(() => tenant.reset());
after(() => world?.stop());

/** Calls an API with a token, from the page. */
const statusOf = (page, url, token) => page.evaluate(async ([address, accessToken]) =>
  (await fetch(address, { headers: { Authorization: `Bearer ${accessToken}` } })).status, [url, token]);

/** What `acquireTokens` brings: the APIs that have a token, and the others' errors. */
const tokensAndErrors = (page, request) => page.evaluate(async (asked) => {
  const { tokens, errors } = await client.acquireTokens(asked);
  return { tokens: Object.keys(tokens), errors: Object.fromEntries(Object.entries(errors).map(([uri, error]) => [uri, describe(error)])) };
}, request);

test("missing: the user has not been asked yet", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  assert.deepEqual(await planFor(page, ["User.Read", "Mail.Read"]), {
    ...NOTHING, interaction: "consent", granted: ["User.Read"], missing: ["Mail.Read"],
  });
  const error = await refusal(page, "acquireTokenSilent", { scopes: ["User.Read", "Mail.Read"] });
  assertClasses(error, "ConsentRequiredError", "InteractionRequiredAuthError");
  assert.equal(error.name, "InteractionRequiredAuthError");
  assert.equal(error.errorCode, "invalid_grant");
  assert.equal(error.outcome, "consent_required");
  assert.deepEqual(error.missingScopes, { [GRAPH]: ["Mail.Read"] });

  const { value } = await askFor(page, ["User.Read", "Mail.Read"], "Accept");
  assert.deepEqual(value.missingScopes, []);
  assert.deepEqual(await planFor(page, ["Mail.Read"]), { ...NOTHING, interaction: "none", granted: ["Mail.Read"] });
});

test("the plan's request asks for all that is missing, once", async (t) => {
  const page = await openApp(t, world);
  const wanted = { [GRAPH]: ["User.Read", "Mail.Read"], [orders]: ["Orders.Read"] };
  assert.equal((await brought(page, "plan", wanted)).interaction, "login");
  await signIn(page, adele);
  const plan = await brought(page, "plan", wanted);
  assert.equal(plan.interaction, "consent");
  assert.deepEqual(plan.tokenRequests.map(({ resource }) => resource), [GRAPH, orders]);
  const sent = page.waitForRequest(/\/authorize\?/);
  await depart(page, "acquireTokenRedirect", plan.request);
  assert.equal(new URL((await sent).url()).searchParams.get("scope"), plan.authorizeScope);
  assert.deepEqual(await askedPermissions(page), [`${GRAPH} Mail.Read`, `${orders} Orders.Read`]);
  await answerWith(page, "Accept");
  await arrival(page);
  // The answer told of Graph's permissions; a token tells of the others'.
  const { resources } = await brought(page, "plan", wanted);
  assert.deepEqual(resources, {
    [GRAPH]: { ...NOTHING, granted: ["User.Read", "Mail.Read"] },
    [orders]: { ...NOTHING, missing: ["Orders.Read"] },
  });
  const visits = watchVisits(page);
  await brought(page, "acquireTokenSilent", { scopes: { [orders]: ["Orders.Read"] } });
  assert.deepEqual(visits, []);
  assert.equal((await brought(page, "plan", wanted)).interaction, "none");
});

test("the plan's request signs in for all that is wanted, where nobody is signed in", async (t) => {
  const page = await openApp(t, world);
  const wanted = { [GRAPH]: ["User.Read"], [orders]: ["Orders.Read"] };
  const { interaction, request } = await brought(page, "plan", wanted);
  assert.equal(interaction, "login");
  await depart(page, "loginRedirect", request);
  await giveCredentials(page, adele);
  assert.deepEqual(await askedPermissions(page), [`${GRAPH} User.Read`, `${orders} Orders.Read`]);
  await answerWith(page, "Accept");
  await arrival(page);
  const visits = watchVisits(page);
  const { tokens } = await brought(page, "acquireTokens", { scopes: wanted });
  assert.deepEqual([Object.keys(tokens), visits], [[GRAPH, orders], []]);
});

test("declined: nothing asks again but `askAgain`", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  const { error } = await askFor(page, ["Mail.Read"], "Cancel", { state: "mail" });
  assertClasses(error, "ConsentDeclinedError", "ServerError");
  assert.equal(error.name, "ServerError");
  assert.equal(error.errorCode, "access_denied");
  assert.equal(error.outcome, "declined");
  assert.equal(error.state, "mail");
  assert.deepEqual(error.missingScopes, { [GRAPH]: ["Mail.Read"] });

  const { interaction, declined, granted, missing } = await planFor(page, ["User.Read", "Mail.Read"]);
  assert.deepEqual([interaction, granted, missing], ["declined", ["User.Read"], []]);
  assert.deepEqual(declined.map(({ scope }) => scope), ["Mail.Read"]);
  assert.ok(declined[0].on instanceof Date && Math.abs(Date.now() - declined[0].on) < 60_000, `declined on ${declined[0].on}`);

  for (const request of [{ scopes: ["Mail.Read"] }, { scopes: ["mail.read", "User.Read"] }, { scopes: { [GRAPH]: ["Mail.Read"] } }]) {
    assertClasses(await refusal(page, "acquireTokenRedirect", request), "ConsentDeclinedError", "ServerError");
  }
  const visits = watchVisits(page);
  const { tokens, errors } = await tokensAndErrors(page, { scopes: { [GRAPH]: ["Mail.Read"] } });
  assert.deepEqual([tokens, visits], [[], []]);
  assertClasses(errors[GRAPH], "ConsentDeclinedError", "ServerError");

  await depart(page, "acquireTokenRedirect", { scopes: ["Mail.Read"], askAgain: true });
  assert.deepEqual(await askedPermissions(page), [`${GRAPH} Mail.Read`]);
  await answerWith(page, "Accept");
  await arrival(page);
  assert.deepEqual(await planFor(page, ["Mail.Read"]), { ...NOTHING, interaction: "none", granted: ["Mail.Read"] });
});

test("declined: `prompt: consent` asks again as well", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  await askFor(page, ["Mail.Read"], "Cancel");
  const { value } = await askFor(page, ["Mail.Read"], "Accept", { prompt: "consent" });
  assert.ok(value.scopes.includes("Mail.Read"), value.scopes.join(" "));
});

test("narrowed: the result names what was left out, and nobody asks for it again and again", async (t) => {
  await tenant.changeSettings({ granularConsent: true });
  const page = await openApp(t, world);
  await signIn(page, adele);
  const scopes = ["Mail.Read", "Calendars.Read"];
  await depart(page, "acquireTokenRedirect", { scopes });
  await page.getByLabel("Calendars.Read").uncheck();
  await answerWith(page, "Accept");
  const { answer: { value } } = await arrival(page);
  assert.deepEqual(value.missingScopes, ["Calendars.Read"]);
  const { interaction, granted, declined } = await planFor(page, scopes);
  assert.deepEqual([interaction, granted, declined.map(({ scope }) => scope)], ["declined", ["Mail.Read"], ["Calendars.Read"]]);

  const requests = watchTokenScopes(page);
  for (let round = 0; round < 3; round += 1) {
    const again = await brought(page, "acquireTokenSilent", { scopes });
    assert.deepEqual(again.missingScopes, ["Calendars.Read"]);
  }
  assert.deepEqual(requests, []);
});

test("narrowed: an extra that was left out is known as declined after its first token request, and asked for no more", async (t) => {
  await tenant.changeSettings({ granularConsent: true });
  const page = await openApp(t, world);
  await signIn(page, adele);
  const scopes = { [GRAPH]: ["Mail.Read"], [orders]: ["Orders.Read"] };
  await depart(page, "acquireTokens", { scopes });
  await page.getByLabel("Orders.Read").uncheck();
  await answerWith(page, "Accept");
  await arrival(page);
  assert.deepEqual(await planFor(page, ["Orders.Read"], orders), { ...NOTHING, interaction: "consent", missing: ["Orders.Read"] });

  const visits = watchVisits(page);
  for (let round = 0; round < 2; round += 1) {
    const { tokens, errors } = await tokensAndErrors(page, { scopes });
    assert.deepEqual(tokens, [GRAPH]);
    assertClasses(errors[orders], "ConsentDeclinedError", "ServerError");
    assert.deepEqual(errors[orders].missingScopes, { [orders]: ["Orders.Read"] });
    const { interaction, declined } = await planFor(page, ["Orders.Read"], orders);
    assert.deepEqual([interaction, declined.map(({ scope }) => scope)], ["declined", ["Orders.Read"]]);
  }
  assert.equal((await refusal(page, "acquireTokenRedirect", { scopes: { [orders]: ["Orders.Read"] } })).outcome, "declined");
  assert.deepEqual(visits, []);
});

test("revoked by the user: the next refresh says so, and the plan with it", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele, ["User.Read", "Mail.Read"]);
  assert.equal((await planFor(page, ["Mail.Read"])).interaction, "none");
  await tenant.revokeConsent(adele.username, GRAPH);
  const error = await refusal(page, "acquireTokenSilent", { scopes: ["Mail.Read"], forceRefresh: true });
  assertClasses(error, "ConsentRequiredError", "InteractionRequiredAuthError");
  assert.deepEqual(error.missingScopes, { [GRAPH]: ["Mail.Read"] });
  assert.deepEqual(await planFor(page, ["Mail.Read"]), { ...NOTHING, interaction: "consent", missing: ["Mail.Read"] });
  const { value } = await askFor(page, ["Mail.Read"], "Accept");
  assert.ok(value.scopes.includes("Mail.Read"));
});

test("two APIs: one page asks for both, then each has its token", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  // As the developer wrote it, not as the tenant has it.
  const written = orders.toUpperCase().replace("API://", "api://");
  const scopes = { [GRAPH]: ["Mail.Read"], [written]: ["Orders.Read"] };
  const visits = watchVisits(page);
  await depart(page, "acquireTokens", { scopes });
  assert.deepEqual(await askedPermissions(page), [`${GRAPH} Mail.Read`, `${orders} Orders.Read`]);
  await answerWith(page, "Accept");
  const { answer } = await arrival(page);
  assert.equal(answer.error, undefined);

  const requests = watchTokenScopes(page);
  const { tokens, errors } = await brought(page, "acquireTokens", { scopes });
  assert.deepEqual([Object.keys(tokens), errors], [[GRAPH, written], {}]);
  assert.deepEqual(visits, ["authorize"]);
  assert.ok(requests.length <= 1, `the first token came with the answer: ${JSON.stringify(requests)}`);
  const urls = { [GRAPH]: `${tenant.apis.graph.origin}/v1.0/me/messages`, [written]: `${tenant.apis.orders.origin}/orders` };
  for (const [uri, { accessToken }] of Object.entries(tokens)) assert.equal(await statusOf(page, urls[uri], accessToken), 200, uri);
});

test("two APIs: who declined both and then accepts has refused neither", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  const scopes = { [GRAPH]: ["Mail.Read"], [orders]: ["Orders.Read"] };
  await depart(page, "acquireTokens", { scopes });
  await answerWith(page, "Cancel");
  assert.deepEqual((await arrival(page)).answer.error.missingScopes, scopes);
  assert.equal((await brought(page, "plan", scopes)).interaction, "declined");

  await depart(page, "acquireTokens", { scopes, askAgain: true });
  await answerWith(page, "Accept");
  await arrival(page);
  const { resources } = await brought(page, "plan", scopes);
  assert.deepEqual(Object.values(resources).flatMap(({ declined, adminOnly }) => [...declined, ...adminOnly]), []);
  const visits = watchVisits(page);
  assert.deepEqual(await tokensAndErrors(page, { scopes }), { tokens: [GRAPH, orders], errors: {} });
  assert.deepEqual(visits, []);
});

test("no permission at all of an API is no request", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  const scopes = { [orders]: [] };
  for (const method of ["acquireTokenSilent", "acquireTokens", "acquireTokenRedirect", "loginRedirect", "adminConsentRedirect", "getAdminConsentUrl"]) {
    const error = await refusal(page, method, { scopes });
    assertClasses(error, "ClientConfigurationError");
    assert.equal(error.errorCode, "empty_input_scopes_error", method);
  }
  for (const method of ["plan", "reviewScopes"]) assert.equal((await refusal(page, method, scopes)).errorCode, "empty_input_scopes_error", method);
});

test("two APIs: one that fails keeps the other's token", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  const visits = watchVisits(page);
  const { tokens, errors } = await tokensAndErrors(page, { scopes: { [orders]: ["Orders.Nope"], [GRAPH]: ["User.Read"] } });
  assert.deepEqual(tokens, [GRAPH]);
  assert.deepEqual(Object.keys(errors), [orders]);
  assertClasses(errors[orders], "MisconfiguredError", "ServerError");
  assert.deepEqual(visits, []);
});

test("two APIs: `interaction: none` asks nobody", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  const visits = watchVisits(page);
  const scopes = { [GRAPH]: ["User.Read"], [orders]: ["Orders.Read"] };
  const { tokens, errors } = await tokensAndErrors(page, { scopes, interaction: "none" });
  assert.deepEqual([tokens, Object.keys(errors), visits], [[GRAPH], [orders], []]);
  assertClasses(errors[orders], "ConsentRequiredError", "InteractionRequiredAuthError");
});

test("preauthorized: nobody is asked, neither at sign-in nor later", async (t) => {
  const page = await openApp(t, world, { app: 1 });
  const { scopes } = await signIn(page, adele, [`${orders}/Orders.Read`], { isFree: true });
  assert.ok(scopes.includes(`${orders}/Orders.Read`), scopes.join(" "));
  const { accessToken } = await brought(page, "acquireTokenSilent", { scopes: [`${orders}/Orders.Write`] });
  assert.equal(await statusOf(page, `${tenant.apis.orders.origin}/orders`, accessToken), 200);
});

test("a token to the app itself: nobody is asked", async (t) => {
  const page = await openApp(t, world);
  await depart(page, "loginRedirect", { scopes: [`${tenant.clientId}/access_as_user`] });
  await giveCredentials(page, adele);
  const { answer } = await arrival(page);
  assert.deepEqual(answer.value?.scopes, [`${tenant.clientId}/access_as_user`]);
  const { accessToken } = await brought(page, "acquireTokenSilent", { scopes: [`${tenant.clientId}/.default`] });
  assert.equal(JSON.parse(Buffer.from(accessToken.split(".")[1], "base64url")).aud, tenant.clientId);
});

/** The tenant has no policies: what the platform answers where one forbids. */
const POLICY = { error_description: "AADSTS53003: Access has been blocked by Conditional Access policies.", error_codes: [53003] };

test("blocked: a policy forbids", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  await page.route(tokenEndpoint, (route) => route.fulfill({
    status: 400, headers: { "access-control-allow-origin": "*" }, json: { error: "invalid_grant", suberror: "message_only", ...POLICY },
  }));
  const silent = await refusal(page, "acquireTokenSilent", { scopes: ["Mail.Read"] });
  await refuseAll(page, POLICY.error_description);
  await depart(page, "acquireTokenRedirect", { scopes: ["Mail.Read"] });
  await page.waitForURL(/#error=/, { waitUntil: "commit" });
  const asked = (await arrival(page)).answer.error;
  assertClasses(silent, "InteractionRequiredAuthError"); // as MSAL.js has it: the server has a page that says more
  assertClasses(asked, "AccessBlockedError", "ServerError");
  assert.deepEqual([silent.outcome, asked.outcome], ["blocked", "blocked"]);
  assert.deepEqual((await planFor(page, ["Mail.Read"])).declined, []);
});

test("misconfigured: the error says what to change", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, adele);
  for (const [scope, number, remedy] of [
    ["Mail.Nope", "650053", /permission's name/],
    ["api://11111111-1111-4111-8111-111111111111/Read", "500011", /Application ID URI/],
  ]) {
    const silent = (await call(page, "acquireTokenSilent", { scopes: [scope] })).error;
    await depart(page, "acquireTokenRedirect", { scopes: [scope] });
    const asked = (await arrival(page)).answer.error;
    for (const error of [silent, asked]) {
      assertClasses(error, "MisconfiguredError", "ServerError");
      assert.equal(error.outcome, "misconfigured");
      assert.equal(String(error.errorNo), number);
      assert.match(error.remedy, remedy);
    }
  }
});

test("overlapping requests do not drive each other's token out", async (t) => {
  const page = await openApp(t, world);
  const [a, b, c] = ["User.Read", "Mail.Read", "Calendars.Read"];
  await signIn(page, adele, [a]);
  await askFor(page, [b, c], "Accept");
  const requests = watchTokenScopes(page);
  for (const scopes of [[a, b], [b, c]]) await brought(page, "acquireTokenSilent", { scopes });
  assert.ok(requests.length <= 2, JSON.stringify(requests));
  requests.length = 0;
  for (const scopes of [[a, b], [b, c], [c, b], [b.toUpperCase(), a, a]]) {
    const { fromCache } = await brought(page, "acquireTokenSilent", { scopes });
    assert.equal(fromCache, true, scopes.join(" "));
  }
  assert.deepEqual(requests, []);
});
