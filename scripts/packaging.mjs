/**
 * `npm run test:packaging`: the package where people use it. What npm would publish is packed and installed beside
 * bundlers, frameworks and test runners of exact versions, in a folder far from this repository; then tests/packaging/ builds with them.
 * `-- --only plain,bundlers` runs some of the test files.
 */

import { cp, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureBrowser } from "./browser.mjs";
import { build } from "./build.mjs";
import { ensurePackages } from "./packages.mjs";
import { program, Refusal, ROOT, run } from "./process.mjs";
import { step } from "./progress.mjs";
import { launcher } from "./tenant.mjs";

const TESTS = join(ROOT, "tests/packaging");
const CONSUMERS = join(TESTS, "consumers");
const NPM = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];

/** The names of the test files to run. */
async function chosen() {
  const { values } = parseArgs({ options: { only: { type: "string" } } });
  const names = (await readdir(TESTS)).filter((name) => name.endsWith(".test.mjs")).map((name) => name.slice(0, -".test.mjs".length));
  const wanted = values.only?.split(",") ?? names;
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Refusal(`No consumers are named "${unknown}". There are: ${names.join(", ")}.`);
  return wanted;
}

/** Each consumer in a folder of its own, with what they share. @param {string} folder */
async function copyConsumers(folder) {
  const entries = await readdir(CONSUMERS, { withFileTypes: true });
  for (const entry of entries.filter((entry) => entry.isDirectory())) {
    const copy = join(folder, entry.name);
    await mkdir(copy);
    await cp(join(CONSUMERS, "app.js"), join(copy, "app.js"));
    await cp(join(CONSUMERS, entry.name), copy, { recursive: true });
  }
  for (const name of ["package.json", "package-lock.json"]) await cp(join(CONSUMERS, name), join(folder, name));
  await cp(join(ROOT, ".npmrc"), join(folder, ".npmrc"));
}

/** The package is installed by itself and moved: beside so many others npm takes long to see that it fits. @param {string} folder */
async function install(folder) {
  const alone = join(folder, "alone");
  await step("What the consumers build with", (onOutput) => run("npm", ["ci", ...NPM], { cwd: folder, onOutput }));
  await step("The package, packed and installed", async (onOutput) => {
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: join(ROOT, "pkg"), onOutput });
    const [{ filename }] = JSON.parse(stdout);
    await run("npm", ["install", ...NPM, "--prefix", alone, join(folder, filename)], { cwd: folder, onOutput });
    await rename(join(alone, "node_modules/consentry"), join(folder, "node_modules/consentry"));
  });
}

async function test() {
  const names = await chosen();
  await ensurePackages();
  await build();
  const { browser } = await ensureBrowser();
  const folder = await mkdtemp(join(tmpdir(), "consumers-"));
  try {
    await copyConsumers(folder);
    await install(folder);
    const files = names.map((name) => join(TESTS, `${name}.test.mjs`));
    // Vitest and SvelteKit need the newer Node; the package has to run on the one that npm was started with as well.
    const env = { CHROME: browser, CONSENTRY_CONSUMERS: folder, CONSENTRY_OLDER_NODE: process.env.npm_node_execpath };
    const onOutput = (/** @type {string} */ text) => process.stdout.write(text);
    await run((await launcher()).engineNode(), ["--test", "--test-reporter=spec", "--test-concurrency=2", ...files], { env, onOutput });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

await program(test);
