/** docs/troubleshooting.md: each error that it names exists, is of that class, and has its row where the link leads. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { catalogue } from "../../pkg/explain.js";
import { anchorOf } from "../docs/pages.mjs";

const ERROR = /^`(?<name>\w+)` `(?<code>\w+)`(?:, AADSTS(?<number>\d+))?: \[errors\]\(errors\.md#(?<anchor>[\w-]+)\)$/;
const read = (page) => readFile(new URL(`../../docs/${page}`, import.meta.url), "utf8");

/** A page by its headings. @param {string} markdown @param {string} level */
const sections = (markdown, level) => markdown.split(new RegExp(`^${level} `, "m")).slice(1).map((text) => {
  const [title, ...lines] = text.split("\n");
  return { title, lines };
});

let named;
let errors;
before(async () => {
  const chapters = sections(await read("troubleshooting.md"), "##").filter(({ title }) => /server shows|app gets/.test(title));
  named = chapters.flatMap(({ lines }) => sections(lines.join("\n"), "###"))
    .map(({ title, lines }) => ({ title, text: lines.join("\n"), error: ERROR.exec(lines[1])?.groups }));
  errors = sections(await read("errors.md"), "###");
});

test("each entry names its error, why it comes and what to do", () => {
  assert.ok(named.length >= 15, `${named.length} entries`);
  for (const { title, text, error } of named) {
    assert.ok(error, `${title}: no error of the form that is wanted`);
    assert.match(text, /\*\*Why\.\*\* .+\n\*\*Fix\.\*\* ./s, title);
  }
});

test("each error is in the catalogue, and in the table that its link leads to", () => {
  for (const { title, error: { name, code, number, anchor } } of named) {
    const entries = catalogue.filter((entry) => entry.number === number && entry.code === code);
    assert.deepEqual([...new Set(entries.map((entry) => entry.class))], [name], title);
    const rows = errors.find((section) => anchorOf(section.title) === anchor)?.lines ?? [];
    assert.ok(rows.some((row) => row.startsWith(`| ${number ? `${number} ` : ""}\`${code}\``)), `${title}: errors.md#${anchor} has no such row`);
  }
});

test("what is in code and looks like an error is one", async () => {
  const page = await read("troubleshooting.md");
  const codes = new Set(catalogue.map(({ code }) => code));
  const numbers = new Set(catalogue.map(({ number }) => number));
  const wrong = [...page.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, code]) => code).filter((code) => !codes.has(code));
  assert.deepEqual(wrong, []);
  assert.deepEqual([...page.matchAll(/AADSTS(\d+)/g)].map(([, number]) => number).filter((number) => !numbers.has(number)), []);
});
