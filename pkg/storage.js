/** Texts that outlive the page: in the browser's own two stores, or in an app's behind its mirror. The core decides what is kept where. */

/** @typedef {ReturnType<typeof import("./store.js").mirror>} Mirror */
/** @typedef {0 | 1 | Mirror} Area 0 is the tab's store, 1 that of all tabs. A page that may have neither throws when it names one. */

/** What all keys of ours start with. */
export const PREFIX = "consentry|";
/** What the key of what was said ends with (memo.js): none of ours has it elsewhere, as parts of keys are encoded. */
export const MEMO = "|memo";

/** What the key of the stamp of the last change ends with. */
export const STAMP = "|stamp";
/** The stamps that this page has written last, by key. @type {Map<string, string>} */
const stamps = new Map();

/** Calls back when another page has changed what all pages share. @param {() => void} changed */
export function onChange(changed) {
  globalThis.addEventListener?.("storage", ({ key, newValue, storageArea }) => {
    // `null` where all of it was removed.
    if (storageArea !== localStorage || (key !== null && (!key.startsWith(PREFIX) || key.endsWith(MEMO)))) return;
    if (key && newValue) restamp(key, newValue);
    changed();
  });
}

/**
 * Where two pages have changed something at once, and this one's stamp, which was the later, does not follow the other's, nobody would
 * look for that change any more. A new stamp, which says of no change what it was, has everybody look at everything.
 * @param {string} key @param {string} stamp Of another page.
 */
function restamp(key, stamp) {
  const last = stamps.get(key);
  const [own, before] = last?.split(" ") ?? [];
  const [name] = stamp.split(" ");
  try {
    if (last && own !== name && before !== name && localStorage.getItem(key) === last) localStorage.setItem(key, crypto.randomUUID());
  } catch {
    // Who can't write has not written last.
  }
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
 * Whether there was room; throws where the browser refuses for another reason.
 * @param {Area} area @param {string} key @param {string} [text] Default: nothing is to be there any more.
 */
export function write(area, key, text) {
  if (!isOwn(area)) area.write(key, text);
  else if (text === undefined) own(area).removeItem(key);
  else {
    if (key.endsWith(STAMP)) stamps.set(key, text);
    return fits(own(area), key, text);
  }
  return true;
}

/** @param {Storage} store @param {string} key @param {string} text */
function fits(store, key, text) {
  try {
    store.setItem(key, text);
    return true;
  } catch (error) {
    // Firefox had a name of its own.
    if (/Quota/i.test(/** @type {any} */ (error)?.name)) return false;
    throw error;
  }
}

/** Waits until what was written is there. @param {Mirror} area */
export const settle = (area) => area.settle();

/** Looks anew at what is there. @param {Mirror} area */
export const pull = (area) => area.pull();
