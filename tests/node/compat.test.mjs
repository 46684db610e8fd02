/** The package that is installed by MSAL.js's name: that its names are there, and mean the same. */

import * as compat from "@consentry/msal-browser";
import * as msal from "@azure/msal-browser";
import * as consentry from "consentry";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const MEASURING = "nothing is measured here";
const STORING = "a storage of the app's own is `cache.storage`";
const POP = "tokens bound to a key are not asked for";
/** What MSAL.js exports and this package does not, and why. */
const MISSING = {
  AuthenticationHeaderParser: POP,
  BrowserPerformanceClient: MEASURING,
  BrowserPerformanceMeasurement: MEASURING,
  BrowserRootPerformanceEvents: MEASURING,
  EventHandler: "MSAL.js's own: apps use `addEventCallback`",
  LocalStorage: STORING,
  MemoryStorage: STORING,
  SessionStorage: STORING,
  SignedHttpRequest: POP,
  StubPerformanceClient: MEASURING,
  createNestablePublicClientApplication: "no host is asked to sign in for the app",
  enforceResourceParameter: "MSAL.js's own: the core checks `resource`",
  loadExternalTokens: "MSAL.js's own: apps use `hydrateCache`",
};
const INSIDE = "MSAL.js's own: the client does so itself";
/** The same of `BrowserUtils`, of which the wrappers use two. */
const MISSING_UTILS = {
  blockAcquireTokenInPopups: INSIDE,
  buildMergedClaims: INSIDE,
  cancelPendingBridgeResponse: "there is no bridge",
  clearAuthResponseFromUrl: INSIDE,
  clearHash: INSIDE,
  invoke: MEASURING,
  invokeAsync: MEASURING,
  isInPopup: "a window of the client knows its answer, not its opener",
  parseAuthResponseFromUrl: INSIDE,
  preconnect: INSIDE,
  preflightCheck: INSIDE,
  redirectPreflightCheck: INSIDE,
  replaceHash: INSIDE,
  waitForBridgeResponse: "there is no bridge",
};

/** The names of the one that the other has not. */
const without = (/** @type {object} */ all, /** @type {object} */ some) => Object.keys(all).filter((name) => !(name in some)).sort();

test("every name of MSAL.js is there, or is not for a reason", () => {
  assert.deepEqual(without(msal, compat), Object.keys(MISSING).sort());
  assert.deepEqual(without(msal.BrowserUtils, compat.BrowserUtils), Object.keys(MISSING_UTILS).sort());
});

test("every name of consentry is there", () => {
  assert.deepEqual(without(consentry, compat), []);
  assert.equal(compat.PublicClientApplication, consentry.PublicClientApplication);
  assert.equal(compat.InteractionRequiredAuthError, consentry.InteractionRequiredAuthError);
});

test("the exports are those that the types declare", async () => {
  const types = await readFile(new URL("../../compat/index.d.ts", import.meta.url), "utf8");
  const declared = [...types.matchAll(/^export declare (?:class|const|function) (\w+)/gm)].map(([, name]) => name);
  assert.ok(declared.length > 20, "the types declare values");
  assert.deepEqual(Object.keys(compat).sort(), [...new Set([...declared, ...Object.keys(consentry)])].sort());
  const [, utils] = /const BrowserUtils: \{(.*?)^\}/ms.exec(types) ?? [];
  assert.deepEqual([...utils.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name).sort(), Object.keys(compat.BrowserUtils).sort());
});

/** Without what a module's namespace is more than an object. */
const plain = (/** @type {unknown} */ value) => JSON.parse(JSON.stringify(value));

test("constants are MSAL's", () => {
  const isConstant = (/** @type {string} */ name) => typeof msal[name] !== "function" && name !== "BrowserUtils" && name !== "stubbedPublicClientApplication";
  const names = Object.keys(msal).filter((name) => isConstant(name) && name in compat);
  assert.ok(names.includes("EventType") && names.includes("BrowserAuthErrorCodes") && names.includes("version"));
  // Events of what MSAL does not do come on top.
  const shared = (/** @type {any} */ value) => (typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).filter(([, text]) => !String(text).startsWith("consentry:"))) : value);
  for (const name of names) assert.deepEqual(shared(plain(compat[name])), plain(msal[name]), name);
});

test("the version is the one that wrappers ask for, in the manifest too", async () => {
  const manifest = JSON.parse(await readFile(new URL("../../compat/package.json", import.meta.url), "utf8"));
  const own = JSON.parse(await readFile(new URL("../../pkg/package.json", import.meta.url), "utf8"));
  assert.equal(manifest.version, compat.version);
  assert.deepEqual(manifest.dependencies, { consentry: own.version });
});

test("events say what is under way, as MSAL.js has it", () => {
  const types = [...Object.values(msal.EventType), "msal:unknown"];
  const current = [undefined, ...Object.values(msal.InteractionStatus)];
  const ways = [null, ...Object.values(msal.InteractionType)];
  let changes = 0;
  for (const eventType of types) {
    for (const interactionType of ways) {
      for (const status of current) {
        const message = { eventType, interactionType, payload: null, error: null, correlationId: "", timestamp: 0 };
        const expected = msal.EventMessageUtils.getInteractionStatusFromEvent(message, status);
        assert.equal(compat.EventMessageUtils.getInteractionStatusFromEvent(message, status), expected, `${eventType} ${interactionType} ${status}`);
        if (expected) changes += 1;
      }
    }
  }
  assert.ok(changes > 30, `${changes}`);
});

/** What a member of a client that is none does. */
async function outcomeOf(stub, name) {
  try {
    const value = stub[name]();
    return value instanceof Promise ? await value.catch(({ errorCode, name: kind }) => `rejects ${kind} ${errorCode}`) : value;
  } catch ({ errorCode, name: kind }) {
    return `throws ${kind} ${errorCode}`;
  }
}

test("the client that stands in for none does what MSAL's does", async () => {
  const names = Object.keys(msal.stubbedPublicClientApplication);
  assert.ok(names.length > 20);
  for (const name of names) {
    const expected = await outcomeOf(msal.stubbedPublicClientApplication, name);
    assert.deepEqual(await outcomeOf(compat.stubbedPublicClientApplication, name), expected, name);
  }
  await assert.rejects(compat.stubbedPublicClientApplication.initialize(), compat.BrowserConfigurationAuthError);
});
