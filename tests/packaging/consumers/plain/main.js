import { run, show } from "./app.js";

const address = "/consentry/core/consentry_core_bg.wasm";
const SOURCES = {
  url: () => new URL(address, location.href),
  text: () => address,
  response: () => fetch(address),
  bytes: async () => (await fetch(address)).arrayBuffer(),
  module: () => WebAssembly.compileStreaming(fetch(address)),
};
show(run(SOURCES[location.search.slice(1)]?.()));
