import { nodeResolve } from "@rollup/plugin-node-resolve";
import { importMetaAssets } from "@web/rollup-plugin-import-meta-assets";

// Rollup leaves addresses as they are; the plugin brings along what `new URL(…, import.meta.url)` names.
export default { input: "main.js", output: { dir: "dist" }, plugins: [nodeResolve(), importMetaAssets()] };
