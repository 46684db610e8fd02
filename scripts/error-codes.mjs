/** What the core throws, as its own tests have written it into tests/it/error-codes.txt; and what the facade throws itself. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./process.mjs";

/**
 * A line of the list. `MSAL` and `own`: an error of the core's, with its message, by whose code it is. The others: what the
 * server says, by its `error`, the same after its pages, by its `suberror` or by its number; with the remedy, if it has one.
 * @typedef {{ class: string, code: string, kind: "MSAL" | "own" | "error" | "page" | "suberror" | "number", text: string }} Line
 */

const LIST = join(ROOT, "tests/it/error-codes.txt");
const LINE = /^(\w+) (\w+) \((MSAL|own|error|page|suberror|number)\)(?:: (.+))?$/;
/** An error that JavaScript makes: the message where it is one plain text. */
const MADE = /new \w+Error\(\s*"(\w+)"(?:,[^,)]*,\s*"([^"]*)")?/g;

/** @returns {Promise<Line[]>} */
export async function coreErrors() {
  const lines = (await readFile(LIST, "utf8")).split("\n").filter((line) => line && !line.startsWith("#"));
  return lines.map((line) => {
    const [, name = "", code = "", kind, text = ""] = LINE.exec(line) ?? [];
    if (!kind) throw new Error(`${LIST} has a line of another form: ${line}`);
    return { class: name, code, kind: /** @type {Line["kind"]} */ (kind), text };
  });
}

/** @returns {Promise<{ code: string, text: string }[]>} */
export async function facadeErrors() {
  const folder = join(ROOT, "pkg");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".js")).sort();
  const sources = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
  return sources.flatMap((source) => [...source.matchAll(MADE)].map(([, code = "", text = ""]) => ({ code, text })));
}
