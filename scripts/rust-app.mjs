/** `npm run start:rust-app`: builds the example app in Rust, and serves it with a local tenant to sign in to, until Ctrl-C. */

import { readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";
import { ensurePackages } from "./packages.mjs";
import { interrupted, isProgram, program, ROOT, run } from "./process.mjs";
import { step } from "./progress.mjs";
import { LOOPBACK, ownUsers } from "./serve.mjs";
import { launcher } from "./tenant.mjs";
import { ensureWasmBindgen, ensureWasmTarget, WASM_TARGET } from "./toolchain.mjs";

/** @typedef {import("./serve.mjs").Tenant} Tenant */

const PAGE = join(ROOT, "examples/rust-app/index.html");
const DEFAULT_PORT = 4450;

/** @type {Record<string, string>} What wasm-bindgen writes. */
const MEDIA_TYPES = { ".js": "text/javascript; charset=utf-8", ".wasm": "application/wasm" };

/** Builds the app. @returns {Promise<string>} the folder of what wasm-bindgen made of it */
export async function buildRustApp() {
  await ensureWasmTarget();
  const bindgen = join(await ensureWasmBindgen(), "wasm-bindgen");
  // Unoptimised, so that little is built anew: an app's own build is a release.
  const args = ["build", "--locked", "-p", "rust-app", "--target", WASM_TARGET, "--message-format=json-render-diagnostics"];
  const { stdout } = await step("Rust app", (onOutput) => run("cargo", args, { onOutput }));
  const built = stdout.split("\n").filter((line) => line.includes('"compiler-artifact"')).map((line) => JSON.parse(line));
  const module = built.flatMap(({ filenames }) => filenames).find((name) => /[\\/]rust_app\.wasm$/.test(name));
  const folder = join(module, "../rust-app");
  await rm(folder, { recursive: true, force: true });
  await run(bindgen, ["--target", "web", "--no-typescript", "--out-dir", folder, module]);
  return folder;
}

/** The page, told of its tenant. @param {Tenant} tenant */
async function pageFor({ clientId, authority, apis: { orders } }) {
  /** @type {Record<string, string>} */
  const facts = { clientId, authority, ordersUri: orders.resource, ordersOrigin: orders.origin };
  return (await readFile(PAGE, "utf8")).replaceAll(/\{\{(\w+)\}\}/g, (_, name) => facts[name] ?? "");
}

/**
 * @param {{ port: number, folder: string, tenant: Tenant }} options Port 0: any that is free.
 * @returns {Promise<{ origin: string, asked: string[], stop: () => Promise<void> }>} `asked`: every path that was asked for
 */
export async function serveRustApp({ port, folder, tenant }) {
  const page = await pageFor(tenant);
  /** @type {string[]} */
  const asked = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    asked.push(pathname);
    if (pathname === "/") return response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(page);
    const type = MEDIA_TYPES[extname(pathname)];
    const body = type && !pathname.includes("..") ? await readFile(join(folder, pathname)).catch(() => undefined) : undefined;
    return body ? response.writeHead(200, { "Content-Type": type }).end(body) : response.writeHead(404).end();
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, LOOPBACK, () => resolve(undefined));
  });
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://localhost:${address.port}`,
    asked,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

async function start() {
  const { values } = parseArgs({ options: { port: { type: "string" } } });
  const port = Number(values.port ?? DEFAULT_PORT);
  await ensurePackages();
  const folder = await buildRustApp();
  const { launch } = await launcher();
  const tenant = await step("Local tenant", () => launch({ port: port + 1 }));
  const site = await serveRustApp({ port, folder, tenant });
  const names = ownUsers(tenant).map(({ username, password }) => `${username}, password ${password}`);
  console.log(`\n  ${site.origin}/    the app; Ctrl-C ends it\n  Sign in as ${names.join("; or ")}\n`);
  await interrupted();
  await Promise.all([site.stop(), tenant.stop()]);
}

if (isProgram(import.meta.url)) await program(start);
