/** Serves an app that is made of npm packages: pages with one script each, bundled in memory. */
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

/** Where a bundle looks for the core, and for the part that a page starts with. */
const WASM = ["/core/consentry_core_bg.wasm", "/core/consentry_start_bg.wasm"];

/**
 * @param {object} app
 * @param {URL} app.folder of the scripts
 * @param {Record<string, string>} app.pages the name of each page's script, by path
 * @param {(origin: string) => object} [app.configure] what the app reads from /config.json, for the app at this origin
 * @param {import("esbuild").BuildOptions} [app.bundling] what is bundled differently
 */
export async function serve({ folder, pages, configure = () => ({}), bundling }) {
  const { scripts, inputs } = await bundle(folder, [...new Set(Object.values(pages))], bundling);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === "/config.json") return respond(response, "application/json", JSON.stringify(configure(origin)));
    if (scripts.has(pathname)) return respond(response, "text/javascript", scripts.get(pathname));
    if (WASM.includes(pathname)) return readFile(new URL(`../../../pkg${pathname}`, import.meta.url)).then((bytes) => respond(response, "application/wasm", bytes));
    if (Object.hasOwn(pages, pathname)) return respond(response, "text/html", page(pages[pathname]));
    return response.writeHead(404).end();
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const origin = `http://localhost:${server.address().port}`;
  return {
    origin,
    inputs,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

/**
 * The scripts of a folder by path, and the files that went into them.
 * @param {URL} folder @param {string[]} names @param {import("esbuild").BuildOptions} [bundling]
 */
export async function bundle(folder, names, bundling) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: fileURLToPath(folder),
    entryPoints: names.map((name) => `${name}.js`),
    bundle: true,
    format: "esm",
    write: false,
    outdir: "/",
    logLevel: "warning",
    metafile: true,
    ...bundling,
  });
  const scripts = new Map(outputFiles.map(({ path, text }) => [path.slice(path.lastIndexOf("/")), text]));
  return { scripts, inputs: Object.keys(metafile.inputs) };
}

/** @param {string} script Without its ending. */
export function page(script) {
  return `<!DOCTYPE html><html lang="en"><title>loading</title><link rel="icon" href="data:,"><script type="module" src="/${script}.js"></script></html>`;
}

function respond(response, type, body) {
  response.writeHead(200, { "Content-Type": type }).end(body);
}
