/** Every code block of the documentation is checked: code compiles, as it is shown, against the package's types. Every link leads somewhere. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { blocksIn, documentedBlocks } from "../docs/blocks.mjs";
import { anchorsIn, linksIn, pages } from "../docs/pages.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

const COMPILED = ["js", "ts"];

/** What an end-to-end test has to run, as nothing here can tell whether it works: by page, the names of the blocks. */
const RUN = {
  "docs/getting-started.md": ["index.html"],
  "docs/security.md": ["page", "without-wasm"],
};
const wasRun = ({ page, file }) => (RUN[page]?.includes(file) ? undefined : "no end-to-end test runs it");

/** Languages that are not compiled, and what is wrong with a block, if anything is. */
const CHECKS = { html: wasRun, http: wasRun, rust: madeUp, sh: commandless, toml: madeUp };
/** By language: the folder whose files the blocks are taken from, as they stand there. */
const EXCERPTS = { rust: "examples/rust-app/src", toml: "examples/rust-app" };

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

/** What a block of commands has that can't be run here: a script that is not in package.json, a program that is not installed. */
async function commandless({ code }) {
  const { scripts } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const programs = await readdir(join(ROOT, "node_modules/.bin"));
  const isKnown = (line) => {
    const [, script] = /^npm (?:run )?([\w:]+)( -- [-\w ]+)?$/.exec(line) ?? [];
    const [, program] = /^npx ([\w-]+)/.exec(line) ?? [];
    return Object.hasOwn(scripts, script ?? "") || programs.includes(program) || /^npm install <[^>]+>\/pkg$/.test(line);
  };
  const unknown = code.trim().split("\n").filter((line) => !isKnown(line));
  return unknown.length > 0 ? `unknown: ${unknown.join("; ")}` : undefined;
}

/** Without indentation: a function stands in an `impl` there. @param {string} text */
const flush = (text) => text.split("\n").map((line) => line.trim()).join("\n");

/** Whether a block is in no file of the example, which is built and tested. @param {import("../docs/blocks.mjs").Block} block */
async function madeUp({ language, code }) {
  const folder = join(ROOT, EXCERPTS[language]);
  const names = (await readdir(folder)).filter((name) => /\.(?:rs|toml)$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return texts.some((text) => `\n${flush(text)}`.includes(`\n${flush(code)}`)) ? undefined : "it is in no file of the example";
}

const isCompiled = ({ language }) => COMPILED.includes(language);
const placeOf = ({ page, line, language }) => `${page}:${line}: "${language}"`;
/** @param {import("../docs/blocks.mjs").Block[]} blocks */
async function wrongAmong(blocks) {
  const others = blocks.filter((block) => !isCompiled(block));
  const wrong = await Promise.all(others.map(async (block) => [placeOf(block), await (CHECKS[block.language] ?? (() => "nothing checks it"))(block)]));
  return wrong.filter(([, reason]) => reason).map((parts) => parts.join(", "));
}

test("every block that is not compiled is checked otherwise", async () => {
  const blocks = await documentedBlocks();
  assert.deepEqual(await wrongAmong(blocks), []);
  const used = new Set(blocks.map(({ language }) => language));
  assert.deepEqual([...COMPILED, ...Object.keys(CHECKS)].filter((language) => !used.has(language)), []);
});

test("every block compiles", async () => {
  const blocks = (await documentedBlocks()).filter(isCompiled);
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

test("a block that nothing checks, or that has no end, is found", async () => {
  const wrongIn = (markdown) => wrongAmong(blocksIn("docs/page.md", markdown));
  assert.deepEqual(await wrongIn("```jsx\n<p/>\n```\n\n```\ntext\n```\n"), ['docs/page.md:2: "jsx", nothing checks it', 'docs/page.md:6: "", nothing checks it']);
  assert.deepEqual(await wrongIn("```http page\nA: b\n```\n"), ['docs/page.md:2: "http", no end-to-end test runs it']);
  assert.deepEqual(await wrongIn("```sh\nnpm start\nnpm run nothing\nrm -r x\nnpx nothing\n```\n"), ['docs/page.md:2: "sh", unknown: npm run nothing; rm -r x; npx nothing']);
  assert.deepEqual(await wrongIn("```rust\nlet it = be();\n```\n```toml\nconsentry = 1\n```\n```rust\nmod auth;\n```\n"), ['docs/page.md:2: "rust", it is in no file of the example', 'docs/page.md:5: "toml", it is in no file of the example']);
  assert.throws(() => blocksIn("docs/page.md", "```js\n1;"), /docs\/page\.md:2/);
});

/** Links of pages that lead nowhere. @param {Map<string, string>} all */
async function brokenAmong(all) {
  const broken = [];
  for (const [page, markdown] of all) {
    for (const target of linksIn(markdown)) {
      const [path, anchor] = target.split("#");
      const file = path ? join(dirname(page), path).replaceAll("\\", "/") : page;
      const isThere = all.has(file) || (await stat(join(ROOT, file)).then(() => true, () => false));
      if (!isThere || (anchor && !(all.has(file) && anchorsIn(all.get(file)).has(anchor)))) broken.push(`${page}: ${target}`);
    }
  }
  return broken;
}

test("every link to a page, a place in one, or a file leads somewhere", async () => {
  const all = await pages();
  assert.ok([...all].flatMap(([, markdown]) => linksIn(markdown)).length > 100);
  assert.deepEqual(await brokenAmong(all), []);
});

test("every guide is in the index", async () => {
  const all = await pages();
  const targets = linksIn(all.get("docs/README.md")).map((target) => `docs/${target}`);
  assert.deepEqual([...all.keys()].filter((page) => /^docs\/[^/]+\.md$/.test(page) && page !== "docs/README.md" && !targets.includes(page)), []);
});

test("a link that leads nowhere is found", async () => {
  const markdown = "# One\n\n[a](#one) [b](#two) [c](other.md#there) [d](other.md#gone) [e](none.md) `[f](code.md)`\n\n```md\n[g](block.md)\n```\n";
  const all = new Map([["docs/page.md", markdown], ["docs/other.md", "# Title\n\n## There\n"]]);
  assert.deepEqual(await brokenAmong(all), ["docs/page.md: #two", "docs/page.md: other.md#gone", "docs/page.md: none.md"]);
});
