import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { run } from "./app.js";

test("a client starts with the module's bytes", async () => {
  const wasm = readFile(createRequire(import.meta.url).resolve("consentry/consentry.wasm"));
  expect(await run(wasm, "memoryStorage")).toEqual({ accounts: [], adapted: "function" });
});
