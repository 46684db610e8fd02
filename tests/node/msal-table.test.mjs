/** docs/coming-from-msal.md: each name of msal-browser's types has its row, and what a row says of it fits the package's types. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const PAGE = join(ROOT, "docs/coming-from-msal.md");

/** Whether what a row names is declared by the package. */
const STATUSES = { works: true, better: true, "in part": true, "no effect": false, refused: false, gone: false };

/**
 * By the page's section: the names that MSAL has, and those that there are here, as types. `but`: what is declared here although a row says that
 * nothing comes of it.
 */
const SECTIONS = {
  Members: {
    theirs: "keyof Msal.IPublicClientApplication",
    ours: "keyof Own.PublicClientApplication",
    but: ["initializeWrapperLibrary", "addPerformanceCallback", "removePerformanceCallback"],
  },
  Configuration: { theirs: "Paths<Msal.Configuration>", ours: "Paths<Own.Configuration>" },
  Requests: {
    theirs: `Keys<${["PopupRequest", "RedirectRequest", "SilentRequest", "SsoSilentRequest", "EndSessionRequest", "EndSessionPopupRequest", "ClearCacheRequest",
      "AuthorizationCodeRequest", "InitializeApplicationRequest", "HandleRedirectPromiseOptions"].map((name) => `Msal.${name}`).join(" | ")}>`,
    ours: `Keys<${["PopupRequest", "RedirectRequest", "SilentRequest", "SsoSilentRequest", "EndSessionRequest", "EndSessionPopupRequest", "ClearCacheRequest",
      "AuthorizationCodeRequest", "InitializeApplicationRequest", "HandleRedirectPromiseOptions"].map((name) => `Own.${name}`).join(" | ")}>`,
  },
  Results: { theirs: "keyof Msal.AuthenticationResult", ours: "keyof Own.AuthenticationResult" },
  Accounts: { theirs: "keyof Msal.AccountInfo", ours: "Keys<Own.AccountInfo | Own.AccountFilter>" },
  Events: { theirs: "(typeof Msal.EventType)[keyof typeof Msal.EventType]", ours: "Own.EventType" },
};

const TYPES = `import type * as Msal from "@azure/msal-browser";
import type * as Own from "consentry";
type Keys<T> = T extends unknown ? keyof T : never;
type Paths<T> = { [G in keyof T & string]-?: \`\${G}.\${keyof NonNullable<T[G]> & string}\` }[keyof T & string];
`;

const COMPILER = {
  noEmit: true, strict: true, skipLibCheck: true, noErrorTruncation: true, lib: ["es2022", "dom"], target: "es2022", module: "esnext", moduleResolution: "bundler", types: [],
  paths: { consentry: [join(ROOT, "pkg/index.d.ts")], "@azure/msal-browser": [join(ROOT, "node_modules/@azure/msal-browser/types/index.d.ts")] },
};

/** The rows of a section that have a status. @param {string} markdown @param {string} title @returns {{ names: string[], status: string }[]} */
function rowsOf(markdown, title) {
  const [, rest = ""] = markdown.split(`\n## ${title}\n`);
  const rows = (rest.split("\n## ")[0] ?? "").split("\n").map((line) => /^\| ((?:`[^`|]+`(?:, )?)+) \| `([a-z ]+)` \|/.exec(line));
  return rows.filter((row) => row !== null).map(([, names = "", status = ""]) => ({ names: [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name), status }));
}

/** @param {string[]} names */
const union = (names) => names.map((name) => JSON.stringify(name)).join(" | ") || "never";

/** What has to be nothing, by what it would mean, as types. @param {string} markdown @returns {Record<string, string>} */
function emptyTypes(markdown) {
  /** @type {Record<string, string>} */
  const empty = {};
  for (const [title, { theirs, ours, but = [] }] of Object.entries(/** @type {Record<string, { theirs: string, ours: string, but?: string[] }>} */ (SECTIONS))) {
    const rows = rowsOf(markdown, title);
    const named = (/** @type {boolean} */ isThere) => rows.filter(({ status }) => STATUSES[/** @type {keyof typeof STATUSES} */ (status)] === isThere).flatMap(({ names }) => names);
    const all = union(rows.flatMap(({ names }) => names));
    empty[`${title}: no row`] = `Exclude<${theirs}, ${all}>`;
    empty[`${title}: not MSAL's`] = `Exclude<${all}, ${theirs}>`;
    empty[`${title}: not declared here`] = `Exclude<${union(named(true))}, ${ours}>`;
    empty[`${title}: declared here`] = `Exclude<Extract<${union(named(false))}, ${ours}>, ${union(but)}>`;
  }
  return empty;
}

/** What is wrong with the page's tables. @param {string} markdown @returns {Promise<string[]>} */
async function complaints(markdown) {
  const rows = Object.keys(SECTIONS).flatMap((title) => rowsOf(markdown, title).map((row) => ({ title, ...row })));
  const named = rows.flatMap(({ title, names }) => names.map((name) => `${title}: ${name}`));
  const empty = Object.entries(emptyTypes(markdown));
  const folder = await mkdtemp(join(tmpdir(), "consentry-table-"));
  try {
    const lines = empty.map(([, type], at) => `declare const v${at}: ${type}; export const n${at}: never = v${at};`);
    await writeFile(join(folder, "table.ts"), `${TYPES}${lines.join("\n")}\n`);
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: COMPILER, include: ["table.ts"] }));
    const { stdout } = spawnSync(process.execPath, [TSC, "-p", folder, "--pretty", "false"], { cwd: folder, encoding: "utf8" });
    const told = stdout.split("\n").filter((line) => line.includes("error TS")).map((line) => {
      const [, at = "", names] = /^table\.ts\((\d+),.*Type '(.*)' is not assignable to type 'never'/.exec(line) ?? [];
      return names === undefined ? line : `${empty[Number(at) - TYPES.split("\n").length]?.[0]}: ${names}`;
    });
    return [
      ...told,
      ...named.filter((name, at) => named.indexOf(name) !== at).map((name) => `${name} has two rows`),
      ...rows.filter(({ status }) => !Object.hasOwn(STATUSES, status)).map(({ title, status }) => `${title}: "${status}" is no status`),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("every name of MSAL's types has a row, and no row is of anything else", async () => {
  const markdown = await readFile(PAGE, "utf8");
  for (const title of Object.keys(SECTIONS)) assert.ok(rowsOf(markdown, title).length > 3, title);
  assert.deepEqual(await complaints(markdown), []);
});

test("a row that is missing, made up, there twice, or wrong is found", async () => {
  const markdown = (await readFile(PAGE, "utf8"))
    .replace("`loginRedirect`, `acquireTokenRedirect`", "`loginRedirect`")
    .replace("| `maxAge` | `no effect`", "| `maxAge`, `minAge` | `works`")
    .replace("| `forceRefresh` | `works`", "| `forceRefresh`, `scopes` | `gone`")
    .replace("| `auth.instanceAware` | `no effect`", "| `auth.instanceAware` | `perhaps`");
  assert.deepEqual((await complaints(markdown)).sort(), [
    'Configuration: "perhaps" is no status',
    'Members: no row: "acquireTokenRedirect"',
    'Requests: declared here: "forceRefresh" | "scopes"',
    'Requests: not MSAL\'s: "minAge"',
    'Requests: not declared here: "maxAge" | "minAge"',
    "Requests: scopes has two rows",
  ]);
});
