/** The README names everything that can be named, and calls inferred what is. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ACTIONS } from "../control.js";
import { ERRORS } from "../errors-table.js";
import { ENDPOINTS } from "../faults.js";
import { apps, users } from "../fixtures.js";
import { TARGETS } from "../mutations.js";
import { createSettings } from "../settings.js";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** @param {string} heading */
function section(heading) {
  const [, text] = README.split(`\n## ${heading}\n`);
  assert.ok(text, heading);
  return text.split("\n## ")[0];
}

test("every control is there with its path, and no other", () => {
  const rows = section("Control").split("**Faults.**")[0].split("\n").filter((line) => line.startsWith("| `"));
  const named = rows.flatMap((row) => [...row.split(" | ")[0].matchAll(/`(\w+)\(/g)].map(([, name]) => name));
  assert.deepEqual(named.sort(), Object.keys(ACTIONS).sort());
  const paths = rows.flatMap((row) => [...row.split(" | ")[1].matchAll(/`([a-z-]+)`/g)].map(([, path]) => path));
  assert.deepEqual(paths.sort(), Object.values(ACTIONS).map(({ path }) => path).sort());
});

test("the types have every control and every setting, and no other", () => {
  const types = readFileSync(new URL("../index.d.ts", import.meta.url), "utf8");
  const membersOf = (name) => {
    const [, body] = types.split(`export interface ${name} `);
    return [...body.slice(0, body.indexOf("\n}")).matchAll(/^ {2}(\w+)[(:]/gm)].map(([, member]) => member).sort();
  };
  assert.deepEqual(membersOf("Control"), Object.keys(ACTIONS).sort());
  assert.deepEqual(membersOf("Settings"), Object.keys(createSettings({}).current).sort());
});

test("every setting is there, and no other", () => {
  const [, table] = section("Options").split("and the settings");
  const named = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(named.sort(), Object.keys(createSettings({}).current).sort());
});

test("every endpoint of a fault and every target of a mutation is there", () => {
  for (const name of [...Object.keys(ENDPOINTS), ...Object.keys(TARGETS)]) assert.match(section("Control"), new RegExp(`\`${name}\``), name);
});

test("every user and app is there", () => {
  for (const { username } of users) assert.ok(README.includes(username), username);
  for (const { name } of apps) assert.ok(README.includes(name), name);
});

test("the errors that are called inferred are those of the table", () => {
  const [, list] = /the place is inferred: ([\d, \n]+)\./.exec(README) ?? [];
  const inferred = Object.keys(ERRORS).filter((code) => ERRORS[code].inferred);
  assert.deepEqual(list.split(/,\s*/).map(Number), inferred.map(Number));
});
