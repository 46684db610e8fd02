/**
 * `npm run docs`: the reference of the package's types and of the crate, as pages to read in `target/reference`. Refused is a public
 * member without a word of what it is, and a `docs/api` that is not what the types say: `npm run docs -- --write` writes it anew.
 * With `--check` no pages to read are made.
 */

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensurePackages } from "./packages.mjs";
import { isProgram, program, Refusal, ROOT, run } from "./process.mjs";
import { step } from "./progress.mjs";
import { ensureRust } from "./toolchain.mjs";

const TYPEDOC = join(ROOT, "tools/docs/node_modules/typedoc/bin/typedoc");
/** For the package's own types. */
export const OPTIONS = join(ROOT, "tools/docs/typedoc.json");
const COMMITTED = join(ROOT, "docs/api");
const READABLE = join(ROOT, "target/reference");
const COVER = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Consentry: reference</title>
<h1>Consentry: reference</h1>
<ul>
<li><a href="javascript/index.html">The npm package</a></li>
<li><a href="rust/consentry/index.html">The crate</a></li>
</ul>
</html>
`;

/** TypeDoc, with the options of a file and some more. @param {string} file @param {string[]} more */
export const typedoc = (file, ...more) => run(process.execPath, [TYPEDOC, "--options", file, ...more], { env: { NO_COLOR: "1", FORCE_COLOR: undefined } });

/** The texts of all pages, by their path in the folder. @param {string} folder @returns {Promise<Record<string, string>>} */
async function pagesIn(folder) {
  const names = (await readdir(folder, { recursive: true }).catch(() => [])).filter((name) => name.endsWith(".md"));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name.replaceAll("\\", "/"), await readFile(join(folder, name), "utf8")])));
}

/** The pages that differ, are missing, or are there for nothing. @param {string} one @param {string} other @returns {Promise<string[]>} */
export async function differences(one, other) {
  const [left, right] = await Promise.all([pagesIn(one), pagesIn(other)]);
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].filter((path) => left[path] !== right[path]).sort();
}

/** @param {boolean} isWritten */
async function compare(isWritten) {
  const folder = await mkdtemp(join(tmpdir(), "consentry-reference-"));
  try {
    await typedoc(OPTIONS, "--markdown", folder);
    if (isWritten) {
      await rm(COMMITTED, { recursive: true, force: true });
      await cp(folder, COMMITTED, { recursive: true });
    }
    const stale = await differences(folder, COMMITTED);
    if (stale.length > 0) throw new Refusal(`docs/api is not what the types say: ${stale.join(", ")}. Run "npm run docs -- --write" and commit it.`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const rustdoc = () => run("cargo", ["doc", "--no-deps", "--locked"], { env: { RUSTDOCFLAGS: "-D warnings", CARGO_TERM_COLOR: "never" } });

async function publish() {
  await rm(READABLE, { recursive: true, force: true });
  await typedoc(OPTIONS, "--router", "kind", "--html", join(READABLE, "javascript"));
  await cp(join(ROOT, "target/doc"), join(READABLE, "rust"), { recursive: true });
  await writeFile(join(READABLE, "index.html"), COVER);
}

async function docs() {
  const { values } = parseArgs({ options: { check: { type: "boolean" }, write: { type: "boolean" } } });
  await Promise.all([ensurePackages(), ensureRust()]);
  await step("Reference of the types", () => compare(values.write === true));
  await step("Reference of the crate", rustdoc);
  if (values.check) return;
  await step("Pages to read", publish);
  console.log(`\n  ${join(READABLE, "index.html")}`);
}

if (isProgram(import.meta.url)) await program(docs);
