/** The code of docs/adapters.md, with the clients that it is for: the Graph client, an Azure SDK client and Kiota's, unmodified. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { apis, apps } from "../../tenant/fixtures.js";
import { newPage } from "./support/browser.mjs";
import { GRAPH, REFUSED } from "./support/consent.mjs";
import { direct, inWindow, isReady, run, serveDocumented } from "./support/documented.mjs";
import { answerConsent, giveCredentials, openWorld } from "./support/story.mjs";

const SETTINGS = "https://contoso.azconfig.io";
const ORDERS = "https://orders.contoso.example";
const CONTEXT = { access_token: { acrs: { essential: true, value: "c1" } } };
/** Chromium says on the console what an API answered. */
const UNAUTHORIZED = /status of 401/;

/** The service that the SDK's client speaks to is an API of the tenant, and the app is registered for it. */
const SERVICE = {
  key: "settings", clientId: "35ffadb3-7fc1-497e-b61b-381d28e744cc", applicationIdUri: "https://azconfig.io", name: "Azure App Configuration", tokenVersion: 1,
  permissions: { "KeyValue.Read": { title: "Read settings", explanation: "Read the key-values of your stores." } },
};
const [first, ...others] = apps;
const app = { ...first, registeredPermissions: { ...first.registeredPermissions, [SERVICE.applicationIdUri]: ["KeyValue.Read"] } };

/** What the tests do with the page's clients: the code that Kiota would have generated, for one. */
const MORE = `
import { HttpMethod, RequestInformation } from "@microsoft/kiota-abstractions";
import { client } from "./client.js";
import { requestAdapter } from "./kiota.js";
import { settings } from "./settings.js";
export const signIn = () => client.loginPopup({ scopes: [] }).then(({ account }) => client.setActiveAccount(account));
export const ask = (scopes) => client.acquireTokenPopup({ scopes }).then(() => {});
export const giveUp = () => window.giving.abort();
export const valueUntilGivenUp = (key) => {
  window.giving = new AbortController();
  return settings.getConfigurationSetting({ key }, { abortSignal: window.giving.signal }).catch(({ name }) => (window.ended = name));
};
export const send = (method, url) => requestAdapter.sendNoResponseContent(new RequestInformation(HttpMethod[method], url), undefined);
`;

/** @type {Awaited<ReturnType<typeof openWorld>>} */
let world;
let adele;
before(async () => {
  const options = { apis: [...apis, SERVICE], apps: [app, ...others] };
  world = await openWorld(options, (tenant) => serveDocumented("docs/adapters.md", ["client.js", "graph.js", "settings.js", "kiota.js"], tenant, MORE));
  [adele] = world.tenant.users;
});
beforeEach(() => world.tenant.reset());
after(() => world?.stop());

/** The page with somebody signed in. @param {import("node:test").TestContext} t @param {RegExp[]} [allow] */
async function signedIn(t, allow = []) {
  const page = await newPage(world.browser, { allow: [REFUSED, ...allow] });
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  await page.goto(world.url);
  await isReady(page);
  await inWindow(page, "signIn", [], async (popup) => {
    await giveCredentials(popup, adele);
    await answerConsent(popup, "Accept");
  });
  return page;
}

const approve = (popup) => popup.getByRole("button", { name: "Approve", exact: true }).click();
const claimsIn = (authorization) => JSON.parse(Buffer.from(authorization.split(".")[1], "base64url").toString());

test("the Graph client reads the profile: the first call meets the user, the next does not", async (t) => {
  const page = await signedIn(t);
  await direct(page, GRAPH, world.tenant.apis.graph.origin);
  assert.equal((await inWindow(page, "me", [], (popup) => answerConsent(popup, "Accept"))).displayName, adele.name);
  assert.equal((await run(page, "me")).displayName, adele.name);
});

/** The service: a token is not enough, it has to say that the user has shown a second factor. */
async function challengeAll(page) {
  const answers = [];
  const challenge = Buffer.from(JSON.stringify(CONTEXT)).toString("base64");
  const exposed = { "access-control-allow-origin": "*", "access-control-expose-headers": "*, www-authenticate" };
  await page.route(`${SETTINGS}/**`, async (route) => {
    const { aud, acrs = [] } = claimsIn(await route.request().headerValue("authorization"));
    const isEnough = aud === SERVICE.applicationIdUri && acrs.includes("c1");
    answers.push(isEnough ? 200 : 401);
    if (isEnough) return route.fulfill({ headers: exposed, contentType: "application/json", body: JSON.stringify({ key: "colour", value: "green", locked: false, tags: {} }) });
    return route.fulfill({
      status: 401,
      headers: { ...exposed, "www-authenticate": `Bearer realm="", authorization_uri="${world.tenant.authority}", error="insufficient_claims", claims="${challenge}"` },
    });
  });
  return answers;
}

test("an Azure SDK client is challenged for claims, the user answers, and the call goes on", async (t) => {
  const page = await signedIn(t, [UNAUTHORIZED]);
  const answers = await challengeAll(page);
  await inWindow(page, "ask", [[`${SERVICE.applicationIdUri}/.default`]], (popup) => answerConsent(popup, "Accept"));
  assert.equal(await inWindow(page, "valueOf", ["colour"], approve), "green");
  assert.deepEqual(answers, [401, 200]);
  assert.equal(await run(page, "valueOf", "colour"), "green", "the token that answered is at hand");
  assert.deepEqual(answers, [401, 200, 200]);
});

test("a call of an Azure SDK client that is given up ends at once, whatever its window shows", async (t) => {
  const page = await signedIn(t);
  const answers = await challengeAll(page);
  const given = await inWindow(page, "valueUntilGivenUp", ["colour"], async (popup) => {
    await popup.getByRole("button", { name: "Accept" }).waitFor();
    await run(page, "giveUp");
    await page.waitForFunction(() => window.ended);
    await answerConsent(popup, "Accept");
  });
  assert.deepEqual([given, answers], ["AbortError", []]);
});

test("a client of Kiota's is challenged for claims, the user answers, and the call goes on", async (t) => {
  const page = await signedIn(t, [UNAUTHORIZED]);
  const { origin, resource } = world.tenant.apis.orders;
  const statuses = [];
  page.on("response", (response) => response.url().startsWith(ORDERS) && statuses.push(response.status()));
  await direct(page, ORDERS, origin);
  await inWindow(page, "ask", [[`${resource}/Orders.Write`]], (popup) => answerConsent(popup, "Accept"));
  await inWindow(page, "send", ["DELETE", `${ORDERS}/orders/1002`], approve);
  assert.deepEqual(statuses, [401, 204]);
});

test("Kiota sends no token to another host", async (t) => {
  const page = await signedIn(t);
  const sent = [];
  await page.route("https://other.example/**", async (route) => {
    sent.push(await route.request().headerValue("authorization"));
    await route.fulfill({ status: 204, headers: { "access-control-allow-origin": "*" } });
  });
  await run(page, "send", "GET", "https://other.example/orders");
  assert.deepEqual(sent, [null]);
});
