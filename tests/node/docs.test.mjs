/** Every code block of the documentation compiles, as it is shown, against the package's types. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { blocksIn, documentedBlocks } from "../docs/blocks.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

const CHECKED = ["js", "ts"];
/** By language: the folder whose files the blocks are taken from, as they stand there. */
const EXCERPTS = { rust: "examples/rust-app/src", toml: "examples/rust-app" };
/** Languages whose blocks nothing checks, and why that is right. */
const UNCHECKED = { sh: "commands of this repository: CI and everyone who works on it run them" };

/** What a short block may take for granted. */
const PRELUDE = `declare const client: import("consentry").PublicClientApplication;\n`;

const COMPILER = {
  allowJs: true, checkJs: true, noEmit: true, strict: true, noUncheckedIndexedAccess: true,
  noImplicitAny: false, // JavaScript has no place for a parameter's type
  lib: ["es2022", "dom"], target: "es2022", module: "nodenext", types: [],
  skipLibCheck: true, // other packages' types may name what only Node has
};

/** A block as a file of a folder for its page: on its own line, so that the compiler names the page's line. */
const fileOf = ({ page, line, language, file }) => join(page, file ?? `line-${line}.${language}`);
const textOf = ({ line, code }) => `${"\n".repeat(line - 1)}${code}export {};\n`;

/** @param {import("../docs/blocks.mjs").Block[]} blocks @returns {Promise<string[]>} what the compiler says, by page and line */
async function complaints(blocks) {
  const folder = await mkdtemp(join(tmpdir(), "consentry-docs-"));
  try {
    const files = { "package.json": '{ "type": "module" }', "prelude.d.ts": PRELUDE, "tsconfig.json": JSON.stringify({ compilerOptions: COMPILER, include: ["**/*"] }) };
    for (const block of blocks) {
      const file = fileOf(block);
      assert.ok(!Object.hasOwn(files, file), `${block.page}:${block.line}: another block has this file name`);
      files[file] = textOf(block);
    }
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
    const { status, stdout } = spawnSync(process.execPath, [TSC, "-p", folder, "--pretty", "false"], { cwd: folder, encoding: "utf8" });
    const told = stdout.split("\n").filter((line) => line.includes("error TS"));
    assert.equal(status === 0, told.length === 0, stdout);
    return told.map((line) => line.replace(/^(.*)[\\/][^\\/(]*\((\d+),\d+\)/, "$1:$2"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const isChecked = ({ language }) => CHECKED.includes(language);
const placeOf = ({ page, line, language }) => `${page}:${line}: "${language}"`;
const LANGUAGES = [...CHECKED, ...Object.keys(EXCERPTS), ...Object.keys(UNCHECKED)];
const unknownAmong = (blocks) => blocks.filter(({ language }) => !LANGUAGES.includes(language)).map(placeOf);

/** Without indentation: a function stands in an `impl` there. @param {string} text */
const flush = (text) => text.split("\n").map((line) => line.trim()).join("\n");

/** The blocks that are in no file of the example. @param {import("../docs/blocks.mjs").Block[]} blocks */
async function madeUp(blocks) {
  const found = [];
  for (const block of blocks.filter(({ language }) => Object.hasOwn(EXCERPTS, language))) {
    const folder = join(ROOT, EXCERPTS[block.language]);
    const names = (await readdir(folder)).filter((name) => /\.(?:rs|toml)$/.test(name));
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
    if (!texts.some((text) => `\n${flush(text)}`.includes(`\n${flush(block.code)}`))) found.push(placeOf(block));
  }
  return found;
}

test("every block is of a language that is checked, or has a reason not to be", async () => {
  const blocks = await documentedBlocks();
  assert.deepEqual(unknownAmong(blocks), []);
  const used = new Set(blocks.map(({ language }) => language));
  assert.deepEqual(LANGUAGES.filter((language) => !used.has(language)), []);
});

test("every block compiles", async () => {
  const blocks = (await documentedBlocks()).filter(isChecked);
  assert.ok(blocks.length > 10, `${blocks.length} blocks were found`);
  assert.deepEqual(await complaints(blocks), []);
});

test("a block that does not compile is named by its line", async () => {
  const markdown = ["# Page", "", "```js first.js", 'import { client } from "consentry";', "```", "", "```ts", "", "client.planned([]);", "```", ""].join("\n");
  assert.deepEqual(
    (await complaints(blocksIn("docs/page.md", markdown))).map((line) => line.split(": error")[0]).sort(),
    ["docs/page.md:4", "docs/page.md:9"],
  );
});

test("every block of Rust stands in the example app, which is built and tested", async () => {
  assert.deepEqual(await madeUp(await documentedBlocks()), []);
  assert.deepEqual(await madeUp(blocksIn("docs/page.md", "```rust\nlet it = be();\n```\n```toml\nconsentry = 1\n```\n```rust\nmod auth;\n```\n")), ['docs/page.md:2: "rust"', 'docs/page.md:5: "toml"']);
});

test("a block of another language, of none, or without an end is found", () => {
  assert.deepEqual(unknownAmong(blocksIn("docs/page.md", "```jsx\n<p/>\n```\n\n```\ntext\n```\n")), ['docs/page.md:2: "jsx"', 'docs/page.md:6: ""']);
  assert.throws(() => blocksIn("docs/page.md", "```js\n1;"), /docs\/page\.md:2/);
});

test("every link within a page, and to a file, leads somewhere", async () => {
  for (const page of new Set((await documentedBlocks()).map((block) => block.page))) {
    const markdown = await readFile(join(ROOT, page), "utf8");
    const anchors = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title]) => `#${title.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")}`);
    for (const [, target] of markdown.matchAll(/\]\(((?!https:)[^)]+)\)/g)) {
      if (target.startsWith("#")) assert.ok(anchors.includes(target), `${page}: ${target}`);
      else await readFile(join(ROOT, dirname(page), target.split("#")[0]));
    }
  }
});
