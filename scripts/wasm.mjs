/** As much of the WebAssembly binary format as measuring needs: sections, function bodies, function names. */

const SECTION = { custom: 0, import: 2, code: 10 };
const IMPORTED_FUNCTION = 0;
const FUNCTION_NAMES = 1;

/** @typedef {{ id: number, start: number, end: number, size: number }} Section `size`: with its own header. */

/** A position in the module that moves as it is read. */
class Reader {
  /** @param {Uint8Array} bytes @param {number} at */
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw new RangeError("The module ends too early.");
    this.at += 1;
    return byte;
  }

  /** An unsigned LEB128 number. */
  number() {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  /** @param {number} length */
  skip(length) {
    this.at += length;
  }

  text() {
    const length = this.number();
    this.skip(length);
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
}

/** @param {Uint8Array} bytes @returns {Section[]} */
export function sections(bytes) {
  const reader = new Reader(bytes, 8); // after the magic number and the version
  const found = [];
  while (reader.at < bytes.length) {
    const begin = reader.at;
    const id = reader.byte();
    const length = reader.number();
    const start = reader.at;
    reader.skip(length);
    found.push({ id, start, end: reader.at, size: reader.at - begin });
  }
  return found;
}

/** @param {Reader} reader Before an import's description. @returns {boolean} Whether it is a function. */
function skipImportDescription(reader) {
  const kind = reader.byte();
  if (kind === IMPORTED_FUNCTION) {
    reader.number();
    return true;
  }
  const limits = () => {
    const hasMaximum = reader.byte() & 1;
    reader.number();
    if (hasMaximum) reader.number();
  };
  if (kind === 1) reader.skip(1); // a table's element type
  if (kind === 1 || kind === 2) limits();
  else reader.skip(2); // a global or a tag: two bytes each
  return false;
}

/** @param {Uint8Array} bytes @param {Section[]} all */
function importedFunctions(bytes, all) {
  const section = all.find(({ id }) => id === SECTION.import);
  if (!section) return 0;
  const reader = new Reader(bytes, section.start);
  let functions = 0;
  for (let left = reader.number(); left > 0; left -= 1) {
    reader.text();
    reader.text();
    if (skipImportDescription(reader)) functions += 1;
  }
  return functions;
}

/** The section that holds the names, which a shipped module lacks. @param {Uint8Array} bytes */
export function nameSection(bytes) {
  return sections(bytes).find(({ id, start }) => id === SECTION.custom && new Reader(bytes, start).text() === "name");
}

/** @param {Uint8Array} bytes @returns {Map<number, string>} */
function functionNames(bytes) {
  const names = new Map();
  const section = nameSection(bytes);
  if (!section) return names;
  const reader = new Reader(bytes, section.start);
  reader.text();
  while (reader.at < section.end) {
    const kind = reader.byte();
    const length = reader.number();
    if (kind !== FUNCTION_NAMES) {
      reader.skip(length);
      continue;
    }
    for (let left = reader.number(); left > 0; left -= 1) {
      const index = reader.number();
      names.set(index, reader.text());
    }
  }
  return names;
}

/**
 * Every function with a body: its name, where the module has one, and its bytes.
 * @param {Uint8Array} bytes
 * @returns {{ name: string | undefined, size: number }[]}
 */
export function functions(bytes) {
  const all = sections(bytes);
  const code = all.find(({ id }) => id === SECTION.code);
  if (!code) return [];
  const names = functionNames(bytes);
  const first = importedFunctions(bytes, all);
  const reader = new Reader(bytes, code.start);
  return Array.from({ length: reader.number() }, (_, position) => {
    const begin = reader.at;
    reader.skip(reader.number());
    return { name: names.get(first + position), size: reader.at - begin };
  });
}
