/** The core without WebAssembly, by the way of the other. */

import { instantiate } from "./core/consentry_plain.js";
import { start as startCore } from "./loader.js";

export * from "./loader.js";

/** What `initialize` says of a WebAssembly module is of no use here. */
export const start = () => startCore(instantiate);
