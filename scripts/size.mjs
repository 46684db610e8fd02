/**
 * `npm run size`: what a page that uses the package downloads, minified and compressed, against the committed size.json.
 * `npm run size -- --write` commits to what is measured now.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";
import { WASM } from "./build.mjs";
import { isProgram, program, Refusal, ROOT } from "./process.mjs";

/** @typedef {{ facade: number, glue: number, wasm: number, total: number }} Sizes Bytes. */

const RECORD = join(ROOT, "size.json");
/** Measurements repeat to the byte on one machine; between two, the order of functions can differ by a few. */
const TOLERANCE = 1.005;
const PEER = "@azure/msal-browser";

/** What a web server sends for a file at its best setting. @param {Uint8Array} bytes */
function compressed(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
}

/**
 * The JavaScript of a production page that imports the class, every chunk of it.
 * @param {string} module
 * @param {string[]} [external] Left out.
 */
async function bundled(module, external = []) {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    stdin: {
      contents: `import { PublicClientApplication } from ${JSON.stringify(module)}; console.log(PublicClientApplication);`,
      resolveDir: ROOT,
    },
    bundle: true,
    external,
    format: "esm",
    legalComments: "none",
    minify: true,
    outdir: "page",
    platform: "browser",
    splitting: true,
    target: "es2022",
    write: false,
  });
  return outputFiles.reduce((total, { contents }) => total + compressed(contents), 0);
}

/** The glue is what the generated part adds to the page's script, so that the parts sum up. @returns {Promise<Sizes>} */
async function measure() {
  const facade = await bundled("consentry", ["./core/*"]);
  const script = await bundled("consentry");
  const wasm = compressed(await readFile(WASM));
  return { facade, glue: script - facade, wasm, total: script + wasm };
}

/** @param {Sizes} sizes @param {Sizes & { limit: number }} record */
function refuseGrowth(sizes, record) {
  const parts = /** @type {(keyof Sizes)[]} */ (Object.keys(sizes));
  const grown = parts.filter((part) => !(sizes[part] <= record[part] * TOLERANCE));
  if (sizes.total > record.limit) {
    throw new Refusal(`${sizes.total} bytes are over the limit of ${record.limit}, which is a decision, not a measurement: make it smaller.`);
  }
  if (grown.length > 0) {
    const growth = grown.map((part) => `${part} ${record[part]} -> ${sizes[part]}`).join(", ");
    throw new Refusal(`Grown beyond size.json: ${growth}. If it is worth it, run "npm run size -- --write" and commit the file.`);
  }
}

/** Writes the figures into the table of the README. @param {number} total @param {number} peer */
async function tellReadme(total, peer) {
  const path = join(ROOT, "README.md");
  /** @param {string} text @param {string} row @param {number} bytes */
  const put = (text, row, bytes) => text.replace(new RegExp(`^(\\| ${row}.* \\| ).*( \\|)$`, "m"), `$1${bytes.toLocaleString("en")}$2`);
  const readme = await readFile(path, "utf8");
  await writeFile(path, put(put(readme, "consentry:", total), PEER, peer));
}

async function size() {
  const { values } = parseArgs({ options: { write: { type: "boolean" } } });
  const record = JSON.parse(await readFile(RECORD, "utf8"));
  const sizes = await measure();
  const peer = await bundled(PEER);
  for (const [part, bytes] of Object.entries(sizes)) console.log(`  ${part.padEnd(7)} ${String(bytes).padStart(7)} bytes`);
  console.log(`  ${PEER}, bundled alike: ${peer} bytes; this package is ${(sizes.total / peer).toFixed(2)} of it`);
  if (values.write) {
    if (sizes.total > record.limit) refuseGrowth(sizes, record);
    await writeFile(RECORD, `${JSON.stringify({ limit: record.limit, ...sizes }, null, 2)}\n`);
    await tellReadme(sizes.total, peer);
  } else {
    refuseGrowth(sizes, record);
  }
}

if (isProgram(import.meta.url)) await program(size);
