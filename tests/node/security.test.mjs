/** SECURITY.md: every demand has its row, every proof is there, and what is said of the source is so. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = "SECURITY.md";

/** C01 to C62. */
const DEMANDS = Array.from({ length: 62 }, (_, at) => `C${String(at + 1).padStart(2, "0")}`);
const STATUSES = ["yes", "partly", "not yet", "does not apply"];
const PROVED = ["yes", "partly"];

/** @typedef {{ id: string, demand: string, status: string, text: string }} Row */
/** @typedef {(path: string) => string | undefined} Read The text of a file; nothing where there is none. */

/** @type {Read} */
const read = (path) => {
  try {
    return readFileSync(join(ROOT, path), "utf8");
  } catch {
    return undefined;
  }
};

/** The rows of tables that begin with a demand's number. @param {string} markdown @returns {Row[]} */
function rowsOf(markdown) {
  const lines = markdown.split("\n").filter((line) => /^\|\s*C\d/.test(line));
  return lines.map((line) => {
    const [id = "", demand = "", status = "", text = "", ...rest] = line.split("|").slice(1, -1).map((cell) => cell.trim());
    return { id, demand, status, text: [text, ...rest].join("|") };
  });
}

/** The code spans of a proof: files, each with the names of its tests. @param {string} text @returns {{ file: string, names: string[] }[]} */
function proofsIn(text) {
  /** @type {{ file: string, names: string[] }[]} */
  const proofs = [];
  for (const [, span = ""] of text.matchAll(/`([^`]*)`/g)) {
    if (/^tests\/[\w./-]+\.(?:rs|mjs)$/.test(span)) proofs.push({ file: span, names: [] });
    else if (proofs.length > 0) proofs.at(-1)?.names.push(span);
    else proofs.push({ file: "", names: [span] });
  }
  return proofs;
}

const quoted = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/** A function with the attribute of a test. @param {string} source @param {string} name */
const hasRustTest = (source, name) =>
  new RegExp(`#\\[(?:wasm_bindgen_)?test\\]\\s*(?:#\\[[^\\n]*\\]\\s*)*(?:async\\s+)?fn\\s+${quoted(name)}\\s*\\(`).test(source);
/** The title of a test, or the name of a case in a table. @param {string} source @param {string} name */
const hasNodeTest = (source, name) => new RegExp(`(?:\\btest\\(\\s*|^\\s*)(["\`])${quoted(name)}\\1\\s*[,:]`, "m").test(source);

/** @param {Row} row @param {Read} readFile @returns {string[]} */
function problemsOf({ id, demand, status, text }, readFile) {
  const problems = [];
  const proofs = proofsIn(text);
  if (!DEMANDS.includes(id)) problems.push("is no demand");
  if (demand === "") problems.push("demands nothing");
  if (!STATUSES.includes(status)) problems.push(`has the status "${status}"`);
  if (PROVED.includes(status) && proofs.length === 0) problems.push("has no proof");
  // Beside the proofs there are words: what is not proved, or why nothing is.
  if (status !== "yes" && text.replace(/`[^`]*`/g, "").replace(/\W/g, "").length < 10) problems.push("has no reason");
  for (const { file, names } of proofs) {
    const source = file === "" ? undefined : readFile(file);
    const hasTest = file.endsWith(".rs") ? hasRustTest : hasNodeTest;
    if (source === undefined) problems.push(`names the file "${file}", which is not there`);
    else if (names.length === 0) problems.push(`names no test of ${file}`);
    else problems.push(...names.filter((name) => !hasTest(source, name)).map((name) => `names "${name}", which is not in ${file}`));
  }
  return problems.map((problem) => `${id} ${problem}`);
}

/** What is wrong with the list. @param {string} markdown @param {Read} [readFile] @returns {string[]} */
function problemsIn(markdown, readFile = read) {
  const rows = rowsOf(markdown);
  const missing = DEMANDS.filter((demand) => !rows.some(({ id }) => id === demand));
  const repeated = DEMANDS.filter((demand) => rows.filter(({ id }) => id === demand).length > 1);
  return [
    ...missing.map((id) => `${id} is missing`),
    ...repeated.map((id) => `${id} is there more than once`),
    ...rows.flatMap((row) => problemsOf(row, readFile)),
  ];
}

/** @type {string} */
let page;
before(() => {
  page = read(PAGE) ?? "";
});

test("every demand is there once, with a status, and with proofs that exist or a reason", () => {
  assert.deepEqual(problemsIn(page), []);
});

/** A list that is right, but for a last row. @param {string} id @param {string} status @param {string} text */
const listWith = (id, status, text) =>
  [...DEMANDS.slice(0, -1).map((demand) => `| ${demand} | d | not yet | it is not built |`), `| ${id} | d | ${status} | ${text} |`].join("\n");

/** Files of a repository that there is not. @type {Read} */
const play = (path) =>
  ({
    "tests/it/a.rs": "#[test]\nfn one() {\n}\n\nfn helper() {}\n\n#[wasm_bindgen_test]\nasync fn two() {}\n",
    "tests/e2e/a.test.mjs": 'test("a title", async () => {});\nconst CASES = {\n  "a case": 1,\n};\nassert.ok(x, "a message");\n',
  })[path];

for (const [name, [list, expected]] of Object.entries({
  "nothing wrong": [listWith("C62", "yes", "`tests/it/a.rs`: `one`, `two`; `tests/e2e/a.test.mjs`: `a title`, `a case`"), []],
  "a row that is missing": [listWith("C61", "not yet", "it is not built"), ["C62 is missing", "C61 is there more than once"]],
  "a row of nothing": [`${listWith("C62", "not yet", "it is not built")}\n| C63 | d | not yet | it is not built |`, ["C63 is no demand"]],
  "a status of one's own": [listWith("C62", "mostly", "it is not built"), ['C62 has the status "mostly"']],
  "a yes without proof": [listWith("C62", "yes", "it is so"), ["C62 has no proof"]],
  "a part without proof": [listWith("C62", "partly", "some of it is so"), ["C62 has no proof"]],
  "a part without the rest": [listWith("C62", "partly", "`tests/it/a.rs`: `one`"), ["C62 has no reason"]],
  "no reason": [listWith("C62", "does not apply", "-"), ["C62 has no reason"]],
  "a file that is not there": [listWith("C62", "yes", "`tests/it/b.rs`: `one`"), ['C62 names the file "tests/it/b.rs", which is not there']],
  "a file without a test": [listWith("C62", "yes", "`tests/it/a.rs`"), ["C62 names no test of tests/it/a.rs"]],
  "a test without a file": [listWith("C62", "yes", "`one`"), ['C62 names the file "", which is not there']],
  "a test that is not there": [listWith("C62", "yes", "`tests/it/a.rs`: `on`"), ['C62 names "on", which is not in tests/it/a.rs']],
  "a function that is no test": [listWith("C62", "yes", "`tests/it/a.rs`: `helper`"), ['C62 names "helper", which is not in tests/it/a.rs']],
  "a title that is not there": [listWith("C62", "yes", "`tests/e2e/a.test.mjs`: `a titl`"), ['C62 names "a titl", which is not in tests/e2e/a.test.mjs']],
  "a text that is no title": [listWith("C62", "yes", "`tests/e2e/a.test.mjs`: `a message`"), ['C62 names "a message", which is not in tests/e2e/a.test.mjs']],
})) {
  test(`the check finds: ${name}`, () => assert.deepEqual(problemsIn(/** @type {string} */ (list), play), expected));
}

test("README.md leads to it", () => {
  assert.ok(read("README.md")?.includes(`[${PAGE}](${PAGE})`));
});

/** Limits that the page has to name, each in words that stand there. */
const LIMITS = {
  "script of the same origin": /Script of the same origin reads the storage/,
  "script calls the client": /It can call the client as the app does/,
  "a new sign-in by script": /It can begin a sign-in of its own/,
  "the module's memory": /memory is an ordinary buffer of the page/,
  "workers": /No worker and no service worker holds the refresh token/,
  "what the policy has to allow": /`script-src` needs `'wasm-unsafe-eval'`/,
  "tokens at rest": /`sessionStorage` and a storage of the app's own are not encrypted/,
  "names at rest": /The entries' keys are plain text/,
  "a key that script leaves": /a key of its own making/,
  "a copied disk": /who copies the profile copies the key/,
  "redirects of calls": /an older one sends the token along/,
  "what is public on an API's origin": /all browsers keep the header, also on a path that the map calls public/,
  "long lives": /tokens of the platform live for up to 28 hours/,
  "one app for each origin": /Give each app an origin of its own/,
};

test("what no code can change is said", () => {
  const text = page.replace(/\s+/g, " ");
  assert.deepEqual(Object.entries(LIMITS).filter(([, words]) => !words.test(text)).map(([limit]) => limit), []);
});

/** What is shipped, and what it is made of: by path. @returns {Record<string, string>} */
function sources() {
  const all = ["src", "pkg"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((path) => posix.join(folder, ...path.split(sep))));
  const paths = all.filter((path) => /^src\/.*\.rs$|^pkg\/.*\.js$/.test(path));
  assert.ok(paths.length > 50, `${paths.length} files were found`);
  return Object.fromEntries(paths.map((path) => [path, read(path) ?? ""]));
}

/** The values that the source gives a parameter. @param {string} name */
const valuesOf = (name) =>
  [...new Set(Object.values(sources()).flatMap((text) => [...text.matchAll(new RegExp(`"${name}",\\s*"([^"]*)"`, "g"))].map(([, value]) => value)))].sort();

test("the client gives two kinds of grants and asks for one type of response", () => {
  assert.deepEqual(valuesOf("grant_type"), ["authorization_code", "refresh_token"]);
  assert.deepEqual(valuesOf("response_type"), ["code"]);
});

/** By name: what no file of the client has. */
const WITHOUT = {
  "chance of another kind than the browser's cryptography": /\bMath\s*\.\s*random\b|\bMath::random\b/,
  "cookies": /\.cookie\b|\bcookieStore\b|\bHtmlDocument\b/,
  "messages to windows, or from them": /(?<!\bchannel)\.(?:postMessage|onmessage)\b|addEventListener\(\s*["'`]message|\bpost_message|\bMessageEvent\b/,
  "service workers": /\bserviceWorker\b|\bServiceWorker/,
  "session frames": /check_session_iframe|\.srcdoc\b/,
  "markup made of texts": /\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|\bset_(?:inner|outer)_html\b/,
  "script made of texts": /\beval\(|\bnew Function\b|\bFunction\(/,
};

/**
 * A cookie, which lives as long as the browser's session, tells which key is of that session. It holds no key and no token. Another one is
 * MSAL.js's own, which is read. A frame's answer comes by a channel of this origin.
 */
const BUT_FOR = [
  "src/platform/webapi/frame.rs: messages to windows, or from them",
  "src/platform/webapi/mark.rs: cookies",
  "pkg/migration.js: cookies",
  "pkg/vault.js: cookies",
];

test("what the client does without", () => {
  const found = Object.entries(sources()).flatMap(([path, text]) =>
    Object.entries(WITHOUT).filter(([, pattern]) => pattern.test(text)).map(([what]) => `${path}: ${what}`));
  assert.deepEqual(found, BUT_FOR);
});

test("one file opens frames, in the package and in apps in Rust, and they are sandboxed", () => {
  const opening = Object.entries(sources()).filter(([, text]) => /["'`]iframe["'`]|\bHtmlIFrameElement\b/.test(text));
  assert.deepEqual(opening.map(([path]) => path), ["src/platform/webapi/frame.rs", "pkg/frame.js"]);
  for (const [path, text] of opening) {
    assert.match(text, /\("sandbox", SANDBOX\)/, path);
    assert.doesNotMatch(text, /allow-(?:top-navigation|popups|modals|downloads)/, path);
  }
});

test("what the client does without is found where it is", () => {
  const examples = {
    "chance of another kind than the browser's cryptography": "const state = Math.random();",
    "cookies": "document.cookie = token;",
    "messages to windows, or from them": "opener.postMessage(answer, '*');",
    "service workers": "navigator.serviceWorker.register(url);",
    "session frames": 'frame.src = metadata.check_session_iframe;',
    "markup made of texts": "notice.innerHTML = error.errorMessage;",
    "script made of texts": "eval(text);",
  };
  for (const [what, pattern] of Object.entries(WITHOUT)) assert.match(examples[/** @type {keyof typeof examples} */ (what)], pattern, what);
});
