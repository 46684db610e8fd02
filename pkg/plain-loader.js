/** The core without WebAssembly, by the way of the other. */

import { instantiate } from "./core/consentry_plain.js";
import { core as whole } from "./loader.js";

/** What `initialize` says of a WebAssembly module is of no use here. @type {typeof whole} */
export const core = Object.create(whole, { start: { value: () => whole.start(instantiate) } });
