/**
 * `npm run size:modules`: where the bytes of the optimised WebAssembly module come from, as a Markdown table.
 * A plain function counts for the module that defines it. A method counts for the closest to us among the crates of
 * its type and its trait: ours, then a dependency, then the standard library. The body of an asynchronous function is
 * compiled into the executor's closure around it, and counts for the module that the future comes from.
 */

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileCore, link, FIRST_WASM, WASM } from "./build.mjs";
import { ensurePackages } from "./packages.mjs";
import { isProgram, program, Refusal, ROOT } from "./process.mjs";
import { ensureRust } from "./toolchain.mjs";
import { functions, nameSection } from "./wasm.mjs";

const OURS = "consentry";
const STANDARD_LIBRARY = new Set(["alloc", "core", "std"]);
const EXECUTOR = /^(?:js_sys::futures|wasm_bindgen_futures)::/;
const EXPORTS = "exported shims";
const REST = "everything else: data, types, tables";

/** Our modules by their paths, the deepest first: `consentry::scope::set`. */
async function ourModules() {
  const names = await readdir(join(ROOT, "src"), { recursive: true });
  const paths = names.filter((name) => name.endsWith(".rs")).map((name) => name.replace(/\.rs$/, "").split(/[\\/]/));
  const modules = paths.map((path) => [OURS, ...path.filter((part) => part !== "mod" && part !== "lib")].join("::"));
  return modules.sort((a, b) => b.length - a.length);
}

/**
 * The paths that a demangled name is made of, in order: the type and the trait of `<type as trait>::function`,
 * or the path of a plain function.
 * @param {string} name
 */
function paths(name) {
  const plain = name.replace(/\[[0-9a-f]{1,16}\]/g, "");
  return plain.match(/(?<![\w:>])[a-z_]\w*(?:::\w+)+/g) ?? [];
}

/**
 * @param {string | undefined} name
 * @param {string[]} modules
 */
function owner(name, modules) {
  const found = paths(name ?? "");
  const crates = found.map((path) => path.split("::", 1)[0] ?? "");
  const isImplementation = name?.startsWith("<");
  const candidates = isImplementation || EXECUTOR.test(found[0] ?? "") ? crates : crates.slice(0, 1);
  const chosen = candidates.find((crate) => crate === OURS) ?? candidates.find((crate) => !STANDARD_LIBRARY.has(crate)) ?? crates[0];
  if (chosen === undefined) return isImplementation ? "core" : EXPORTS; // `<char>::is_alphanumeric`
  const path = found[crates.indexOf(chosen)] ?? "";
  return chosen === OURS ? (modules.find((module) => `${path}::`.startsWith(`${module}::`)) ?? OURS) : chosen;
}

/** @param {Uint8Array} named @param {number} shipped @param {string[]} modules */
function table(named, shipped, modules) {
  /** @type {Map<string, number>} */
  const bytes = new Map();
  const add = (/** @type {string} */ key, /** @type {number} */ size) => bytes.set(key, (bytes.get(key) ?? 0) + size);
  for (const { name, size } of functions(named)) add(owner(name, modules), size);
  const counted = [...bytes.values()].reduce((total, size) => total + size, 0);
  add(REST, shipped - counted);
  const rows = [...bytes].sort(([, a], [, b]) => b - a);
  const line = (/** @type {string} */ key, /** @type {number} */ size) => `| ${key} | ${size} | ${((100 * size) / shipped).toFixed(1)} % |`;
  return ["| part | bytes | share |", "|---|---:|---:|", ...rows.map(([key, size]) => line(key, size)), line("**the file**", shipped)].join("\n");
}

async function sizeByModule() {
  await ensurePackages();
  const isFirst = process.argv.includes("start");
  const compiled = await compileCore(await ensureRust());
  const scratch = await mkdtemp(join(tmpdir(), "consentry-size-"));
  try {
    const named = await readFile(await link(isFirst ? compiled.first : compiled.whole, join(scratch, "core"), { names: true }));
    const shipped = (await readFile(isFirst ? FIRST_WASM : WASM)).length;
    const names = nameSection(named)?.size ?? 0;
    if (named.length - names !== shipped) {
      throw new Refusal(`The module with names differs from the shipped one: ${named.length - names} and ${shipped} bytes.`);
    }
    console.log(table(named, shipped, await ourModules()));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

if (isProgram(import.meta.url)) await program(sizeByModule);
