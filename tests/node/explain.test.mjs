/** `explain`: any error, of Consentry or of MSAL, in two sentences; and nothing that is thrown makes it throw. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import * as msal from "@azure/msal-browser";
import { build } from "esbuild";
import { catalogue, explain } from "consentry/explain";
import { fromRecord } from "../../pkg/errors.js";
import { blocksIn } from "../docs/blocks.mjs";

const numbered = (/** @type {string} */ number) => catalogue.find((entry) => entry.number === number);
const named = (/** @type {string} */ code) => catalogue.find((entry) => entry.code === code && !entry.number && !entry.causedBy);
const meant = (/** @type {string} */ outcome) => catalogue.find((entry) => entry.outcome === outcome);
const ofClass = (/** @type {string} */ name) => catalogue.find((entry) => entry.topic === "class" && entry.class === name);

/** That an explanation is an entry's. */
function assertIs(explanation, entry, more = {}) {
  assert.ok(entry, JSON.stringify(explanation));
  const { topic, cause, remedy, who, again } = { ...entry, ...more };
  const said = { topic: explanation.topic, cause: explanation.cause, remedy: explanation.remedy, who: explanation.who, again: explanation.again };
  assert.deepEqual(said, { topic, cause, remedy, who, again });
}

const IDS = { correlationId: "1f0f8b0c-7f3e-4a55-9df5-0c3f0a9f5a01", traceId: "2d9b7f66-30e4-4b7c-8c06-1d5f5b0c2e00", timestamp: "2026-11-20 14:41:17Z" };
/** A refusal as the platform writes it. */
const written = (/** @type {string} */ number, separator = "\r\n") =>
  [`AADSTS${number}: Something.`, `Trace ID: ${IDS.traceId}`, `Correlation ID: ${IDS.correlationId}`, `Timestamp: ${IDS.timestamp}`].join(separator);

test("a refusal is explained by its number, with all that a support case asks for", () => {
  const error = fromRecord({
    name: "InteractionRequiredAuthError", errorCode: "invalid_grant", subError: "basic_action", errorMessage: written("50076", "  "), errorNo: "50076",
    correlationId: "ours", serverCorrelationId: IDS.correlationId, traceId: IDS.traceId, timestamp: IDS.timestamp,
  });
  const { cause, remedy } = numbered("50076");
  assert.deepEqual(explain(error), {
    code: "invalid_grant", number: "50076", class: "InteractionRequiredAuthError", topic: "sign-in", cause, remedy, who: "user", again: "interactive",
    documentation: "https://login.microsoftonline.com/error?code=50076", ...IDS,
  });
});

test("what only the server's text says is read from it", () => {
  const error = fromRecord({ name: "ConsentDeclinedError", errorCode: "access_denied", outcome: "declined", correlationId: IDS.correlationId, errorMessage: written("65004", "  ") });
  const { number, traceId, timestamp, correlationId } = explain(error);
  assert.deepEqual({ number, traceId, timestamp, correlationId }, { number: "65004", ...IDS });
  assert.deepEqual(explain({ errorCode: "access_denied", errorMessage: written("65004") }).traceId, IDS.traceId);
});

/** Errors as the core makes records of them, and the entry that explains each. */
const CASES = {
  "a number": [{ name: "ServerError", errorCode: "invalid_grant", errorNo: "54005" }, numbered("54005")],
  "no number, a suberror": [{ name: "InteractionRequiredAuthError", errorCode: "invalid_grant", subError: "token_expired" }, named("token_expired")],
  "a number that is not known, a suberror": [{ name: "InteractionRequiredAuthError", errorCode: "invalid_grant", subError: "bad_token", errorNo: "99999999" }, named("bad_token")],
  "a code": [{ name: "InteractionRequiredAuthError", errorCode: "login_required" }, named("login_required")],
  "a code, and a number that is not known": [{ name: "ServerError", errorCode: "server_error", errorNo: "90999" }, named("server_error")],
  "declined, as the client remembers it": [{ name: "ConsentDeclinedError", errorCode: "access_denied", outcome: "declined" }, meant("declined")],
  "an administrator, as the client remembers it": [{ name: "AdminConsentRequiredError", errorCode: "access_denied", outcome: "admin_consent_required" }, meant("admin_consent_required")],
  "blocked, without a number": [{ name: "AccessBlockedError", errorCode: "access_denied", outcome: "blocked" }, meant("blocked")],
  "blocked, by a number that is a policy's": [{ name: "AccessBlockedError", errorCode: "access_denied", outcome: "blocked", errorNo: "50105" }, numbered("50105")],
  "consent, without a number": [{ name: "ConsentRequiredError", errorCode: "invalid_grant", subError: "consent_required", outcome: "consent_required" }, meant("consent_required")],
  "misconfigured, by number": [{ name: "MisconfiguredError", errorCode: "invalid_request", outcome: "misconfigured", errorNo: "50011", remedy: "register the redirect URI, as type spa" }, numbered("50011")],
  "misconfigured, by a number of which the core has no remedy": [
    { name: "MisconfiguredError", errorCode: "invalid_request", outcome: "misconfigured", errorNo: "9002325", remedy: "compare the request with the app registration" }, numbered("9002325"),
  ],
  "misconfigured, by the number of a request": [{ name: "MisconfiguredError", errorCode: "invalid_request", outcome: "misconfigured", errorNo: "90023" }, numbered("90023")],
  "misconfigured, by code": [{ name: "MisconfiguredError", errorCode: "invalid_target", outcome: "misconfigured" }, named("invalid_target")],
  "misconfigured, by a code that is not known": [{ name: "MisconfiguredError", errorCode: "something_new", outcome: "misconfigured" }, meant("misconfigured")],
  // What the core made of a refusal stands, whatever the number says.
  "a number against the outcome": [{ name: "ConsentDeclinedError", errorCode: "interaction_required", outcome: "declined", errorNo: "65001" }, meant("declined")],
  "a number of another kind": [{ name: "AccessBlockedError", errorCode: "access_denied", outcome: "blocked", errorNo: "50076" }, meant("blocked")],
  "an outcome that is not known": [{ name: "ServerError", errorCode: "server_error", outcome: "something_new" }, named("server_error")],
  "a code of the client's": [{ name: "ClientAuthError", errorCode: "state_mismatch" }, named("state_mismatch")],
  "a code, after a cause that says nothing more": [{ name: "BrowserAuthError", errorCode: "wasm_load_failed", cause: new TypeError() }, named("wasm_load_failed")],
  "a code that is not known": [{ name: "ClientAuthError", errorCode: "something_new" }, ofClass("ClientAuthError")],
};
for (const [name, [record, entry]] of Object.entries(CASES)) {
  test(`explained: ${name}`, () => {
    const explanation = explain(fromRecord({ ...record }));
    assertIs(explanation, entry);
    assert.equal(explanation.class, record.name);
    assert.deepEqual(explain({ ...record }), explanation, "the record, as a log may have it, is explained alike");
  });
}

test("what may only be shown stays of the user's class", () => {
  const error = fromRecord({ name: "InteractionRequiredAuthError", errorCode: "invalid_grant", subError: "message_only", outcome: "blocked", errorNo: "53003" });
  assertIs(explain(error), numbered("53003"));
  assert.equal(explain(error).class, "InteractionRequiredAuthError");
});

test("claims are asked for once, even where a policy blocks", () => {
  const error = fromRecord({ name: "InteractionRequiredAuthError", errorCode: "invalid_grant", subError: "message_only", errorNo: "53003", claims: '{"access_token":{}}' });
  assertIs(explain(error), numbered("53003"), { again: "interactive" });
});

test("a plain object has the class that its code or number mostly has", () => {
  const classes = [{ errorCode: "consent_required" }, { errorCode: "invalid_grant", errorNo: 65004 }, { errorCode: "popup_window_error" }, { errorCode: "invalid_client" }, { errorCode: "new" }];
  assert.deepEqual(classes.map((error) => explain(error).class), ["ConsentRequiredError", "ConsentDeclinedError", "BrowserAuthError", "MisconfiguredError", "AuthError"]);
});

test("the error's own words come first where they say more", () => {
  const told = (errorCode, errorMessage) => explain(fromRecord({ name: "ClientConfigurationError", errorCode, errorMessage }));
  const field = "`cache.cacheLocation` can't be used: it has to be `sessionStorage`, `localStorage` or `memoryStorage`";
  assertIs(told("invalid_field", field), named("invalid_field"), { remedy: field });
  const claim = "claim `aud` of the ID token failed its check (OIDC Core section 3.1.3.7): sign in again";
  assertIs(told("invalid_id_token", claim), named("invalid_id_token"), { cause: claim });
  assert.equal(told("invalid_field", `${field}${" or another".repeat(100)}`).remedy.length, 400);
  assertIs(told("invalid_field", "See a page for details"), named("invalid_field"));
  assertIs(told("client_id_empty", "`auth.clientId` is missing: take it from the app registration"), named("client_id_empty"));
});

test("a remedy that is newer than the catalogue is told", () => {
  const remedy = "do what nobody thought of before";
  assertIs(explain({ errorCode: "invalid_client", outcome: "misconfigured", errorNo: "700016", remedy }), numbered("700016"), { remedy });
});

test("browser failures are told apart, and each by who can change it", () => {
  const failure = (errorCode, cause) => explain({ name: "BrowserAuthError", errorCode, cause });
  const failures = [
    failure("no_network_connectivity"), failure("get_request_failed"), failure("post_request_failed"), failure("cors_blocked"), failure("csp_blocked"),
    failure("popup_window_error"), failure("empty_window_error"), failure("user_cancelled"), failure("insecure_context"),
    failure("wasm_load_failed", new TypeError()), failure("wasm_load_failed", new WebAssembly.CompileError()),
    explain({ name: "InteractionRequiredAuthError", errorCode: "login_required", errorNo: "50058" }),
  ];
  assert.equal(new Set(failures.map(({ cause }) => cause)).size, failures.length);
  assert.deepEqual(failures.map(({ who }) => who), [
    "user", "nobody", "nobody", "developer", "developer", "developer", "developer", "user", "developer", "developer", "developer", "user",
  ]);
  const texts = failures.map(({ cause, remedy }) => `${cause}; ${remedy}`);
  for (const [at, words] of [[0, "offline"], [3, "CORS"], [4, "`connect-src`"], [5, "popup blocker"], [8, "https"], [10, "wasm-unsafe-eval"], [11, "third-party cookies"]]) {
    assert.ok(texts[at].includes(words), texts[at]);
  }
});

/** MSAL's errors, made as MSAL makes them, and ours of the same failure. */
const PAIRS = {
  "consent is missing": [
    new msal.InteractionRequiredAuthError("invalid_grant", IDS.correlationId, written("65001"), "consent_required", IDS.timestamp, IDS.traceId, "", 65001),
    { name: "ConsentRequiredError", errorCode: "invalid_grant", subError: "consent_required", outcome: "consent_required", errorNo: "65001" },
  ],
  "declined, by redirect": [
    new msal.ServerError("access_denied", IDS.correlationId, written("65004"), "", "65004"),
    { name: "ConsentDeclinedError", errorCode: "access_denied", outcome: "declined", errorNo: "65004" },
  ],
  "misconfigured, by the token endpoint": [
    new msal.ServerError("invalid_request", "", `Error(s): 9002326 - Timestamp: ${IDS.timestamp} - Description: ${written("9002326")} - Correlation ID: ${IDS.correlationId} - Trace ID: ${IDS.traceId}`, undefined, 9002326, 400),
    { name: "MisconfiguredError", errorCode: "invalid_request", outcome: "misconfigured", errorNo: "9002326", remedy: "register the redirect URI as type spa (single-page application)" },
  ],
  "a blocked popup": [new msal.BrowserAuthError("popup_window_error", IDS.correlationId), { name: "BrowserAuthError", errorCode: "popup_window_error" }],
  "no network": [new msal.BrowserAuthError("no_network_connectivity", IDS.correlationId), { name: "BrowserAuthError", errorCode: "no_network_connectivity" }],
  "another tab's answer": [new msal.ClientAuthError("state_mismatch", IDS.correlationId), { name: "ClientAuthError", errorCode: "state_mismatch" }],
  "claims that are none": [new msal.ClientConfigurationError("invalid_claims", IDS.correlationId), { name: "ClientConfigurationError", errorCode: "invalid_claims" }],
  "metadata that is none": [new msal.ClientAuthError("openid_config_error", IDS.correlationId, "See a page for details"), { name: "ClientAuthError", errorCode: "openid_config_error" }],
};
for (const [name, [theirs, ours]] of Object.entries(PAIRS)) {
  test(`MSAL's error is explained like ours: ${name}`, () => {
    const { class: theirClass, ...explanation } = explain(theirs);
    const { class: _, ...expected } = explain(fromRecord({ correlationId: IDS.correlationId, traceId: explanation.traceId, timestamp: explanation.timestamp, ...ours }));
    assert.deepEqual(explanation, expected);
    assert.equal(theirClass, theirs.name);
    if (theirs.errorNo) assert.deepEqual([explanation.correlationId, explanation.traceId, explanation.timestamp], Object.values(IDS));
  });
}

test("ids that MSAL says are not available are none", () => {
  const explanation = explain(new msal.ServerError("server_error", "", "Error(s): Not Available - Timestamp: Not Available - Description: Not Available - Correlation ID: Not Available - Trace ID: Not Available"));
  assertIs(explanation, named("server_error"));
  assert.deepEqual([explanation.correlationId, explanation.traceId, explanation.timestamp], [undefined, undefined, undefined]);
});

const trap = () => {
  throw new Error("looked at");
};
const TRAPS = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((name) => [name, trap]));
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const throwing = Object.defineProperties({}, Object.fromEntries(
  ["errorCode", "errorNo", "subError", "errorMessage", "name", "outcome", "remedy", "cause", "claims", "correlationId", "serverCorrelationId", "traceId", "timestamp"].map((name) => [name, { get: trap }])));
const NOTHINGS = [undefined, null, 0, 7n, true, "", "access_denied", Symbol("a"), [], {}, () => {}, Object.create(null), new Proxy({}, TRAPS), revoked.proxy, throwing];

test("whatever is no error of ours is explained as that", () => {
  for (const thing of NOTHINGS) {
    const explanation = explain(thing);
    assertIs(explanation, ofClass("Error"));
    assert.equal(explanation.code, "unknown_error");
    assert.ok(Object.isFrozen(explanation));
  }
  assert.deepEqual([explain(new TypeError("Failed to fetch")).class, explain(new Error("x")).class], ["TypeError", "Error"]);
});

/** Names that every object has, or that have a meaning of their own. */
const INHERITED = [...Object.getOwnPropertyNames(Object.prototype), "prototype", "length", "name", "then", "size", "get"];

test("a code that is a name of JavaScript's is a code like any other", () => {
  const before = Object.getOwnPropertyNames(Object.prototype).length;
  for (const code of INHERITED) {
    const record = JSON.parse(JSON.stringify({ errorCode: code, errorNo: code, subError: code, outcome: code, name: code, remedy: "", cause: { name: code } }));
    const explanation = explain(record);
    assertIs(explanation, ofClass("AuthError"));
    assert.deepEqual([explanation.code, explanation.class], [code, "AuthError"]);
    explain(JSON.parse(`{"__proto__": {"errorCode": "${code}"}, "errorCode": "${code}", "${code}": "${code}"}`));
  }
  assert.equal(Object.getOwnPropertyNames(Object.prototype).length, before);
  assert.deepEqual([{}.errorCode, {}.cause, {}.remedy], [undefined, undefined, undefined]);
});

test("members of another type, and texts that are none of a server's, are not taken over", () => {
  const wrong = [7, {}, [], () => "x", Symbol("x"), "\u0000\u001b[31m", "<b>", "a b\nc", "x".repeat(1e6), "-".repeat(1e6), "AADSTS".repeat(1e5)];
  for (const value of wrong) {
    const members = ["errorCode", "errorNo", "subError", "errorMessage", "name", "outcome", "remedy", "cause", "claims", "correlationId", "serverCorrelationId", "traceId", "timestamp"];
    const explanation = explain(Object.fromEntries(members.map((member) => [member, value])));
    for (const [member, text] of Object.entries(explanation)) {
      assert.equal(typeof text, "string", member);
      assert.ok(text.length <= 400, member);
      if (!["cause", "remedy", "documentation"].includes(member)) assert.match(text, /^[\w .:/-]+$/, member);
    }
  }
});

test("an explanation can't be changed, and changes nothing", () => {
  const error = Object.freeze({ errorCode: "consent_required" });
  const explanation = explain(error);
  assert.ok(Object.isFrozen(explanation));
  assert.throws(() => Object.assign(explanation, { cause: "mine" }), TypeError);
  assert.deepEqual(explain(error), explanation);
});

/** The files of the package that an app's script is made of. @param {string} contents */
async function filesOf(contents) {
  const root = new URL("../../", import.meta.url);
  const { metafile } = await build({
    stdin: { contents, resolveDir: new URL(".", root).pathname }, absWorkingDir: root.pathname.replace(/\/$/, ""),
    bundle: true, format: "esm", metafile: true, outdir: "page", platform: "browser", splitting: true, write: false,
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return [...new Set(inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path))].filter((path) => path !== "<stdin>").sort();
}

test("an app downloads what it imports: the client without the catalogue, the catalogue without the client", async () => {
  const client = await filesOf('import * as consentry from "consentry"; console.log(consentry);');
  assert.ok(client.includes("pkg/client.js"), client.join(" "));
  assert.deepEqual(client.filter((path) => /explain|catalogue/.test(path)), []);
  const explained = await filesOf('import { explain } from "consentry/explain"; console.log(explain(null));');
  assert.ok(explained.includes("pkg/explain.js"), explained.join(" "));
  assert.deepEqual(explained.filter((path) => !/^pkg\/(?:explain|catalogue[\w-]*)\.js$/.test(path)), []);
  assert.deepEqual(await filesOf('import { explain } from "consentry/explain"; console.log(1);'), []);
});

test("the code of docs/errors.md does what the page says", async () => {
  const page = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const [{ code }, ...others] = blocksIn("docs/errors.md", page).filter(({ language }) => language === "js");
  assert.deepEqual(others, []);
  const module = code.replace('"consentry/explain"', JSON.stringify(new URL("../../pkg/explain.js", import.meta.url).href));
  const { report } = await import(`data:text/javascript,${encodeURIComponent(module)}`);
  const offline = report({ errorCode: "no_network_connectivity" });
  assert.deepEqual(offline, {
    line: "BrowserAuthError no_network_connectivity: the browser is offline; user: try again when there is a network: tokens that are still valid are served meanwhile.",
    button: "Try again",
  });
  const wrong = report({ errorCode: "invalid_request", errorNo: "50011", traceId: "t" });
  assert.match(wrong.line, /^MisconfiguredError invalid_request: the redirect URI .*; developer: register .*\. 50011 t$/);
  assert.equal(wrong.button, null);
});
