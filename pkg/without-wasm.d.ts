/**
 * The entry for pages whose Content-Security-Policy allows no WebAssembly. It declares what the other does; of `initialize` the request has no effect.
 * @module consentry/without-wasm
 */
export * from "./index.js";
