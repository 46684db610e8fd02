/**
 * Short names between the module and its glue. wasm-bindgen's names carry a hash each, which no compression can shrink:
 * they are 3 KB of the download.
 */

/** @typedef {{ imports: [module: string, name: string, short: string][], exports: [name: string, short: string][] }} Names */

/**
 * Gives the glue the names that wasm-opt has given the module.
 * @param {string} glue
 * @param {string} report What `wasm-opt --minify-imports-and-exports-and-modules` prints.
 * @param {string} module The name of the imports' module before that; it is `a` now.
 * @returns {string}
 */
export function shortenNames(glue, report, module) {
  /** @type {Names} */
  const names = JSON.parse(report);
  let short = replaceAll(glue, JSON.stringify(module), '"a"');
  for (const [, name, to] of names.imports) short = replaceAll(short, `        ${name}: function`, `        ${to}: function`);
  for (const [name, to] of names.exports) {
    // An export that only the module's own table refers to is in no line of the glue.
    short = short.replaceAll(new RegExp(`\\bwasm\\.${name}\\b`, "g"), `wasm.${to}`);
  }
  return besidePackage(passWhole(short));
}

/** A string goes into the memory in one go: wasm-bindgen's own way, a character after the other, takes ten times as long for a long one. */
const PASS = `function passStringToWasm0(arg, malloc, realloc) {
    const { length } = arg;
    let ptr = malloc(length, 1) >>> 0;
    const { read, written } = cachedTextEncoder.encodeInto(arg, getUint8ArrayMemory0().subarray(ptr, ptr + length));
    WASM_VECTOR_LEN = written;
    if (read < length) {
        const rest = cachedTextEncoder.encode(arg.slice(read));
        WASM_VECTOR_LEN += rest.length;
        ptr = realloc(ptr, length, WASM_VECTOR_LEN, 1) >>> 0;
        getUint8ArrayMemory0().set(rest, ptr + written);
    } else if (written < length) ptr = realloc(ptr, length, written, 1) >>> 0;
    return ptr;
}
`;

/** @param {string} glue */
function passWhole(glue) {
  const own = /^function passStringToWasm0\(arg, malloc, realloc\) \{\n.*?^\}\n/ms;
  if (!own.test(glue)) throw new Error("The glue passes strings by another function: wasm-bindgen writes it in another way now.");
  return glue.replace(own, () => PASS);
}

/** What the core takes from a file of the package is that file, not wasm-bindgen's copy of it. @param {string} glue */
function besidePackage(glue) {
  const path = /\.\/snippets\/[\w-]+\/pkg\//g;
  if (!path.test(glue)) throw new Error("The glue takes nothing from the package's own files: wasm-bindgen writes it in another way now.");
  return glue.replaceAll(path, "../");
}

/** @param {string} text @param {string} from @param {string} to */
function replaceAll(text, from, to) {
  if (!text.includes(from)) throw new Error(`The glue has no ${from.trim()}: wasm-bindgen writes it in another way now.`);
  return text.replaceAll(from, to);
}
