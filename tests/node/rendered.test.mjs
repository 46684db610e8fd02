/** A server renders an app for the unmodified msal-react, over a client that is not initialized: nothing of a browser is needed. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

const WAYS = [
  { client: "consentry/msal", alias: {} },
  { client: "@azure/msal-browser", alias: { "@azure/msal-browser": "@consentry/msal-browser" } },
];

for (const workerData of WAYS) {
  test(`renders on a server with ${Object.values(workerData.alias)[0] ?? workerData.client}`, async () => {
    const [{ html, added }] = await once(new Worker(new URL("rendered.mjs", import.meta.url), { workerData }), "message");
    assert.equal(html, "<output>startup</output>");
    assert.deepEqual(added, []);
  });
}
