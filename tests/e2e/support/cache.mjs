/** What the stories about the token cache have in common: pages at the strict provider, time that goes by, and what is kept. */
import { indexedStore } from "./indexed-store.mjs";

/** @typedef {import("playwright-core").Page} Page */

export const SIGN_IN = { scopes: ["profile"], prompt: "consent" };
export const PLAIN = { scopes: ["profile"] };
export const FORCE = { scopes: ["profile"], forceRefresh: true };
/** What a refresh token alone can do. */
export const WITHOUT_FRAMES = { system: { allowSilentFrame: false } };
export const LOCAL = { cacheLocation: "localStorage", ...WITHOUT_FRAMES };
/** A store of the app's own, in a database that pages and workers share. */
export const SHARED_STORE = { storage: indexedStore, ...WITHOUT_FRAMES };

/** Of a browser that has no locks. */
export const withoutLocks = () => Object.defineProperty(Navigator.prototype, "locks", { value: undefined });

/** The refresh tokens that were sent. @param {{ form: Record<string, string> }[]} sent */
export const refreshes = (sent) => sent.filter(({ form }) => form.grant_type === "refresh_token").map(({ form }) => form.refresh_token);

/** What the clients of these pages take for the time goes on, so that a token has ended. @param {...Page} pages */
export async function letTokensEnd(...pages) {
  for (const page of pages) await page.evaluate(() => { const now = Date.now; Date.now = () => now() + 900_000; });
}

/** Loads the page anew without what it was told: so that it begins with the core, however long it was there. @param {Page} page */
export async function reloadUntold(page) {
  const loaded = page.waitForEvent("load");
  await page.evaluate(() => {
    for (const store of [localStorage, sessionStorage]) for (const key of Object.keys(store)) if (key.endsWith("|memo")) store.removeItem(key);
    location.reload();
  });
  await loaded;
}

/** What is in a storage of the page. @param {Page} page @param {"localStorage" | "sessionStorage"} area @returns {Promise<Record<string, string>>} */
export const entriesOf = (page, area = "localStorage") => page.evaluate((name) => ({ ...window[name] }), area);

/** Everything in all databases of the page, as far as it is text. @param {Page} page @returns {Promise<string>} */
export const databaseText = (page) => page.evaluate(async () => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const texts = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const storeName of database.objectStoreNames) {
      const store = database.transaction(storeName).objectStore(storeName);
      texts.push(name, storeName, JSON.stringify([await done(store.getAllKeys()), await done(store.getAll())]));
    }
    database.close();
  }
  return texts.join("\n");
});
