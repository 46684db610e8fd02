/** Calls of APIs that meet each other, give up, or get odd answers: with a client over a core that the test plays, and no network. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { defineClient } from "../../pkg/client.js";
import { secondsOf } from "../../pkg/challenge.js";
import * as errors from "../../pkg/errors.js";

const API = "https://api.example.com";
const [ADELE, BELA] = ["adele", "bela"].map((homeAccountId) => ({ homeAccountId, username: homeAccountId }));
const REFUSED = { status: 401, headers: { "www-authenticate": "Bearer error=\"invalid_token\"" } };
const DEMAND = { kind: "token", request: { scopes: ["Read"], forceRefresh: true }, way: "token", mayAsk: true, forbidden: null };

const pause = (milliseconds = 5) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const tokenOf = (account, accessToken) => ({ account, accessToken, scopes: ["Read"] });
const needsUser = () => new errors.InteractionRequiredAuthError("interaction_required");

/** A promise that the test settles. */
function settled() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

/**
 * A client where Adele is active. Each of its tokens is a new one of the account that it is asked for.
 * @param {import("node:test").TestContext} t @param {{ more?: object, answer?: (request: Request, count: number) => Response | Promise<Response>, demand?: (asked: any) => object }} [options]
 */
async function opened(t, { more = {}, answer = () => new Response("{}"), demand = () => DEMAND } = {}) {
  let active = ADELE;
  const answers = {
    composeScopes: ({ scopes }) => (Array.isArray(scopes) ? scopes : Object.values(scopes)[0]),
    readChallenge: demand,
    getActiveAccount: () => active,
    setActiveAccount: (account) => { active = account; },
    getAllAccounts: () => [],
  };
  class ClientHandle {
    run = async () => {};
    ask = (method, argument) => answers[method]?.(argument);
    recall = () => {};
  }
  const core = { ClientHandle, generation: 0, start: async () => {}, settled: async (configuration) => ({ configuration }), onChange() {} };
  const client = new (defineClient(async () => core))({ auth: {}, api: { resources: [{ url: API, scopes: ["Read"], routes: [{ path: "/public", scopes: null }] }], ...more } });
  await client.initialize();
  const sent = [];
  t.mock.method(globalThis, "fetch", async (request) => {
    sent.push({ url: request.url, authorization: request.headers.get("authorization"), note: request.headers.get("x-note"), body: await request.text() });
    return answer(request, sent.length - 1);
  });
  let count = 0;
  const token = async ({ account }) => tokenOf(account ?? active, `${(account ?? active).username}-${count += 1}`);
  Object.assign(client, { acquireTokenSilent: token, acquireTokenPopup: token });
  return { client, sent, core: answers };
}

/** A demand that only the user can answer: who is asked silently for another token fails. */
function withoutSession(client) {
  const silent = client.acquireTokenSilent;
  client.acquireTokenSilent = async (request) => {
    if (request.forceRefresh) throw needsUser();
    return silent(request);
  };
}

const outcomes = (client, responses) => responses.map((response) => client.explainResponse(response).outcome);

test("a call is for whoever was active when it began, whatever it waits for", async (t) => {
  const { client, sent } = await opened(t, { more: { onChallenge: "popup" } });
  client.acquireTokenSilent = async () => { throw needsUser(); };
  const windows = [];
  client.acquireTokenPopup = async ({ account }) => {
    windows.push(account.username);
    await pause();
    return tokenOf(account, account.username);
  };
  const first = client.fetch(`${API}/x`);
  client.setActiveAccount(BELA);
  await Promise.all([first, client.fetch(`${API}/x`)]);
  assert.deepEqual(windows, ["adele", "bela"]);
  assert.deepEqual(sent.map(({ authorization }) => authorization), ["Bearer adele", "Bearer bela"]);
});

test("another account's token, chosen in the window, is not sent", async (t) => {
  const { client, sent } = await opened(t, { more: { onChallenge: "popup" } });
  client.acquireTokenSilent = async () => { throw needsUser(); };
  client.acquireTokenPopup = async () => tokenOf(BELA, "bela");
  await assert.rejects(client.fetch(`${API}/x`), { errorCode: "account_mismatch", name: "ClientAuthError" });
  assert.deepEqual(sent, []);
});

test("tokens for two resources at one place are not mixed up", async (t) => {
  const route = (path) => ({ url: API, resource: `https://${path}.example`, routes: [{ path: `/${path}`, scopes: ["Read"] }] });
  const { client, sent } = await opened(t, { more: { resources: [route("a"), route("b")] }, answer: (_, at) => new Response("{}", at < 2 ? REFUSED : {}) });
  client.configuration.system = { protocolMode: "OIDC" };
  client.api = undefined;
  client.acquireTokenSilent = async ({ resource, forceRefresh = false }) => tokenOf(ADELE, `${resource}${forceRefresh ? " new" : ""}`);
  await Promise.all([client.fetch(`${API}/a`), client.fetch(`${API}/b`)]);
  for (const { url, authorization } of sent) assert.match(authorization, new RegExp(`^Bearer https://${url.at(-1)}\\.example`));
  assert.equal(sent.length, 4);
});

test("what a call is made of is read at once, and only once", async (t) => {
  const { client, sent } = await opened(t, { answer: (_, at) => new Response("{}", at < 2 ? REFUSED : {}) });
  const url = new URL(`${API}/first`);
  const init = { method: "POST", body: "body", headers: { "x-note": "first" } };
  const calling = client.fetch(url, init);
  url.href = "https://evil.test/second";
  init.headers["x-note"] = "second";
  const second = client.authorizeCall(new URL(`${API}/x`));
  await calling;
  assert.deepEqual(sent.map(({ url, note, body }) => [url, note, body]), Array(2).fill([`${API}/first`, "first", "body"]));
  assert.match((await second).headers.authorization, /^Bearer adele/);
});

test("a form with a file is sent again as it was", async (t) => {
  const { client, sent } = await opened(t, { answer: (_, at) => new Response("{}", at === 0 ? REFUSED : {}) });
  const body = new FormData();
  body.set("file", new Blob(["content"]), "name.txt");
  await client.fetch(`${API}/x`, { method: "PUT", body });
  assert.match(sent[1].body, /name\.txt[^]*content/);
  assert.equal(sent[0].body, sent[1].body);
});

test("what is not in the map is refused also with a header of the caller's own", async (t) => {
  const { client, sent } = await opened(t, { more: { unlisted: "refuse" } });
  await assert.rejects(client.fetch("https://evil.test/", { headers: { AUTHORIZATION: "" } }), { errorCode: "unlisted_url" });
  assert.deepEqual(sent, []);
});

test("a stranger whom the call is led to can't have the API left alone", async (t) => {
  const { client } = await opened(t);
  const call = await client.authorizeCall(`${API}/x`);
  const answer = { status: 503, headers: new Headers({ "retry-after": "3600" }) };
  assert.equal(await call.answered({ ...answer, url: "https://evil.test/x" }), false);
  await client.authorizeCall(`${API}/x`);
  await call.answered({ ...answer, url: "/x" });
  await assert.rejects(client.authorizeCall(`${API}/x`), { errorCode: "api_throttled" });
});

test("an answer's address that is none is a stranger's, and a core that fails is told of", async (t) => {
  const { client } = await opened(t, { demand: () => { throw new errors.BrowserAuthError("wasm_trap"); } });
  const call = await client.authorizeCall(`${API}/x`);
  assert.equal(await call.answered({ status: 401, headers: new Headers(), url: "https://[" }), false);
  assert.equal(call.explain().outcome, "none");
  assert.equal(await call.answered({ status: 401, headers: new Headers() }), false);
  assert.deepEqual([call.explain().outcome, call.explain().error.errorCode], ["failed", "wasm_trap"]);
});

test("Retry-After is seconds or a date, and nothing else that a browser reads as one", () => {
  assert.deepEqual(["0", " 7 ", "999999999"].map(secondsOf), [0, 7, 999_999_999]);
  assert.deepEqual(["-5", "1.5", "10, 10", "1e3", "0x10", "", "9999999999", "soon", null].map(secondsOf), Array(9).fill(undefined));
  const date = new Date(Date.now() + 60_000).toUTCString();
  assert.ok(Math.abs(secondsOf(date) - 60) < 2);
  assert.equal(secondsOf("Sun, 06 Nov 1994 08:49:37 GMT"), 0);
});

test("a refusal whose body breaks off does not end the call", async (t) => {
  const broken = () => new ReadableStream({ start: (body) => body.error(new TypeError("network")) });
  const { client } = await opened(t, { answer: (_, at) => (at === 0 ? new Response(broken(), REFUSED) : new Response("{}")) });
  assert.equal((await client.fetch(`${API}/x`)).status, 200);
});

test("who gives up while the app decides is not waited for, and nobody is asked then", async (t) => {
  const { client } = await opened(t, { answer: () => new Response("{}", REFUSED) });
  withoutSession(client);
  const windows = [];
  client.acquireTokenPopup = async () => { windows.push("opened"); throw needsUser(); };
  const decision = settled();
  const asked = settled();
  const giving = new AbortController();
  const calling = client.fetch(`${API}/x`, { signal: giving.signal }, { onChallenge: () => { asked.resolve(); return decision.promise; } });
  await asked.promise;
  giving.abort(new Error("enough"));
  await assert.rejects(calling, /enough/);
  decision.resolve("popup");
  await pause();
  assert.deepEqual(windows, []);
});

test("who gives up in the turn's first moment asks nobody", async (t) => {
  const { client } = await opened(t, { answer: () => new Response("{}", REFUSED), more: { onChallenge: "popup" } });
  const renewals = [];
  const silent = client.acquireTokenSilent;
  client.acquireTokenSilent = async (request) => {
    if (request.forceRefresh) renewals.push("renewed");
    return silent(request);
  };
  const giving = new AbortController();
  client.addEventCallback(({ eventType }) => { if (eventType === "consentry:apiChallenged") giving.abort(); });
  await assert.rejects(client.fetch(`${API}/x`, { signal: giving.signal }), { name: "AbortError" });
  await pause();
  assert.deepEqual(renewals, []);
});

test("one call's giving up is no other's, nor does a window of others hold it", async (t) => {
  const { client } = await opened(t, { answer: ({ headers }) => new Response("{}", headers.get("authorization").includes("window") ? {} : REFUSED), more: { onChallenge: "popup" } });
  withoutSession(client);
  const windows = [settled(), settled()];
  let count = 0;
  client.acquireTokenPopup = ({ account }) => windows[count++].promise.then(() => tokenOf(account, "window"));
  const others = client.fetch(`${API}/x`, {}, { account: BELA });
  await pause();
  const giving = new AbortController();
  const given = client.fetch(`${API}/x`, { signal: giving.signal });
  await pause();
  giving.abort(new Error("enough"));
  await assert.rejects(given, /enough/);
  const next = client.fetch(`${API}/x`);
  await pause();
  assert.equal(count, 1);
  for (const { resolve } of windows) resolve();
  const responses = await Promise.all([others, next]);
  assert.deepEqual(outcomes(client, responses), ["answered", "answered"]);
});

test("a call that may ask the user does, although one that may not has just failed", async (t) => {
  const { client } = await opened(t, { answer: ({ headers }) => new Response("{}", headers.get("authorization").includes("window") ? {} : REFUSED) });
  const silent = client.acquireTokenSilent;
  client.acquireTokenSilent = async (request) => {
    if (!request.forceRefresh) return silent(request);
    await pause();
    throw needsUser();
  };
  client.acquireTokenPopup = async ({ account }) => tokenOf(account, "window");
  const responses = await Promise.all([client.fetch(`${API}/x`), client.fetch(`${API}/x`, {}, { onChallenge: "popup" })]);
  assert.deepEqual(outcomes(client, responses), ["failed", "answered"]);
});

test("who decides late takes what was got meanwhile", async (t) => {
  const { client } = await opened(t);
  client.acquireTokenSilent = async () => { throw needsUser(); };
  let windows = 0;
  client.acquireTokenPopup = async ({ account }) => tokenOf(account, `window ${windows += 1}`);
  const late = client.fetch(`${API}/x`, {}, { onChallenge: () => pause(30).then(() => "popup") });
  await Promise.all([late, client.fetch(`${API}/x`, {}, { onChallenge: "popup" })]);
  assert.equal(windows, 1);
});

test("an API that demands other permissions each time fills no memory, and signing out leaves no token there", async (t) => {
  let count = 0;
  const demand = () => ({ ...DEMAND, kind: "scope", request: { scopes: [`Scope${count += 1}`] } });
  const { client } = await opened(t, { answer: () => new Response("{}", REFUSED), demand });
  const clock = t.mock.method(performance, "now");
  for (let at = 0; at < 10; at += 1) {
    clock.mock.mockImplementation(() => 1_000_000 + at * 61_000);
    await client.fetch(`${API}/x`);
  }
  assert.ok(client.api.lanes.size <= 2, String(client.api.lanes.size));
  assert.ok([...client.api.lanes.values()].some(({ last }) => last.token));
  await client.clearCache();
  assert.ok([...client.api.lanes.values()].every(({ last }) => !last?.token));
});

test("an API that demands other permissions each time, and is never content, is given up after three of them", async (t) => {
  let demands = 0;
  const demand = () => ({ ...DEMAND, kind: "scope", request: { scopes: [`P${demands += 1}`] } });
  const { client, sent } = await opened(t, { demand, answer: () => new Response("{}", REFUSED) });
  for (let at = 0; at < 6; at += 1) assert.deepEqual(outcomes(client, [await client.fetch(`${API}/x`)]), ["repeated"]);
  assert.equal(sent.length, 6 + 3);
});

test("a call whose refusal comes after the user has closed the window opens no other", async (t) => {
  const late = settled();
  const { client } = await opened(t, {
    more: { onChallenge: "popup" },
    answer: async (_, count) => {
      if (count === 1) await late.promise;
      return new Response("{}", REFUSED);
    },
  });
  withoutSession(client);
  let windows = 0;
  client.acquireTokenPopup = async () => {
    windows += 1;
    throw new errors.BrowserAuthError("user_cancelled");
  };
  const calls = [client.fetch(`${API}/x`), client.fetch(`${API}/y`)];
  await calls[0];
  late.resolve();
  assert.deepEqual(outcomes(client, await Promise.all(calls)), ["failed", "failed"]);
  assert.equal(windows, 1);
  // Who calls again means it.
  await client.fetch(`${API}/x`);
  assert.equal(windows, 2);
});
