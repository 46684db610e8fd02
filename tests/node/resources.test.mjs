/** Which token goes where: places that look like an API's are not it, and a map that could be misread is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { borrow } from "../../pkg/calls-lent.js";
import { toCalls } from "../../pkg/lending.js";
import { mapOf } from "../../pkg/resources.js";

borrow(/** @type {any} */ (toCalls));

/** In place of the core's: no test here is about scopes. */
const compose = (names, resource) => ({ scopes: names.map((name) => (resource ? `${resource}/${name}` : name)), more: {} });

const API = "https://api.example.com/v1";
const MAP = mapOf([
  {
    url: API, resource: "api://orders", scopes: ["Read"],
    routes: [
      { path: "/orders", methods: ["post", "DELETE"], scopes: ["Write"] },
      { path: "/orders/*/lines", scopes: ["Lines"] },
      { path: "/orders/42/lines", scopes: ["Special"] },
      { path: "/health", scopes: null },
    ],
  },
  { url: "https://graph.microsoft.com/v1.0/", routes: [{ path: "/me", methods: ["GET"], scopes: ["User.Read"] }] },
  { url: "http://localhost:4402", scopes: ["Local"] },
  { url: "https://api.example.com:8443", scopes: ["OtherPort"] },
], compose);

/** Which permissions a URL gets: `none` for a public one, `-` for one that is not in the map. */
const found = (url, method = "GET") => {
  const route = MAP.find(new URL(url), method);
  return route ? (route.scopes ?? ["none"]).join(" ") : "-";
};

for (const [url, expected, method] of [
  [`${API}`, "api://orders/Read"],
  [`${API}/`, "api://orders/Read"],
  [`${API}/orders`, "api://orders/Read"],
  [`${API}/orders?x=1#y`, "api://orders/Read"],
  [`${API}/orders`, "api://orders/Write", "POST"],
  [`${API}/orders/7`, "api://orders/Write", "delete"],
  [`${API}/orders/7/lines`, "api://orders/Lines"],
  [`${API}/orders/7/lines`, "api://orders/Lines", "POST"],
  [`${API}/orders/42/lines/1`, "api://orders/Special"],
  [`${API}/orders//lines`, "api://orders/Read"],
  [`${API}/orders/7/linesX`, "api://orders/Read"],
  [`${API}/health`, "none"],
  [`${API}/healthy`, "api://orders/Read"],
  ["https://API.EXAMPLE.COM:443/v1/orders", "api://orders/Read"],
  ["https://api.example.com/v1/x/../orders", "api://orders/Read"],
  ["https://api.example.com\\v1\\orders", "api://orders/Read"],
  ["https://graph.microsoft.com/v1.0/me/messages", "User.Read"],
  ["https://graph.microsoft.com/v1.0/me", "-", "POST"],
  ["https://graph.microsoft.com/v1.0/users", "-"],
  ["http://localhost:4402/anything", "Local"],
  ["https://api.example.com:8443/v1/orders", "OtherPort"],
  // What only looks like it.
  ["https://api.example.com.evil.test/v1/orders", "-"],
  ["https://api.example.com@evil.test/v1/orders", "-"],
  ["https://user:secret@api.example.com/v1/orders", "-"],
  ["https://evil.test/v1/orders?https://api.example.com/v1/orders", "-"],
  ["https://evil.test/https://api.example.com/v1/orders", "-"],
  ["https://evil.test#https://api.example.com/v1/orders", "-"],
  ["https://api.example.com:444/v1/orders", "-"],
  ["http://api.example.com/v1/orders", "-"],
  ["wss://api.example.com/v1/orders", "-"],
  ["https://api.example.com./v1/orders", "-"],
  ["https://xapi.example.com/v1/orders", "-"],
  ["https://api.example.co/v1/orders", "-"],
  ["https://xn--api-exmple-k7a.com/v1", "-"],
  ["https://api.example.com/", "-"],
  ["https://api.example.com/v10/orders", "-"],
  ["https://api.example.com/V1/orders", "-"],
  ["https://api.example.com//v1/orders", "-"],
  ["https://api.example.com/v1/../v2/orders", "-"],
  ["https://api.example.com/v1/%2e%2e/v2", "-"],
  ["https://api.example.com/v1%2Forders", "-"],
  ["https://api.example.com/%761/orders", "-"],
  ["https://api.example.com/v1;x/orders", "-"],
  ["data:text/plain,https://api.example.com/v1", "-"],
  ["blob:https://api.example.com/v1", "-"],
]) {
  test(`${method ?? "GET"} ${url}: ${expected}`, () => {
    assert.equal(found(url, method), expected);
  });
}

const one = (resource) => [{ url: API, scopes: ["Read"], ...resource }];
for (const [what, resources, field] of [
  ["no map", undefined, "api.resources"],
  ["an empty map", [], "api.resources"],
  ["nothing in place of an API", [null], "api.resources[0].url"],
  ["no URL", one({ url: undefined }), "api.resources[0].url"],
  ["a path", one({ url: "/v1" }), "api.resources[0].url"],
  ["plain http", one({ url: "http://api.example.com" }), "api.resources[0].url"],
  ["a host that only begins like a loopback", one({ url: "http://localhost.evil.test" }), "api.resources[0].url"],
  ["a host that only looks like a loopback", one({ url: "http://127.0.0.1.evil.test" }), "api.resources[0].url"],
  ["another scheme", one({ url: "ftp://api.example.com" }), "api.resources[0].url"],
  ["a user", one({ url: "https://me@api.example.com" }), "api.resources[0].url"],
  ["a query", one({ url: `${API}?x` }), "api.resources[0].url"],
  ["a fragment", one({ url: `${API}#` }), "api.resources[0].url"],
  ["any path", one({ url: "https://api.example.com/*" }), "api.resources[0].url"],
  ["an empty segment", one({ url: "https://api.example.com//v1" }), "api.resources[0].url"],
  ["an Application ID URI that is none", one({ resource: 7 }), "api.resources[0].resource"],
  ["no permissions", one({ scopes: [] }), "api.resources[0].scopes"],
  ["permissions as a text", one({ scopes: "Read" }), "api.resources[0].scopes"],
  ["neither permissions nor routes", one({ scopes: undefined }), "api.resources[0].scopes"],
  ["routes that are no list", one({ routes: {} }), "api.resources[0].routes"],
  ["a route without a path", one({ routes: [{ scopes: null }] }), "api.resources[0].routes[0].path"],
  ["a route elsewhere", one({ routes: [{ path: "//evil.test/", scopes: null }] }), "api.resources[0].routes[0].path"],
  ["a route above", one({ routes: [{ path: "/../v2", scopes: null }] }), "api.resources[0].routes[0].path"],
  ["a route with a query", one({ routes: [{ path: "/x?y", scopes: null }] }), "api.resources[0].routes[0].path"],
  ["a route without permissions", one({ routes: [{ path: "/x" }] }), "api.resources[0].routes[0].scopes"],
  ["no method", one({ routes: [{ path: "/x", methods: [], scopes: null }] }), "api.resources[0].routes[0].methods"],
  ["a method that is none", one({ routes: [{ path: "/x", methods: ["GET "], scopes: null }] }), "api.resources[0].routes[0].methods"],
  ["a place that is named twice", [...one({}), ...one({ url: `${API}/` })], "api.resources"],
  ["a method that is named twice", one({ routes: [{ path: "/x", methods: ["GET", "PUT"], scopes: null }, { path: "/x/", methods: ["put"], scopes: null }] }), "api.resources"],
]) {
  test(`a map with ${what} is refused`, () => {
    assert.throws(() => mapOf(resources, compose), (error) => {
      assert.deepEqual([error.name, error.errorCode], ["ClientConfigurationError", "invalid_field"]);
      assert.ok(error.errorMessage.startsWith(`\`${field}\` has to be `), error.errorMessage);
      return true;
    });
  });
}
