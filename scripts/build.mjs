/** `npm run build`: the Rust core as WebAssembly in pkg/core/, and everything that this needs. Builds only what changed. */

import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { asFactory, borrowing, shortenNames } from "./glue.mjs";
import { ensurePackages } from "./packages.mjs";
import { isProgram, program, Refusal, ROOT, run } from "./process.mjs";
import { step } from "./progress.mjs";
import {
  ensureRust,
  ensureStandardLibrarySource,
  ensureWasmBindgen,
  ensureWasmTarget,
  sysroot,
  WASM_TARGET,
} from "./toolchain.mjs";

const CORE = join(ROOT, "pkg/core");
const STAMP = join(CORE, ".stamp.json");
const NAME = "consentry_core";
/** What a page starts with: as much of it as most pages need. */
const FIRST = "consentry_start";
/** What the package ships of it, and the parts' types, which only the type check of the facade reads. */
const PLAIN = "consentry_plain.js";
const PLAIN_TYPES = "consentry_plain.d.ts";
const OUTPUTS = [...[NAME, FIRST].flatMap((name) => [`${name}.js`, `${name}_bg.wasm`, `${name}.d.ts`]), PLAIN, PLAIN_TYPES];
const INPUTS = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo", "src", "scripts/build.mjs", "scripts/glue.mjs", "scripts/toolchain.mjs"];

const FLAGS = [
  // A panic is a bare trap, without the code and texts that tell of it: 5 KB less. The lints leave no panic in our own code.
  "-Zunstable-options",
  "-Cpanic=immediate-abort",
  // Found by trying: less inlining than this is larger again, more is too.
  "-Cllvm-args=-inline-threshold=10",
  // SHA-256 hashes one short verifier for each sign-in: the small form is quick enough, and 7 KB smaller.
  '--cfg=sha2_backend_soft="compact"',
  // Code of generic functions is not shared with the standard library's own: the linker drops what is not used.
  "-Zshare-generics=no",
  // The newer names tell what a generic function was made for, which size-by-module.mjs reads.
  "-Csymbol-mangling-version=v0",
  // What every engine has had from the beginning is all that wasm2js reads, and memory that is copied and filled in one go: without that
  // each copy is a loop, and the module 0.7 % larger (100,706 bytes in place of 100,035).
  "-Ctarget-cpu=mvp",
  "-Ctarget-feature=+bulk-memory",
];

/** The standard library is built along with the crate, so that it abides by the same. */
const STANDARD_LIBRARY = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];

/** The compiled core, and the part that a page starts with. */
export const WASM = join(CORE, `${NAME}_bg.wasm`);
export const FIRST_WASM = join(CORE, `${FIRST}_bg.wasm`);

/** @param {string} path A file or a folder, which may be absent. @returns {Promise<string[]>} */
async function filesOf(path) {
  const full = join(ROOT, path);
  const found = await stat(full).catch(() => undefined);
  if (!found?.isDirectory()) return found ? [full] : [];
  const entries = await readdir(full, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
}

/** @param {string[]} files @param {string[]} facts */
async function digest(files, facts = []) {
  const hash = createHash("sha256");
  for (const fact of facts) hash.update(`${fact}\0`);
  for (const file of files) hash.update(`${file}\0`).update(await readFile(file)).update("\0");
  return hash.digest("hex");
}

/** @param {string} rustc */
async function inputDigest(rustc) {
  const files = (await Promise.all(INPUTS.map(filesOf))).flat();
  return digest([...files, join(ROOT, "node_modules/binaryen/package.json")], [rustc]);
}

const outputDigest = () => digest(OUTPUTS.map((name) => join(CORE, name)));

/** @param {string} inputs */
async function isFresh(inputs) {
  try {
    const stamp = JSON.parse(await readFile(STAMP, "utf8"));
    return stamp.inputs === inputs && stamp.outputs === (await outputDigest());
  } catch {
    return false; // no stamp, or an output is gone
  }
}

/** @typedef {{ target_directory: string, packages: { manifest_path: string, source: string | null }[] }} Workspace */

/** @returns {Promise<Workspace>} */
async function workspace() {
  const { stdout } = await run("cargo", ["metadata", "--locked", "--format-version=1", "--filter-platform", WASM_TARGET]);
  return JSON.parse(stdout);
}

/**
 * The folders of this machine that rustc would write into panic messages, with the names to write in their place:
 * the same bytes everywhere, and nobody's home folder in the package.
 * @param {string} rustc
 * @param {Workspace} workspace
 * @returns {Promise<[string, string][]>}
 */
async function remappedFolders(rustc, { packages }) {
  const sources = packages.filter(({ source }) => source).map(({ manifest_path }) => dirname(dirname(manifest_path)));
  const commit = rustc.match(/^commit-hash: (.*)$/m)?.[1];
  return [
    [ROOT, "consentry"],
    ...[...new Set(sources)].map((folder) => /** @type {[string, string]} */ ([folder, "crates"])),
    [join(await sysroot(), "lib/rustlib/src/rust"), `/rustc/${commit}`],
  ];
}

/** @param {Buffer} wasm @param {string[]} folders */
function refuseMachinePaths(wasm, folders) {
  const found = folders.find((folder) => folder !== "/" && wasm.includes(folder));
  if (found) throw new Refusal(`The WebAssembly module names a folder of this machine: ${found}`);
}

/**
 * JavaScript glue and optimised module from the compiler's output.
 * @param {string} compiled
 * @param {string} folder
 * @param {{ name?: string, names?: boolean }} [options] `names` keeps the functions' names, for measuring.
 */
export async function link(compiled, folder, { name = NAME, names = false } = {}) {
  const bindgen = join(await ensureWasmBindgen(), "wasm-bindgen");
  const shape = ["--target", "web", "--omit-default-module-path", "--out-name", name, "--out-dir", folder];
  // Every engine that runs the package's scripts has `encodeInto`.
  const glueFlags = ["--encode-into", "always", "--experimental-reset-state-function"];
  await run(bindgen, [...shape, ...glueFlags, ...(names ? ["--keep-debug"] : []), compiled]);
  const wasm = join(folder, `${name}_bg.wasm`);
  /** @param {string[]} passes */
  const optimize = (passes) => {
    const optimizer = join(ROOT, "node_modules/binaryen/bin/wasm-opt");
    return run(process.execPath, [optimizer, ...passes, names ? "--debuginfo" : "--strip-debug", wasm, "-o", wasm]);
  };
  // Nothing lives in the first kilobyte: it is the far end of the stack.
  await optimize(["--low-memory-unused", "-Oz", "--converge"]);
  const { stdout } = await optimize([
    "--minify-imports-and-exports-and-modules",
    "--strip-producers",
    "--strip-target-features",
  ]);
  const glue = join(folder, `${name}.js`);
  const short = shortenNames(await readFile(glue, "utf8"), stdout, `./${name}_bg.js`);
  await writeFile(glue, borrowing(short, name === NAME ? "core-lent" : "part-lent"));
  return wasm;
}

/**
 * The module without WebAssembly, for pages that may not compile any.
 * @param {string} wasm
 * @param {string} folder
 */
async function unwind(wasm, folder) {
  const script = join(folder, PLAIN);
  // The module does not say any more what it was built for.
  const features = ["--enable-bulk-memory", "--enable-bulk-memory-opt"];
  await run(process.execPath, [join(ROOT, "node_modules/binaryen/bin/wasm2js"), "-Oz", ...features, wasm, "-o", script]);
  const { transform } = await import("esbuild");
  const { code } = await transform(asFactory(await readFile(script, "utf8")), { format: "esm", legalComments: "none", minify: true, target: "es2022" });
  await writeFile(script, code);
  await writeFile(join(folder, PLAIN_TYPES), "export declare const instantiate: (imports: any) => any;\n");
}

/**
 * The compiler's output, before linking.
 * @param {string} rustc
 * @param {Workspace} project
 */
async function compiler(rustc, project) {
  const remapped = await remappedFolders(rustc, project);
  const flags = [...FLAGS, ...remapped.map(([from, to]) => `--remap-path-prefix=${from}=${to}`)];
  // Both flags above are unstable; the compiler takes them from whoever says this, and `--locked` and the lock keep the rest.
  const env = { CARGO_ENCODED_RUSTFLAGS: flags.join("\x1f"), CARGO_TERM_COLOR: "never", RUSTC_BOOTSTRAP: "1" };
  // One crate type: together with the rlib, cargo builds the cdylib without link-time optimisation.
  const target = ["--target", WASM_TARGET, "-p", "consentry", "--lib", "--crate-type", "cdylib"];
  const release = join(project.target_directory, WASM_TARGET, "release");
  return {
    folder: join(release, "core"),
    machine: [homedir(), ...remapped.map(([from]) => from)],
    /** @param {string} title @param {string[]} features */
    compile: async (title, ...features) => {
      const args = ["rustc", "--locked", "--release", ...target, ...features, ...STANDARD_LIBRARY];
      await step(title, (onOutput) => run("cargo", args, { onOutput, env }));
      const own = join(release, `consentry_${features.at(-1) ?? "whole"}.wasm`);
      await copyFile(join(release, "consentry.wasm"), own); // the next one takes its place
      return own;
    },
  };
}

/**
 * Brings pkg/core/ up to date.
 * @param {string} rustc
 * @returns {Promise<{ first: string, whole: string }>} The compiler's output, before linking.
 */
export async function compileCore(rustc) {
  await ensureWasmTarget();
  await ensureStandardLibrarySource();
  await ensureWasmBindgen();
  const { compile, folder, machine } = await compiler(rustc, await step("Rust crates", workspace));
  await rm(folder, { recursive: true, force: true });
  const compiled = { first: await compile("Rust, what a page starts with", "--features", "start"), whole: await compile("Rust core") };
  const wasm = await step("WebAssembly modules", async () => {
    await link(compiled.first, folder, { name: FIRST });
    return link(compiled.whole, folder);
  });
  for (const name of [FIRST, NAME]) refuseMachinePaths(await readFile(join(folder, `${name}_bg.wasm`)), machine);
  await step("The same without WebAssembly", () => unwind(wasm, folder));
  await mkdir(CORE, { recursive: true });
  for (const name of OUTPUTS) await rename(join(folder, name), join(CORE, name));
  return compiled;
}

/** Makes sure that the package can be used: npm packages, tools, core. */
export async function build() {
  await ensurePackages();
  const rustc = await ensureRust();
  const inputs = await inputDigest(rustc);
  if (await isFresh(inputs)) return;
  await compileCore(rustc);
  await writeFile(STAMP, JSON.stringify({ inputs, outputs: await outputDigest() }));
}

if (isProgram(import.meta.url)) await program(build);
