// What this Vite bundles ahead of time comes without the files beside it, and its workers are no modules by default.
export default { optimizeDeps: { exclude: ["consentry"] }, worker: { format: "es" } };
