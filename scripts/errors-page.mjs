/**
 * The tables of docs/errors.md, from the package's catalogue and from what the core says.
 * `node scripts/errors-page.mjs --write` writes them into the page; without it the page is only compared.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { catalogue } from "../pkg/explain.js";
import { coreErrors, facadeErrors } from "./error-codes.mjs";
import { isProgram, program, Refusal, ROOT } from "./process.mjs";

/** @typedef {import("../pkg/explain.js").CatalogueEntry} Entry */
/** @typedef {import("../pkg/explain.js").Topic} Topic */

const PAGE = join(ROOT, "docs/errors.md");
/** What stands above it is written by hand. */
export const MARK = "<!-- From here on the page is written by scripts/errors-page.mjs. -->";

/** @type {[title: string, parts: [topic: Topic, title: string][]][]} */
const CHAPTERS = [
  ["In the browser, before any server answers", [
    ["browser", "Browser and network"],
    ["configuration", "Configuration and requests"],
    ["usage", "Calls that can't be made now"],
    ["response", "Answers that failed a check"],
  ]],
  ["What the server says, by name", [
    ["protocol", "OAuth and OpenID Connect"],
    ["suberror", "The platform's `suberror`"],
    ["outcome", "What Consentry makes of it: `outcome`"],
  ]],
  ["What the Microsoft identity platform says, by number", [
    ["sign-in", "The user is needed"],
    ["consent", "Consent"],
    ["policy", "What the organization allows"],
    ["registration", "App registration, API, tenant"],
    ["request", "The request"],
    ["device", "Signing in on another device"],
    ["service", "The service"],
  ]],
];

/** @param {Entry} entry */
function nameOf({ code, number, outcome, causedBy }) {
  if (number) return `${number} \`${code}\``;
  return `\`${outcome ?? code}\`${causedBy ? ` after a \`${causedBy}\`` : ""}`;
}

/** A text as a cell: outside of code a `<` would begin a tag. @param {string} text */
const cell = (text) => text.split("`").map((part, at) => (at % 2 ? part : part.replaceAll("<", "&lt;"))).join("`").replaceAll("|", "\\|");

/** @param {string[]} cells */
const row = (cells) => `| ${cells.join(" | ")} |`;

/** @param {Topic} topic @param {Map<string, string[]>} messages */
function table(topic, messages) {
  const entries = catalogue.filter((entry) => entry.topic === topic);
  const isOurs = entries.some(({ code }) => messages.has(code));
  const said = (/** @type {Entry} */ { code }) => (messages.get(code) ?? []).map(cell).join("<br>") || "–";
  const head = [`${entries[0]?.number ? "AADSTS" : "Name"}, class`, ...(isOurs ? ["Message"] : []), "Why", "What to do", "Who, again"];
  const rows = entries.map((entry) => [
    `${nameOf(entry)}<br>\`${entry.class}\``,
    ...(isOurs ? [said(entry)] : []),
    cell(entry.cause),
    cell(entry.remedy),
    `${entry.who}, ${entry.again}`,
  ]);
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}

/** The messages of our own errors, by code. @returns {Promise<Map<string, string[]>>} */
async function ownMessages() {
  const core = (await coreErrors()).filter(({ kind }) => kind === "MSAL" || kind === "own");
  /** @type {Map<string, string[]>} */
  const messages = new Map();
  for (const { code, text } of [...core, ...(await facadeErrors())]) {
    const known = messages.get(code) ?? [];
    messages.set(code, text && !known.includes(text) ? [...known, text] : known);
  }
  // What a server says in its own words most of the time has no message here.
  for (const { code, topic } of catalogue) if (topic === "protocol") messages.delete(code);
  return messages;
}

/** The page with its tables as they should be. @param {string} page @returns {Promise<string>} */
export async function withTables(page) {
  const [byHand] = page.split(MARK);
  const messages = await ownMessages();
  const chapters = CHAPTERS.map(([title, parts]) =>
    [`## ${title}`, ...parts.map(([topic, name]) => `### ${name}\n\n${table(topic, messages)}`)].join("\n\n"));
  return `${[`${byHand}${MARK}`, ...chapters].join("\n\n")}\n`;
}

async function main() {
  const { values } = parseArgs({ options: { write: { type: "boolean" } } });
  const page = await readFile(PAGE, "utf8");
  const right = await withTables(page);
  if (values.write) await writeFile(PAGE, right);
  else if (page !== right) throw new Refusal("docs/errors.md is not up to date: run `node scripts/errors-page.mjs --write`.");
}

if (isProgram(import.meta.url)) await program(main);
