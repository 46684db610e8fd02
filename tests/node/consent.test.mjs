/** Permissions and consent in the class that apps use, over a core that the test plays. */

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { defineClient } from "../../pkg/client.js";
import * as errors from "../../pkg/errors.js";
import { partsOf } from "./parts.mjs";

const account = { homeAccountId: "u.t", localAccountId: "u", tenantId: "t", idToken: "id", idTokenClaims: { sub: "s" } };

/** @param {Record<string, (argument: any) => any>} answers By method; one that is missing answers with nothing. */
async function clientOf(answers) {
  const play = (/** @type {string} */ method, /** @type {any} */ argument) => answers[method]?.(argument);
  class ClientHandle {
    run = async (/** @type {string} */ method, /** @type {any} */ request) => play(method, request);
    ask = play;
  }
  const core = {
    start: async () => {},
    settled: async (/** @type {unknown} */ configuration) => ({ configuration }),
    onChange() {},
    generation: 0,
    restart() {},
    ClientHandle,
  };
  const client = new (defineClient(async () => /** @type {any} */ (core)))({ auth: { clientId: "client" } });
  await client.initialize();
  return client;
}

test("each class of an outcome is one of MSAL's, with its name", () => {
  const table = [
    ["ConsentRequiredError", errors.InteractionRequiredAuthError],
    ["ConsentDeclinedError", errors.ServerError],
    ["AdminConsentRequiredError", errors.ServerError],
    ["AccessBlockedError", errors.ServerError],
    ["MisconfiguredError", errors.ServerError],
  ];
  for (const [name, base] of table) {
    const error = errors.fromRecord({ name, errorCode: "code", outcome: "o", missingScopes: { "api://a": ["R"] } });
    assert.ok(error instanceof errors[name] && error instanceof base && error instanceof errors.AuthError, name);
    assert.equal(error.name, new base("code").name);
    assert.deepEqual([error.errorCode, error.outcome, error.missingScopes], ["code", "o", { "api://a": ["R"] }]);
  }
});

test("tokens of several APIs are results, and what failed is errors", async () => {
  const tokens = [["api://a", partsOf({ account, accessToken: "a", expiresOn: 1 })]];
  const failed = [["api://b", { name: "ConsentDeclinedError", errorCode: "access_denied", outcome: "declined" }]];
  const client = await clientOf({ acquireTokens: () => [tokens, failed] });
  const result = await client.acquireTokens({ scopes: { "api://a": ["R"], "api://b": ["R"] } });
  assert.deepEqual([result.tokens["api://a"].expiresOn, result.tokens["api://a"].uniqueId], [new Date(1000), "u"]);
  assert.ok(result.errors["api://b"] instanceof errors.ConsentDeclinedError);
  assert.deepEqual([Object.keys(result.tokens), Object.keys(result.errors)], [["api://a"], ["api://b"]]);
});

test("a plan has dates, and null where there is nothing to ask", async () => {
  const resources = { "api://a": { granted: [], missing: [], adminOnly: [], declined: [{ scope: "R", on: 2 }] } };
  const asked = [];
  const plan = (argument) => (asked.push(argument), { resources: structuredClone(resources), interaction: "declined", tokenRequests: [] });
  const client = await clientOf({ plan });
  const found = await client.plan({ "api://a": ["R"] }, account);
  assert.deepEqual(asked, [{ scopes: { "api://a": ["R"] }, account }]);
  assert.deepEqual(found.resources["api://a"].declined, [{ scope: "R", on: new Date(2000) }]);
  assert.deepEqual([found.request, found.authorizeScope], [null, null]);
});

test("a request that could be smaller is named once, and only where the core says so", async (t) => {
  const warning = { rule: "redundant_scope", message: "leave it out", scopes: ["Mail.Read"], instead: ["Mail.ReadWrite"] };
  const { instead: _, ...vague } = { ...warning, rule: "default_scope" };
  const warn = t.mock.method(console, "warn", () => {});
  const answers = (/** @type {boolean} */ warns) => ({ warns: () => warns, reviewScopes: () => [warning, vague] });
  const loud = await clientOf(answers(true));
  for (const call of [loud.loginRedirect, loud.acquireTokenRedirect]) await call.call(loud, { scopes: ["Mail.Read"] });
  const lines = warn.mock.calls.map(({ arguments: [text] }) => text);
  assert.deepEqual(lines, ["consentry: Mail.Read: leave it out; instead: Mail.ReadWrite", "consentry: Mail.Read: leave it out"]);
  const quiet = await clientOf(answers(false));
  await quiet.loginRedirect({ scopes: ["Mail.Read"] });
  assert.equal(warn.mock.callCount(), 2);
  assert.deepEqual((await loud.reviewScopes(["Mail.Read"])).map(({ instead }) => instead), [["Mail.ReadWrite"], null]);
});

test("what can't be reviewed fails in the call, not before it", async () => {
  const refuse = () => {
    throw { name: "ClientConfigurationError", errorCode: "invalid_field" };
  };
  const client = await clientOf({ warns: () => true, reviewScopes: refuse, acquireTokenRedirect: refuse });
  for (const request of [{ scopes: 7 }, null, undefined]) {
    let call;
    assert.doesNotThrow(() => (call = client.acquireTokenRedirect(request)));
    await assert.rejects(call, errors.ClientConfigurationError);
  }
});

/** What a page has for windows. */
function page(t, { closes = false, opens = true } = {}) {
  const popup = { opener: globalThis, closed: false, close: mock.fn(), location: { href: "about:blank", hash: "", search: "", replace: mock.fn() } };
  t.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const before = { window: globalThis.window, document: globalThis.document };
  Object.assign(globalThis, {
    window: { open: mock.fn(() => (opens ? popup : null)), close: mock.fn(), screenX: 0, screenY: 0, outerWidth: 0, outerHeight: 0 },
    document: { hasFocus: () => closes },
  });
  t.after(() => Object.assign(globalThis, before));
  return popup;
}

/** Until all that is ready has run. */
const turn = () => new Promise((resolve) => { setImmediate(resolve); });
const heard = (channel) => new Promise((resolve) => (channel.onmessage = ({ data }) => resolve(data)));

test("a window is opened in the click, knows no opener, and its answer is taken by its name", async (t) => {
  const popup = page(t);
  const taken = [];
  const client = await clientOf({
    openAdminConsent: () => ({ url: "https://login.example/x", name: "state-1" }),
    handleAdminConsentPromise: (request) => (taken.push(request), { scopes: {}, correlationId: "c" }),
  });
  const result = client.adminConsentPopup({ scopes: ["Mail.Read"] });
  assert.equal(window.open.mock.callCount(), 1, "at once");
  assert.equal(popup.opener, null);
  await turn();
  assert.deepEqual(popup.location.replace.mock.calls[0].arguments, ["https://login.example/x"]);
  const channel = new BroadcastChannel("state-1");
  t.after(() => channel.close());
  const answer = heard(channel);
  channel.postMessage("admin_consent=True");
  assert.deepEqual(await result, { scopes: {}, correlationId: "c" });
  assert.deepEqual(taken, [{ hash: "admin_consent=True" }]);
  assert.equal(await answer, "taken");
});

test("a window that the browser does not open is a typed error", async (t) => {
  page(t, { opens: false });
  const client = await clientOf({ openAdminConsent: () => ({ url: "u", name: "state-2" }) });
  await assert.rejects(client.adminConsentPopup({ scopes: ["Mail.Read"] }), { name: "BrowserAuthError", errorCode: "popup_window_error" });
});

test("a window that was closed is an error, and what comes after all is taken", async (t) => {
  const popup = page(t, { closes: true });
  const taken = [];
  const client = await clientOf({
    openAdminConsent: () => ({ url: "u", name: "state-3" }),
    handleAdminConsentPromise: ({ hash }) => void taken.push(hash),
  });
  const result = client.adminConsentPopup({ scopes: ["Mail.Read"] });
  await turn();
  popup.closed = true;
  const rejected = assert.rejects(result, { name: "BrowserAuthError", errorCode: "user_cancelled" });
  t.mock.timers.tick(200);
  t.mock.timers.tick(200);
  await rejected;
  const channel = new BroadcastChannel("state-3");
  t.after(() => channel.close());
  const answer = heard(channel);
  channel.postMessage("late");
  assert.equal(await answer, "taken");
  assert.deepEqual(taken, ["late"]);
});

test("in the window the answer goes to the opener, and is the page's own where nobody takes it", async (t) => {
  page(t);
  const answers = {
    answerForOpener: () => ({ name: "state-4", text: "admin_consent=True" }),
    handleAdminConsentPromise: () => ({ scopes: {}, correlationId: "own" }),
  };
  const alone = (await clientOf(answers)).handleAdminConsentPromise();
  t.mock.timers.tick(500);
  assert.equal((await alone).correlationId, "own");
  assert.equal(window.close.mock.callCount(), 0);
  const opener = new BroadcastChannel("state-4");
  t.after(() => opener.close());
  const heardText = heard(opener);
  const client = await clientOf(answers);
  const relayed = client.handleAdminConsentPromise();
  assert.equal(await heardText, "admin_consent=True");
  opener.postMessage("taken");
  while (window.close.mock.callCount() === 0) await turn();
  t.mock.timers.tick(1000);
  assert.equal(await relayed, null);
  // A window that can't close itself does not take what its opener has.
  opener.close();
  const again = Promise.all([client.handleRedirectPromise(), client.handleAdminConsentPromise()]);
  t.mock.timers.tick(500);
  assert.deepEqual(await again, [null, null]);
});
