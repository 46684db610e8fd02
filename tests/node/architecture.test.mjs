/** ARCHITECTURE.md is true: what it names is there, and what is there has its place in the code map. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FILE = /^[\w./*-]+\.(?:rs|mjs|js|ts|toml|json|txt|md)$/;
/** Generated, or not the project's. */
const ELSEWHERE = /^(?:node_modules|target|\.git|\.cache|\.tools)(?:\/|$)/;
/** Names of what others have. */
const NOT_OURS = new Set(["index.html"]);

/** All files, by their path from the root. @type {string[]} */
let files;
let page;
/** The rows of the code map. @type {{ where: string[], what: string[] }[]} */
let map;

/** The spans of code. @param {string} text */
const spansIn = (text) => [...text.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
/** @param {string} markdown @param {string} title */
const section = (markdown, title) => markdown.split(/^## /m).find((part) => part.startsWith(title)) ?? "";
/** @param {string} markdown @param {string} title */
const rowsOf = (markdown, title) => section(markdown, title).split("\n").filter((line) => line.startsWith("| ")).slice(1)
  .map((line) => line.slice(1).replace(/\|\s*$/, "").split("|").map((cell) => cell.trim()));

async function filesIn(folder) {
  const entries = await readdir(join(ROOT, folder), { withFileTypes: true });
  const paths = await Promise.all(entries.map((entry) => {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (ELSEWHERE.test(path) || entry.name === "node_modules") return [];
    return entry.isDirectory() ? filesIn(path) : [path];
  }));
  return paths.flat();
}

before(async () => {
  files = await filesIn("");
  page = await readFile(join(ROOT, "ARCHITECTURE.md"), "utf8");
  map = rowsOf(page, "Code map").map(([where = "", what = ""]) => ({ where: spansIn(where), what: spansIn(what) }));
});

/** Whether a name with `*` for any part of a file's is that of a file, below one of the folders. */
function isThere(name, folders) {
  const pattern = new RegExp(`^(?:${folders.map((folder) => folder.replace(/\./g, "\\.")).join("|")})${name.replace(/[.+?]/g, "\\$&").replaceAll("*", "[^/]*")}${name.endsWith("/") ? "" : "$"}`);
  return files.some((file) => pattern.test(file));
}

/** What is named in prose stands for a file of these folders. */
const ANYWHERE = ["", "src/", "pkg/", "scripts/", "tenant/", "tests/", "src/client/", "src/platform/"];

/** Paths and files of a text that are nowhere. @param {string} markdown */
const lostIn = (markdown) => spansIn(markdown).filter((span) => (FILE.test(span) || /^[\w.-]+\/(?:[\w.-]+\/)*$/.test(span)) && !NOT_OURS.has(span))
  .filter((span) => !isThere(span, ANYWHERE) && !map.some(({ where, what }) => what.includes(span) && isThere(span, where)));

test("every file and folder that the page names is there", () => {
  assert.deepEqual(lostIn(page), []);
  assert.deepEqual(lostIn("`src/gone/` `src/client/silent.rs` `src/client/gone.rs` `gone*.mjs` `tests/e2e/msal*.test.mjs`"), ["src/gone/", "src/client/gone.rs", "gone*.mjs"]);
});

test("every row of the code map begins with what is there, and names files of it", () => {
  for (const { where, what } of map) {
    for (const folder of where) assert.ok(isThere(folder, [""]), folder);
    for (const name of what.filter((span) => FILE.test(span))) assert.ok(isThere(name, [...where, ""]), `${where}: ${name}`);
  }
});

test("the code map has every part of the tree, every module of the crate, every flow, and every file of the package", () => {
  const named = map.flatMap(({ where, what }) => where.flatMap((folder) => [folder, ...what.map((name) => `${folder}${name}`), ...what]));
  const isNamed = (path) => named.some((name) => path === name || new RegExp(`^${name.replace(/[.+?]/g, "\\$&").replaceAll("*", "[^/]*")}$`).test(path));
  const folders = new Set(files.filter((file) => file.includes("/") && !file.startsWith(".")).map((file) => `${file.split("/")[0]}/`));
  assert.deepEqual([...folders].filter((folder) => !named.some((name) => name.startsWith(folder))), []);

  const modules = files.filter((file) => file.startsWith("src/"))
    .map((file) => file.split("/").length > 2 ? `${file.split("/").slice(0, 2).join("/")}/` : file)
    .filter((part) => part !== "src/lib.rs"); // has the map's order, and no code
  assert.deepEqual([...new Set(modules)].filter((part) => !isNamed(part)), []);

  const own = files.filter((file) => /^pkg\/[\w-]+\.(?:js|d\.ts)$/.test(file));
  assert.ok(own.length > 30, `${own.length} files`);
  assert.deepEqual(own.filter((file) => !isNamed(file)), []);

  const flows = files.filter((file) => /^src\/(?:client|binding)\/\w+\.rs$/.test(file) && !file.endsWith("/mod.rs"));
  assert.deepEqual(flows.filter((file) => !isNamed(file)), []);
});

test("what keeps an invariant is there", async () => {
  const rows = rowsOf(page, "Invariants");
  assert.ok(rows.length > 30, `${rows.length} invariants`);
  const { scripts } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  for (const [invariant, keeper = ""] of rows) {
    const spans = spansIn(keeper);
    assert.ok(spans.length > 0, invariant);
    for (const span of spans) {
      const [, module, name] = /^([a-z_]+)(?:::(\w+))?$/.exec(span) ?? [];
      const [, script] = /^npm (?:run )?([\w:]+)/.exec(span) ?? [];
      if (script) assert.ok(Object.hasOwn(scripts, script), `${invariant}: ${span}`);
      else if (/[/.]/.test(span)) assert.ok(isThere(span, ANYWHERE), `${invariant}: ${span}`);
      else if (name) assert.ok(files.includes(`tests/it/${module}/${name}.rs`) || new RegExp(`fn ${name}\\b`).test(await sourceOf(module)), `${invariant}: ${span}`);
      else assert.ok(await isKnown(span), `${invariant}: ${span}`);
    }
  }
});

/** The text of a module of the native tests, with what is below it. @param {string} module */
async function sourceOf(module) {
  const own = files.filter((file) => file === `tests/it/${module}.rs` || file.startsWith(`tests/it/${module}/`));
  return (await Promise.all(own.map((file) => readFile(join(ROOT, file), "utf8")))).join("\n");
}

/** A module of the native tests, a target for the fuzzer, or a program that the packaging's tests run. @param {string} name */
const isKnown = async (name) => (await sourceOf(name)) !== "" || files.includes(`fuzz/fuzz_targets/${name}.rs`) || ["publint", "arethetypeswrong"].includes(name);

/** Types of the crate with a member, or a module with a type, that are nowhere. @param {string} markdown */
async function unknownIn(markdown) {
  const sources = files.filter((file) => /^src\/.*\.rs$/.test(file));
  const source = (await Promise.all(sources.map((file) => readFile(join(ROOT, file), "utf8")))).join("\n");
  return spansIn(markdown).filter((span) => {
    const [, owner, name] = /^(\w+)::(\w+)$/.exec(span) ?? [];
    if (!name || files.some((file) => file.startsWith(`tests/it/${owner}`))) return false;
    const isType = /^[A-Z]/.test(owner) ? new RegExp(`(?:struct|enum|trait) ${owner}\\b`).test(source) : files.some((file) => file.startsWith(`src/${owner}/`));
    return !isType || !new RegExp(`(?:fn|struct|enum|trait) ${name}\\b|\\bpub ${name}:`).test(source);
  });
}

test("every type and function of the crate that the page names is there", async () => {
  assert.deepEqual(await unknownIn(page), []);
  assert.deepEqual(await unknownIn("`Cache::lookup` `Cache::gone` `Gone::lookup` `protocol::IdToken` `protocol::Gone`"), ["Cache::gone", "Gone::lookup", "protocol::Gone"]);
});
