/** What the adapters ask the client for, and what they make of its answers. With the real clients, in a browser: tests/e2e/adapters.test.mjs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { AllowedHostsValidator } from "@microsoft/kiota-abstractions";
import { ClientConfigurationError, InteractionRequiredAuthError, ServerError } from "consentry";
import { accessTokenProvider, graphAuthenticationProvider, tokenCredential } from "consentry/adapters";

const ADELE = { tenantId: "6f2c0c6e-0000-4000-8000-000000000001", username: "adele" };
const CLAIMS = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
const IN_BASE64 = Buffer.from(CLAIMS).toString("base64");
const needed = (claims = "") => Object.assign(new InteractionRequiredAuthError("interaction_required"), { claims });

/** A client that notes what it is asked for. @param {{ refusal?: unknown, silently?: () => Promise<unknown>, accounts?: object[], active?: object | null }} [answers] */
function fake({ refusal, accounts = [ADELE], active = null, ...answers } = {}) {
  const asked = [];
  const silently = answers.silently ?? (async () => {
    if (refusal) throw refusal;
    return { accessToken: "silent", expiresOn: new Date(2_000_000), refreshOn: new Date(1_000_000) };
  });
  const noting = (name, answer) => (request) => {
    asked.push([name, Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined))]);
    return answer();
  };
  const client = {
    acquireTokenSilent: noting("silent", silently),
    acquireTokenPopup: noting("popup", async () => ({ accessToken: "popup", expiresOn: null })),
    acquireTokenRedirect: noting("redirect", async () => {}),
    getActiveAccount: () => active,
    getAllAccounts: () => accounts,
  };
  return { client, asked };
}

test("a token that is there shows nothing to the user", async () => {
  const { client, asked } = fake();
  assert.equal(await graphAuthenticationProvider(client, { scopes: ["a"], account: ADELE, interaction: "popup" }).getAccessToken(), "silent");
  assert.deepEqual(asked, [["silent", { scopes: ["a"], account: ADELE }]]);
});

test("the Graph client's own scopes go before those of the adapter", async () => {
  const { client, asked } = fake();
  await graphAuthenticationProvider(client, { scopes: ["a"] }).getAccessToken({ scopes: ["b"] });
  assert.deepEqual(asked, [["silent", { scopes: ["b"] }]]);
});

test("where the user is needed they are met as the app allows, with the claims that the server wants", async () => {
  for (const [interaction, met] of [[undefined, []], ["none", []], ["popup", ["popup"]], ["redirect", ["redirect"]]]) {
    const refusal = needed(CLAIMS);
    const { client, asked } = fake({ refusal });
    const answer = await graphAuthenticationProvider(client, { scopes: ["a"], interaction }).getAccessToken().catch((error) => error);
    assert.equal(answer, interaction === "popup" ? "popup" : refusal, "a page that was not left has no token");
    assert.deepEqual(asked, [["silent", { scopes: ["a"] }], ...met.map((name) => [name, { scopes: ["a"], claims: CLAIMS }])]);
  }
});

test("the service's claims are asked for where the server names none of its own", async () => {
  const { client, asked } = fake({ refusal: needed() });
  const { token } = await tokenCredential(client, { interaction: "popup" }).getToken("a/.default", { claims: CLAIMS });
  assert.equal(token, "popup");
  assert.deepEqual(asked, [["silent", { scopes: ["a/.default"], claims: CLAIMS }], ["popup", { scopes: ["a/.default"], claims: CLAIMS }]]);
});

test("no window mends what is no matter of the user's, and an error of another package's class is known", async () => {
  const refusal = new ServerError("server_error");
  const { client, asked } = fake({ refusal });
  await assert.rejects(graphAuthenticationProvider(client, { scopes: ["a"], interaction: "popup" }).getAccessToken(), (error) => error === refusal);
  assert.deepEqual(asked.map(([name]) => name), ["silent"]);

  const theirs = fake({ refusal: Object.assign(new Error(), { name: "InteractionRequiredAuthError" }) });
  assert.equal(await graphAuthenticationProvider(theirs.client, { scopes: ["a"], interaction: "popup" }).getAccessToken(), "popup");
});

test("times are in milliseconds; a token without an end is not kept by the SDK", async () => {
  const { getToken } = tokenCredential(fake().client);
  assert.deepEqual(await getToken(["a"]), { token: "silent", expiresOnTimestamp: 2_000_000, refreshAfterTimestamp: 1_000_000, tokenType: "Bearer" });
  const before = Date.now();
  const endless = await tokenCredential(fake({ refusal: needed() }).client, { interaction: "popup" }).getToken(["a"]);
  assert.ok(endless.expiresOnTimestamp >= before && endless.expiresOnTimestamp <= Date.now());
  assert.ok(!Object.hasOwn(endless, "refreshAfterTimestamp"));
});

test("another tenant than the account's is refused, before anything is asked", async () => {
  const other = { ...ADELE, tenantId: "another" };
  const isRefused = (error) => error instanceof ClientConfigurationError && error.errorCode === "invalid_field" && error.message.includes("`tenantId`");
  for (const [answers, options] of [[{}, {}], [{ active: ADELE, accounts: [other, ADELE] }, {}], [{ active: other }, { account: ADELE }]]) {
    const { client, asked } = fake(answers);
    const credential = tokenCredential(client, options);
    await assert.rejects(credential.getToken("a", { tenantId: "another" }), isRefused);
    assert.deepEqual(asked, []);
    assert.equal((await credential.getToken("a", { tenantId: ADELE.tenantId.toUpperCase() })).token, "silent");
  }
  const nobody = fake({ refusal: needed(), accounts: [] });
  await assert.rejects(tokenCredential(nobody.client).getToken("a", { tenantId: "another" }), InteractionRequiredAuthError, "the client says that nobody is there");
});

/** What the SDK takes for a signal: no more than that. */
function signalLike({ aborted = false } = {}) {
  const listeners = new Set();
  const signal = { aborted, addEventListener: (_, listener) => listeners.add(listener), removeEventListener: (_, listener) => listeners.delete(listener) };
  return { signal, listeners, abort: () => listeners.forEach((listener) => listener()) };
}

test("what the SDK gives up the client gives up, for the reason that the SDK knows", async () => {
  const { client, asked } = fake();
  const { signal, listeners, abort } = signalLike();
  let during;
  client.acquireTokenSilent = (request) => new Promise((_, reject) => {
    during = request.signal;
    request.signal.addEventListener("abort", () => reject(request.signal.reason));
  });
  const call = tokenCredential(client, { interaction: "popup" }).getToken("a", { abortSignal: signal });
  assert.ok(during instanceof AbortSignal && !during.aborted);
  abort();
  await assert.rejects(call, { name: "AbortError" });
  assert.deepEqual([asked, listeners.size], [[], 0], "no window opens, and nothing listens any more");

  const late = fake();
  await tokenCredential(late.client).getToken("a", { abortSignal: signalLike({ aborted: true }).signal });
  assert.equal(late.asked[0][1].signal.aborted, true);
});

/** @param {string[]} hosts */
const providerFor = (hosts, answers) => {
  const { client, asked } = fake(answers);
  return { asked, provider: accessTokenProvider(client, { scopes: ["a"], allowedHosts: new AllowedHostsValidator(new Set(hosts)) }) };
};

test("only the allowed hosts get a token, and only where nobody reads along", async () => {
  const { provider, asked } = providerFor(["orders.example", "localhost:4402", "localhost", "127.0.0.1"]);
  for (const url of ["https://orders.example/a", "https://ORDERS.example/a", "http://localhost/a", "http://127.0.0.1/a"]) {
    assert.equal(await provider.getAuthorizationToken(url), "silent", url);
  }
  const before = asked.length;
  for (const url of [
    "http://orders.example/a", "https://other.example/a", "https://orders.example.other.example/", "https://orders.example@other.example/",
    "https://other.example/https://orders.example/", "ftp://orders.example/", "orders.example/a", "", undefined,
  ]) assert.equal(await provider.getAuthorizationToken(url), "", url);
  assert.equal(asked.length, before, "nothing is asked for them");
});

test("a list without hosts allows none", async () => {
  const { provider, asked } = providerFor([]);
  assert.equal(provider.getAllowedHostsValidator().isUrlHostValid("https://orders.example/"), true, "Kiota itself would");
  assert.equal(await provider.getAuthorizationToken("https://orders.example/"), "");
  assert.deepEqual(asked, []);
});

test("the claims of a challenge come in base64, and are asked for as JSON", async () => {
  const { provider, asked } = providerFor(["orders.example"]);
  for (const claims of [IN_BASE64, CLAIMS, "no base64!", 7, undefined]) await provider.getAuthorizationToken("https://orders.example/", { claims });
  assert.deepEqual(asked.map(([, { claims }]) => claims), [CLAIMS, CLAIMS, "no base64!", undefined, undefined]);
});
