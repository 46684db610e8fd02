/** Importing the package touches nothing, and gives what its types promise. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { Worker } from "node:worker_threads";

/** @type {{ added: string[], exports: string[], methods: string[] }} */
let seen;
/** @type {string} */
let types;

before(async () => {
  types = await readFile(new URL("../../pkg/index.d.ts", import.meta.url), "utf8");
  const worker = new Worker(new URL("trapped.mjs", import.meta.url));
  [seen] = await once(worker, "message"); // an error of the thread rejects
});

test("import and constructor touch no global and add none", () => {
  assert.deepEqual(seen.added, []);
});

test("the exports are those that the types declare", () => {
  const declared = [...types.matchAll(/^export declare (?:class|const|function) (\w+)/gm)].map(([, name]) => name);
  assert.ok(declared.length > 5, "the types declare values");
  assert.deepEqual(seen.exports.toSorted(), declared.toSorted());
});

test("the client has the methods that the types declare, and no other", () => {
  const body = types.match(/^export declare class PublicClientApplication \{\n(.*?)^\}/ms)?.[1] ?? "";
  const declared = [...body.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
  assert.ok(declared.length > 5, "the types declare methods");
  assert.deepEqual(seen.methods.toSorted(), [...new Set(declared)].toSorted());
});
