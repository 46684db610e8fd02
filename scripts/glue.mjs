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
  return besidePackage(eitherKind(codersLate(passWhole(short))));
}

/** The same glue serves the module's JavaScript form, which is a function. @param {string} glue */
function eitherKind(glue) {
  const isModule = "if (!(module instanceof WebAssembly.Module)) {";
  const made = /new WebAssembly\.Instance\((\w+), (.*)\);/g;
  const some = replaceAll(glue, isModule, `if (typeof module !== "function" && ${isModule.slice(4)}`);
  if (!made.test(some)) throw new Error("The glue makes no instance: wasm-bindgen writes it in another way now.");
  return some.replaceAll(made, "instanceOf($1, $2);") + INSTANCE;
}

const INSTANCE = `
function instanceOf(module, imports) {
    return typeof module === "function" ? { exports: module(imports) } : new WebAssembly.Instance(module, imports);
}
`;

/**
 * What wasm2js has written, as a function that makes an instance, as often as it is called.
 * @param {string} script
 */
export function asFactory(script) {
  const start = "import * as a from 'a';\n";
  const grown = "   buffer = newBuffer;\n";
  // Views of a memory that has grown are known by its old buffer being gone.
  let factory = replaceAll(script, grown, `   structuredClone(buffer, { transfer: [buffer] });\n${grown}`);
  factory = replaceAll(factory, start, "");
  factory = replaceAll(factory, "throw new Error('abort')", "throw Object.assign(new Error('unreachable'), { name: 'RuntimeError' })");
  const [code, end] = factory.split("\nvar retasmFunc = asmFunc({");
  if (!code || !end) throw new Error("wasm2js writes the end of a module in another way now.");
  return `${code}\nexport const instantiate = asmFunc;\n`;
}

/** A string goes into the memory in one go: wasm-bindgen's own way, a character after the other, takes ten times as long for a long one. */
const PASS = `function passStringToWasm0(arg, malloc, realloc) {
    cachedTextEncoder ??= new TextEncoder();
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

/** Many a page has its tokens before the core says anything: what turns texts into bytes and back is made when it does. @param {string} glue */
function codersLate(glue) {
  const made = "let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });\ncachedTextDecoder.decode();\n";
  const isFull = "if (numBytesDecoded >= MAX_SAFARI_DECODE_BYTES)";
  const late = replaceAll(replaceAll(glue, made, "let cachedTextDecoder;\n"), isFull, isFull.replace("(", "(!cachedTextDecoder || "));
  return replaceAll(late, "const cachedTextEncoder = new TextEncoder();", "let cachedTextEncoder;");
}

/** What the core takes from a file of the package is that file, not wasm-bindgen's copy of it. @param {string} glue */
function besidePackage(glue) {
  const path = /\.\/snippets\/[\w-]+\/pkg\//g;
  if (!path.test(glue)) throw new Error("The glue takes nothing from the package's own files: wasm-bindgen writes it in another way now.");
  return glue.replaceAll(path, "../");
}

/** What comes later takes from the entry what that has anyway, as `pkg/lending.js` says. @param {string} glue @param {"core-lent" | "part-lent"} lent */
export const borrowing = (glue, lent) => ["navigation", "storage", "vault"].reduce((text, name) => replaceAll(text, `'../${name}.js'`, `'../${lent}.js'`), glue);

/** @param {string} text @param {string} from @param {string} to */
function replaceAll(text, from, to) {
  if (!text.includes(from)) throw new Error(`The glue has no ${from.trim()}: wasm-bindgen writes it in another way now.`);
  return text.replaceAll(from, to);
}
