/** What `initialize()` does. */

import { apiPart, ask, loadApiPart, run, send, unlearn } from "./call.js";
import { EventType } from "./events.js";
import { grow, startSmall } from "./grow.js";
import { forsake, stampOf } from "./memo.js";
import { prepare } from "./vault.js";

/** @typedef {import("./handle.js").Client} Client */

/** Until a page has what it begins with, as a rule, in milliseconds. */
const PATIENCE = 100;

/** @param {Client} client @param {import("./index.js").WasmSource} [wasm] */
export async function start(client, wasm) {
  const { api, cache } = /** @type {import("./index.js").Configuration} */ (client.configuration ?? {});
  const opening = api && loadApiPart();
  opening?.catch(() => {}); // told below
  if (cache?.cacheLocation === "localStorage" && cache.encryption !== false) prepare();
  if (wasm !== undefined || !(await startSmall(client))) await grow(client, wasm);
  if (opening) {
    await apiPart(client).catch((/** @type {unknown} */ error) => {
      client.core = undefined; // what is wrong with the map shows at once
      throw error;
    });
  }
  await adopt(client).catch(() => {}); // whatever MSAL.js has left is no reason not to start
  client.watched.look();
  globalThis.addEventListener?.("pageshow", ({ persisted }) => {
    // Whoever left by this page has come back to it without an answer.
    if (persisted) client.watched.tell(EventType.RESTORE_FROM_BFCACHE, { type: "redirect" });
  });
  if (cache?.cacheLocation !== "localStorage") return;
  const changed = () => {
    unlearn(client); // who signs out elsewhere leaves no token here
    forsake(client);
    run(client, "initialize", undefined).catch(() => {});
  };
  const stamp = stampOf(client.configuration);
  // Not before: to listen, Chromium fetches the tab's store as well.
  setTimeout(() => {
    client.module?.onChange(changed);
    if (stampOf(client.configuration) !== stamp) changed();
  }, PATIENCE);
}

/** Takes over the users whom MSAL.js has left, the first time that this client starts. @param {Client} client */
async function adopt(client) {
  if (!ask(client, "awaitsAdoption")) return;
  const { leftBehind } = await import("./migration.js");
  const { auth, cache } = /** @type {import("./index.js").Configuration} */ (client.configuration);
  const left = await leftBehind(cache?.cacheLocation === "localStorage" ? localStorage : sessionStorage, auth.clientId);
  await send(client, "adopt", left);
}
