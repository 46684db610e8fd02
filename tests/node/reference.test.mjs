/** The reference of the types: what has no word of what it is can't be released, and what is committed is what the types say. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { differences, OPTIONS, typedoc } from "../../scripts/docs.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** @param {import("node:test").TestContext} t @param {Record<string, string>} files */
async function folderWith(t, files) {
  const folder = await mkdtemp(join(tmpdir(), "consentry-reference-"));
  t.after(() => rm(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** What TypeDoc says of types, with the options of the package's own. */
async function said(t, types) {
  const folder = await folderWith(t, {
    "index.d.ts": types,
    "tsconfig.json": '{ "compilerOptions": { "types": [] }, "files": ["index.d.ts"] }',
    "typedoc.json": JSON.stringify({ extends: [OPTIONS], entryPoints: ["index.d.ts"], tsconfig: "tsconfig.json" }),
  });
  return typedoc(join(folder, "typedoc.json"), "--markdown", join(folder, "pages"))
    .then(() => "nothing", ({ output }) => output.split("\n").filter((line) => line.startsWith("[warning]")).join("\n"));
}

const TYPES = `/**
 * What this is.
 * @module example
 */

/** A request. */
export interface Request {
  /** In seconds. */
  patience?: number;
}

/** A client. */
export declare class Client {
  /** Loads nothing. */
  constructor();
  /** Sends it. */
  send(request: Request): void;
}
`;

test("a member without a comment is refused, and named", async (t) => {
  assert.equal(await said(t, TYPES), "nothing");
  const told = await said(t, TYPES.replaceAll(/ *\/\*\* [^\n]+\n/g, ""));
  for (const name of ["Request", "Request.patience", "Client", "Client.constructor", "Client.send"]) {
    assert.match(told, new RegExp(`\\] ${name.replace(".", "\\.")} .*does not have any documentation`), name);
  }
});

test("a page that differs, is missing or is too many is named", async (t) => {
  const right = await folderWith(t, { "a.md": "a", "b/c.md": "c", "d.md": "d" });
  assert.deepEqual(await differences(right, await folderWith(t, { "a.md": "a", "b/c.md": "c", "d.md": "d" })), []);
  assert.deepEqual(await differences(right, await folderWith(t, { "a.md": "A", "d.md": "d", "e.md": "" })), ["a.md", "b/c.md", "e.md"]);
  assert.deepEqual(await differences(right, join(right, "none")), ["a.md", "b/c.md", "d.md"]);
});

test("every entry of the package has its page", async () => {
  const { exports } = JSON.parse(await readFile(join(ROOT, "pkg/package.json"), "utf8"));
  const entries = Object.entries(exports).filter(([, { types }]) => types).map(([name]) => `consentry${name.slice(1)}.md`);
  const pages = (await readdir(join(ROOT, "docs/api"), { recursive: true })).map((name) => name.replaceAll("\\", "/"));
  assert.deepEqual(entries.filter((entry) => !pages.includes(entry)), []);
  assert.ok(entries.length >= 5, entries.join(" "));
});

test("what answers by a promise says how it fails", async () => {
  const types = await readFile(join(ROOT, "pkg/index.d.ts"), "utf8");
  const [, members = ""] = /export declare class PublicClientApplication \{(.*?)\n\}/s.exec(types) ?? [];
  const promising = [...members.matchAll(/((?: *\/\*\*(?:(?!\*\/).)*\*\/)?)\s+(\w+)\([^;]*\): Promise<[^;]*;/gs)].map(([, comment = "", name = ""]) => ({ name, fails: comment.includes("@throws") }));
  assert.ok(promising.length >= 18, promising.map(({ name }) => name).join(" "));
  assert.deepEqual(promising.filter(({ fails }) => !fails).map(({ name }) => name), []);
});
