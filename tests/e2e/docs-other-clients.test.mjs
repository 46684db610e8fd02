/** The code of docs/calling-apis-with-other-clients.md, taken from the page: axios and Angular's HTTP client, unmodified, call an API that demands more. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { newPage } from "./support/browser.mjs";
import { REFUSED } from "./support/consent.mjs";
import { direct, inWindow, isReady, run, serveDocumented } from "./support/documented.mjs";
import { answerConsent, giveCredentials, openWorld } from "./support/story.mjs";

const PAGE = "docs/calling-apis-with-other-clients.md";
const ORDERS = "https://orders.contoso.example";
/** Chromium says on the console what an API answered. */
const ANSWERED = /status of 40[0-9]/;

/** Calls that bring the status, whatever it is. */
const MORE = `
import "@angular/compiler";
import { HttpClient, provideHttpClient, withInterceptors } from "@angular/common/http";
import { provideZonelessChangeDetection } from "@angular/core";
import { createApplication } from "@angular/platform-browser";
import { firstValueFrom } from "rxjs";
import { authorized } from "./angular.ts";
import { http } from "./axios.js";
import { client } from "./client.js";
const providers = [provideZonelessChangeDetection(), provideHttpClient(withInterceptors([authorized]))];
const angular = (await createApplication({ providers })).injector.get(HttpClient);
const statusOf = (call) => call.then(({ status }) => status, (error) => error.response?.status ?? error.status);
export const axios = (method, path) => statusOf(http.request({ method, url: path }));
export const ofAngular = (method, path) => statusOf(firstValueFrom(angular.request(method, "${ORDERS}" + path, { observe: "response" })));
export const ask = (scopes) => client.acquireTokenPopup({ scopes }).then(() => {});
export const signIn = () => client.loginPopup({ scopes: [] }).then(({ account }) => client.setActiveAccount(account));
`;

/** @type {Awaited<ReturnType<typeof openWorld>>} */
let world;
let adele;
before(async () => {
  world = await openWorld({}, (tenant) => serveDocumented(PAGE, ["client.js", "axios.js", "angular.ts"], tenant, MORE));
  [adele] = world.tenant.users;
});
beforeEach(() => world.tenant.reset());
after(() => world?.stop());

/** The page with somebody signed in, and what the API was sent: the status of each answer, and whether a token went along. */
async function signedIn(t) {
  const page = await newPage(world.browser, { allow: [REFUSED, ANSWERED] });
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  const answers = [];
  page.on("response", (response) => {
    if (response.url().startsWith(ORDERS)) answers.push([response.status(), Object.hasOwn(response.request().headers(), "authorization")]);
  });
  await direct(page, ORDERS, world.tenant.apis.orders.origin);
  await page.goto(world.url);
  await isReady(page);
  await inWindow(page, "signIn", [], async (popup) => {
    await giveCredentials(popup, adele);
    await answerConsent(popup, "Accept");
  });
  return { page, answers };
}

for (const name of ["axios", "ofAngular"]) {
  test(`${name}: the user is met for a permission, then for what the API demands; the call goes on`, async (t) => {
    const { page, answers } = await signedIn(t);
    assert.equal(await inWindow(page, name, ["GET", "/orders"], (popup) => answerConsent(popup, "Accept")), 200);
    assert.deepEqual(answers.splice(0), [[200, true]]);
    await inWindow(page, "ask", [[`${world.tenant.apis.orders.resource}/Orders.Write`]], (popup) => answerConsent(popup, "Accept"));
    const approve = (asking) => asking.getByRole("button", { name: "Approve", exact: true }).click();
    assert.equal(await inWindow(page, name, ["DELETE", "/orders/1002"], approve), 204);
    assert.deepEqual(answers.splice(0), [[401, true], [204, true]]);
  });

  test(`${name}: an answer that no token mends is the caller's, after one call`, async (t) => {
    const { page, answers } = await signedIn(t);
    assert.equal(await inWindow(page, name, ["GET", "/orders/none"], (popup) => answerConsent(popup, "Accept")), 404);
    assert.deepEqual(answers, [[404, true]]);
  });
}
