import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { apps } from "../fixtures.js";
import { start } from "../index.js";
import { launch } from "../launch.js";
import { App, ORDERS, call, claimsOf } from "./client.js";

async function withTenant(options, use) {
  const tenant = await start({ port: 0, ...options });
  try {
    return await use(tenant);
  } finally {
    await tenant.stop();
  }
}

const keyAndSubject = async (tenant) => {
  const { keys: [{ kid, n }] } = await (await fetch(`${tenant.authority}/discovery/v2.0/keys`)).json();
  const { sub } = claimsOf((await new App(tenant).signIn(tenant.users[0])).id_token);
  return { kid, n, sub };
};

test("with a seed, key and subjects repeat; without one, or with another, they do not", async () => {
  const [first, again, other, random] = await Promise.all(["s", "s", "t", undefined].map((seed) => withTenant({ seed }, keyAndSubject)));
  assert.deepEqual(first, again);
  for (const different of [other, random]) {
    assert.notEqual(first.n, different.n);
    assert.notEqual(first.sub, different.sub);
  }
});

test("the lifetime of access tokens is an option", async () => {
  await withTenant({ accessTokenSeconds: 7 }, async (tenant) => {
    const { expires_in: seconds, access_token: token } = await new App(tenant).signIn(tenant.users[0]);
    assert.equal(seconds, 7);
    const { iat, exp } = claimsOf(token);
    assert.equal(exp - iat, 7);
  });
});

test("users can be given", async () => {
  const user = {
    oid: "5f5b1f0c-0d0e-4f57-9a59-3d4b4f7a1c11", username: "cleo@contoso.example", password: "p", name: "Cleo Park",
    givenName: "Cleo", familyName: "Park", jobTitle: "Auditor", messages: [], events: [], orders: [],
  };
  await withTenant({ users: [user] }, async (tenant) => {
    const { access_token: token } = await new App(tenant).signIn(user);
    assert.equal((await (await call(`${tenant.apis.graph.origin}/v1.0/me`, token)).json()).displayName, "Cleo Park");
  });
});

test("an app may have redirect URIs on several hosts; only loopback ports are ignored", async () => {
  const app = { ...apps[0], redirectUris: [...apps[0].redirectUris, { type: "spa", uri: "https://app.contoso.example/" }] };
  await withTenant({ apps: [app] }, async (tenant) => {
    const deployed = new App(tenant, { redirectUri: "https://app.contoso.example/" });
    const { code } = await deployed.authorizeAs(tenant.users[0]);
    const response = await deployed.redeem(code, {}, { origin: "https://app.contoso.example" });
    assert.equal(response.headers.get("access-control-allow-origin"), "https://app.contoso.example");
    assert.equal(response.status, 200);
    const moved = await new App(tenant, { redirectUri: "https://app.contoso.example:8443/" }).authorize();
    assert.match(moved.text, /AADSTS50011/);
  });
});

test("a port that is taken leaves nothing open", async (t) => {
  const blocker = createServer();
  t.after(() => blocker.close());
  await new Promise((resolve) => { blocker.listen(0, "127.0.0.1", resolve); });
  const { port } = blocker.address();
  await assert.rejects(start({ port: port - 2 }), { code: "EADDRINUSE" });
  await assert.rejects(fetch(`http://localhost:${port - 2}/`));
});

test("a launched tenant has the same facts, can be controlled, and stops", async (t) => {
  const tenant = await launch({ port: 0, seed: "launch", accessTokenSeconds: 60 });
  t.after(() => tenant.stop());
  const app = new App(tenant);
  const { refresh_token: refreshToken, expires_in: seconds } = await app.signIn(tenant.users[0], `openid offline_access ${ORDERS}/Orders.Read`);
  assert.equal(seconds, 60);
  await tenant.revokeConsent(tenant.users[0].username, ORDERS);
  assert.equal((await app.refresh(refreshToken, { scope: `${ORDERS}/Orders.Read` })).suberror, "consent_required");
  await tenant.changeSettings({ userConsent: false });
  assert.match((await app.authorize({ scope: "Mail.Read" })).text, /Need admin approval/);
  assert.deepEqual(await tenant.permissionGrants(), []);
  await tenant.revokeAdminConsent(ORDERS);
  await tenant.reset();
  assert.deepEqual((await app.refresh(refreshToken)).error_codes, [70000]);
  await assert.rejects(tenant.revokeConsent("nobody@contoso.example"), /no such user/);
  await tenant.stop();
  await assert.rejects(fetch(tenant.authority));
});

test("a launched tenant ends with its parent, however that ends", async (t) => {
  const parent = `import { launch } from ${JSON.stringify(new URL("../launch.js", import.meta.url).href)};
    console.log(JSON.stringify(await launch({ port: 0 })));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", parent], { stdio: ["ignore", "pipe", "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  const [line] = await once(child.stdout, "data");
  const { authority } = JSON.parse(line);
  assert.equal((await fetch(`${authority}/v2.0/.well-known/openid-configuration`)).status, 200);
  child.kill("SIGKILL");
  await once(child, "exit");
  let isThere = true;
  for (let attempt = 0; isThere && attempt < 50; attempt += 1) {
    await setTimeout(50);
    isThere = await fetch(authority).then(() => true, () => false);
  }
  assert.equal(isThere, false);
});

test("cli.js ends with a code when it cannot start", async () => {
  const cli = fileURLToPath(new URL("../cli.js", import.meta.url));
  const child = spawn(process.execPath, [cli, "--options", "{\"port\":-1}"], { stdio: "ignore" });
  const [code] = await once(child, "exit");
  assert.equal(code, 1);
});

test("the control endpoint is not for browsers, nor for another host name", async () => {
  await withTenant({}, async (tenant) => {
    const post = (headers) => fetch(`${tenant.origin}/control/reset`, { method: "POST", headers }).then(({ status }) => status);
    assert.equal(await post({}), 204);
    assert.equal(await post({ Origin: "http://localhost:5173" }), 403);
    assert.equal((await fetch(`${tenant.origin}/control/reset`)).status, 404);
    assert.equal((await fetch(`${tenant.origin}/control/constructor`, { method: "POST" })).status, 404);
    assert.equal((await fetch(tenant.origin.replace("localhost", "127.0.0.1") + "/control/reset", { method: "POST" })).status, 403);
  });
});

test("all servers listen on the loopback interface only", async () => {
  await withTenant({}, async (tenant) => {
    for (const origin of [tenant.origin, tenant.apis.graph.origin, tenant.apis.orders.origin]) {
      assert.ok((await fetch(origin.replace("localhost", "127.0.0.1"))).status < 500);
      await assert.rejects(fetch(origin.replace("localhost", "127.0.0.2")));
    }
  });
});
