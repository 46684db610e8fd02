/** Texts that outlive the page: in the browser's own two stores, or in an app's behind its mirror. The core decides what is kept where. */

/** @typedef {ReturnType<typeof import("./store.js").mirror>} Mirror */
/** @typedef {0 | 1 | Mirror} Area 0 is the tab's store, 1 that of all tabs. A page that may have neither throws when it names one. */

/** What all keys of ours start with. */
export const PREFIX = "consentry|";
/** What the key of what was said ends with (memo.js): none of ours has it elsewhere, as parts of keys are encoded. */
export const MEMO = "|memo";

/** Calls back when another page has changed what all pages share. @param {() => void} changed */
export function onChange(changed) {
  globalThis.addEventListener?.("storage", ({ key, storageArea }) => {
    // `null` where all of it was removed.
    if (storageArea === localStorage && (key === null || (key.startsWith(PREFIX) && !key.endsWith(MEMO)))) changed();
  });
}

/** @param {0 | 1} area */
const own = (area) => (area ? localStorage : sessionStorage);

/** @param {Area} area @returns {area is 0 | 1} */
const isOwn = (area) => typeof area === "number";

/**
 * The keys that start with `prefix`, a line each: a key of ours has no line's end in it. In their order: each is put after the one before
 * it. `Object.keys` would take twice as long for many, as it asks of each whether it is to be listed.
 * @param {Area} area @param {string} prefix
 */
export function keys(area, prefix) {
  const all = isOwn(area) ? Object.getOwnPropertyNames(own(area)) : area.keys(prefix);
  return all.filter((key) => key.startsWith(prefix)).sort().join("\n");
}

/** @param {Area} area @param {string} key */
export function read(area, key) {
  return (isOwn(area) ? own(area).getItem(key) : area.read(key)) ?? undefined;
}

/**
 * Whether there was room.
 * @param {Area} area @param {string} key @param {string} [text] Default: nothing is to be there any more.
 */
export function write(area, key, text) {
  if (!isOwn(area)) area.write(key, text);
  else if (text === undefined) own(area).removeItem(key);
  else return fits(own(area), key, text);
  return true;
}

/** @param {Storage} store @param {string} key @param {string} text */
function fits(store, key, text) {
  try {
    store.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}

/** Waits until what was written is there. @param {Mirror} area */
export const settle = (area) => area.settle();

/** Looks anew at what is there. @param {Mirror} area */
export const pull = (area) => area.pull();
