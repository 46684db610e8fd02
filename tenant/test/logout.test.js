import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { start } from "../index.js";
import { App, REDIRECT_URI, responseOf } from "./client.js";

let tenant, adele, bo, app;
before(async () => {
  tenant = await start({ port: 0 });
  [adele, bo] = tenant.users;
});
after(() => tenant.stop());
beforeEach(async () => {
  await tenant.reset();
  app = new App(tenant);
});

function logout(parameters = {}) {
  return app.browser.open(`${tenant.authority}/oauth2/v2.0/logout?${new URLSearchParams(parameters)}`);
}

async function isSignedIn() {
  return "code" in responseOf(await app.authorize({ prompt: "none" }));
}

test("sign-out ends the session at once and goes back with the state", async () => {
  await app.authorizeAs(adele);
  assert.equal(await isSignedIn(), true);
  const { url } = await logout({ post_logout_redirect_uri: REDIRECT_URI, state: "a b&c" });
  assert.equal(url, `${REDIRECT_URI}?state=a+b%26c`);
  assert.equal(await isSignedIn(), false);
});

test("sign-out works with an id_token_hint, and as a form post", async () => {
  const { id_token: idToken } = await app.signIn(adele);
  const { url } = await app.browser.open(`${tenant.authority}/oauth2/v2.0/logout`, {
    method: "POST", form: { post_logout_redirect_uri: REDIRECT_URI, id_token_hint: idToken },
  });
  assert.equal(url, REDIRECT_URI);
  assert.equal(await isSignedIn(), false);
});

test("an address that is not registered is not followed", async () => {
  for (const uri of ["https://evil.example/", "http://localhost:5173/other.html", "javascript:alert(1)", "nonsense"]) {
    await app.authorizeAs(adele);
    const { url, response, text } = await logout({ post_logout_redirect_uri: uri });
    assert.equal(new URL(url).origin, tenant.origin, uri);
    assert.equal(response.status, 200);
    assert.match(text, /You are signed out/);
    assert.equal(await isSignedIn(), false);
  }
});

test("logout_hint signs out the user it names, and nobody else", async () => {
  await app.authorizeAs(adele);
  await logout({ logout_hint: bo.username });
  assert.equal(await isSignedIn(), true);
  await logout({ logout_hint: adele.username });
  assert.equal(await isSignedIn(), false);
});

test("a refresh token survives the sign-out", async () => {
  const { refresh_token: refreshToken } = await app.signIn(adele);
  await logout();
  assert.equal((await app.refresh(refreshToken)).status, 200);
});
