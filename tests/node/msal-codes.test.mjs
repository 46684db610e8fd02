/** Codes that are said to be MSAL's are, with the class that MSAL gives them; those of our own are not. */

import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { before, test } from "node:test";
import { coreErrors } from "../../scripts/error-codes.mjs";

/** @typedef {{ name: string, code: string, owner: string }} Row */

const MSAL = ["msal-browser", "msal-common"].map((name) => new URL(`../../node_modules/@azure/${name}/dist/error/`, import.meta.url));

/** @type {Row[]} */
let rows;
/** The classes that MSAL uses a code with. @type {Map<string, Set<string>>} */
const classes = new Map();

before(async () => {
  const owned = (await coreErrors()).filter(({ kind }) => kind === "MSAL" || kind === "own");
  rows = owned.map(({ class: name, code, kind, text }) => {
    assert.ok(text, code);
    return { name, code, owner: kind };
  });
  for (const folder of MSAL) {
    for (const file of (await readdir(folder)).filter((name) => name.endsWith("Codes.mjs"))) {
      const codes = await import(new URL(file, folder).href);
      for (const code of Object.values(codes)) {
        classes.set(code, (classes.get(code) ?? new Set()).add(file.replace("Codes.mjs", "")));
      }
    }
  }
});

test("there is something to compare", () => {
  assert.ok(rows.length > 30 && classes.size > 100, `${rows.length} rows, ${classes.size} codes`);
});

test("codes are MSAL's where the list says so, and nowhere else", () => {
  for (const { code, owner } of rows) assert.equal(classes.has(code), owner === "MSAL", code);
});

test("a code of MSAL's has MSAL's class", () => {
  for (const { code, name } of rows.filter(({ owner }) => owner === "MSAL")) {
    const theirs = [...(classes.get(code) ?? [])];
    assert.ok(theirs.includes(name), `${code} is ${name}, not ${theirs.join(" or ")}`);
  }
});
