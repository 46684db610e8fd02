/** Pages without a bundler: an import map, and the package's files as they are. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertStarts, consumer, open, PACKAGE, served } from "./support/consumer.mjs";

const FILES = { below: { "/consentry/": `${PACKAGE}/` } };
const NONCE = "'nonce-c29tZQ'";

test("a page with an import map", async (t) => {
  const origin = await served(t, "plain", FILES);
  await assertStarts(`${origin}/`);
  for (const source of ["url", "text", "response", "bytes", "module"]) await assertStarts(`${origin}/?${source}`, ["page"], { isGiven: true });
});

test("policies that let the page in", async (t) => {
  const policies = {
    "script from the site": `script-src 'self' 'wasm-unsafe-eval' ${NONCE}`,
    "script by nonce alone": `script-src ${NONCE} 'strict-dynamic' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'`,
    "Trusted Types": `script-src 'self' 'wasm-unsafe-eval' ${NONCE}; require-trusted-types-for 'script'; trusted-types 'none'`,
    "nothing else": `default-src 'none'; script-src 'self' 'wasm-unsafe-eval' ${NONCE}; connect-src 'self'; img-src data:`,
  };
  for (const [name, policy] of Object.entries(policies)) {
    await t.test(name, async (t) => assertStarts(`${await served(t, "plain", { ...FILES, policy })}/`));
  }
});

test("a policy that forgets WebAssembly: the error names what to add", async (t) => {
  const origin = await served(t, "plain", { ...FILES, policy: `script-src 'self' ${NONCE}` });
  const { shown: { page } } = await open(`${origin}/`, { allow: [/WebAssembly/] });
  assert.deepEqual([page.name, page.errorCode], ["BrowserAuthError", "wasm_load_failed"]);
  assert.match(page.message, /script-src 'wasm-unsafe-eval'/);
  assert.match(page.remedy, /script-src 'wasm-unsafe-eval'/);
});

test("a module that is not served: the error says what came and where it is looked for", async (t) => {
  const answers = { nowhere: ["404", "text/plain"], [`${consumer("plain")}/index.html`]: ["200", "text/html; charset=utf-8"] };
  for (const [file, [status, type]] of Object.entries(answers)) {
    const origin = await served(t, "plain", { below: { "/consentry/core/consentry_core_bg.wasm": file, ...FILES.below } });
    const { shown: { page } } = await open(`${origin}/`, { allow: [/404/] });
    assert.deepEqual([page.errorCode, page.cause], ["wasm_load_failed", `Error: no WebAssembly module: HTTP status ${status}, type "${type}"`]);
    for (const text of [page.message, page.remedy]) assert.match(text, /initialize\(\{ wasm \}\)/);
  }
});
