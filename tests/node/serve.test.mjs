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

/** What the page has done to the tenant. @type {string[]} */
const done = [];
const LOCAL_TENANT = {
  ...TENANT,
  revokeSessions: async (/** @type {string} */ user) => {
    if (!user.startsWith("adele")) throw new Error("The tenant has no such user.");
    done.push(`revoke ${user}`);
  },
  challengeTokens: async (/** @type {string} */ user) => void done.push(`challenge ${user}`),
  revokeConsent: async (/** @type {string} */ user, /** @type {string} */ resource) => void done.push(`withdraw ${user} ${resource}`),
  injectFault: async (/** @type {{ endpoint: string, times: number }} */ { endpoint, times }) => void done.push(`${endpoint} ${times}`),
  disableUser: async () => void done.push("disable"),
};

/** @type {Awaited<ReturnType<typeof serve>>} */
let page;
/** @type {typeof page} */
let local;
before(async () => {
  page = await serve({ port: 0, config: TENANT });
  local = await serve({ port: 0, config: LOCAL_TENANT });
});
after(() => Promise.all([page.stop(), local.stop()]));

/**
 * Sends the path as it is; `fetch` would tidy it up.
 * @param {string} path @param {string} [method]
 * @param {{ of?: typeof page, headers?: Record<string, string>, body?: string }} [request]
 * @returns {Promise<{ status: number | undefined, headers: import("node:http").IncomingHttpHeaders, body: string }>}
 */
function get(path, method = "GET", { of = page, headers = {}, body: sent = "" } = {}) {
  const { port } = new URL(of.origin);
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text) => (body += text));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    }).on("error", reject).end(sent);
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
  assert.deepEqual(config, { clientId: "a client", authority: TENANT.authority, ...TENANT.apis, colleagues: [{ name: "Adele Vance", username: "adele@contoso.example" }], actions: [] });
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

const ADELE = JSON.stringify({ user: "adele@contoso.example" });

/** What the page itself sends: with its origin, as the browser tells it. @param {string} path @param {{ headers?: Record<string, string>, body?: string }} [changed] */
function order(path, { headers = {}, body = ADELE } = {}) {
  const { host } = new URL(local.origin);
  const own = { host, origin: local.origin, "sec-fetch-site": "same-origin", "content-type": "application/json" };
  return get(path, "POST", { of: local, headers: { ...own, ...headers }, body });
}

test("the page may do to a local tenant what that can do, and learns it from its configuration", async () => {
  done.length = 0;
  const { body } = await get("/config.js", "GET", { of: local });
  const { default: { actions } } = await import(`data:text/javascript,${encodeURIComponent(body)}`);
  assert.deepEqual(actions, [
    "challenge-tokens", "revoke-sessions", "withdraw-consent", "token-429", "api-503", "token-unreachable", "token-slow",
  ]);
  for (const action of actions) assert.equal((await order(`/tenant/${action}`)).status, 204);
  assert.deepEqual(done, [
    "challenge adele@contoso.example", "revoke adele@contoso.example", "withdraw adele@contoso.example api://orders",
    "token 1", "api:graph 1", "token 2", "token 1",
  ]);
});

const elsewhere = "http://elsewhere.example";
for (const [name, status, path, changed] of /** @type {[string, number, string, Parameters<typeof order>[1]][]} */ ([
  ["another origin", 403, "revoke-sessions", { headers: { origin: elsewhere } }],
  ["no origin that can be told", 403, "revoke-sessions", { headers: { origin: "null" } }],
  ["another site, by the browser's word", 403, "revoke-sessions", { headers: { "sec-fetch-site": "same-site" } }],
  ["a name that leads here from elsewhere", 403, "revoke-sessions", { headers: { origin: elsewhere, host: "elsewhere.example" } }],
  ["what a form can send", 415, "revoke-sessions", { headers: { "content-type": "text/plain" } }],
  ["no JSON", 400, "revoke-sessions", { body: "user" }],
  ["no user", 400, "revoke-sessions", { body: "{}" }],
  ["null", 400, "revoke-sessions", { body: "null" }],
  ["a body without an end", 400, "revoke-sessions", { body: JSON.stringify({ user: "adele".repeat(1000) }) }],
  ["a user who is not there", 400, "revoke-sessions", { body: JSON.stringify({ user: "nobody" }) }],
  ["an action that this tenant can't do", 405, "reset", {}],
  ["another action", 405, "disable-user", {}],
  ["an action by its function's name", 405, "disableUser", {}],
  ["no action", 405, "", {}],
  ["a member of every object", 405, "constructor", {}],
])) {
  test(`the tenant is left alone: ${name}`, async () => {
    done.length = 0;
    assert.deepEqual([(await order(`/tenant/${path}`, changed)).status, done], [status, []]);
  });
}

test("the tenant is left alone: a request without an origin, and one that reads", async () => {
  done.length = 0;
  const { host } = new URL(local.origin);
  const headers = { host, "content-type": "application/json" };
  assert.equal((await get("/tenant/revoke-sessions", "POST", { of: local, headers, body: ADELE })).status, 403);
  assert.equal((await get("/tenant/revoke-sessions", "GET", { of: local })).status, 404);
  assert.deepEqual(done, []);
});

test("where the tenant is not local there is nothing to do to it", async () => {
  const headers = { host: new URL(page.origin).host, origin: page.origin, "content-type": "application/json" };
  assert.equal((await get("/tenant/revoke-sessions", "POST", { headers, body: ADELE })).status, 405);
});
