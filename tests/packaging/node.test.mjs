/** The package where no browser is: on servers, and in the runners of unit tests. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { program, STARTED, tool } from "./support/consumer.mjs";

/** The Node that npm was started with, and the one that runs the tests. */
const NODES = new Set([process.env.CONSENTRY_OLDER_NODE, process.execPath]);

for (const node of NODES) {
  const version = node === process.execPath ? process.version : "an older one";
  // A warning, as older versions call `require` of modules new, is no answer.
  const printed = async (file) => JSON.parse((await program("node", ["--no-warnings", file], { node })).trim());

  test(`Node, ${version}: import touches no global`, async () => {
    assert.deepEqual(await printed("import.mjs"), { exports: [true, true, true], added: [] });
  });

  test(`Node, ${version}: require`, async () => {
    assert.deepEqual(await printed("require.cjs"), ["function", "function", "function"]);
  });

  test(`Node, ${version}: a client starts with the module's bytes`, async () => {
    assert.deepEqual(await printed("initialize.mjs"), STARTED);
  });
}

test("Vitest", async () => {
  assert.match(await tool("vitest", "vitest/vitest.mjs", ["run"]), /Tests +1 passed/);
});

test("Jest, with modules", async () => {
  const args = ["--experimental-vm-modules", "--no-warnings", "../node_modules/jest/bin/jest.js"];
  assert.match(await program("jest", args), /Tests: +1 passed, 1 total/);
});
