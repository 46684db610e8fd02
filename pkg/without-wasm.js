/** The entry for pages whose Content-Security-Policy allows no WebAssembly: the same core as plain JavaScript, which is larger and slower. */

import { defineClient } from "./client.js";

export * from "./index.js";
/** In the place of the other's. */
export const PublicClientApplication = defineClient(() => import("./plain-loader.js").then(({ core }) => core));
