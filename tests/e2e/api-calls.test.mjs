/** Calls of APIs: the token goes where the map says and nowhere else; bodies, waiting and giving up. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { brought, call, openApp, openWorld, signIn } from "./support/consent.mjs";
import { callApi, challenge, startApi, watchChallenges } from "./support/api.mjs";
import { watchTokenRequests } from "./support/story.mjs";

/** @type {import("./support/consent.mjs").World} */
let world;
/** The app's own API, and a server that is none of its business. */
let own;
let hostile;
let graph;
before(async () => {
  world = await openWorld();
  [own, hostile] = await Promise.all([startApi(), startApi()]);
  graph = world.tenant.apis.graph.origin;
});
beforeEach(async () => {
  await world.tenant.reset();
  own.answer(() => ({}));
  hostile.answer(() => ({}));
});
after(() => Promise.all([world?.stop(), own?.stop(), hostile?.stop()]));

/** Chromium writes every refusal of an API to the console. */
const REFUSALS = [/status of (?:40[013]|429|503)/];
const READ = ["User.Read"];

/** @param {object} [more] of the configuration's `api` */
const api = (more) => ({
  resources: [
    { url: `${graph}/v1.0`, scopes: READ },
    { url: own.origin, scopes: READ, routes: [{ path: "/public", scopes: null }] },
  ],
  ...more,
});

/** A page where Adele is signed in. @param {import("node:test").TestContext} t @param {object} [more] of `api` @param {object} [options] */
async function opened(t, more, options) {
  const page = await openApp(t, world, { allow: REFUSALS, api: api(more), ...options });
  await signIn(page, world.adele, READ);
  return page;
}

/** Which calls of a server had a token. */
const bearers = ({ calls }) => calls.map(({ path, authorization }) => `${path} ${authorization?.startsWith("Bearer ey") ? "token" : (authorization ?? "-")}`);

test("the token goes to the API, and not to what the map calls public or does not have", async (t) => {
  const page = await opened(t);
  const { status, body } = await callApi(page, `${graph}/v1.0/me`);
  assert.equal(status, 200);
  assert.match(body, /adele@contoso\.example/);
  await callApi(page, `${own.origin}/private`);
  await callApi(page, `${own.origin}/public/news`);
  await callApi(page, `${hostile.origin}/v1.0/me`);
  assert.deepEqual(bearers(own), ["/private token", "/public/news -"]);
  assert.deepEqual(bearers(hostile), ["/v1.0/me -"]);
  const { explanation } = await callApi(page, `${own.origin}/private`);
  assert.deepEqual([explanation.status, explanation.outcome, explanation.challenge, explanation.scopes.includes("User.Read")], [200, "none", null, true]);
});

test("what the map does not have is refused where the app says so", async (t) => {
  const page = await opened(t, { unlisted: "refuse" });
  const { error } = await callApi(page, `${hostile.origin}/v1.0/me?secret=1`);
  assert.deepEqual([error.errorCode, error.name], ["unlisted_url", "BrowserAuthError"]);
  assert.doesNotMatch(error.message, /secret/);
  assert.deepEqual(hostile.calls, []);
});

test("hosts that look like the API's get no token", async (t) => {
  const page = await opened(t);
  const { host, port } = new URL(own.origin);
  /** @type {(string | undefined)[]} */
  const seen = [];
  await page.route(/evil\.test|localhost\.:|LOCALHOST\./, (route) => {
    seen.push(route.request().headers()["authorization"]);
    return route.fulfill({ body: "{}", headers: { "access-control-allow-origin": "*" } });
  });
  for (const url of [`http://localhost.evil.test:${port}/private`, `http://evil.test/${host}/private`, `http://evil.test/?${own.origin}`, `http://localhost.:${port}/private`]) {
    assert.equal((await callApi(page, url)).status, 200, url);
  }
  assert.deepEqual(seen, [undefined, undefined, undefined, undefined]);
  const { error } = await callApi(page, `http://localhost:${port}@evil.test/private`);
  assert.equal(error.name, "TypeError"); // no browser calls an address with a user in it
  assert.deepEqual(own.calls, []);
});

test("a redirect to another origin takes no token along, and its challenge is not answered", async (t) => {
  const page = await opened(t, { onChallenge: "popup" });
  own.answer(() => ({ status: 302, headers: { Location: `${hostile.origin}/steal` } }));
  hostile.answer(() => ({ status: 401, headers: challenge({ error: "invalid_token" }) }));
  const grants = watchTokenRequests(page);
  const { status, explanation } = await callApi(page, `${own.origin}/moved`);
  assert.deepEqual([status, explanation.outcome, explanation.challenge], [401, "none", null]);
  assert.deepEqual(bearers(own), ["/moved token"]);
  assert.deepEqual(bearers(hostile), ["/steal -"]);
  assert.deepEqual(grants, []);
});

test("a header of the caller's own stays, and its challenge is the caller's", async (t) => {
  const page = await opened(t);
  own.answer(() => ({ status: 401, headers: challenge({ error: "invalid_token" }) }));
  const { status, explanation } = await callApi(page, `${own.origin}/private`, { headers: { authorization: "Basic bWU6bWU=" } });
  assert.deepEqual([status, explanation.outcome], [401, "none"]);
  assert.deepEqual(bearers(own), ["/private Basic bWU6bWU="]);
});

test("a no-cors call can't carry a token, and is not made without it", async (t) => {
  const page = await opened(t);
  const { error } = await callApi(page, `${own.origin}/private`, { mode: "no-cors" });
  assert.equal(error.errorCode, "no_cors_call");
  assert.deepEqual(own.calls, []);
});

test("without a map, and with a wrong one, the client says what is missing", async (t) => {
  const page = await openApp(t, world);
  const { error } = await callApi(page, graph);
  assert.deepEqual([error.errorCode, error.name], ["invalid_field", "ClientConfigurationError"]);
  assert.match(error.message, /`api\.resources`/);
  const refused = await page.evaluate(async (configuration) => {
    const codes = [];
    for (const more of [{ resources: [{ url: "/x", scopes: null }] }, { resources: [{ url: "https://a.test", scopes: ["api://a/X", "api://b/Y"] }] }, { resources: [{ url: "https://a.test", scopes: null }], onChallenge: "ask" }]) {
      const other = new consentry.PublicClientApplication({ ...configuration, api: more });
      await other.initialize().catch(({ errorCode }) => codes.push(errorCode));
      try {
        other.getAllAccounts();
      } catch ({ errorCode }) {
        codes.push(errorCode);
      }
    }
    return codes;
  }, { auth: { clientId: world.tenant.clientId, authority: world.tenant.authority } });
  const uninitialized = "uninitialized_public_client_application";
  assert.deepEqual(refused, ["invalid_field", uninitialized, "several_resources", uninitialized, "invalid_field", uninitialized]);
});

/** Bodies of each kind, made in the page. */
const BODIES = {
  text: () => "body",
  bytes: () => new TextEncoder().encode("body"),
  blob: () => new Blob(["body"]),
  form: () => new URLSearchParams({ body: "" }),
  request: () => undefined,
  stream: () => new ReadableStream({ start: (to) => { to.enqueue(new TextEncoder().encode("body")); to.close(); } }),
};
for (const [kind, make] of Object.entries(BODIES)) {
  test(`a call that is challenged is made once more with its body: ${kind}`, async (t) => {
    const page = await opened(t);
    // Streams need HTTP/2: the page's own fetch stands in for the network.
    await page.evaluate((origin) => {
      const fetched = window.fetch.bind(window);
      window.sent = [];
      window.fetch = async (input, init) => {
        if (!(input instanceof Request) || !input.url.startsWith(origin)) return fetched(input, init);
        window.sent.push(`${await input.clone().text()} ${input.headers.get("authorization")}`);
        const isFirst = window.sent.length === 1;
        return new Response("{}", isFirst ? { status: 401, headers: { "www-authenticate": "Bearer error=\"invalid_token\"" } } : {});
      };
    }, own.origin);
    const { status, outcome, sent } = await page.evaluate(async ([url, make, kind]) => {
      const body = eval(`(${make})`)();
      const init = kind === "stream" ? { method: "POST", body, duplex: "half" } : { method: "POST", body };
      const response = await (kind === "request" ? client.fetch(new Request(url, { method: "POST", body: "body" })) : client.fetch(url, init));
      return { status: response.status, outcome: client.explainResponse(response).outcome, sent: window.sent };
    }, [`${own.origin}/private`, String(make), kind]);
    const tokens = sent.map((line) => line.split(" ").slice(1).join(" "));
    const bodies = sent.map((line) => line.split(" ")[0].replace("=", ""));
    if (kind === "stream") {
      assert.deepEqual([status, outcome, bodies], [401, "not_replayable", ["body"]]);
      // The next call has the new token.
      const next = await page.evaluate(async (url) => { await client.fetch(url); return window.sent.at(-1); }, `${own.origin}/private`);
      assert.notEqual(next.trim(), tokens[0]);
    } else {
      assert.deepEqual([status, outcome, bodies], [200, "answered", ["body", "body"]]);
      assert.notEqual(tokens[0], tokens[1]);
    }
  });
}

test("texts, blobs and forms with files reach the API again, as they were", async (t) => {
  const page = await opened(t);
  for (const kind of ["text", "blob", "file", "keepalive"]) {
    own.answer((_, count) => (count === 0 ? { status: 401, headers: challenge({ error: "invalid_token" }) } : {}));
    const status = await page.evaluate(async ([url, kind]) => {
      const form = new FormData();
      form.set("file", new File(["body"], "name.txt"));
      const body = { text: "body", blob: new Blob(["body"]), file: form, keepalive: "body" }[kind];
      return (await client.fetch(url, { method: "POST", body, keepalive: kind === "keepalive" })).status;
    }, [`${own.origin}/${kind}`, kind]);
    const [first, second] = own.calls.map(({ body }) => body);
    assert.deepEqual([status, second], [200, first], kind);
    assert.match(first, /body/);
    assert.equal(own.calls.length, 2, kind);
  }
});

test("Retry-After is waited for: of 429 always, of 503 where the call may be made twice", async (t) => {
  const page = await opened(t);
  const told = await watchChallenges(page);
  const once = (status) => (_, count) => (count === 0 ? { status, headers: { "Retry-After": "1" } } : {});
  for (const [method, status, expected, sent] of /** @type {const} */ ([["GET", 429, 200, 2], ["POST", 429, 200, 2], ["PUT", 503, 200, 2], ["POST", 503, 503, 1]])) {
    own.answer(once(status));
    const began = performance.now();
    assert.equal((await callApi(page, `${own.origin}/busy`, { method })).status, expected, `${method} ${status}`);
    assert.equal(own.calls.length, sent);
    if (sent > 1) assert.ok(performance.now() - began > 990);
  }
  // The last one was not made twice, but the next call leaves the API alone for as long.
  await callApi(page, `${own.origin}/busy`);
  assert.deepEqual([...new Set(await told())], ["waits 1"]);
});

test("an API that wants to be left alone for longer is, and the call says until when", async (t) => {
  const page = await opened(t, { longestWait: 1 });
  own.answer(() => ({ status: 429, headers: { "Retry-After": new Date(Date.now() + 90_000).toUTCString() } }));
  assert.equal((await callApi(page, `${own.origin}/busy`)).status, 429);
  const { error } = await callApi(page, `${own.origin}/busy`);
  assert.deepEqual([error.errorCode, error.name, own.calls.length], ["api_throttled", "ServerError", 1]);
  const seconds = await page.evaluate((url) => client.fetch(url).catch(({ retryAfter }) => retryAfter), `${own.origin}/busy`);
  assert.ok(seconds > 60 && seconds <= 90, String(seconds));
  // Others are not meant.
  assert.equal((await callApi(page, `${graph}/v1.0/me`)).status, 200);
});

test("who gives up is not waited for: before, while a token comes, while the API is slow, and while it rests", async (t) => {
  const page = await opened(t);
  const given = (url, after, options) => page.evaluate(async ([url, after, options]) => {
    const controller = new AbortController();
    const calling = client.fetch(url, { signal: controller.signal }, options);
    if (after === 0) controller.abort();
    else setTimeout(() => controller.abort("enough"), after);
    const began = performance.now();
    const why = await calling.catch((error) => (typeof error === "string" ? error : error.name));
    return { why, isPrompt: performance.now() - began < 900 };
  }, [url, after, options]);
  assert.deepEqual(await given(`${own.origin}/private`, 0), { why: "AbortError", isPrompt: true });
  assert.deepEqual(own.calls, []);
  own.answer(() => ({ delay: 1000 }));
  assert.deepEqual(await given(`${own.origin}/slow`, 100), { why: "enough", isPrompt: true });
  own.answer(() => ({ status: 429, headers: { "Retry-After": "5" } }));
  assert.deepEqual(await given(`${own.origin}/busy`, 100), { why: "enough", isPrompt: true });
  await world.tenant.injectFault({ endpoint: "token", delayMilliseconds: 1000, times: 1 });
  const silent = await page.evaluate(async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort("enough"), 100);
    const request = { scopes: ["User.Read"], forceRefresh: true };
    const [given, waited] = await Promise.all([client.acquireTokenSilent({ ...request, signal: controller.signal }).catch((error) => error), client.acquireTokenSilent(request)]);
    return { given, waited: waited.accessToken.length > 0 };
  });
  assert.deepEqual(silent, { given: "enough", waited: true });
});

test("another HTTP client gets its headers, and is told whether to call once more", async (t) => {
  const page = await opened(t);
  own.answer((_, count) => (count === 0 ? { status: 401, headers: challenge({ error: "invalid_token" }) } : {}));
  const result = await page.evaluate(async (url) => {
    const authorized = await client.authorizeCall(url, { method: "POST" });
    const ask = () => new Promise((resolve) => {
      const call = new XMLHttpRequest();
      call.open("POST", url);
      for (const [name, value] of Object.entries(authorized.headers)) call.setRequestHeader(name, value);
      call.onload = () => resolve({ status: call.status, url: call.responseURL, headers: { get: (name) => call.getResponseHeader(name) } });
      call.send();
    });
    const first = await ask();
    const isToRepeat = await authorized.answered(first);
    const second = await ask();
    return { first: first.status, isToRepeat, second: second.status, isLast: !(await authorized.answered(second)), outcome: authorized.explain().outcome };
  }, `${own.origin}/private`);
  assert.deepEqual(result, { first: 401, isToRepeat: true, second: 200, isLast: true, outcome: "answered" });
  const [first, second] = own.calls.map(({ authorization }) => authorization);
  assert.ok(first && second && first !== second);
});

test("nobody is signed in: the call says so, and nothing is sent", async (t) => {
  const page = await openApp(t, world, { api: api() });
  const { error } = await callApi(page, `${own.origin}/private`);
  assert.equal(error.errorCode, (await call(page, "acquireTokenSilent", { scopes: READ })).error.errorCode);
  assert.deepEqual(own.calls, []);
  assert.equal((await callApi(page, `${own.origin}/public`)).status, 200);
});

test("a response of others is not explained", async (t) => {
  const page = await opened(t);
  await brought(page, "acquireTokenSilent", { scopes: READ });
  const code = await page.evaluate(async (url) => {
    try {
      client.explainResponse(await fetch(url));
    } catch ({ errorCode }) {
      return errorCode;
    }
    return undefined;
  }, `${own.origin}/public`);
  assert.equal(code, "unknown_response");
});
