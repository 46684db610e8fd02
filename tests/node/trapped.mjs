/** A thread in which every global of a browser throws when it is so much as looked at: what a server or a worker may lack. */

import { parentPort } from "node:worker_threads";

const BROWSER_GLOBALS = [
  "window", "self", "document", "location", "history", "navigator", "opener", "parent", "top", "name",
  "localStorage", "sessionStorage", "indexedDB", "caches", "cookieStore",
  "fetch", "XMLHttpRequest", "WebSocket", "BroadcastChannel", "open", "postMessage",
  "addEventListener", "dispatchEvent", "setTimeout", "setInterval", "queueMicrotask", "crypto", "performance",
];

for (const name of BROWSER_GLOBALS) {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      throw new Error(`touched the global ${name}`);
    },
  });
}

const before = Reflect.ownKeys(globalThis);
const consentry = await import("consentry");
const client = new consentry.PublicClientApplication({ auth: { clientId: "a client" } });

const explained = await import("consentry/explain");
explained.explain({ errorCode: "login_required" });

const adapted = await import("consentry/adapters");
adapted.tokenCredential(client);
adapted.graphAuthenticationProvider(client, { scopes: [] });

/** Those of all classes. @param {object} prototype @returns {string[]} */
const methodsOf = (prototype) =>
  prototype === Object.prototype ? [] : [...Object.getOwnPropertyNames(prototype), ...methodsOf(Object.getPrototypeOf(prototype))];

const added = Reflect.ownKeys(globalThis).filter((key) => !before.includes(key)).map(String);
parentPort?.postMessage({
  added,
  exports: Object.keys(consentry),
  explains: Object.keys(explained),
  adapts: Object.keys(adapted),
  methods: [...new Set(methodsOf(Object.getPrototypeOf(client)))],
});
