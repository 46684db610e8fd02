/** The Rust side of the toolchain: compiler, target, and the tools that are built once a machine and kept outside the clone. */

import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { installPackages } from "./debian.mjs";
import { answer, Refusal, ROOT, run } from "./process.mjs";
import { step } from "./progress.mjs";

export const WASM_TARGET = "wasm32-unknown-unknown";

/** @param {string} path */
const exists = (path) => access(path).then(() => true, () => false);

/** Where built tools are kept, a folder for each version. `CONSENTRY_TOOLS` chooses another place. */
function toolsFolder() {
  return process.env.CONSENTRY_TOOLS ?? join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "consentry");
}

/**
 * The compiler's own description, with its version and commit.
 * @returns {Promise<string>}
 */
export async function ensureRust() {
  const version = await answer("rustc", ["-vV"]);
  if (version && (await answer("cargo", ["-V"]))) return version;
  if (!(await answer("rustup", ["-V"]))) {
    throw new Refusal("Rust is missing: install rustup as https://rustup.rs says, then run this command again.");
  }
  await step("Rust toolchain", (onOutput) => run("rustup", ["toolchain", "install"], { onOutput }));
  return (await run("rustc", ["-vV"])).stdout.trim();
}

/** @returns {Promise<string>} */
export async function sysroot() {
  return (await run("rustc", ["--print", "sysroot"])).stdout.trim();
}

/** Installs the standard library for WebAssembly if it is absent. */
export async function ensureWasmTarget() {
  await ensureRust();
  if (await exists(join(await sysroot(), "lib/rustlib", WASM_TARGET))) return;
  await rustup("WebAssembly target", ["target", "add", WASM_TARGET]);
}

/** Installs the source of the standard library, which is built with the core, if it is absent. */
export async function ensureStandardLibrarySource() {
  await ensureRust();
  if (await exists(join(await sysroot(), "lib/rustlib/src/rust/library/Cargo.lock"))) return;
  await rustup("Rust standard library source", ["component", "add", "rust-src"]);
}

/** Installs the formatter and the linter if they are absent. */
export async function ensureLinters() {
  await ensureRust();
  const found = await Promise.all([answer("cargo", ["fmt", "--version"]), answer("cargo", ["clippy", "--version"])]);
  if (!found.every(Boolean)) await rustup("rustfmt and clippy", ["component", "add", "rustfmt", "clippy"]);
}

/** @param {string} name @param {string[]} args */
async function rustup(name, args) {
  if (!(await answer("rustup", ["-V"]))) {
    throw new Refusal(`${name}: missing, and without rustup it can't be added. Install rustup as https://rustup.rs says.`);
  }
  await step(name, (onOutput) => run("rustup", args, { onOutput }));
}

/**
 * Builds a tool unless the kept one answers with the wanted version.
 * @param {{ name: string, version: string, program?: string, source: string[] }} tool `source`: where `cargo install` takes it from.
 * @returns {Promise<string>} The folder of its programs.
 */
async function ensureTool({ name, version, program = name, source }) {
  const folder = join(toolsFolder(), `${name}-${version}`);
  const programs = join(folder, "bin");
  const isRight = async () => (await answer(join(programs, program), ["--version"]))?.split(/\s/).includes(version);
  if (await isRight()) return programs;
  await step(`${name} ${version} (once a machine)`, async (onOutput) => {
    const scratch = await mkdtemp(join(tmpdir(), "consentry-tool-"));
    try {
      // Unoptimised: the tools run for a second or two, an optimised build takes minutes.
      const args = ["install", "--locked", "--debug", "--force", ...source, "--root", folder, "--target-dir", scratch];
      await run("cargo", args, { onOutput, env: { CARGO_PROFILE_DEV_DEBUG: "0", RUSTFLAGS: undefined } });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
  if (!(await isRight())) throw new Refusal(`${name}: ${join(programs, program)} does not answer with version ${version}.`);
  return programs;
}

/** A version that Cargo.lock has settled. @param {string} name */
async function lockedVersion(name) {
  const lock = await readFile(join(ROOT, "Cargo.lock"), "utf8");
  const version = lock.match(new RegExp(`^name = "${name}"\nversion = "([^"]+)"`, "m"))?.[1];
  if (!version) throw new Refusal(`Cargo.lock has no package ${name}.`);
  return version;
}

/** `wasm-bindgen` and `wasm-bindgen-test-runner`, of the version that the crate is linked with. */
export async function ensureWasmBindgen() {
  const version = await lockedVersion("wasm-bindgen");
  return ensureTool({ name: "wbg", version, program: "wasm-bindgen", source: ["--path", "tools/wbg"] });
}

/** `wasm-pack`, which only runs the browser tests. */
export function ensureWasmPack() {
  return ensureTool({ name: "wasm-pack", version: "0.15.1", source: ["wasm-pack", "--version", "0.15.1"] });
}

/** `cargo-deny`, which checks licenses, bans and sources. */
export function ensureCargoDeny() {
  return ensureTool({ name: "cargo-deny", version: "0.20.2", source: ["cargo-deny", "--version", "0.20.2"] });
}

/** `geckodriver`, which drives Firefox. */
export function ensureGeckoDriver() {
  return ensureTool({ name: "geckodriver", version: "0.37.1", source: ["geckodriver", "--version", "0.37.1"] });
}

/** A C++ compiler, which libFuzzer is built with. Of Debian's packages only root may install any. */
async function ensureCppCompiler() {
  const isThere = () => answer(process.env.CXX ?? "c++", ["--version"]);
  if (await isThere()) return;
  await installPackages("C++ compiler", ["g++"]);
  if (!(await isThere())) {
    throw new Refusal("A C++ compiler is missing: install the package g++ (Debian, Ubuntu), or name the program in CXX.");
  }
}

/** `cargo-fuzz`, which builds the fuzz targets. */
export async function ensureCargoFuzz() {
  await ensureCppCompiler();
  return ensureTool({ name: "cargo-fuzz", version: "0.13.2", source: ["cargo-fuzz", "--version", "0.13.2"] });
}
