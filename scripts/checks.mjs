/** What `npm test` checks, in order: quick and telling first, browsers last. */

import { readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { ensureBrowser, ensureFirefox, ensureHeadlessChromium, ensureWebKit, withDisplay } from "./browser.mjs";
import { build } from "./build.mjs";
import { buildTargets, fuzz, fuzzCounts } from "./fuzz.mjs";
import { nudged } from "./nudge.mjs";
import { ensurePackages } from "./packages.mjs";
import { withConsumers } from "./packaging.mjs";
import { Refusal, ROOT, run } from "./process.mjs";
import { launcher } from "./tenant.mjs";
import { ensureCargoDeny, ensureLinters, ensureRust, ensureWasmBindgen, ensureWasmPack, ensureWasmTarget, WASM_TARGET } from "./toolchain.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {(text: string) => void} OnOutput */
/**
 * @typedef {object} Check
 * @property {string} name For `--only`.
 * @property {string} title The heading.
 * @property {() => Promise<any>} [prepare] Brings what the check needs; its result is handed to `run`.
 * @property {(onOutput: OnOutput, arranged: any) => Promise<string>} run Resolves with what was printed.
 * @property {boolean} [isApart] Runs only if it is named.
 * @property {boolean} [isQuiet] Shows the output only when it fails.
 * @property {RegExp} [tells] What is shown of a quiet one's output all the same.
 * @property {(output: string) => Counts} [count] Absent: the whole is one check.
 */

/** Colours would hide the counts; a stack of the runner's own under each red test helps nobody. */
const ENVIRONMENT = { CARGO_TERM_COLOR: "never", FORCE_COLOR: undefined, NO_COLOR: "1", RUST_BACKTRACE: "0" };

/** @param {string} output @param {RegExp} pattern */
const sum = (output, pattern) => [...output.matchAll(pattern)].reduce((total, [, number]) => total + Number(number), 0);

/** Rust's test harness, native or in a browser. @param {string} output */
const rustCounts = (output) => ({
  passed: sum(output, /^test result: .*? (\d+) passed;/gm),
  failed: sum(output, /^test result: .*? (\d+) failed;/gm),
  skipped: sum(output, /^test result: .*? (\d+) ignored;/gm),
});

/** Node's test runner. @param {string} output */
const nodeCounts = (output) => ({
  passed: sum(output, /^ℹ pass (\d+)$/gm),
  failed: sum(output, /^ℹ (?:fail|cancelled) (\d+)$/gm),
  skipped: sum(output, /^ℹ (?:skipped|todo) (\d+)$/gm),
});

/** @param {string} command @param {string[]} args @param {OnOutput} onOutput @param {Record<string, string>} [env] */
const printed = async (command, args, onOutput, env) =>
  (await run(command, args, { onOutput, env: { ...ENVIRONMENT, ...env } })).output;

/** Files by name; without any, a runner would look for some of its own. @param {string} folder @param {string} ending */
async function filesIn(folder, ending) {
  const names = (await readdir(join(ROOT, folder))).filter((name) => name.endsWith(ending)).sort();
  if (names.length === 0) throw new Refusal(`${folder} has no files that end in ${ending}`);
  return names.map((name) => join(folder, name));
}

/** The Node that the authorization servers of the tests run on. */
async function engineNode() {
  await ensurePackages();
  return (await launcher()).engineNode();
}

/** A file of tests that waits for ever is ended then, in milliseconds. */
const LONGEST = 600_000;
const NODE_TESTS = ["--test", "--test-reporter=spec"];
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const CLIPPY = ["clippy", "--locked", "-p", "consentry"];
const DENY_WARNINGS = ["--", "-D", "warnings"];
const STRICT_JAVASCRIPT = ["--ignoreConfig", "--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "es2022", "--lib", "esnext,dom,dom.iterable", "--module", "nodenext"];

/** What Rust's tests in a browser are built and started by. */
const ensureRustInBrowsers = async () => ({
  packed: await ensureWasmPack(),
  bindgen: await ensureWasmBindgen(),
  target: await ensureWasmTarget(),
});

/**
 * Rust's tests, in the browser that the options name.
 * @param {{ packed: string, bindgen: string }} tools @param {string[]} options @param {OnOutput} onOutput @param {string[]} [features] @param {Record<string, string>} [env]
 */
function rustInBrowser({ packed, bindgen }, options, onOutput, features = [], env = {}) {
  const args = ["test", "--headless", ...options, "--mode", "no-install", ".", "--locked", "--test", "web", ...features];
  return nudged((address) => printed(join(packed, "wasm-pack"), args, onOutput, {
    PATH: [bindgen, process.env.PATH].join(delimiter),
    WASM_BINDGEN_TEST_ADDRESS: address,
    WASM_BINDGEN_TEST_TIMEOUT: "120",
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT: "30",
    ...env,
  }));
}

/**
 * WebKitGTK 2.50's compilers of WebAssembly get a calculation wrong now and then: of an unoptimized module of other crates, 9 instances in 16,500
 * had two SHA-256 digests of one text differ, or trapped, and none of 8,700 that were interpreted or of 20,600 of the optimized module.
 * Rust's tests are a debug build, so they are interpreted; the stories run what ships, compiled.
 */
const INTERPRETED = { JSC_useBBQJIT: "0", JSC_useOMGJIT: "0" };

/** @type {Check[]} */
export const CHECKS = [
  {
    name: "format",
    title: "Format",
    isQuiet: true,
    prepare: ensureLinters,
    run: async (onOutput) => {
      const own = await printed("cargo", ["fmt", "--all", "--check"], onOutput);
      return own + (await printed("cargo", ["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"], onOutput));
    },
  },
  {
    name: "lint",
    title: "Lint, native",
    isQuiet: true,
    prepare: ensureLinters,
    run: (onOutput) => printed("cargo", [...CLIPPY, "--all-targets", ...DENY_WARNINGS], onOutput),
  },
  {
    name: "lint-wasm",
    title: "Lint, WebAssembly",
    isQuiet: true,
    prepare: async () => [await ensureLinters(), await ensureWasmTarget()],
    run: async (onOutput) => {
      const own = await printed("cargo", [...CLIPPY, "--lib", "--target", WASM_TARGET, ...DENY_WARNINGS], onOutput);
      const forRust = ["-p", "rust-app", "--lib", "--features", "consentry/browser", "--target", WASM_TARGET];
      return own + (await printed("cargo", [...CLIPPY, ...forRust, ...DENY_WARNINGS], onOutput));
    },
  },
  {
    name: "docs",
    title: "Reference of the types and of the crate",
    isQuiet: true,
    prepare: ensurePackages,
    run: (onOutput) => printed(process.execPath, ["scripts/docs.mjs", "--check"], onOutput),
  },
  {
    name: "native",
    title: "Rust tests",
    isQuiet: true,
    run: (onOutput) => printed("cargo", ["test", "--locked"], onOutput),
    count: rustCounts,
  },
  {
    // Not `advisories`: their database is a git repository, which no package registry carries.
    name: "dependencies",
    title: "Licenses, bans and sources of crates",
    isQuiet: true,
    prepare: ensureCargoDeny,
    run: (onOutput, folder) => printed(join(folder, "cargo-deny"), ["check", "licenses", "bans", "sources"], onOutput),
  },
  {
    name: "build",
    title: "Build",
    run: async () => {
      await build();
      return "";
    },
  },
  {
    name: "size",
    title: "Download size",
    prepare: build,
    run: (onOutput) => printed(process.execPath, ["scripts/size.mjs"], onOutput),
  },
  {
    name: "types",
    title: "Types of the packages",
    isQuiet: true,
    prepare: ensurePackages,
    run: async (onOutput) => {
      const own = await printed(process.execPath, [TSC, "-p", "tests/types"], onOutput);
      return own + (await printed(process.execPath, [TSC, "-p", "tests/types/aliased"], onOutput));
    },
  },
  {
    name: "facade",
    title: "Types inside the packages",
    isQuiet: true,
    prepare: build, // the facade is checked against the core's generated types
    run: async (onOutput) => {
      const files = [...(await filesIn("pkg", ".js")), ...(await filesIn("compat", ".js"))];
      return printed(process.execPath, [TSC, ...STRICT_JAVASCRIPT, ...files], onOutput);
    },
  },
  {
    name: "scripts",
    title: "Types of the scripts and of bench",
    isQuiet: true,
    prepare: ensurePackages,
    run: async (onOutput) => {
      const scripts = await printed(process.execPath, [TSC, "-p", "scripts"], onOutput);
      return scripts + (await printed(process.execPath, [TSC, "-p", "bench"], onOutput));
    },
  },
  {
    name: "node",
    title: "Tests under Node",
    isQuiet: true,
    prepare: build,
    run: async (onOutput) => printed(process.execPath, [...NODE_TESTS, ...(await filesIn("tests/node", ".test.mjs"))], onOutput),
    count: nodeCounts,
  },
  {
    name: "browser",
    title: "Rust tests in Chromium",
    isQuiet: true,
    prepare: async () => [await ensureRustInBrowsers(), await ensureBrowser()],
    run: async (onOutput, [tools, { driver }]) => {
      /** @param {string[]} features */
      const tested = (...features) => rustInBrowser(tools, ["--chrome", "--chromedriver", driver], onOutput, features);
      return (await tested()) + (await tested("--features", "browser"));
    },
    count: rustCounts,
  },
  {
    name: "tenant",
    title: "Local tenant",
    isQuiet: true,
    prepare: engineNode,
    run: async (onOutput, node) => printed(node, [...NODE_TESTS, ...(await filesIn("tenant/test", ".test.js"))], onOutput),
    count: nodeCounts,
  },
  {
    // What keeps the tests honest about OpenID providers that are not the tenant.
    name: "openid",
    title: "A strict OpenID provider",
    isQuiet: true,
    prepare: engineNode,
    run: async (onOutput, node) => printed(node, [...NODE_TESTS, ...(await filesIn("tests/openid/test", ".test.js"))], onOutput),
    count: nodeCounts,
  },
  {
    // Three minutes, and seldom anything new: after what is quicker to tell.
    name: "fuzz",
    title: "Fuzz targets",
    prepare: buildTargets,
    run: (onOutput, programs) => fuzz(programs, onOutput),
    count: fuzzCounts,
  },
  {
    name: "e2e",
    title: "End to end",
    isQuiet: true,
    prepare: async () => [await build(), await ensureHeadlessChromium()],
    run: async (onOutput, [, browser]) => {
      const files = await filesIn("tests/e2e", ".test.mjs");
      return printed(process.execPath, [...NODE_TESTS, "--test-concurrency=2", `--test-timeout=${LONGEST}`, ...files], onOutput, { CHROME: browser });
    },
    count: nodeCounts,
  },
  {
    name: "firefox",
    title: "Rust tests in Firefox",
    isApart: true,
    isQuiet: true,
    prepare: async () => [await ensureRustInBrowsers(), await ensureFirefox()],
    run: (onOutput, [tools, { driver }]) => rustInBrowser(tools, ["--firefox", "--geckodriver", driver], onOutput),
    count: rustCounts,
  },
  {
    name: "webkit",
    title: "Rust tests in WebKitGTK",
    isApart: true,
    isQuiet: true,
    prepare: async () => [await ensureRustInBrowsers(), await ensureWebKit()],
    run: (onOutput, [tools, { driver, display }]) =>
      // By the name of the other browser on WebKit.
      withDisplay(display, (DISPLAY) => rustInBrowser(tools, ["--safari", "--safaridriver", driver], onOutput, [], { DISPLAY, ...INTERPRETED })),
    count: rustCounts,
  },
  {
    // Two browsers more to install: `npm run test:engines`.
    name: "engines",
    title: "Stories in Chromium, Firefox and WebKitGTK",
    isApart: true,
    isQuiet: true,
    tells: /^ *ℹ told once more.*$/gm,
    prepare: async () => [await build(), await ensureBrowser(), await ensureFirefox(), await ensureWebKit()],
    run: (onOutput, [, chromium, firefox, webkit]) =>
      withDisplay(webkit.display, async (DISPLAY) => {
        const files = await filesIn("tests/engines", ".test.mjs");
        const env = {
          CHROME: chromium.browser, CHROMEDRIVER: chromium.driver,
          FIREFOX: firefox.browser, GECKODRIVER: firefox.driver,
          WEBKITDRIVER: webkit.driver, DISPLAY,
        };
        return printed(process.execPath, [...NODE_TESTS, "--test-concurrency=2", `--test-timeout=${LONGEST}`, ...files], onOutput, env);
      }),
    count: nodeCounts,
  },
  {
    // Minutes of other people's programs: `npm run test:packaging`.
    name: "packaging",
    title: "The package where people use it",
    isApart: true,
    prepare: async () => [await build(), await ensureBrowser(), await engineNode()],
    run: (onOutput, [, { browser }, node]) =>
      withConsumers(async (folder) => {
        const files = await filesIn("tests/packaging", ".test.mjs");
        // Vitest and SvelteKit need the newer Node; the package has to run on the one that npm was started with as well.
        const env = { CHROME: browser, CONSENTRY_CONSUMERS: folder, CONSENTRY_OLDER_NODE: process.env.npm_node_execpath ?? node };
        return printed(node, [...NODE_TESTS, "--test-concurrency=2", ...files], onOutput, env);
      }),
    count: nodeCounts,
  },
];
