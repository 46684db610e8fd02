import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "./app.js";

test("a client starts with the module's bytes", async () => {
  const wasm = readFile(fileURLToPath(import.meta.resolve("consentry/consentry.wasm")));
  expect(await run(wasm, "memoryStorage")).toEqual({ accounts: [], adapted: "function" });
});
