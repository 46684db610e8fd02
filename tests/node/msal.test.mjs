/** The client for the installed MSAL.js: whose classes its errors are of, whose logger it has, and that nothing else needs that package. */

import * as peer from "@azure/msal-browser";
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import * as errors from "../../pkg/errors.js";
import { PublicClientApplication as Own } from "../../pkg/index.js";
import * as msal from "../../pkg/msal.js";

const CONFIGURATION = { auth: { clientId: "client" } };

/** A client whose core throws this. @param {unknown} error */
function failing(error) {
  const client = new msal.PublicClientApplication(CONFIGURATION);
  const fail = () => {
    throw error;
  };
  client.module = { generation: 0 };
  client.generation = 0;
  client.core = { ask: fail, run: async () => fail(), recall: () => undefined };
  return client;
}

const RECORD = { errorCode: "code", errorMessage: "text", subError: "sub", correlationId: "id", outcome: "consent_required", missingScopes: { "api://orders": ["Orders.Read"] } };

for (const name of Object.keys(errors).filter((name) => typeof errors[name] === "function" && errors[name].prototype instanceof errors.AuthError)) {
  test(`a ${name} is one of the peer's`, async () => {
    const expected = msal[name] ?? peer[name] ?? peer.AuthError;
    const isExpected = (/** @type {any} */ error) => {
      assert.ok(error instanceof expected && error instanceof peer.AuthError);
      assert.equal(error.constructor, expected);
      assert.deepEqual([error.name, error.errorCode, error.errorMessage, error.subError], [new errors[name]("c").name, "code", "text", "sub"]);
      assert.deepEqual(error.missingScopes, RECORD.missingScopes);
      return true;
    };
    const client = failing({ name, ...RECORD });
    assert.throws(() => client.getAllAccounts(), isExpected);
    await assert.rejects(client.acquireTokenSilent({ scopes: ["a"] }), isExpected);
    await assert.rejects(client.acquireTokens({ scopes: ["a"] }), isExpected);
    const told = [];
    client.getAllAccounts = () => [];
    client.getActiveAccount = () => null;
    client.addEventCallback(({ error }) => told.push(error), [peer.EventType.ACQUIRE_TOKEN_FAILURE]);
    await assert.rejects(client.acquireTokenSilent({ scopes: ["a"], forceRefresh: true }));
    assert.equal(told.length, 1);
    isExpected(told[0]);
  });
}

test("classes of the package's own extend those of the peer", () => {
  assert.ok(msal.ConsentRequiredError.prototype instanceof peer.InteractionRequiredAuthError);
  for (const name of ["AccessBlockedError", "AdminConsentRequiredError", "ConsentDeclinedError", "MisconfiguredError"]) {
    assert.ok(msal[name].prototype instanceof peer.ServerError, name);
    assert.ok(new msal[name]("code", "id") instanceof msal[name], name);
  }
});

test("the errors of several APIs are the peer's, each by itself", async () => {
  const client = failing(undefined);
  client.core = { ask: () => false, run: async () => [[], [["api://orders", { name: "ConsentRequiredError", ...RECORD }]]] };
  const { errors: refused } = await client.acquireTokens({ scopes: ["api://orders/Orders.Read"] });
  assert.ok(refused["api://orders"] instanceof msal.ConsentRequiredError);
});

test("what is no error of the package stays what it is", async () => {
  const error = new TypeError("the app's own");
  await assert.rejects(failing(error).clearCache(), (thrown) => thrown === error && Object.getPrototypeOf(thrown) === TypeError.prototype);
});

test("before initialize() the peer's class says what to do", async () => {
  const client = new msal.PublicClientApplication(CONFIGURATION);
  const isUninitialized = (/** @type {any} */ error) => error instanceof peer.BrowserAuthError && error.errorCode === "uninitialized_public_client_application";
  assert.throws(() => client.getAllAccounts(), isUninitialized);
  await assert.rejects(client.handleRedirectPromise(), isUninitialized);
  assert.throws(() => client.getTokenCache(), peer.ClientAuthError);
});

test("the logger is the peer's, and writes to the app", () => {
  const lines = [];
  const loggerOptions = { loggerCallback: (_level, message) => lines.push(message), logLevel: peer.LogLevel.Info };
  const logger = new msal.PublicClientApplication({ ...CONFIGURATION, system: { loggerOptions } }).getLogger();
  assert.ok(logger instanceof peer.Logger);
  logger.clone("@azure/msal-react", "5.7.1").info("hello", "");
  assert.match(lines.join(), /hello/);
});

test("the client has every member of the peer's, and is one of the package's own", () => {
  const client = new msal.PublicClientApplication(CONFIGURATION);
  assert.ok(client instanceof Own);
  const members = Object.keys(peer.stubbedPublicClientApplication);
  assert.ok(members.includes("acquireTokenSilent"));
  assert.deepEqual(members.filter((name) => typeof client[name] !== "function"), []);
  assert.equal(client.getConfiguration().system.allowRedirectInIframe, false);
});

test("no other file of the package imports the peer", async () => {
  const folder = new URL("../../pkg/", import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".js"));
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder), "utf8")));
  assert.deepEqual(names.filter((_name, at) => texts[at].includes('from "@azure/')), ["msal.js"]);
});
