/** Static files on loopback: what a web server does for an app that is built. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const MEDIA_TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/**
 * @param {string} folder
 * @param {{ policy?: string, below?: Record<string, string> }} [options] `policy`: the Content-Security-Policy; `below`: folders that are elsewhere, by the path that they are served at.
 * @returns {Promise<{ origin: string, stop: () => Promise<void> }>}
 */
export async function site(folder, { policy, below = {} } = {}) {
  const fileOf = (path) => {
    const start = Object.keys(below).find((start) => path.startsWith(start));
    return start ? join(below[start], path.slice(start.length)) : join(folder, path.endsWith("/") ? `${path}index.html` : path);
  };
  const server = createServer(async (request, response) => {
    const file = fileOf(normalize(new URL(request.url, "http://localhost").pathname));
    const body = await readFile(file).catch(() => undefined);
    if (policy) response.setHeader("Content-Security-Policy", policy);
    response.writeHead(body ? 200 : 404, { "Content-Type": MEDIA_TYPES[extname(file)] ?? "text/plain" });
    response.end(body ?? "Not found\n");
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://localhost:${server.address().port}`,
    stop: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}
