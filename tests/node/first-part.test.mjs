/** From the part of the core that a page starts with to the whole, over cores that the test plays. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as soon } from "node:timers/promises";
import { defineClient } from "../../pkg/client.js";
import { partsOf } from "./parts.mjs";

const CONFIGURATION = { auth: { clientId: "client" } };
const account = { homeAccountId: "u.t", localAccountId: "u", tenantId: "t", environment: "e", idToken: "id", idTokenClaims: {} };

/** A core whose methods answer as the test says. @param {string} name @param {string[]} log @param {Record<string, (...args: any[]) => any>} answers */
function played(name, log, answers) {
  return {
    generation: 0,
    start: async () => answers.start?.(),
    settled: async (/** @type {any} */ configuration) => ({ configuration }),
    onChange() {},
    restart() {
      log.push(`${name} restarts`);
      this.generation += 1;
    },
    ClientHandle: class {
      constructor() {
        log.push(`${name} new`);
      }
      recall = () => answers.recall?.();
      holds = () => true;
      wants = () => answers.wants?.() ?? false;
      /** @param {string} method @param {any} request */
      async run(method, request) {
        log.push(`${name} ${method}`);
        return method in answers || method !== "initialize" ? answers[method]?.(request) : null;
      }
      /** @param {string} method @param {any} argument */
      ask(method, argument) {
        return answers[method]?.(argument);
      }
    },
  };
}

/** @param {{ part?: Record<string, (...args: any[]) => any>, whole?: Record<string, (...args: any[]) => any>, isEnough?: boolean, imports?: () => Promise<void> }} plays */
function playedPage({ part = {}, whole = {}, isEnough = true, imports = async () => {} }) {
  /** @type {string[]} */
  const log = [];
  const cores = { part: played("part", log, { acquireTokenSilent: () => undefined, ...part }), whole: played("whole", log, whole) };
  const Client = defineClient(
    async () => {
      log.push("whole loads");
      await imports();
      return /** @type {any} */ (cores.whole);
    },
    /** @type {any} */ ({ load: async () => (await cores.part.start(), cores.part), isEnough: () => isEnough }),
  );
  return { log, cores, Client };
}

const token = () => partsOf({ accessToken: "t", account });

test("what the part answers is the answer; what it does not, the whole is asked, and all that comes after it", async () => {
  const { log, Client } = playedPage({ part: { handleRedirectPromise: () => null }, whole: { acquireTokenSilent: token } });
  const client = new Client(CONFIGURATION);
  await client.initialize();
  assert.equal(await client.handleRedirectPromise(), null);
  assert.deepEqual(log.splice(0), ["part new", "part initialize", "part handleRedirectPromise"]);
  const [one, two] = await Promise.all([1, 2].map(() => client.acquireTokenSilent({ scopes: ["a"] })));
  assert.deepEqual([one.accessToken, two.accessToken], ["t", "t"]);
  assert.deepEqual(log.splice(0), ["part acquireTokenSilent", "part acquireTokenSilent", "whole loads", "whole new", "whole initialize", "whole acquireTokenSilent", "whole acquireTokenSilent"]);
  await client.acquireTokenSilent({ scopes: ["a"] });
  assert.deepEqual(log, ["whole acquireTokenSilent"]);
});

test("nobody signed in, or a part that fails in whatever way: the whole from the start", async () => {
  const fails = () => { throw new Error("no"); };
  for (const plays of [{ isEnough: false }, { part: { start: fails } }, { part: { initialize: fails } }, { part: { initialize: () => undefined } }]) {
    const { log, Client } = playedPage(plays);
    const client = new Client(CONFIGURATION);
    await client.initialize();
    assert.deepEqual(log.filter((line) => line.startsWith("whole")), ["whole loads", "whole new", "whole initialize"]);
    assert.equal(/** @type {any} */ (client).isSmall, false);
  }
});

test("one client's whole is everybody's, before anything is asked of it", async () => {
  const { log, Client } = playedPage({ whole: { loginRedirect: () => undefined } });
  const [one, two] = [new Client(CONFIGURATION), new Client(CONFIGURATION)];
  await Promise.all([one.initialize(), two.initialize()]);
  log.length = 0;
  await one.ssoSilent({}).catch(() => {});
  const before = log.indexOf("whole ssoSilent");
  assert.equal(log.slice(0, before).filter((line) => line === "whole new").length, 2);
  assert.equal(/** @type {any} */ (two).isSmall, false);
  const three = new Client(CONFIGURATION);
  log.length = 0;
  await three.initialize();
  assert.deepEqual(log, ["whole new", "whole initialize"]);
});

test("a whole that does not load is told, and loaded at the next call; the part goes on meanwhile", async () => {
  let isDown = true;
  const imports = async () => { if (isDown) throw new TypeError("Failed to fetch"); };
  const { Client } = playedPage({ imports, part: { getAllAccounts: () => [account] }, whole: { acquireTokenSilent: token, getAllAccounts: () => [] } });
  const client = new Client(CONFIGURATION);
  await client.initialize();
  await assert.rejects(client.acquireTokenSilent({ scopes: ["a"] }), { errorCode: "wasm_load_failed" });
  assert.equal(client.getAllAccounts().length, 1);
  isDown = false;
  assert.equal((await client.acquireTokenSilent({ scopes: ["a"] })).accessToken, "t");
  assert.equal(client.getAllAccounts().length, 0);
});

test("a whole that can't read the storage fails the call, not the part", async () => {
  const { Client } = playedPage({ part: { getAllAccounts: () => [account] }, whole: { initialize: () => { throw { name: "BrowserConfigurationAuthError", errorCode: "storage_not_supported", message: "" }; } } });
  const client = new Client(CONFIGURATION);
  await client.initialize();
  await assert.rejects(client.plan(["a"]), { errorCode: "storage_not_supported" });
  assert.equal(client.getAllAccounts().length, 1);
});

test("a part that traps is started anew, and so is a whole", async () => {
  let isBroken = true;
  const trap = () => {
    if (!isBroken) return [account];
    isBroken = false;
    throw Object.assign(new Error("unreachable"), { name: "RuntimeError" });
  };
  const { log, Client } = playedPage({ part: { getAllAccounts: trap }, whole: { getAllAccounts: trap } });
  const client = new Client(CONFIGURATION);
  await client.initialize();
  assert.throws(() => client.getAllAccounts(), { errorCode: "wasm_trap" });
  assert.equal(client.getAllAccounts().length, 1);
  assert.deepEqual(log.filter((line) => /restarts|new/.test(line)), ["part new", "part restarts", "part new"]);
  await client.plan(["a"]).catch(() => {});
  isBroken = true;
  assert.throws(() => client.getAllAccounts(), { errorCode: "wasm_trap" });
  assert.equal(client.getAllAccounts().length, 1);
  assert.deepEqual(log.filter((line) => /restarts/.test(line)), ["part restarts", "whole restarts"]);
});

test("a token that is to be renewed soon has the whole come for it, once, and fails nothing", async () => {
  let wants = false;
  const part = { acquireTokenSilent: () => (wants = true) && token(), wants: () => { const told = wants; wants = false; return told; } };
  const { log, Client } = playedPage({ part, whole: { acquireTokenSilent: token } });
  const client = new Client(CONFIGURATION);
  await client.initialize();
  await client.acquireTokenSilent({ scopes: ["a"] });
  for (let turn = 0; turn < 5; turn += 1) await soon();
  assert.deepEqual(log.slice(2), ["part acquireTokenSilent", "whole loads", "whole new", "whole initialize", "whole acquireTokenSilent"]);
});

test("a module that is passed as a promise, and rejects, is told once", async (t) => {
  const unhandled = t.mock.fn();
  process.on("unhandledRejection", unhandled);
  t.after(() => process.off("unhandledRejection", unhandled));
  const { Client } = playedPage({ imports: async () => { await soon(); throw new Error("late"); } });
  await assert.rejects(new Client(CONFIGURATION).initialize({ wasm: Promise.reject(new TypeError("Failed to fetch")) }), { errorCode: "wasm_load_failed" });
  await soon();
  assert.equal(unhandled.mock.callCount(), 0);
});
