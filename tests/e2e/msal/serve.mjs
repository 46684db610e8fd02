/** Serves the app: two pages, each with one script, bundled in memory. */
import { build } from "esbuild";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const PAGES = { "/": "app", "/redirect.html": "redirect" };
const HERE = fileURLToPath(new URL(".", import.meta.url));

/**
 * @param {(origin: string) => object} configure MSAL's configuration for an app at this origin
 */
export async function serve(configure) {
  const scripts = await bundle();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === "/config.json") return respond(response, "application/json", JSON.stringify(configure(origin)));
    if (scripts.has(pathname)) return respond(response, "text/javascript", scripts.get(pathname));
    if (Object.hasOwn(PAGES, pathname)) return respond(response, "text/html", page(PAGES[pathname]));
    return response.writeHead(404).end();
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const origin = `http://localhost:${server.address().port}`;
  return {
    origin,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

async function bundle() {
  const { outputFiles } = await build({
    absWorkingDir: HERE,
    entryPoints: ["app.js", "redirect.js"],
    bundle: true,
    format: "esm",
    write: false,
    outdir: "/",
    logLevel: "warning",
  });
  return new Map(outputFiles.map(({ path, text }) => [path.slice(path.lastIndexOf("/")), text]));
}

function page(script) {
  return `<!DOCTYPE html><html lang="en"><title>loading</title><link rel="icon" href="data:,"><script type="module" src="/${script}.js"></script></html>`;
}

function respond(response, type, body) {
  response.writeHead(200, { "Content-Type": type }).end(body);
}
