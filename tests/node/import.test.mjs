/** Importing the package touches nothing, and gives what its types promise. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { Worker } from "node:worker_threads";

/** What MSAL 2 to 4 had: each says what is there in its place. */
const GONE = [
  "disableAccountStorageEvents", "enableAccountStorageEvents", "getAccountByHomeId", "getAccountByLocalId", "getAccountByUsername",
  "getTokenCache", "logout",
];

/** @type {{ added: string[], exports: string[], explains: string[], adapts: string[], methods: string[] }} */
let seen;
/** @type {string} */
let types;
/** @type {string} */
let explainTypes;
/** @type {string} */
let adapterTypes;

before(async () => {
  const read = (/** @type {string} */ name) => readFile(new URL(`../../pkg/${name}.d.ts`, import.meta.url), "utf8");
  types = (await Promise.all(["index", "refusals", "telling", "api"].map(read))).join("\n");
  explainTypes = await read("explain");
  adapterTypes = await read("adapters");
  const worker = new Worker(new URL("trapped.mjs", import.meta.url));
  [seen] = await once(worker, "message"); // an error of the thread rejects
});

test("importing, constructing, explaining and adapting touch no global and add none", () => {
  assert.deepEqual(seen.added, []);
});

const declaredIn = (/** @type {string} */ text) => [...text.matchAll(/^export declare (?:class|const|function) (\w+)/gm)].map(([, name]) => name);

test("the exports are those that the types declare", () => {
  assert.ok(declaredIn(types).length > 5, "the types declare values");
  assert.deepEqual(seen.exports.toSorted(), declaredIn(types).toSorted());
  assert.deepEqual(seen.explains.toSorted(), declaredIn(explainTypes).toSorted());
  assert.deepEqual(seen.adapts.toSorted(), declaredIn(adapterTypes).toSorted());
});

test("the client has the methods that the types declare, and no other", () => {
  const bodies = [...types.matchAll(/^export (?:declare class PublicClientApplication|interface ApiCalls) \{\n(.*?)^\}/gms)].map(([, body]) => body);
  assert.equal(bodies.length, 2, "the types declare the class, and its part for APIs");
  const declared = [...bodies.join("").matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
  assert.ok(declared.length > 5, "the types declare methods");
  assert.deepEqual(seen.methods.toSorted(), [...new Set([...declared, ...GONE])].toSorted());
});

test("the entry without WebAssembly exports the same", async () => {
  const [plain, whole] = await Promise.all([import("consentry/without-wasm"), import("consentry")]);
  assert.deepEqual(Object.keys(plain).sort(), Object.keys(whole).sort());
  for (const [name, value] of Object.entries(whole)) if (name !== "PublicClientApplication") assert.equal(plain[name], value, name);
  assert.notEqual(plain.PublicClientApplication, whole.PublicClientApplication);
});

test("the package says its version: what a page was told by another one is not told again", async () => {
  const { version } = JSON.parse(await readFile(new URL("../../pkg/package.json", import.meta.url), "utf8"));
  assert.equal((await import("consentry")).version, version);
});
