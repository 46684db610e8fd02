/**
 * Requests that nothing comes of, through the package in a browser: to a page all of them are one "Failed to fetch". Each is told
 * by class and code, with what to do; nothing is lost by it, and nothing secret is sent to find out.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, afterEach, before, test } from "node:test";
import { launch } from "./support/browser.mjs";
import { GRAPH, arrival, assertClasses, brought, call, depart, openApp, openWorld, refusal } from "./support/consent.mjs";
import { giveCredentials, storageOf, tokenEndpoint } from "./support/story.mjs";

const REQUEST = { scopes: ["User.Read"] };
const FORCED = { ...REQUEST, forceRefresh: true };
/** The page where the tenant is forbidden, and the one where WebAssembly is. */
const WITHOUT_TENANT = "/callback";
const WITHOUT_WASM = "/index.html";
const POLICIES = { [WITHOUT_TENANT]: "connect-src 'self'", [WITHOUT_WASM]: "script-src 'self' 'unsafe-inline'" };
/** What Chromium writes to the console of all this. */
const allow = [/CORS policy|net::ERR_|Content Security Policy|status of \d+/];

let world, tenant;
/** Somewhere else, and what came there. */
let elsewhere, astray;
before(async () => {
  world = await openWorld(undefined, { policies: POLICIES });
  ({ tenant } = world);
  await tenant.grantConsent({ clientId: tenant.clientId, resource: GRAPH, permissions: REQUEST.scopes });
  const server = createServer((request, response) => {
    astray.push(request);
    response.writeHead(200, { "Access-Control-Allow-Origin": "*" }).end("{}");
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  elsewhere = { url: `http://127.0.0.1:${server.address().port}/`, stop: () => { server.closeAllConnections(); server.close(); } };
});
afterEach(() => tenant.clearFaults());
after(() => {
  elsewhere?.stop();
  return world?.stop();
});

async function signIn(page) {
  await depart(page, "loginRedirect", REQUEST);
  await giveCredentials(page, world.adele);
  return (await arrival(page)).answer;
}

async function openSignedIn(t, options) {
  const page = await openApp(t, world, { allow, ...options });
  assert.equal((await signIn(page)).error, undefined);
  return page;
}

/** What the page sends from now on, but for its own files. */
function watch(page) {
  const sent = [];
  page.on("request", (request) => {
    if (request.resourceType() === "fetch") sent.push({ method: request.method(), url: request.url(), body: request.postData(), headers: request.headers() });
  });
  return sent;
}

/** Everything after the request itself has nothing of it: no body, no parameter, no cookie; and it is asked twice at most. */
function assertDiscreet([first, ...probes], { hasBody }) {
  assert.equal(first?.body !== null, hasBody);
  assert.ok(probes.length <= 2, `${probes.length} probes`);
  for (const { method, url, body, headers } of probes) {
    assert.deepEqual([body, new URL(url).search, headers.cookie, headers.authorization], [null, "", undefined, undefined]);
    assert.ok(method === "GET" || method === first.method);
    assert.equal(url, first.url.split("?")[0]);
  }
}

/** @param {any} error @param {string} code @param {RegExp} advice */
function assertFailed(error, code, advice) {
  assertClasses(error, "BrowserAuthError");
  assert.equal(error.errorCode, code);
  assert.match(error.message, advice);
}

const fault = (endpoint, rest) => () => tenant.injectFault({ endpoint, ...rest });
/** The tenant as the page sees it: an error of the network in place of the requests that fit. */
const cut = (how, fits = () => true) => (page) =>
  page.route(({ origin }) => origin === tenant.origin, (route) => (fits(route.request()) ? route.abort(how) : route.continue()));
/** No time limit is longer than this, in milliseconds. */
const HASTE = 500;
const hurry = (page) => page.evaluate((limit) => {
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (milliseconds) => timeout(Math.min(milliseconds, limit));
}, HASTE);
/** The requests that fit get no answer at all. */
const hang = (fits) => async (page) => {
  await hurry(page);
  await page.route(({ origin }) => origin === tenant.origin, (route) => (fits(route.request()) ? undefined : route.continue()));
};
const hasBody = (request) => request.postData() !== null;
const redirect = (rest) => (page) => fault("token", { status: 307, headers: { Location: elsewhere.url }, ...rest })(page);

/** By name: what breaks the token request of somebody who is signed in, the code, and what the text has to advise. */
const AT_THE_TOKEN_ENDPOINT = {
  "a browser without network": [(page) => page.context().setOffline(true), "no_network_connectivity", /offline: try again when there is a network/],
  "a server that is down": [cut("connectionrefused"), "post_request_failed", /the network or the server failed.*try again/],
  "a name that nobody knows": [cut("namenotresolved"), "post_request_failed", /the network or the server failed/],
  "a server that drops every connection": [fault("token", { drop: "before" }), "post_request_failed", /the network or the server failed/],
  "a connection that breaks once": [cut("connectionreset", hasBody), "post_request_failed", /the network or the server failed/],
  "a server that keeps its answers from this origin": [fault("token", { cors: false }), "cors_blocked", /\(CORS\): register the redirect URI as type spa .*or allow this origin at the server/],
  "a redirect": [redirect(), "request_redirected", /the server redirects.*correct `auth\.authority`/],
  "a redirect that this origin may not see": [redirect({ cors: false }), "cors_blocked", /if it redirects, correct `auth\.authority`/],
  "a server that hangs": [hang(hasBody), "timed_out", /did not answer in time: try again/],
  "a server that hangs when it is asked again": [async (page) => {
    await hang((request) => !hasBody(request))(page);
    await page.route(tokenEndpoint, (route) => (hasBody(route.request()) ? route.abort("connectionreset") : route.fallback()));
  }, "post_request_failed", /the network or the server failed/],
};

async function mend(page) {
  await page.context().setOffline(false);
  await page.unrouteAll();
  await tenant.clearFaults();
}

test("a token request that nothing comes of says why, loses nothing, and can be tried again", async (t) => {
  const page = await openSignedIn(t);
  for (const [name, [breaks, code, advice]] of Object.entries(AT_THE_TOKEN_ENDPOINT)) {
    await t.test(name, async () => {
      astray = [];
      const stored = await storageOf(page);
      const sent = watch(page);
      await breaks(page);
      const { error } = await call(page, "acquireTokenSilent", FORCED);
      page.removeAllListeners("request");
      await mend(page);
      assertFailed(error, code, advice);
      assertDiscreet(sent.filter(({ url }) => url.startsWith(tenant.origin)), { hasBody: true });
      for (const { method, url } of astray) assert.deepEqual([method, url], ["GET", "/"], "whoever is named there gets nothing");
      assert.deepEqual(await storageOf(page), stored, "the refresh token and everything else are kept");
      assert.equal((await brought(page, "acquireTokenSilent", FORCED)).fromCache, false, "it works again");
    });
  }
});

/** Has the page ask the server for everything that it publishes. */
async function forgetDocuments(page) {
  await page.evaluate(() => {
    for (const key of Object.keys(sessionStorage)) if (/\|(?:metadata|keys)\|/.test(key)) sessionStorage.removeItem(key);
  });
  await page.reload();
  await arrival(page);
}

const DOCUMENTS = {
  "kept from this origin": [{ cors: false }, "cors_blocked", /\(CORS\)/],
  "behind a connection that breaks": [{ drop: "before" }, "get_request_failed", /no answer: the network or the server failed, or `auth\.authority` is wrong/],
  "moved": [() => ({ status: 302, headers: { Location: elsewhere.url } }), "request_redirected", /correct `auth\.authority`/],
};

test("metadata and keys that do not come: the refresh token is not even sent", async (t) => {
  const page = await openSignedIn(t);
  for (const endpoint of ["metadata", "keys"]) {
    for (const [name, [what, code, advice]] of Object.entries(DOCUMENTS)) {
      await t.test(`${endpoint} ${name}`, async () => {
        astray = [];
        await forgetDocuments(page);
        const sent = watch(page);
        await fault(endpoint, typeof what === "function" ? what() : what)();
        const { error } = await call(page, "acquireTokenSilent", FORCED);
        page.removeAllListeners("request");
        await mend(page);
        assertFailed(error, code, advice);
        assertDiscreet(sent.filter(({ url }) => url.includes(endpoint === "keys" ? "/keys" : "/openid-configuration")), { hasBody: false });
        assert.ok(sent.every(({ method }) => method === "GET"));
        assert.deepEqual(astray, []);
        assert.equal((await brought(page, "acquireTokenSilent", FORCED)).fromCache, false);
      });
    }
  }
});

test("a code that the server takes, and this origin may not read the answer: nobody is signed in", async (t) => {
  const page = await openApp(t, world, { allow });
  await tenant.injectFault({ endpoint: "token", cors: false });
  const sent = watch(page);
  const { error } = await signIn(page);
  page.removeAllListeners("request");
  assertFailed(error, "cors_blocked", /type spa/);
  assertDiscreet(sent.filter(({ url }) => tokenEndpoint.test(url)), { hasBody: true });
  const kept = Object.keys(await storageOf(page)).filter((key) => /\|(?:account|access|consent)\|/.test(key));
  assert.deepEqual([kept, await page.evaluate(() => client.getAllAccounts())], [[], []]);
  await mend(page);
  await depart(page, "loginRedirect", REQUEST);
  assert.equal((await arrival(page)).answer.value.account.username, world.adele.username);
});

test("a server where nobody listens", async (t) => {
  const server = createServer();
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  const page = await openApp(t, world, { allow });
  const { error } = await page.evaluate(async ([authority, request]) => {
    const { configuration } = window.settings;
    const other = new consentry.PublicClientApplication({ ...configuration, auth: { ...configuration.auth, authority } });
    await other.initialize();
    return told(other.loginRedirect(request));
  }, [`http://localhost:${port}/${tenant.tenantId}`, REQUEST]);
  assertFailed(error, "get_request_failed", /the network or the server failed, or `auth\.authority` is wrong/);
});

test("a page whose policy forbids the server: nobody is sent anywhere, and nothing is lost", async (t) => {
  const page = await openSignedIn(t);
  const stored = await storageOf(page);
  const asked = (await tenant.requests()).length;
  await page.goto(`${world.site.origin}${WITHOUT_TENANT}`);
  await arrival(page);
  await page.evaluate(() => {
    window.violations = 0;
    document.addEventListener("securitypolicyviolation", () => { window.violations += 1; });
  });
  const { error } = await call(page, "acquireTokenSilent", FORCED);
  assertFailed(error, "csp_blocked", /Content-Security-Policy forbids this request: add the server's origins to `connect-src`/);
  assert.equal(await page.evaluate(() => window.violations), 1, "what is forbidden is not tried again");
  assert.deepEqual(await storageOf(page), stored);
  await forgetDocuments(page);
  assertFailed(await refusal(page, "loginRedirect", REQUEST), "csp_blocked", /`connect-src`/);
  assert.equal((await tenant.requests()).length, asked);
  await page.goto(`${world.site.origin}/`);
  await arrival(page);
  assert.equal((await brought(page, "acquireTokenSilent", FORCED)).fromCache, false);
});

/** A page without the client's own script, and what `initialize()` comes to there. */
async function initialize(t, path, arrange = async () => {}) {
  const page = await openApp(t, world, { allow });
  await page.route("**/app.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  await page.goto(`${world.site.origin}${path}`);
  await arrange(page);
  const start = () => page.evaluate(async () => {
    const { PublicClientApplication } = await import("/consentry/index.js");
    window.client ??= new PublicClientApplication(window.settings.configuration);
    return client.initialize().then(() => null, ({ name, errorCode, message, cause }) => ({ name, errorCode, message, cause: String(cause) }));
  });
  return { page, start };
}

test("a page whose policy forbids WebAssembly is told the directive", async (t) => {
  const { start } = await initialize(t, WITHOUT_WASM);
  const error = await start();
  assert.deepEqual([error.name, error.errorCode], ["BrowserAuthError", "wasm_load_failed"]);
  assert.match(error.message, /Content-Security-Policy: script-src 'wasm-unsafe-eval'/);
  assert.match(error.cause, /CompileError/);
});

/** By name: what comes in place of the module. */
const NO_MODULES = {
  "nothing": { status: 404 },
  "a page, as servers of single-page apps answer": { contentType: "text/html", body: "<!doctype html><title>app</title>" },
  "something else under its type": { contentType: "application/wasm", body: "no module" },
};

test("a module that is not there is told what to serve, and can be tried again", async (t) => {
  const { page, start } = await initialize(t, "/");
  const file = "**/consentry_core_bg.wasm";
  for (const [name, answer] of Object.entries(NO_MODULES)) {
    await t.test(name, async () => {
      await page.route(file, (route) => route.fulfill(answer));
      const error = await start();
      assert.deepEqual([error.name, error.errorCode], ["BrowserAuthError", "wasm_load_failed"]);
      assert.match(error.message, /serve consentry_core_bg\.wasm beside the package's script, or pass its address as initialize\({ wasm }\)/);
      await page.unroute(file);
    });
  }
  await page.route(file, async (route) => {
    const response = await route.fetch();
    return route.fulfill({ response, headers: { ...response.headers(), "content-type": "application/octet-stream" } });
  });
  assert.equal(await start(), null, "the right file under the wrong type");
});

test("a page that came over plain http has no cryptography: it sends nothing, and nobody anywhere", async (t) => {
  const browser = await launch(["--host-resolver-rules=MAP consentry.test 127.0.0.1"]);
  t.after(() => browser.close());
  const site = { origin: world.site.origin.replace("localhost", "consentry.test") };
  const page = await openApp(t, { ...world, browser, site }, { allow });
  assert.equal(await page.evaluate(() => isSecureContext), false);
  const sent = watch(page);
  for (const redirectUri of [undefined, "https://app.example/"]) {
    const error = await refusal(page, "loginRedirect", { ...REQUEST, redirectUri });
    assertFailed(error, "insecure_context", /serve it over https or from localhost/);
  }
  assert.deepEqual(sent, []);
});
