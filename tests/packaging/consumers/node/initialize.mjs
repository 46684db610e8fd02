import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { run } from "./app.js";

// Node's fetch reads no files: it gets the module's bytes.
const bytes = readFile(fileURLToPath(import.meta.resolve("consentry/consentry.wasm")));
console.log(JSON.stringify(await run(bytes, "memoryStorage")));
