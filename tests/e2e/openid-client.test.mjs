/**
 * The proof that neither server is an invention of ours: the unmodified oidc-client-ts, which knows no server by name, signs in to
 * both and lives with them.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { launch as launchTenant } from "@consentry/tenant/launch.js";
import { launch as launchServer } from "../openid/launch.mjs";
import { launch as launchBrowser, newPage } from "./support/browser.mjs";
import { serve } from "./support/bundled.mjs";

const PAGES = { "/": "app", "/redirect.html": "redirect" };
/** The browser tells of every answer with an error. */
const REFUSED = /status of 40[01] .*\/(token|me)\)/;

let server, tenant, site, browser, noor, ivo, adele;
before(async () => {
  // One after the other, so that `after` knows all that was started when one fails.
  server = await launchServer();
  tenant = await launchTenant({ port: 0 });
  site = await serve({ folder: new URL("./openid-client/", import.meta.url), pages: PAGES });
  browser = await launchBrowser();
  [noor, ivo] = server.users;
  [adele] = tenant.users;
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await server?.stop();
  await tenant?.stop();
});

/** @param {object} settings what the app knows of the server */
async function openApp(t, settings, options) {
  const page = await newPage(browser, options);
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  await page.context().addInitScript(`window.settings = ${JSON.stringify(settings)};`);
  await page.goto(`${site.origin}/`);
  await isReady(page);
  return page;
}

function isReady(page) {
  return page.waitForFunction(() => window.app && document.title === "ready");
}

/** Begins a call that leaves the page. */
function depart(page, method, request) {
  return page.evaluate(([name, value]) => {
    document.title = "leaving";
    app.manager[name](value);
  }, [method, request]);
}

async function passPages(page, user, answer = "Accept") {
  await page.getByLabel("User name").fill(user.username);
  await page.getByLabel("Password").fill(user.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: answer }).click();
}

/** @returns {Promise<object>} oidc-client-ts' user */
async function signIn(page, user, request = {}) {
  await depart(page, "signinRedirect", request);
  await passPages(page, user);
  await isReady(page);
  assert.equal(await page.evaluate(() => app.error), undefined);
  return page.evaluate(() => ({ ...app.user }));
}

/** What `signinSilent` brings, or what it is refused with. */
function silently(page, request = {}) {
  return page.evaluate(async (value) => {
    try {
      return { ...await app.manager.signinSilent(value) };
    } catch ({ name, error }) {
      return { name, error };
    }
  }, request);
}

const INTERACTIVE = { name: "ErrorResponse", error: "login_required" };
const inFrame = { forceIframeAuth: true };
const storedUser = (page) => page.evaluate(() => app.manager.getUser());
const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());

/** Counts the requests of the page to an address, by method. */
function watch(page, address) {
  const methods = [];
  page.on("request", (request) => {
    if (request.url().split("?")[0] === address) methods.push(request.method());
  });
  return methods;
}

describe("a strict server", () => {
  const BASICS = "openid profile email offline_access";
  // offline_access is to be had by asking for consent only.
  const settings = (more) => ({ authority: server.issuer, client_id: server.clients.plain, scope: BASICS, prompt: "consent", ...more });

  /** Sends a token request of its own. */
  const refresh = (page, refreshToken) => page.evaluate(async ([url, body]) => {
    const response = await fetch(url, { method: "POST", body: new URLSearchParams(body) });
    return { status: response.status, error: (await response.json()).error };
  }, [`${server.origin}/token`, { grant_type: "refresh_token", client_id: server.clients.plain, refresh_token: refreshToken }]);

  test("signs in by redirect", async (t) => {
    const page = await openApp(t, settings());
    const user = await signIn(page, noor, { state: { from: "here" } });
    assert.deepEqual([user.token_type, user.scope, user.state], ["Bearer", BASICS, { from: "here" }]);
    assert.deepEqual([user.profile.sub, user.profile.iss, user.profile.aud], [noor.sub, server.issuer, "spa"]);
    assert.equal((await storedUser(page)).access_token, user.access_token);
    assert.equal(page.url(), `${site.origin}/`);
  });

  test("signs in by popup", async (t) => {
    const page = await openApp(t, settings());
    const opened = page.waitForEvent("popup");
    const result = page.evaluate(() => app.manager.signinPopup());
    const popup = await opened;
    const closed = popup.waitForEvent("close");
    await passPages(popup, ivo);
    assert.equal((await result).profile.sub, ivo.sub);
    await closed;
  });

  test("learns that the user declined", async (t) => {
    const page = await openApp(t, settings());
    await depart(page, "signinRedirect");
    await passPages(page, noor, "Cancel");
    await isReady(page);
    assert.deepEqual(await page.evaluate(() => app.error), { name: "ErrorResponse", error: "access_denied", message: "The user declined." });
    assert.equal(await storedUser(page), null);
  });

  test("loads what only userinfo has", async (t) => {
    const page = await openApp(t, settings({ loadUserInfo: true }));
    const requests = watch(page, `${server.origin}/me`);
    const { profile, id_token: idToken } = await signIn(page, noor);
    assert.equal(claimsOf(idToken).name, undefined);
    assert.deepEqual([profile.name, profile.preferred_username, profile.email], [noor.name, noor.username, noor.email]);
    assert.deepEqual(requests.filter((method) => method === "GET"), ["GET"]);
  });

  test("renews by refresh token, each of which is good once", async (t) => {
    const page = await openApp(t, settings(), { allow: [REFUSED] });
    const first = await signIn(page, noor);
    const second = await silently(page);
    const third = await silently(page);
    assert.equal(new Set([first, second, third].map((user) => user.refresh_token)).size, 3);
    assert.equal(new Set([first, second, third].map((user) => user.access_token)).size, 3);
    assert.deepEqual([third.profile.sub, third.scope], [noor.sub, BASICS]);

    assert.deepEqual(await refresh(page, first.refresh_token), { status: 400, error: "invalid_grant" });
    assert.deepEqual(await silently(page), { name: "ErrorResponse", error: "invalid_grant" });
  });

  test("signs in silently in a frame", async (t) => {
    const page = await openApp(t, settings());
    const first = await signIn(page, noor);
    const silent = await silently(page, inFrame);
    assert.deepEqual([silent.profile.sub, silent.refresh_token, silent.scope], [noor.sub, undefined, "openid profile email"]);
    assert.notEqual(silent.access_token, first.access_token);
  });

  test("is told in the frame that nobody is signed in", async (t) => {
    const page = await openApp(t, settings());
    assert.deepEqual(await silently(page, inFrame), INTERACTIVE);
  });

  test("signs out: user and session are gone", async (t) => {
    const page = await openApp(t, settings());
    await signIn(page, noor);
    await depart(page, "signoutRedirect", { state: { from: "there" } });
    await page.getByRole("button", { name: "Sign out" }).click();
    await isReady(page);
    assert.deepEqual(await page.evaluate(() => app.signedOut.userState), { from: "there" });
    assert.equal(await storedUser(page), null);
    assert.deepEqual(await silently(page, inFrame), INTERACTIVE);
  });

  test("revokes the refresh token", async (t) => {
    // The answer has no content; this server calls that a plain text.
    const page = await openApp(t, settings({ revokeTokenAdditionalContentTypes: ["text/plain"] }), { allow: [REFUSED] });
    const { refresh_token: refreshToken } = await signIn(page, noor);
    await page.evaluate(() => app.manager.revokeTokens(["refresh_token"]));
    assert.deepEqual(await refresh(page, refreshToken), { status: 400, error: "invalid_grant" });
  });

  test("names a resource, and another one when it renews", async (t) => {
    const page = await openApp(t, settings());
    const { one, two } = server.resources;
    const user = await signIn(page, noor, {
      scope: `${BASICS} notes.read files.write`,
      resource: [one.identifier, two.identifier],
      extraTokenParams: { resource: one.identifier },
    });
    assert.deepEqual([claimsOf(user.access_token).aud, user.scope], [one.identifier, "notes.read"]);
    // It would ask for the scopes of the last token otherwise, which are the other API's.
    const renewed = await silently(page, { resource: two.identifier, extraTokenParams: { scope: "files.write" } });
    assert.deepEqual([claimsOf(renewed.access_token).aud, renewed.scope], [two.identifier, "files.write"]);
  });

  test("holds tokens that are bound to a key", async (t) => {
    const page = await openApp(t, settings({ client_id: server.clients.dpop, isBound: true }), { allow: [REFUSED] });
    const posts = watch(page, `${server.origin}/token`);
    const asked = page.waitForRequest((request) => request.url().startsWith(`${server.origin}/auth?`));
    const first = await signIn(page, noor);
    assert.deepEqual([first.token_type, first.scope], ["DPoP", BASICS]);
    assert.match(new URL((await asked).url()).searchParams.get("dpop_jkt"), /^[\w-]{43}$/);
    // The first one is refused: it could not know the server's nonce.
    assert.deepEqual(posts.filter((method) => method === "POST"), ["POST", "POST"]);

    const second = await silently(page);
    assert.equal(second.token_type, "DPoP");
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.deepEqual(await page.evaluate(userinfoWithProof, `${server.origin}/me`), [401, 200, noor.sub]);
  });

  /** The statuses without and with the server's nonce, and who it is. Runs in the page: oidc-client-ts leaves this to the app. */
  async function userinfoWithProof(url) {
    const user = await app.manager.getUser();
    const call = async (nonce) => fetch(url, {
      headers: { Authorization: `DPoP ${user.access_token}`, DPoP: await app.manager.dpopProof(url, user, "GET", nonce) },
    });
    const refused = await call();
    const answer = await call(refused.headers.get("DPoP-Nonce"));
    return [refused.status, answer.status, (await answer.json()).sub];
  }
});

describe("the local tenant", () => {
  // So that each test is asked to consent.
  beforeEach(() => tenant.reset());

  const settings = () => ({
    authority: `${tenant.authority}/v2.0`,
    client_id: tenant.clientId,
    scope: "openid profile offline_access User.Read",
    loadUserInfo: true,
  });

  /** @returns {Promise<number>} the status of Graph's answer */
  const callGraph = (page, accessToken) => page.evaluate(async ([url, token]) =>
    (await fetch(url, { headers: { Authorization: `Bearer ${token}` } })).status, [`${tenant.apis.graph.origin}/v1.0/me`, accessToken]);

  test("signs in by redirect, with consent, and calls Graph", async (t) => {
    const page = await openApp(t, settings());
    const user = await signIn(page, adele);
    assert.deepEqual([user.token_type, user.scope], ["Bearer", "openid profile email User.Read"]);
    const { iss, aud, oid, tid, preferred_username: username } = user.profile;
    assert.deepEqual({ iss, aud, oid, tid, username }, {
      iss: `${tenant.authority}/v2.0`, aud: tenant.clientId, oid: adele.oid, tid: tenant.tenantId, username: adele.username,
    });
    assert.equal(await callGraph(page, user.access_token), 200);
  });

  test("loads userinfo, which is about the same subject", async (t) => {
    const page = await openApp(t, settings());
    const answered = page.waitForResponse((response) => response.url().endsWith("/oidc/userinfo") && response.request().method() === "GET");
    const { profile } = await signIn(page, adele);
    const { sub, name } = await (await answered).json();
    assert.deepEqual({ sub, name }, { sub: profile.sub, name: adele.name });
  });

  test("renews by refresh token", async (t) => {
    const page = await openApp(t, settings());
    const first = await signIn(page, adele);
    const second = await silently(page);
    assert.equal(second.profile.sub, first.profile.sub);
    assert.notEqual(second.access_token, first.access_token);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal(await callGraph(page, second.access_token), 200);
  });

  test("signs in silently in a frame, and is told when nobody is signed in", async (t) => {
    const page = await openApp(t, settings());
    assert.deepEqual(await silently(page, inFrame), INTERACTIVE);
    const first = await signIn(page, adele);
    const silent = await silently(page, inFrame);
    assert.equal(silent.profile.oid, adele.oid);
    assert.notEqual(silent.access_token, first.access_token);
  });

  test("signs out: user and session are gone", async (t) => {
    const page = await openApp(t, settings());
    await signIn(page, adele);
    await depart(page, "signoutRedirect");
    await isReady(page);
    assert.equal(await storedUser(page), null);
    assert.deepEqual(await silently(page, inFrame), INTERACTIVE);
  });
});
