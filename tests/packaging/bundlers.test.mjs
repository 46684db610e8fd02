/** What bundlers make of the package: a page, a worker and a service worker, each with its one module. */

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { assertShipsModules, assertStarts, consumer, served, server, tool } from "./support/consumer.mjs";

const WITH_WORKER = ["page", "worker"];

/** The page, for a bundler that only cares for scripts. @param {string} name */
const copyPage = (name) => cp(join(consumer(name), "index.html"), join(consumer(name), "dist/index.html"));

/** @param {import("node:test").TestContext} t @param {string} name @param {string[]} [shows] @param {boolean} [isGiven] */
async function assertBuilt(t, name, shows, isGiven) {
  await assertShipsModules(name, "dist", isGiven);
  await assertStarts(`${await served(t, `${name}/dist`)}/`, shows, { isGiven });
}

for (const [title, folder, bin] of [["Vite", "vite", "vite/bin/vite.js"], ["Vite 7", "vite-7", "vite-7/bin/vite.js"]]) {
  test(`${title}, built`, async (t) => {
    await tool(folder, bin, ["build"]);
    await assertBuilt(t, folder, WITH_WORKER);
  });

  test(`${title}'s development server`, async (t) => {
    const origin = await server(t, folder, bin, ["--port", "0", "--host", "127.0.0.1"]);
    await assertStarts(`${origin}/`, WITH_WORKER);
  });
}

test("webpack", async (t) => {
  await tool("webpack", "webpack/bin/webpack.js", []);
  await copyPage("webpack");
  await assertBuilt(t, "webpack", WITH_WORKER);
});

test("Rspack", async (t) => {
  await tool("rspack", "@rspack/cli/bin/rspack.js", ["build"]);
  await copyPage("rspack");
  await assertBuilt(t, "rspack", WITH_WORKER);
});

test("Rollup", async (t) => {
  await tool("rollup", "rollup/dist/bin/rollup", ["--config"]);
  await copyPage("rollup");
  await assertBuilt(t, "rollup");
});

test("esbuild, and a service worker", async (t) => {
  const bundle = ["--bundle", "--minify", "--outdir=dist"];
  await tool("esbuild", "esbuild/bin/esbuild", ["main.js", "--format=esm", "--splitting", "--loader:.wasm=file", ...bundle]);
  // A service worker may not load script later: all of it is in one file.
  await tool("esbuild", "esbuild/bin/esbuild", ["service-worker.js", "--format=iife", "--log-override:empty-import-meta=silent", ...bundle]);
  await copyPage("esbuild");
  await assertBuilt(t, "esbuild", ["page", "serviceWorker"], true);
});

// The page alone: of what a worker loads later, Parcel 2.16 looks for a part before it is there.
test("Parcel", async (t) => {
  await tool("parcel", "parcel/lib/bin.js", ["build", "index.html", "--no-cache", "--dist-dir=dist"]);
  await assertBuilt(t, "parcel");
});
