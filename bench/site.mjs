/** Serves an app that is made with one client: its page, bundled as for production, which the browser may keep. */
import { build } from "esbuild";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { FIRST_WASM, WASM } from "../scripts/build.mjs";
import { LOOPBACK } from "../scripts/serve.mjs";

const PAGES = fileURLToPath(new URL("./pages/", import.meta.url));
const HTML = '<!doctype html><html lang="en"><title>loading</title><link rel="icon" href="data:,"><body><script type="module" src="/app.js"></script></body></html>';

/** The scripts that come of it, with what is loaded on demand in its own. @param {string} script The name of a file in `pages`. */
async function bundle(script) {
  const { outputFiles } = await build({
    absWorkingDir: PAGES,
    entryPoints: { app: script },
    bundle: true,
    format: "esm",
    legalComments: "none",
    logLevel: "warning",
    minify: true,
    outdir: PAGES,
    splitting: true,
    target: "es2022",
    write: false,
  });
  return Object.fromEntries(outputFiles.map(({ path, text }) => [`/${basename(path)}`, { type: "text/javascript", body: text }]));
}

/** @param {string} script The name of a file in `pages`. */
export async function serveApp(script) {
  /** @type {Record<string, { type: string, body: string | Buffer }>} */
  const files = {
    "/": { type: "text/html", body: HTML },
    // The same, for an app that is to wait before it begins; and a page without any.
    "/waiting": { type: "text/html", body: HTML },
    "/blank": { type: "text/html", body: HTML.replace(/<script.*<\/script>/, "") },
    ...(await bundle(script)),
    // Beside the bundle, where the package looks for it.
    "/core/consentry_core_bg.wasm": { type: "application/wasm", body: await readFile(WASM) },
    "/core/consentry_start_bg.wasm": { type: "application/wasm", body: await readFile(FIRST_WASM) },
  };
  const server = createServer(({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://localhost");
    const file = files[pathname];
    if (!file) return response.writeHead(404).end();
    const isPage = file.type === "text/html";
    return response.writeHead(200, { "Content-Type": file.type, "Cache-Control": isPage ? "no-cache" : "max-age=31536000, immutable" }).end(file.body);
  });
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://localhost:${address.port}`,
    files,
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
