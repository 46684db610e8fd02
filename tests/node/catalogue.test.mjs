/** The catalogue has every error, in sentences of one kind, and does not contradict the core. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { catalogue } from "consentry/explain";
import { coreErrors, facadeErrors } from "../../scripts/error-codes.mjs";
import { withTables } from "../../scripts/errors-page.mjs";
import { ERRORS } from "../../tenant/errors-table.js";

/** Codes that are explained before anything throws them. Each has to go from here once something does. */
const NOT_THROWN_YET = ["empty_window_error"];

/** Numbers of the Microsoft identity platform that a client meets. Those of the local tenant are to be explained as well. */
const NUMBERS = `
  16000 16001 28000 28002 28003 50011 50020 50034 50049 50053 50057 50058 50059 50076 50078 50079 50097 50105 50126 50132 50133
  50140 50147 50173 50194 50196 50199 53000 53001 53003 54005 65001 65002 65004 65005 70000 70001 70003 70007 70008 70011 70016
  70018 70019 70043 90002 90006 90009 90014 90015 90023 90024 90033 90055 90093 90094 90095 90099 500011 500112 500113 500208
  501481 530032 530034 530084 650051 650052 650053 650056 650057 700005 700011 700016 700022 700023 700025 700054 700082 700084
  900144 900561 900971 901002 1002016 7000215 7000218 9001023 9002325 9002326 9002327`.trim().split(/\s+/);

/** Names of errors, by the specification that has them. */
const NAMES = {
  "RFC 6749 section 4.1.2.1": ["access_denied", "invalid_request", "invalid_scope", "server_error", "temporarily_unavailable", "unauthorized_client", "unsupported_response_type"],
  "RFC 6749 section 5.2": ["invalid_client", "invalid_grant", "invalid_request", "invalid_scope", "unauthorized_client", "unsupported_grant_type"],
  "OpenID Connect Core section 3.1.2.6": [
    "account_selection_required", "consent_required", "interaction_required", "invalid_request_object", "invalid_request_uri",
    "login_required", "registration_not_supported", "request_not_supported", "request_uri_not_supported",
  ],
  "RFC 8628 section 3.5": ["access_denied", "authorization_pending", "expired_token", "slow_down"],
  "RFC 8707 section 2": ["invalid_target"],
  "the platform": ["additional_action", "bad_token", "basic_action", "client_mismatch", "invalid_instance", "invalid_resource", "protection_policy_required", "user_password_expired"],
};

/** Messages whose last part is no advice, or not for everybody who meets the code. */
const WITHOUT_ADVICE = ["get_request_failed", "invalid_grant", "timed_out"];
const OWN_TOPICS = ["browser", "configuration", "usage", "response"];
const TOPICS = [...OWN_TOPICS, "class", "consent", "device", "outcome", "policy", "protocol", "registration", "request", "service", "sign-in", "suberror"];

/** @type {import("../../scripts/error-codes.mjs").Line[]} */
let lines;
/** @type {string[]} */
let thrown;
before(async () => {
  lines = await coreErrors();
  const own = lines.filter(({ kind }) => kind === "MSAL" || kind === "own");
  thrown = [...new Set([...own, ...(await facadeErrors())].map(({ code }) => code))].sort();
  assert.ok(lines.length > 100 && thrown.length > 50, `${lines.length} lines, ${thrown.length} codes`);
});

const numbered = catalogue.filter(({ number }) => number);
const codes = new Set(catalogue.map(({ code }) => code));
const lacking = (/** @type {Iterable<string>} */ wanted) => [...new Set(wanted)].filter((code) => !codes.has(code));
const labelOf = ({ code, number, outcome, class: name }) => number || outcome || code || name;

test("every code that is thrown has an entry, and every entry of ours is thrown", () => {
  assert.deepEqual(lacking(thrown), []);
  const ours = catalogue.filter(({ topic }) => OWN_TOPICS.includes(topic)).map(({ code }) => code);
  assert.deepEqual([...new Set(ours)].filter((code) => !thrown.includes(code)).sort(), NOT_THROWN_YET);
});

test("every number has one entry", () => {
  const all = [...new Set([...NUMBERS, ...Object.keys(ERRORS)])];
  const byValue = (/** @type {string} */ one, /** @type {string} */ other) => Number(one) - Number(other);
  assert.deepEqual(numbered.map(({ number }) => number).sort(byValue), all.sort(byValue));
});

test("every name of the specifications, of the core and of the tenant has an entry", () => {
  assert.deepEqual(lacking(Object.values(NAMES).flat()), []);
  const decided = lines.filter(({ kind }) => ["error", "page", "suberror"].includes(kind)).map(({ code }) => code);
  assert.deepEqual(lacking(decided), []);
  const told = Object.values(ERRORS).flatMap(({ error, authorize, silent, suberror }) => [error, authorize, silent, suberror]);
  assert.deepEqual(lacking(told.filter((name) => name !== undefined)), []);
});

test("no entry is there twice", () => {
  const keys = catalogue.map(({ topic, number, code, causedBy, outcome, class: name }) =>
    number ?? outcome ?? (topic === "class" ? `class ${name}` : `${code} ${causedBy ?? ""}`));
  assert.deepEqual(keys.filter((key, at) => keys.indexOf(key) !== at), []);
});

test("every entry is two sentences, an actor and a way on", () => {
  for (const entry of catalogue) {
    const label = labelOf(entry);
    for (const part of ["cause", "remedy"]) {
      const text = entry[part];
      assert.ok(text.length > 10 && text.length <= 160, `${label}: ${part} has ${text.length} characters`);
      assert.match(text, /^[^A-Z\s]/, `${label}: ${part} begins in lower case`);
      assert.doesNotMatch(text, /[.!?](?:\s|$)|\bplease\b|\s{2}|\s$|AADSTS/i, `${label}: ${part} is one sentence, of our own`);
      assert.equal(text.split("`").length % 2, 1, `${label}: ${part} closes its backticks`);
    }
    assert.notEqual(entry.cause, entry.remedy, label);
    assert.ok(["user", "administrator", "developer", "nobody"].includes(entry.who), label);
    assert.ok(["interactive", "later", "no"].includes(entry.again), label);
    assert.ok(TOPICS.includes(entry.topic), label);
    assert.equal(entry.code === "", ["outcome", "class"].includes(entry.topic), label);
    if (entry.documentation) assert.equal(new URL(entry.documentation).protocol, "https:", label);
  }
});

test("a number's entry leads to what the platform says of it", () => {
  for (const { number, documentation } of numbered) {
    const page = new URL(documentation);
    assert.ok(page.host.endsWith(".microsoft.com") || page.href.endsWith(`code=${number}`), number);
  }
});

/** What the core makes of a name: its classes, without the pages and after them. */
const classesOf = (/** @type {string} */ code, /** @type {string[]} */ kinds) =>
  lines.filter((line) => line.code === code && kinds.includes(line.kind)).map((line) => line.class);

test("a name has the class that the core gives it", () => {
  for (const { topic, code, class: name } of catalogue) {
    if (topic === "protocol") {
      // A token that is refused is the user's to replace, a code that is refused is not.
      const others = ["invalid_grant", "invalid_token"].includes(code) ? ["InteractionRequiredAuthError"] : [];
      const possible = [...classesOf(code, ["error", "page"]), ...others];
      assert.ok((possible.length > 0 ? possible : ["ServerError"]).includes(name), `${code}: ${name}`);
    }
    if (topic === "suberror") {
      // One that the core does not know leaves it to `error`, which is `invalid_grant` here.
      const possible = classesOf(code, ["suberror"]);
      assert.ok((possible.length > 0 ? possible : ["InteractionRequiredAuthError", "ServerError"]).includes(name), `${code}: ${name}`);
    }
    if (OWN_TOPICS.includes(topic) && classesOf(code, ["MSAL", "own"]).length > 0) assert.ok(classesOf(code, ["MSAL", "own"]).includes(name), `${code}: ${name}`);
  }
});

test("a number has a code that it comes with, and a class that the core gives to that", () => {
  for (const { number, code, class: name } of numbered) {
    const { error, authorize, silent, suberror } = ERRORS[number];
    const said = [error, authorize, silent].filter((each) => each !== undefined);
    assert.ok(said.includes(code), `${number}: ${code} is none of ${said.join(", ")}`);
    const possible = said.flatMap((each) => [
      ...classesOf(each, ["error", "page"]),
      ...(classesOf(each, ["error", "page"]).length > 0 ? [] : ["ServerError"]),
      ...(each === "invalid_grant" ? ["InteractionRequiredAuthError"] : []),
      ...(each === "access_denied" ? classesOf(number, ["number"]) : []),
    ]);
    if (suberror) possible.push(...classesOf(suberror, ["suberror"]));
    assert.ok(possible.includes(name), `${number}: ${name} is none of ${possible.join(", ")}`);
  }
});

test("the numbers that the core calls by another name are of that class, or of a policy", () => {
  for (const { code, class: name } of lines.filter(({ kind, text }) => kind === "number" && !text)) {
    const entry = numbered.find(({ number }) => number === code);
    assert.ok(entry.class === name || (name === "AccessBlockedError" && entry.topic === "policy"), `${code}: ${entry.class}`);
  }
});

/** What a text of the core's advises: its last part, outside of parentheses; the whole where it has one part only. */
function adviceIn(/** @type {string} */ text) {
  const parts = text.replace(/\([^)]*\)/g, (inner) => inner.replaceAll(": ", ":\u00a0")).split(": ");
  return (parts.at(-1) ?? "").replaceAll("\u00a0", " ");
}

/** Whether a remedy says it. What the core fills in is left out: the error's own message has it. */
const says = (/** @type {string} */ remedy, /** @type {string} */ advice) =>
  advice.split(/`?<(?:field|type|scope|claim)>`?/).map((part) => part.trim()).every((part) => remedy.includes(part));

test("what the core advises, the catalogue advises", () => {
  const own = lines.filter(({ kind, code }) => (kind === "MSAL" || kind === "own") && !WITHOUT_ADVICE.includes(code));
  for (const { code, text } of own) {
    const remedies = catalogue.filter((entry) => entry.code === code && !entry.number).map(({ remedy }) => remedy);
    assert.ok(remedies.some((remedy) => says(remedy, adviceIn(text))), `${code}: "${adviceIn(text)}" is not in ${remedies.join(" | ")}`);
  }
});

test("what the core says of a misconfigured app, the catalogue says", () => {
  const remedies = lines.filter(({ kind, text }) => (kind === "number" || kind === "error") && text);
  assert.ok(remedies.length > 20, `${remedies.length} remedies`);
  for (const { kind, code, text } of remedies) {
    const entry = catalogue.find(({ number, code: name, topic }) => (kind === "number" ? number === code : topic === "protocol" && name === code));
    assert.ok(entry?.remedy.includes(text), `${code}: "${text}"`);
  }
});

test("the exceptions are needed", () => {
  const own = lines.filter(({ kind }) => kind === "MSAL" || kind === "own");
  for (const code of WITHOUT_ADVICE) {
    const remedy = catalogue.find((entry) => entry.code === code && !entry.number)?.remedy ?? "";
    assert.ok(own.some((line) => line.code === code && !says(remedy, adviceIn(line.text))), code);
  }
});

test("nothing of the catalogue can be changed", () => {
  assert.ok(Object.isFrozen(catalogue));
  for (const entry of catalogue) assert.ok(Object.isFrozen(entry), labelOf(entry));
});

test("docs/errors.md has the tables that its script writes, with every entry but those of the classes", async () => {
  const page = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");
  assert.ok(page === (await withTables(page)), "run `node scripts/errors-page.mjs --write`");
  const rows = page.split("\n").filter((line) => /^\| (?:\d{5,}|`[a-z_]+`(?: after a `\w+`)?)[^|]*<br>/.test(line));
  assert.equal(rows.length, catalogue.filter(({ topic }) => topic !== "class").length);
  assert.doesNotMatch(page.replace(/`[^`\n]*`/g, ""), /<(?!br>|!-- From here)/, "no text is taken for a tag");
});
