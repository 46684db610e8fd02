/** Microsoft's clouds, B2C and External ID, each played by the test at its real address: nothing leaves this machine. */
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { after, before, test } from "node:test";
import { serve } from "./consent/serve.mjs";
import { launch, newPage } from "./support/browser.mjs";
import { arrival, brought, depart } from "./support/consent.mjs";

const TENANT = "9122040d-6c67-4c5b-b112-36a304b66dad";
const CLIENT_ID = "6731de76-14a6-49ae-97bc-6eba6914391e";
const OBJECT_ID = "00000000-0000-0000-66f3-3332eca7ea81";
const ORDERS = "https://contoso.example/orders";
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const HEADERS = { "access-control-allow-origin": "*" };

/**
 * @typedef {object} Played
 * @property {string} authority as it is configured
 * @property {string} base where its endpoints are
 * @property {string} issuer of its tokens
 * @property {boolean} isKnown whether nobody has to be asked where its endpoints are
 * @property {object} [claims] of its ID tokens, beside the usual ones
 * @property {string} [keyIssuer] the issuer that its keys are of
 * @property {string} [home] who the user is at home
 * @property {object} [tokens] members of its token responses, beside the usual ones
 */

const cloud = (host, tenant, named = host) => ({
  authority: `https://${named}/${tenant}`,
  base: `https://${host}/${tenant}`,
  issuer: `https://${host}/${TENANT}/v2.0`,
  keyIssuer: `https://${host}/{tenantid}/v2.0`,
  isKnown: true,
});

/** @type {Record<string, Played>} */
const AUTHORITIES = {
  "the public cloud": cloud("login.microsoftonline.com", "common"),
  "the public cloud by another of its names": cloud("login.microsoftonline.com", "organizations", "login.windows.net"),
  "a tenant of the public cloud": cloud("login.microsoftonline.com", TENANT),
  "the cloud of the United States": cloud("login.microsoftonline.us", TENANT),
  "the cloud in China": cloud("login.partner.microsoftonline.cn", "common"),
  "a tenant by its domain": { ...cloud("login.microsoftonline.com", "contoso.example"), isKnown: false },
  "a user flow of B2C": {
    authority: "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_SignIn",
    base: "https://contoso.b2clogin.com/contoso.onmicrosoft.com/b2c_1_signin",
    issuer: `https://contoso.b2clogin.com/${TENANT}/v2.0/`,
    isKnown: false,
    claims: { tfp: "B2C_1_SignIn", tid: undefined },
    home: `${OBJECT_ID}-b2c_1_signin`,
  },
  "External ID": {
    authority: "https://contoso.ciamlogin.com",
    base: `https://contoso.ciamlogin.com/${TENANT}`,
    issuer: `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`,
    keyIssuer: `https://${TENANT}.ciamlogin.com/{tenantid}/v2.0`,
    isKnown: false,
  },
  "External ID with a domain of its own": {
    authority: `https://login.contoso.example/${TENANT}`,
    base: `https://login.contoso.example/${TENANT}`,
    issuer: `https://${TENANT}.ciamlogin.com/${TENANT}/v2.0`,
    isKnown: false,
  },
};

let site, browser;
before(async () => {
  site = await serve();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const encoded = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

function idToken({ issuer, claims }, nonce) {
  const now = Math.floor(Date.now() / 1000);
  const says = {
    iss: issuer, aud: CLIENT_ID, sub: "pairwise", oid: OBJECT_ID, tid: TENANT, nonce, iat: now, nbf: now, exp: now + 3600,
    preferred_username: "adele@contoso.example", ...claims,
  };
  const text = `${encoded({ typ: "JWT", alg: "RS256", kid: "one" })}.${encoded(says)}`;
  return `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
}

/** Answers at the server's real addresses. Returns the paths that were asked for. @param {Played} server */
async function play(page, server) {
  const sent = [];
  let asked = new URLSearchParams();
  const json = (body) => ({ headers: HEADERS, contentType: "application/json", body: JSON.stringify(body) });
  const endpoint = (path) => `${server.base}${path}`;
  const answers = {
    "/.well-known/openid-configuration": () => json({
      issuer: server.authority.endsWith("/common") ? server.keyIssuer : server.issuer,
      authorization_endpoint: endpoint("/oauth2/v2.0/authorize"),
      token_endpoint: endpoint("/oauth2/v2.0/token"),
      jwks_uri: endpoint("/discovery/v2.0/keys"),
      end_session_endpoint: endpoint("/oauth2/v2.0/logout"),
    }),
    "/discovery/v2.0/keys": () => json({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", use: "sig", issuer: server.keyIssuer }] }),
    "/oauth2/v2.0/authorize": (url) => {
      asked = url.searchParams;
      const answer = new URLSearchParams({ code: "code", state: asked.get("state"), session_state: "s" });
      return { contentType: "text/html", body: `<script>location.replace(${JSON.stringify(`${asked.get("redirect_uri")}#${answer}`)})</script>` };
    },
    "/oauth2/v2.0/token": (url, form) => {
      const verifier = form.get("code_verifier");
      if (verifier) assert.equal(createHash("sha256").update(verifier).digest("base64url"), asked.get("code_challenge"));
      return json({
        token_type: "Bearer", access_token: randomUUID(), refresh_token: randomUUID(), expires_in: 3600, scope: `${ORDERS}/Orders.Read`,
        id_token: idToken(server, verifier ? asked.get("nonce") : undefined),
        client_info: encoded({ uid: server.home ?? OBJECT_ID, utid: TENANT }), ...server.tokens,
      });
    },
  };
  await page.route(/^https:/, (route) => {
    const url = new URL(route.request().url());
    sent.push(url.href.split("?")[0]);
    const path = Object.keys(answers).find((end) => url.pathname.endsWith(end));
    return path ? route.fulfill(answers[path](url, new URLSearchParams(route.request().postData() ?? ""))) : route.abort();
  });
  return sent;
}

async function openApp(t, authority) {
  const page = await newPage(browser, {});
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  const configuration = { auth: { clientId: CLIENT_ID, authority } };
  await page.addInitScript(`window.settings = { configuration: ${JSON.stringify(configuration)} };`);
  return page;
}

for (const [name, server] of Object.entries(AUTHORITIES)) {
  test(`${name}: signs in, renews, signs out`, async (t) => {
    const page = await openApp(t, server.authority);
    const sent = await play(page, server);
    await page.goto(`${site.origin}/`);
    await arrival(page);
    await depart(page, "loginRedirect", { scopes: [`${ORDERS}/Orders.Read`] });
    const { answer } = await arrival(page);
    assert.equal(answer.error, undefined);
    assert.equal(answer.value.account.homeAccountId, `${server.home ?? OBJECT_ID}.${TENANT}`);
    assert.equal(answer.value.account.username, "adele@contoso.example");
    const renewed = await brought(page, "acquireTokenSilent", { scopes: [`${ORDERS}/Orders.Read`], forceRefresh: true });
    assert.notEqual(renewed.accessToken, answer.value.accessToken);
    const at = (path) => `${server.base}${path}`;
    const token = at("/oauth2/v2.0/token");
    const asked = [at("/oauth2/v2.0/authorize"), at("/discovery/v2.0/keys"), token, token];
    const discovered = new URL(server.authority).pathname.length > 1 ? server.authority : `${server.authority}/contoso.onmicrosoft.com`;
    assert.deepEqual(sent, server.isKnown ? asked : [`${discovered}/v2.0/.well-known/openid-configuration`, ...asked]);
    await page.evaluate(() => void client.logoutRedirect());
    await page.waitForEvent("requestfailed");
    assert.equal(sent.at(-1), at("/oauth2/v2.0/logout"));
  });
}

test("a user flow without a permission signs in without an access token", async (t) => {
  const server = { ...AUTHORITIES["a user flow of B2C"], tokens: { access_token: undefined, expires_in: undefined, scope: undefined } };
  const page = await openApp(t, server.authority);
  await play(page, server);
  await page.goto(`${site.origin}/`);
  await arrival(page);
  await depart(page, "loginRedirect", {});
  const { answer } = await arrival(page);
  assert.equal(answer.error, undefined);
  assert.deepEqual([answer.value.accessToken, answer.value.account.username], ["", "adele@contoso.example"]);
});

test("a policy that is not the configured one's, or another tenant's, is refused", async (t) => {
  const server = { ...AUTHORITIES["a user flow of B2C"], issuer: `https://contoso.b2clogin.com/tfp/${TENANT}/b2c_1_other/v2.0/` };
  const page = await openApp(t, server.authority);
  await play(page, server);
  await page.goto(`${site.origin}/`);
  await arrival(page);
  await depart(page, "loginRedirect", {});
  await page.waitForFunction(() => document.title === "ready");
  assert.equal(await page.evaluate(() => window.refused?.errorCode), "openid_config_error");
});
