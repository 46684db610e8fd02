/** The npm packages: installed exactly as package-lock.json has them. Imports `node:` modules only, as it runs before they are there. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { step } from "./progress.mjs";
import { ROOT, run } from "./process.mjs";

/** @typedef {{ version?: string, link?: boolean, optional?: boolean }} Entry */

/** @param {string} path @returns {Promise<Record<string, Entry> | undefined>} */
async function entries(path) {
  try {
    return JSON.parse(await readFile(join(ROOT, path), "utf8")).packages;
  } catch {
    return undefined; // absent or cut short by an interrupted install: both mean `npm ci`
  }
}

/** An optional package may be absent: most are for other machines. */
async function areInstalled() {
  const [locked, installed] = await Promise.all([entries("package-lock.json"), entries("node_modules/.package-lock.json")]);
  if (!locked || !installed) return false;
  return Object.entries(locked)
    .filter(([path]) => path.includes("node_modules/"))
    .every(([path, entry]) => {
      const found = installed[path];
      return found ? found.version === entry.version && found.link === entry.link : entry.optional === true;
    });
}

/** Installs the npm packages if they are not those of the lock file. */
export async function ensurePackages() {
  if (await areInstalled()) return;
  await step("npm packages", (onOutput) => run("npm", ["ci", "--ignore-scripts"], { onOutput }));
}
