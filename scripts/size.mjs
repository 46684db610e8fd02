/**
 * `npm run size`: what a page that uses the package downloads, minified and compressed, against the committed size.json.
 * `npm run size -- --write` commits to what is measured now.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";
import { FIRST_WASM, WASM } from "./build.mjs";
import { isProgram, program, Refusal, ROOT } from "./process.mjs";

/**
 * Bytes. `again`: what a page downloads before it has a cached token, where the last one kept what it was told; `start`: where it did not; `signIn`: what one without a user does;
 * `total`: everything, with what comes on demand. The glue is what the generated part adds to the page's scripts, so that the parts sum up.
 * @typedef {{ facade: number, glue: number, wasm: number, total: number }} Parts
 * @typedef {{ again: Parts, start: Parts, signIn: Parts, total: number }} Sizes
 */
/** @typedef {Sizes & { limits: { again: number, start: number, total: number } }} Record */
/** What a page loads: scripts by the file of the package that they begin with, and those that are imported by them. @typedef {{ of: (...names: string[]) => number, all: number }} Scripts */

const RECORD = join(ROOT, "size.json");
/** Measurements repeat to the byte on one machine; between two, the order of functions can differ by a few. */
const TOLERANCE = 1.005;
/** By package: the class that an app begins with. @type {{ [module: string]: string }} */
const PEERS = { "@azure/msal-browser": "PublicClientApplication", "@auth0/auth0-spa-js": "Auth0Client", "keycloak-js": "default", "oidc-client-ts": "UserManager" };
const ENTRY = "<stdin>";

/** What a web server sends for a file at its best setting. @param {Uint8Array} bytes */
function compressed(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
}

/**
 * The scripts of a production page that imports the class.
 * @param {string} module
 * @param {string} name The class.
 * @param {string[]} [external] Left out.
 * @returns {Promise<Scripts>}
 */
async function bundled(module, name = "PublicClientApplication", external = []) {
  const { build } = await import("esbuild");
  const { metafile, outputFiles } = await build({
    stdin: {
      contents: `import { ${name} as Client } from ${JSON.stringify(module)}; console.log(Client);`,
      resolveDir: ROOT,
    },
    absWorkingDir: ROOT,
    bundle: true,
    external,
    format: "esm",
    legalComments: "none",
    metafile: true,
    minify: true,
    outdir: "page",
    platform: "browser",
    splitting: true,
    target: "es2022",
    write: false,
  });
  const bytes = new Map(outputFiles.map(({ path, contents }) => [relative(ROOT, path), compressed(contents)]));
  /** @param {string} path @param {Set<string>} loaded */
  const load = (path, loaded) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind } of metafile.outputs[path]?.imports ?? []) if (kind === "import-statement" && bytes.has(next)) load(next, loaded);
  };
  const sum = (/** @type {Iterable<string>} */ paths) => [...paths].reduce((total, path) => total + (bytes.get(path) ?? 0), 0);
  return {
    all: sum(bytes.keys()),
    of: (...names) => {
      /** @type {Set<string>} */
      const loaded = new Set();
      const begins = Object.entries(metafile.outputs).filter(([, { entryPoint }]) => names.some((name) => entryPoint?.endsWith(name)));
      if (begins.length !== names.length) throw new Error(`Of ${names.join(", ")} the bundler makes other scripts now.`);
      for (const [path] of begins) load(path, loaded);
      return sum(loaded);
    },
  };
}

/** @returns {Promise<Sizes>} */
async function measure() {
  const [own, page, whole, first] = await Promise.all([bundled("consentry", undefined, ["./core/*"]), bundled("consentry"), readFile(WASM), readFile(FIRST_WASM)]);
  /** @param {string} part Loaded on demand. @param {Uint8Array} module @returns {Parts} */
  const parts = (part, module) => {
    const names = [ENTRY, part];
    const [facade, script, wasm] = [own.of(...names), page.of(...names), compressed(module)];
    return { facade, glue: script - facade, wasm, total: script + wasm };
  };
  const script = page.of(ENTRY);
  return { again: { facade: script, glue: 0, wasm: 0, total: script }, start: parts("part.js", first), signIn: parts("loader.js", whole), total: page.all + compressed(whole) + compressed(first) };
}

/** The figures by name. @param {object} sizes @param {string} [before] @returns {[string, number][]} */
const flat = (sizes, before = "") => Object.entries(sizes).flatMap(([name, value]) => (typeof value === "number" ? [[before + name, value]] : flat(value, `${before}${name}.`)));

/** @param {Sizes} sizes @param {Record} record */
function refuseExcess({ again, start, total }, { limits }) {
  for (const [name, bytes, limit] of /** @type {const} */ ([["again", again.total, limits.again], ["start", start.total, limits.start], ["all", total, limits.total]])) {
    if (bytes > limit) throw new Refusal(`${name}: ${bytes} bytes are over the limit of ${limit}, which is a decision, not a measurement: make it smaller.`);
  }
}

/** @param {Sizes} sizes @param {Record} record */
function refuseGrowth(sizes, record) {
  const { limits, ...known } = record;
  refuseExcess(sizes, record);
  const before = new Map(flat(known));
  const grown = flat(sizes).filter(([name, bytes]) => !(bytes <= (before.get(name) ?? 0) * TOLERANCE));
  if (grown.length > 0) {
    const growth = grown.map(([name, bytes]) => `${name} ${before.get(name)} -> ${bytes}`).join(", ");
    throw new Refusal(`Grown beyond size.json: ${growth}. If it is worth it, run "npm run size -- --write" and commit the file.`);
  }
}

/** What the peers' scripts are, bundled alike. */
const measurePeers = () => Promise.all(Object.entries(PEERS).map(async ([module, name]) => /** @type {const} */ ([module, (await bundled(module, name)).all])));

/** Writes the figures into the table of the README. @param {Sizes} sizes @param {Awaited<ReturnType<typeof measurePeers>>} peers */
async function tellReadme({ again, start, signIn, total }, peers) {
  const path = join(ROOT, "README.md");
  let readme = await readFile(path, "utf8");
  const parts = (/** @type {Parts} */ { facade, glue, wasm, total: all }) => [facade, glue, wasm, all];
  /** @type {[row: string, figures: (number | string)[]][]} */
  const rows = [
    ["consentry, until a token is at hand that the last page had", parts(again)],
    ["consentry, until a stored token is at hand", parts(start)],
    ["consentry, to sign in", parts(signIn)],
    ["consentry, with all that comes on demand", ["", "", "", total]],
    ...peers.map(([module, bytes]) => /** @type {[string, (number | string)[]]} */ ([module, [bytes, "", "", bytes]])),
  ];
  for (const [row, figures] of rows) {
    const known = new RegExp(`^\\| ${row} \\|.*\\|$`, "m");
    if (!known.test(readme)) throw new Error(`The README has no row of "${row}".`);
    readme = readme.replace(known, `| ${[row, ...figures.map((figure) => figure.toLocaleString("en"))].join(" | ")} |`);
  }
  await writeFile(path, readme);
}

async function size() {
  const { values } = parseArgs({ options: { write: { type: "boolean" } } });
  /** @type {Record} */
  const record = JSON.parse(await readFile(RECORD, "utf8"));
  const [sizes, peers] = await Promise.all([measure(), measurePeers()]);
  for (const [name, bytes] of flat(sizes)) console.log(`  ${name.padEnd(13)} ${String(bytes).padStart(7)} bytes`);
  for (const [module, bytes] of peers) {
    const [again, start, signIn] = [sizes.again.total, sizes.start.total, sizes.signIn.total].map((own) => (own / bytes).toFixed(2));
    console.log(`  ${module}, bundled alike: ${bytes} bytes; to begin again takes ${again} of it, to start ${start}, to sign in ${signIn}`);
  }
  if (!values.write) return refuseGrowth(sizes, record);
  refuseExcess(sizes, record);
  await writeFile(RECORD, `${JSON.stringify({ limits: record.limits, ...sizes }, null, 2)}\n`);
  await tellReadme(sizes, peers);
}

if (isProgram(import.meta.url)) await program(size);
