/** What a bundler makes of the package: a page has its token after one script of the app's and one module, without a way to the server in between. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The scripts that are made, with what each of them loads before it runs. @param {string} module */
async function scriptsOf(module) {
  const { metafile } = await build({
    stdin: { contents: `import { PublicClientApplication } from ${JSON.stringify(module)}; console.log(PublicClientApplication);`, resolveDir: ROOT },
    absWorkingDir: ROOT, bundle: true, external: ["@azure/msal-browser"], format: "esm", metafile: true, minify: true, outdir: "page", splitting: true, target: "es2022", write: false,
  });
  const isStatic = (/** @type {{ kind: string, external?: boolean }} */ { kind, external }) => kind === "import-statement" && !external;
  return Object.entries(metafile.outputs).map(([path, { entryPoint = "", imports }]) => ({ name: basename(entryPoint || path), first: imports.filter(isStatic).map((other) => other.path) }));
}

for (const [module, parts] of Object.entries({
  consentry: ["fetch.js", "loader.js", "migration.js", "part.js"],
  // Of parts that nothing loads esbuild makes a script as well.
  "consentry/without-wasm": ["consentry_plain.js", "fetch.js", "loader.js", "migration.js", "part.js"],
  "consentry/msal": ["fetch.js", "loader.js", "migration.js", "part.js"],
})) {
  test(`${module}: one script for the page, and one for each part that comes later`, async () => {
    const scripts = await scriptsOf(module);
    const expected = ["<stdin>", ...parts].sort().map((name) => ({ name, first: [] }));
    assert.deepEqual(scripts.sort((one, other) => (one.name < other.name ? -1 : 1)), expected);
  });
}
