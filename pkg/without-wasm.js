/** The entry for pages whose Content-Security-Policy allows no WebAssembly: the same core as plain JavaScript, which is larger and slower. */

import { defineClient } from "./client.js";
import { toCore } from "./lending.js";

/** The core without WebAssembly, by the way of the other; what `initialize` says of a module is of no use here. */
async function importPlain() {
  const [{ wholeOf }, { instantiate }] = await Promise.all([import("./loader.js"), import("./core/consentry_plain.js")]);
  const whole = wholeOf(toCore);
  return Object.create(whole, { start: { value: () => whole.start(instantiate) } });
}

export * from "./index.js";
/** In the place of the other's. */
export const PublicClientApplication = defineClient(importPlain);
