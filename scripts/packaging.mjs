/**
 * The package where people use it: what npm would publish is packed, and installed beside bundlers, frameworks and
 * test runners of exact versions, in a folder far from this repository.
 */

import { cp, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, run } from "./process.mjs";
import { step } from "./progress.mjs";

const CONSUMERS = join(ROOT, "tests/packaging/consumers");
const NPM = ["--ignore-scripts", "--prefer-offline", "--loglevel=error"];

/** Each consumer in a folder of its own, with what they share. @param {string} folder */
async function copyConsumers(folder) {
  const entries = await readdir(CONSUMERS, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    await mkdir(join(folder, name));
    await cp(join(CONSUMERS, "app.js"), join(folder, name, "app.js"));
    await cp(join(CONSUMERS, name), join(folder, name), { recursive: true });
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

/**
 * Does something with the consumers' folder, and leaves nothing of it.
 * @template T
 * @param {(folder: string) => Promise<T>} work
 */
export async function withConsumers(work) {
  const folder = await mkdtemp(join(tmpdir(), "consumers-"));
  try {
    await copyConsumers(folder);
    await install(folder);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
