/** The sample page's server gives out what it should, and nothing else. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { serve } from "../../scripts/serve.mjs";

const TENANT = {
  origin: "http://localhost:1",
  authority: "http://localhost:1/tenant",
  tenantId: "contoso",
  clientId: "a client",
  apis: { graph: { origin: "http://localhost:2", resource: "https://graph" }, orders: { origin: "http://localhost:3", resource: "api://orders" } },
  users: [
    { name: "Adele Vance", username: "adele@contoso.example", password: "local-tenant", tenantId: "contoso" },
    { name: "Dana Okafor", username: "dana@fabrikam.example", password: "local-tenant", tenantId: "fabrikam" },
  ],
};

/** @type {Awaited<ReturnType<typeof serve>>} */
let page;
before(async () => {
  page = await serve({ port: 0, config: TENANT });
});
after(() => page.stop());

/**
 * Sends the path as it is; `fetch` would tidy it up.
 * @param {string} path @param {string} [method]
 * @returns {Promise<{ status: number | undefined, headers: import("node:http").IncomingHttpHeaders, body: string }>}
 */
function get(path, method = "GET") {
  const { port } = new URL(page.origin);
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, method }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text) => (body += text));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    }).on("error", reject).end();
  });
}

/** @param {string | undefined} policy @param {string} name */
const directive = (policy, name) => policy?.split("; ").find((text) => text.startsWith(`${name} `))?.split(" ").slice(1) ?? [];

test("the page, the package and its module come with their media types", async () => {
  const types = Object.fromEntries(
    await Promise.all(
      ["/", "/style.css", "/favicon.svg", "/consentry/index.js", "/consentry/core/consentry_core_bg.wasm"].map(async (path) => {
        const { status, headers } = await get(path);
        return [path, `${status} ${headers["content-type"]}`];
      }),
    ),
  );
  assert.deepEqual(types, {
    "/": "200 text/html; charset=utf-8",
    "/style.css": "200 text/css; charset=utf-8",
    "/favicon.svg": "200 image/svg+xml",
    "/consentry/index.js": "200 text/javascript; charset=utf-8",
    "/consentry/core/consentry_core_bg.wasm": "200 application/wasm",
  });
});

test("the query does not matter, and HEAD has no body", async () => {
  assert.equal((await get("/?code=1&state=2")).status, 200);
  const { status, body } = await get("/", "HEAD");
  assert.deepEqual([status, body], [200, ""]);
});

test("the configuration is the tenant's facts, without passwords", async () => {
  const { body } = await get("/config.js");
  const { default: config } = await import(`data:text/javascript,${encodeURIComponent(body)}`);
  assert.deepEqual(config, { clientId: "a client", authority: TENANT.authority, ...TENANT.apis, colleagues: [{ name: "Adele Vance", username: "adele@contoso.example" }] });
});

for (const path of [
  "/../package.json",
  "/..%2fpackage.json",
  "/%2e%2e/package.json",
  "/%2e%2e%2f%2e%2e%2fetc/passwd",
  "/..%5cpackage.json",
  "/consentry/../../package.json",
  "/consentry/..%2f..%2fpackage.json",
  "/consentry/package.json",
  "/consentry/index.d.ts",
  "/consentry/core/.stamp.json",
  "/consentry/core/../package.json",
  "/index.html%00.js",
  "/.hidden.js",
  "/%",
  "/absent.js",
  "/view",
  "//etc/passwd",
  "http://elsewhere.example/",
]) {
  test(`not found: ${path}`, async () => {
    const { status, body } = await get(path);
    assert.deepEqual([status, body], [404, "Not found\n"]);
  });
}

test("only reading is allowed", async () => {
  assert.equal((await get("/", "POST")).status, 405);
});

test("every answer carries the protecting headers", async () => {
  for (const path of ["/", "/config.js", "/absent.js"]) {
    const { headers } = await get(path);
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["referrer-policy"], "no-referrer");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.ok(headers["content-security-policy"]);
  }
});

test("the policy lets in the tenant, its APIs and the one inline script", async () => {
  const html = await readFile(new URL("../../www/index.html", import.meta.url), "utf8");
  const [, map = ""] = html.match(/<script type="importmap">(.*?)<\/script>/s) ?? [];
  const hash = createHash("sha256").update(map).digest("base64");
  const { headers } = await get("/");
  const policy = /** @type {string | undefined} */ (headers["content-security-policy"]);
  assert.deepEqual(directive(policy, "script-src"), ["'self'", "'wasm-unsafe-eval'", `'sha256-${hash}'`]);
  assert.deepEqual(directive(policy, "connect-src"), ["'self'", "http://localhost:1", "http://localhost:2", "http://localhost:3"]);
  for (const name of ["object-src", "frame-ancestors", "base-uri", "form-action"]) assert.deepEqual(directive(policy, name), ["'none'"]);
  assert.ok(!policy?.includes("unsafe-inline") && !policy?.includes("'unsafe-eval'"));
});
