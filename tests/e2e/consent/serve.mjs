/** Serves a page that is nothing but a client, at every redirect URI of the tenant's apps. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";

const PAGES = ["/", "/index.html", "/callback", "/redirect.html"];
/** By path: for the last of them the browser opens no window. */
const POLICIES = { "/redirect.html": "sandbox allow-scripts allow-same-origin" };
const PACKAGE = new URL("../../../pkg/", import.meta.url);
const SCRIPTS = new URL("./", import.meta.url);
const PATHS = /^\/(consentry\/(?:core\/)?[\w-]+\.(?:js|wasm)|[\w-]+\.js)$/;
const MEDIA_TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };

const page = (script) => `<!doctype html>
<html lang="en">
<title>loading</title>
<link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "consentry": "/consentry/index.js" } }</script>
<script type="module" src="${script}"></script>
</html>`;

/**
 * @param {{ script?: string, modules?: Record<string, string>, policies?: Record<string, string>, others?: Record<string, string> }} [options]
 *   The page's script: a file of this folder, or one of `modules`, which are texts by path. The Content-Security-Policy, by path. Other
 *   pages in the place of this one, by path.
 */
export async function serve({ script = "/app.js", modules = {}, policies = POLICIES, others = {} } = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (policies[pathname]) response.setHeader("Content-Security-Policy", policies[pathname]);
    if (PAGES.includes(pathname)) return respond(response, "text/html", others[pathname] ?? page(script));
    const body = modules[pathname] ?? (PATHS.test(pathname) ? await content(pathname) : undefined);
    if (body === undefined) return response.writeHead(404).end();
    return respond(response, MEDIA_TYPES[extname(pathname)], body);
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  return {
    origin: `http://localhost:${server.address().port}`,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

/** Of the package, or of this folder; `undefined` where there is no such file. */
function content(pathname) {
  const [, path] = pathname.split(/^\/(?:consentry\/)?/);
  const file = new URL(path, pathname.startsWith("/consentry/") ? PACKAGE : SCRIPTS);
  return readFile(file).catch(() => undefined);
}

function respond(response, type, body) {
  response.writeHead(200, { "Content-Type": type }).end(body);
}
