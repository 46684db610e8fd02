/** The class that apps use, over a core that the test plays. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { defineClient } from "../../pkg/client.js";
import * as errors from "../../pkg/errors.js";
import { partsOf } from "./parts.mjs";

const CONFIGURATION = { auth: { clientId: "client" }, cache: { cacheLocation: "localStorage" } };

/** A core whose methods answer as the test says. @param {Record<string, (...args: any[]) => any>} answers */
function playedCore(answers = {}) {
  const calls = [];
  const core = {
    calls,
    start: async () => void calls.push("start"),
    settled: async (configuration) => ({ configuration }),
    onChange(changed) {
      core.changed = changed;
    },
    generation: 0,
    restart() {
      calls.push("restart");
      this.generation += 1;
    },
    ClientHandle: class {
      constructor(configuration) {
        calls.push("new");
        return answers.new?.(configuration) ?? this;
      }
      recall(lines) {
        return answers.recall?.(lines);
      }
      holds() {
        return answers.holds?.() ?? true;
      }
      async run(method, request) {
        if (method !== "initialize") calls.push(method);
        return answers[method]?.(request);
      }
      ask(method, argument) {
        if (method !== "awaitsAdoption") calls.push(method);
        return answers[method]?.(argument);
      }
    },
  };
  return core;
}

const clientOf = (core) => new (defineClient(async () => core))(CONFIGURATION);

const account = { homeAccountId: "u.t", localAccountId: "u", tenantId: "t", idToken: "id", idTokenClaims: { sub: "s" } };

test("before initialize() every method says what to do", async () => {
  const client = clientOf(playedCore());
  const isUninitialized = { name: "BrowserAuthError", errorCode: "uninitialized_public_client_application" };
  assert.throws(() => client.getAllAccounts(), isUninitialized);
  await assert.rejects(client.acquireTokenSilent({ scopes: [] }), isUninitialized);
  const starting = client.initialize();
  assert.throws(() => client.getActiveAccount(), /has not finished/);
  await starting;
  assert.doesNotThrow(() => client.getActiveAccount());
});

test("an answer that was asked for too early can be asked for again", async () => {
  const client = clientOf(playedCore({ handleRedirectPromise: () => partsOf({ account, accessToken: "a" }) }));
  await assert.rejects(client.handleRedirectPromise(), { errorCode: "uninitialized_public_client_application" });
  await client.initialize();
  assert.equal((await client.handleRedirectPromise()).accessToken, "a");
});

test("an answer that the app brings is another than the page's", async () => {
  const core = playedCore({ handleRedirectPromise: ({ hash }) => (hash ? partsOf({ account, accessToken: hash }) : null) });
  const client = clientOf(core);
  await client.initialize();
  assert.equal(await client.handleRedirectPromise(), null);
  assert.equal((await client.handleRedirectPromise({ hash: "#code=1" })).accessToken, "#code=1");
});

test("initialize() starts the core once, however often it is called", async () => {
  const core = playedCore();
  const client = clientOf(core);
  await Promise.all([client.initialize(), client.initialize()]);
  await client.initialize();
  assert.deepEqual(core.calls, ["start", "new"]);
});

/** A client whose core does not load, until it may. */
function withoutCore(cause) {
  const core = playedCore();
  const start = core.start;
  core.start = async () => {
    if (cause) throw cause;
    await start();
  };
  return { client: clientOf(core), mend: () => { cause = undefined; } };
}

test("a module that the page may not compile is a typed error that names the policy, and can be tried again", async (t) => {
  const cause = new WebAssembly.CompileError("blocked by CSP");
  const { client, mend } = withoutCore(cause);
  const compiling = t.mock.method(WebAssembly, "Module", () => { throw cause; });
  await assert.rejects(client.initialize(), (error) => {
    assert.equal(error.errorCode, "wasm_load_failed");
    assert.match(error.message, /wasm-unsafe-eval/);
    assert.equal(error.cause, cause);
    return error instanceof errors.BrowserAuthError;
  });
  compiling.mock.restore();
  mend();
  await client.initialize();
});

test("a module that is not there, or another file in its place, says what to serve", async () => {
  for (const cause of [new Error("HTTP status 404"), new WebAssembly.CompileError("expected magic word 00 61 73 6d")]) {
    const { client, mend } = withoutCore(cause);
    await assert.rejects(client.initialize(), (error) => {
      assert.deepEqual([error.name, error.errorCode, error.cause], ["BrowserAuthError", "wasm_load_failed", cause]);
      assert.match(error.message, /serve consentry_core_bg\.wasm/);
      assert.doesNotMatch(error.message, /Content-Security-Policy/);
      return true;
    });
    mend();
    await client.initialize();
  }
});

test("a record that the core throws becomes an error of MSAL's class", async () => {
  const record = { errorCode: "invalid_grant", errorMessage: "AADSTS65001: …", subError: "consent_required", correlationId: "c", claims: "{}" };
  const core = playedCore({
    new: (configuration) => {
      if (configuration !== CONFIGURATION) throw new Error("not the configuration");
    },
    acquireTokenSilent: () => {
      throw { name: "InteractionRequiredAuthError", ...record };
    },
    getGrantedScopes: () => {
      throw { name: "ClientConfigurationError", errorCode: "invalid_field", errorMessage: "`argument`" };
    },
  });
  const client = clientOf(core);
  await client.initialize();
  await assert.rejects(client.acquireTokenSilent({ scopes: [] }), (error) => {
    assert.ok(error instanceof errors.InteractionRequiredAuthError && error instanceof errors.AuthError);
    assert.equal(error.name, "InteractionRequiredAuthError");
    for (const [name, value] of Object.entries(record)) assert.equal(error[name], value);
    return true;
  });
  assert.throws(() => client.getGrantedScopes(), errors.ClientConfigurationError);
});

test("a result is completed from its account, its times are Dates", async () => {
  const end = 1_800_000_000;
  const times = { expiresOn: end, refreshOn: end - 600, refreshTokenExpiresOn: end + 600 };
  const client = clientOf(playedCore({ acquireTokenSilent: () => partsOf({ account, accessToken: "a", ...times }) }));
  await client.initialize();
  const result = await client.acquireTokenSilent({ scopes: ["User.Read"] });
  assert.deepEqual(result.expiresOn, new Date(end * 1000));
  assert.deepEqual(result.refreshOn, new Date((end - 600) * 1000));
  assert.deepEqual(result.refreshTokenExpiresOn, new Date((end + 600) * 1000));
  assert.deepEqual([result.uniqueId, result.tenantId, result.idToken], ["u", "t", "id"]);
  assert.deepEqual(result.idTokenClaims, account.idTokenClaims);
  assert.equal(result.idTokenClaims, result.account.idTokenClaims);
  assert.notEqual(result.idTokenClaims, account.idTokenClaims, "who changes it changes no other");
});

test("a silent sign-in passes its request on, and its result is completed", async () => {
  const request = { scopes: ["User.Read"], loginHint: "adele", state: "mine" };
  const asked = [];
  const core = playedCore({ ssoSilent: (given) => { asked.push(given); return partsOf({ account, accessToken: "a", expiresOn: 1, state: given.state }); } });
  const client = clientOf(core);
  await client.initialize();
  const result = await client.ssoSilent(request);
  assert.deepEqual([asked, result.uniqueId, result.state, result.expiresOn], [[request], "u", "mine", new Date(1000)]);
  await client.ssoSilent();
  assert.deepEqual(asked[1], {});
});

test("a result without an end says null", async () => {
  const client = clientOf(playedCore({ acquireTokenSilent: () => partsOf({ account, accessToken: "a" }) }));
  await client.initialize();
  const result = await client.acquireTokenSilent({ scopes: [] });
  assert.deepEqual([result.expiresOn, result.refreshTokenExpiresOn], [null, null]);
  assert.ok(!("refreshOn" in result), "as MSAL has it");
});

test("the answer of a redirect is one for all who ask, until the page leaves again", async () => {
  const core = playedCore({ handleRedirectPromise: () => partsOf({ account, accessToken: "a" }) });
  const client = clientOf(core);
  await client.initialize();
  const [first, second] = await Promise.all([client.handleRedirectPromise(), client.handleRedirectPromise()]);
  assert.equal(first, second);
  assert.equal(core.calls.filter((call) => call === "handleRedirectPromise").length, 1);
  await client.loginRedirect();
  await client.handleRedirectPromise();
  assert.equal(core.calls.filter((call) => call === "handleRedirectPromise").length, 2);
});

/** A client whose core says a token at once. */
/** A client listens to other tabs once the page has what it begins with. */
const listened = () => new Promise((resolve) => setTimeout(resolve, 120));

async function recalling(token) {
  const core = playedCore({ recall: () => [token, account, undefined, 1, 2], handleRedirectPromise: () => partsOf({ account, accessToken: "a" }) });
  const client = clientOf(core);
  await client.initialize();
  await listened();
  return { client, core, recall: () => client.acquireTokenSilent({ scopes: ["User.Read"] }) };
}

test("a token that is said at once has a time to be renewed only where there is one", async () => {
  const token = { accessToken: "a", scopes: [], expiresOn: 1 };
  assert.ok(!("refreshOn" in (await (await recalling(token)).recall())), "as MSAL has it");
  assert.deepEqual((await (await recalling({ ...token, refreshOn: 2 })).recall()).refreshOn, new Date(2000));
});

test("the app's own text comes back with a token that is said at once, and costs no second look", async () => {
  const { client, core } = await recalling({ accessToken: "a", scopes: [], expiresOn: 1 });
  const ask = (/** @type {any} */ state) => client.acquireTokenSilent({ scopes: ["User.Read"], state });
  const states = (await Promise.all([ask("one"), ask(undefined), ask("other")])).map((result) => ("state" in result ? result.state : null));
  assert.deepEqual([states, client.hits.size, core.calls.includes("acquireTokenSilent")], [["one", null, "other"], 1, false]);
  await ask(1).catch(() => {});
  assert.ok(core.calls.includes("acquireTokenSilent"), "what is no text is the core's to refuse");
});

test("after a sign-out, here or elsewhere, no token is left in the facade", async () => {
  const acts = {
    clearCache: ({ client }) => client.clearCache(),
    logoutRedirect: ({ client }) => client.logoutRedirect(),
    elsewhere: ({ core }) => core.changed(),
  };
  for (const [name, act] of Object.entries(acts)) {
    const page = await recalling({ accessToken: "a", scopes: [], expiresOn: 1 });
    await page.client.handleRedirectPromise();
    await page.recall();
    assert.equal(page.client.hits.size, 1);
    const done = act(page);
    if (name !== "elsewhere") await page.recall(); // meanwhile
    await done;
    assert.deepEqual([page.client.hits.size, name === "elsewhere" || page.client.answers.size === 0], [0, true], name);
  }
});

test("other tabs are listened to where they share the storage", async () => {
  for (const [cacheLocation, listens] of [["localStorage", true], ["sessionStorage", false], ["memoryStorage", false], [undefined, false]]) {
    const core = playedCore();
    const client = new (defineClient(async () => core))({ auth: CONFIGURATION.auth, cache: { cacheLocation } });
    await client.initialize();
    await listened();
    assert.equal(core.changed !== undefined, listens, String(cacheLocation));
  }
});

test("where the user goes after a sign-out is said by the request, else by the configuration; null stays at the server", async () => {
  const table = [
    [undefined, undefined, { postLogoutRedirectUri: undefined }],
    ["/configured", undefined, { postLogoutRedirectUri: "/configured" }],
    ["/configured", "/asked", { postLogoutRedirectUri: "/asked" }],
    ["/configured", null, { stays: true }],
    [null, undefined, { stays: true }],
    [null, "/asked", { postLogoutRedirectUri: "/asked" }],
  ];
  for (const [configured, asked, expected] of table) {
    let sent;
    const core = playedCore({ logoutRedirect: (request) => (sent = request) });
    const client = new (defineClient(async () => core))({ auth: { clientId: "client", postLogoutRedirectUri: configured } });
    await client.initialize();
    await client.logoutRedirect({ postLogoutRedirectUri: asked });
    assert.deepEqual(sent, expected, `${configured}, ${asked}`);
  }
});

test("no answer was given to a fragment that is named as what every object has", async () => {
  const client = clientOf(playedCore({ handleRedirectPromise: () => null }));
  await client.initialize();
  for (const hash of ["constructor", "__proto__", "toString"]) assert.equal(await client.handleRedirectPromise(hash), null, hash);
});

test("after a trap the next call finds a new instance", async () => {
  let traps = 1;
  const core = playedCore({
    getAllAccounts: () => {
      if (traps-- > 0) throw new WebAssembly.RuntimeError("unreachable");
      return [account];
    },
  });
  const client = clientOf(core);
  await client.initialize();
  assert.throws(() => client.getAllAccounts(), { errorCode: "wasm_trap" });
  assert.deepEqual(client.getAllAccounts(), [account]);
  assert.deepEqual(core.calls, ["start", "new", "getAllAccounts", "restart", "new", "getAllAccounts"]);
});

test("after a trap the other clients of the page find the new instance too", async () => {
  let traps = 1;
  const core = playedCore({
    getActiveAccount: () => {
      if (traps-- > 0) throw new WebAssembly.RuntimeError("unreachable");
      return account;
    },
  });
  const [client, other] = [clientOf(core), clientOf(core)];
  await Promise.all([client.initialize(), other.initialize()]);
  assert.throws(() => client.getActiveAccount(), { errorCode: "wasm_trap" });
  core.calls.length = 0;
  other.getActiveAccount();
  assert.deepEqual(core.calls, ["new", "getActiveAccount"]);
});

test("after a trap nobody is told that everybody has signed out", async () => {
  let [traps, opened] = [1, () => {}];
  let accounts = [account];
  const opening = new Promise((resolve) => { opened = resolve; });
  const core = playedCore({
    getAllAccounts: () => accounts,
    getActiveAccount: () => {
      if (traps-- > 0) throw new WebAssembly.RuntimeError("unreachable");
      return null;
    },
    initialize: () => (core.generation > 0 ? opening : undefined),
    clearCache: () => {},
  });
  const client = clientOf(core);
  await client.initialize();
  assert.throws(() => client.getActiveAccount(), { errorCode: "wasm_trap" });
  const heard = [];
  client.addEventCallback(({ eventType }) => heard.push(eventType));
  accounts = []; // not opened yet
  await client.clearCache();
  assert.deepEqual(heard, []);
  accounts = [account];
  opened();
  await new Promise((resolve) => setTimeout(resolve, 1));
  await client.clearCache();
  assert.deepEqual(heard, []);
});

test("what has a line's end in it, or is no account, takes the long way", async () => {
  const asked = [];
  const core = playedCore({ recall: (lines) => void asked.push(lines), acquireTokenSilent: () => partsOf({ account, accessToken: "a" }) });
  const client = clientOf(core);
  await client.initialize();
  const whole = { environment: "e", homeAccountId: "h", tenantId: "t", localAccountId: "l" };
  for (const request of [
    { scopes: ["a\nb"] },
    { scopes: [7] },
    { scopes: ["a"], account: "" },
    { scopes: ["a"], account: { ...whole, tenantId: "t\nb" } },
    { scopes: ["a"], account: { ...whole, homeAccountId: 7 } },
    { scopes: ["a"], forceRefresh: true },
    { scopes: ["a"], claims: "{}" },
    { scopes: { "api://x": ["a"] } },
  ]) {
    assert.equal((await client.acquireTokenSilent(request)).accessToken, "a");
  }
  assert.deepEqual(asked, []);
  await client.acquireTokenSilent({ scopes: ["a", "b"], account: whole });
  await client.acquireTokenSilent({ scopes: ["a"], account: null });
  assert.deepEqual(asked, ["e\nh\nt\na\nb", "\n\n\na"]);
});

test("it works through a proxy, and its methods can be replaced", async () => {
  const client = new Proxy(clientOf(playedCore({ getAllAccounts: () => [account] })), {});
  await client.initialize();
  assert.deepEqual(client.getAccount({ homeAccountId: "u.t" }), account);
  Object.getPrototypeOf(client).getAllAccounts = () => [];
  assert.equal(client.getAccount({}), null);
});

test("a result from elsewhere may have its times as they came, and passes on what its request says of it", async () => {
  const asked = [];
  const client = clientOf(playedCore({ hydrateCache: (request) => void asked.push(request) }));
  await client.initialize();
  const end = "2026-11-20T12:00:00.900Z";
  for (const expiresOn of [end, new Date(end), null, undefined, "tomorrow"]) {
    await client.hydrateCache({ idToken: "id", expiresOn, refreshOn: new Date(end) }, { scopes: ["a"], state: "s", prompt: "login" });
  }
  assert.deepEqual(asked.map(({ result }) => result.expiresOn), [1_795_176_000, 1_795_176_000, null, undefined, "tomorrow"]);
  const { result, ...request } = asked[0];
  assert.deepEqual([result.idToken, result.refreshOn], ["id", 1_795_176_000]);
  assert.deepEqual(Object.entries(request).filter(([, value]) => value !== undefined), [["scopes", ["a"]]]);
  await client.hydrateCache({ idToken: "id" });
  assert.equal(asked.length, 6);
});

test("a code is redeemed once for all who ask at once, and no event tells it", async () => {
  const core = playedCore({ getAllAccounts: () => [], acquireTokenByCode: async ({ code }) => partsOf({ account, accessToken: `for ${code}` }) });
  const client = clientOf(core);
  await client.initialize();
  const heard = [];
  client.addEventCallback((message) => heard.push(message));
  const request = { code: "secret", scopes: ["User.Read"] };
  const answers = await Promise.all([client.acquireTokenByCode(request), client.acquireTokenByCode({ ...request })]);
  assert.deepEqual(answers.map(({ accessToken }) => accessToken), ["for secret", "for secret"]);
  assert.equal(core.calls.filter((method) => method === "acquireTokenByCode").length, 1);
  assert.deepEqual(heard.map(({ eventType, interactionType }) => [eventType, interactionType]), [["msal:acquireTokenStart", "silent"], ["msal:acquireTokenSuccess", "silent"]]);
  assert.deepEqual(heard[0].payload, { scopes: ["User.Read"] });
  await client.acquireTokenByCode(request);
  assert.equal(core.calls.filter((method) => method === "acquireTokenByCode").length, 2);
});
