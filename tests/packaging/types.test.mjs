/** The package's types, as each way of looking them up finds them, and what those say who check packages. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { PACKAGE, program, tool } from "./support/consumer.mjs";

const tsc = (...args) => tool("types", "typescript/bin/tsc", args);

for (const [resolution, module] of [["node16", "node16"], ["nodenext", "nodenext"], ["bundler", "esnext"]]) {
  test(`TypeScript with moduleResolution ${resolution}`, () => tsc("-p", ".", "--module", module, "--moduleResolution", resolution));
}

test("TypeScript with moduleResolution node10, which does not read `exports`", () =>
  tsc("-p", ".", "--module", "esnext", "--moduleResolution", "node10", "--ignoreDeprecations", "6.0"));

test("TypeScript in a CommonJS file", () => tsc("-p", "tsconfig.require.json"));

test("publint has nothing to say", async () => {
  assert.match(await tool("types", "publint/src/cli.js", [PACKAGE, "--strict"]), /All good!/);
});

test("arethetypeswrong finds nothing", async () => {
  // That CommonJS gets a module is meant: Node can `require` it. The WebAssembly has no types.
  await tool("types", "@arethetypeswrong/cli/dist/index.js", ["--pack", PACKAGE, "--exclude-entrypoints", "consentry.wasm", "--ignore-rules", "cjs-resolves-to-esm"]);
});
