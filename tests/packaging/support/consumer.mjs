/** The consumers' folders, the programs that build them, and the pages that come of it. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after } from "node:test";
import { launch, newPage } from "../../e2e/support/browser.mjs";
import { site } from "./site.mjs";

/** Where the runner has put the consumers, and the package as npm installs it. */
export const FOLDER = process.env.CONSENTRY_CONSUMERS ?? assert.fail("npm run test:packaging sets the variable CONSENTRY_CONSUMERS");
export const PACKAGE = join(FOLDER, "node_modules/consentry");
const BUILD_MILLISECONDS = 180_000;
const ENVIRONMENT = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, NODE_TEST_CONTEXT: undefined, NEXT_TELEMETRY_DISABLED: "1" };

/** @param {string} name */
export const consumer = (name) => join(FOLDER, name);

/** Runs a program of a package in a consumer's folder. @param {string} name @param {string} bin path in node_modules @param {string[]} args @param {Record<string, string>} [env] */
export const tool = (name, bin, args, env) => program(name, [join(FOLDER, "node_modules", bin), ...args], { env });

/** Runs Node in a consumer's folder; resolves with what it printed. @param {string} name @param {string[]} args @param {{ node?: string, env?: Record<string, string> }} [options] */
export async function program(name, args, { node = process.execPath, env } = {}) {
  const child = spawn(node, args, { cwd: consumer(name), env: { ...ENVIRONMENT, ...env }, stdio: ["ignore", "pipe", "pipe"], timeout: BUILD_MILLISECONDS });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const [code, signal] = await once(child, "close");
  assert.equal(code, 0, `${args.join(" ")} ended with ${signal ?? code}:\n${output}`);
  return output;
}

/** Starts a server in a consumer's folder; resolves once it prints its address. @param {import("node:test").TestContext} t @param {string} name @param {string} bin @param {string[]} args */
export async function server(t, name, bin, args) {
  const child = spawn(process.execPath, [join(FOLDER, "node_modules", bin), ...args], { cwd: consumer(name), env: ENVIRONMENT, stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "exit");
  t.after(async () => {
    child.kill();
    await exited;
  });
  let output = "";
  const address = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        const [found] = /http:\/\/(?:localhost|127\.0\.0\.1):\d+/.exec(output) ?? [];
        if (found) resolve(found);
      });
    }
  });
  return Promise.race([address, exited.then(() => assert.fail(`${bin} ended:\n${output}`))]);
}

const browser = launch();
after(async () => (await browser).close());

/** @param {import("node:test").TestContext} t @param {string} name @param {Parameters<typeof site>[1]} [options] */
export async function served(t, name, options) {
  const { origin, stop } = await site(consumer(name), options);
  t.after(stop);
  return origin;
}

/**
 * Opens a page, which fails the test if it complains.
 * @param {string} address
 * @param {{ names?: string[], allow?: RegExp[], isKnown?: boolean }} [options] `names`: what the page shows; `allow`: what it may complain of; `isKnown`: whether
 *   something seems to be stored
 * @returns {Promise<{ shown: Record<string, any>, modules: string[] }>} `modules`: the addresses of WebAssembly that were asked for
 */
export async function open(address, { names = ["page"], allow, isKnown } = {}) {
  const page = await newPage(await browser, { allow });
  const modules = [];
  if (isKnown) await page.addInitScript(() => sessionStorage.setItem("consentry|2|5d2c1b6e-8f0a-4c3d-9e7b-6a1f0b2c3d4e|stamp", "s"));
  page.context().on("request", (request) => new URL(request.url()).pathname.endsWith(".wasm") && modules.push(request.url()));
  try {
    await page.goto(address);
    const shown = page.waitForFunction((names) => names.every((name) => name in document.documentElement.dataset) && { ...document.documentElement.dataset }, names, { timeout: 20_000 });
    const texts = await (await shown).jsonValue();
    return { shown: Object.fromEntries(names.map((name) => [name, JSON.parse(texts[name])])), modules };
  } finally {
    await page.close();
  }
}

/** What a client that started tells. */
export const STARTED = { accounts: [], adapted: "function" };

/**
 * Opens a page in which each of the clients starts, all with one module from one address: the whole. Where somebody seems to be signed in, a page starts with
 * the part, and its workers, which see no storage of the page, with the whole.
 * @param {string} address @param {string[]} [names] @param {{ isGiven?: boolean }} [options] `isGiven`: whether the page itself says where the module is
 */
export async function assertStarts(address, names = ["page"], { isGiven = false } = {}) {
  const { shown, modules } = await open(address, { names });
  for (const name of names) assert.deepEqual(shown[name], STARTED, name);
  const [whole, ...others] = new Set(modules);
  assert.deepEqual(others, [], "one module is asked for");
  const known = await open(address, { names, isKnown: true });
  for (const name of names) assert.deepEqual(known.shown[name], STARTED, name);
  const expected = isGiven ? 0 : 1;
  assert.equal([...new Set(known.modules)].filter((module) => module !== whole).length, expected, `the part is asked for, not ${known.modules}`);
  if (!isGiven && names.length === 1) assert.equal(known.modules.length, 1, `nothing but the part is asked for, not ${known.modules}`);
}

const modulesIn = async (folder) => (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".wasm")).map((name) => join(folder, name));

/** What a build put out has each of the package's modules, as it is and once; or the whole alone. @param {string} name @param {string} output @param {boolean} [isGiven] */
export async function assertShipsModules(name, output, isGiven = false) {
  const [own, shipped] = await Promise.all([PACKAGE, join(consumer(name), output)].map(modulesIn));
  assert.equal(own.length, 2, "the package has two modules");
  const texts = async (files) => (await Promise.all(files.map((file) => readFile(file, "latin1")))).sort();
  const expected = await texts(isGiven ? own.filter((file) => file.includes("_core")) : own);
  assert.equal(shipped.length, expected.length, `${output} has ${expected.length} modules, not ${shipped}`);
  assert.ok((await texts(shipped)).every((text, at) => text === expected[at]), "the modules are shipped as they are");
}
