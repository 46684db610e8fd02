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
 * @param {{ names?: string[], allow?: RegExp[] }} [options] `names`: what the page shows; `allow`: what it may complain of
 * @returns {Promise<{ shown: Record<string, any>, modules: string[] }>} `modules`: the addresses of WebAssembly that were asked for
 */
export async function open(address, { names = ["page"], allow } = {}) {
  const page = await newPage(await browser, { allow });
  const modules = [];
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

/** Opens a page in which each of the clients starts, all with one module from one address. @param {string} address @param {string[]} [names] */
export async function assertStarts(address, names = ["page"]) {
  const { shown, modules } = await open(address, { names });
  for (const name of names) assert.deepEqual(shown[name], STARTED, name);
  assert.equal(new Set(modules).size, 1, `one module is asked for, not ${modules}`);
}

const modulesIn = async (folder) => (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".wasm")).map((name) => join(folder, name));

/** What a build put out has the package's module, as it is and once. @param {string} name @param {string} output */
export async function assertShipsModule(name, output) {
  const [own, shipped] = await Promise.all([PACKAGE, join(consumer(name), output)].map(modulesIn));
  assert.equal(own.length, 1, "the package has one module");
  assert.equal(shipped.length, 1, `${output} has one module, not ${shipped}`);
  assert.ok((await readFile(own[0])).equals(await readFile(shipped[0])), "the module is shipped as it is");
}
