// What a browser has and a server lacks may not be looked at by importing.
for (const name of ["window", "self", "document", "location", "localStorage", "sessionStorage", "indexedDB", "fetch", "navigator", "crypto"]) {
  Object.defineProperty(globalThis, name, { configurable: true, get: () => { throw new Error(`touched ${name}`); } });
}
const before = Reflect.ownKeys(globalThis);
const names = ["consentry", "consentry/adapters", "consentry/explain"];
const exports = await Promise.all(names.map(async (name) => Object.keys(await import(name)).length > 0));
const added = Reflect.ownKeys(globalThis).filter((key) => !before.includes(key));
console.log(JSON.stringify({ exports, added }));
