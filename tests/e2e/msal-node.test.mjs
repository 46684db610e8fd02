/** The proof for clients that are no page: the unmodified MSAL for Node, in a tool with a browser at hand, and in a server that keeps a secret. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { ConfidentialClientApplication, InteractionRequiredAuthError, ServerError } from "@azure/msal-node";
import { launch as launchTenant } from "@consentry/tenant/launch.js";
import { Browser, call, claimsOf, responseOf } from "../../tenant/test/client.js";
import { launch as launchBrowser, newPage } from "./support/browser.mjs";
import { authorityOf } from "./support/msal.mjs";
import { authorizationRequest, passPages, publicClient, refused, signIn } from "./support/msal-node.mjs";
import { answerConsent, giveCredentials } from "./support/story.mjs";

let tenant, browser, adele, carla, fieldKit, payroll, orders, calls;
before(async () => {
  tenant = await launchTenant({ port: 0 });
  [adele, , carla] = tenant.users;
  [, , fieldKit, payroll] = tenant.apps;
  orders = tenant.apis.orders.resource;
  calls = { orders: `${tenant.apis.orders.origin}/orders`, me: `${tenant.apis.graph.origin}/v1.0/me` };
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await tenant?.stop();
});
beforeEach(() => tenant.reset());

const DAY = 24 * 60 * 60;
/** A form that posts an error has its status, which Chromium tells of. */
const FORM_OF_A_REFUSAL = /status of 400 .*\/oauth2\/v2\.0\/authorize\//;
const READ_PROFILE = { scopes: ["User.Read"] };
const RENEW = { ...READ_PROFILE, forceRefresh: true };
const readOrders = () => ({ scopes: [`${orders}/Orders.Read`] });
const me = async (accessToken) => (await call(calls.me, accessToken)).json();

/** A client that has signed in, and its silent calls. */
async function signedIn() {
  const client = publicClient(tenant);
  const { account } = await signIn(client, adele, READ_PROFILE);
  return { client, account, silently: (request) => client.acquireTokenSilent({ account, ...request }) };
}

/** MSAL gives refresh tokens away only in the text of its whole cache. */
function refreshTokenOf(client) {
  const [{ secret }] = Object.values(JSON.parse(client.getTokenCache().serialize()).RefreshToken);
  return secret;
}

describe("a public client", () => {
  /** With an icon of its own: once MSAL has its answer, nobody listens for more. */
  const lastPage = (text) => `<!DOCTYPE html><html lang="en"><title>Tool</title><link rel="icon" href="data:,"><p>${text}</p></html>`;

  /** Signs in as a tool on a desk does: a browser is opened, and the answer is posted to a port of the tool. */
  async function interactively(t, answer) {
    const page = await newPage(browser, { allow: [FORM_OF_A_REFUSAL] });
    t.after(() => page.close());
    const openBrowser = async (url) => {
      await page.goto(url);
      await giveCredentials(page, adele);
      await answerConsent(page, answer);
    };
    const templates = { successTemplate: lastPage("Back to the tool."), errorTemplate: lastPage("The tool has no answer.") };
    return { page, result: publicClient(tenant).acquireTokenInteractive({ ...READ_PROFILE, ...templates, openBrowser }) };
  }

  test("signs in with the browser, by a port of this machine", async (t) => {
    const { page, result } = await interactively(t, "Accept");
    const { account, accessToken, idTokenClaims } = await result;
    assert.equal(account.homeAccountId, `${adele.oid}.${tenant.tenantId}`);
    assert.deepEqual([account.tenantId, account.username], [tenant.tenantId, adele.username]);
    assert.equal(idTokenClaims.aud, fieldKit.clientId);
    assert.equal((await me(accessToken)).displayName, adele.name);
    await page.getByText("Back to the tool.").waitFor();
    const { parameters } = (await tenant.requests()).find(({ path }) => path.endsWith("/authorize"));
    assert.deepEqual([parameters.response_mode, parameters.code_challenge_method], ["form_post", "S256"]);
  });

  test("learns from the browser that the user declined", async (t) => {
    const { page, result } = await interactively(t, "Cancel");
    const { message } = await refused(result, ServerError, { errorCode: "access_denied" });
    assert.match(message, /AADSTS65004/);
    await page.getByText("The tool has no answer.").waitFor();
  });

  test("redeems a code with its verifier, and with no other", async () => {
    const client = publicClient(tenant);
    const { account, scopes } = await signIn(client, adele, READ_PROFILE);
    assert.equal(account.username, adele.username);
    assert.deepEqual(scopes, ["openid", "profile", "email", "User.Read"]);

    const { url, redemption } = await authorizationRequest(client, READ_PROFILE);
    const { code } = await passPages(url, adele, []);
    const { codeVerifier } = (await authorizationRequest(client, READ_PROFILE)).redemption;
    const withAnother = client.acquireTokenByCode({ ...redemption, code, codeVerifier });
    await refused(withAnother, ServerError, { errorCode: "invalid_grant", errorNo: 501481 });
  });

  test("has tokens from its cache, and new ones by force", async () => {
    const { client, silently } = await signedIn();
    const first = await silently(READ_PROFILE);
    const again = await silently(READ_PROFILE);
    assert.deepEqual([first.fromCache, again.fromCache, again.accessToken], [true, true, first.accessToken]);
    const before = refreshTokenOf(client);
    const forced = await silently(RENEW);
    assert.equal(forced.fromCache, false);
    assert.notEqual(forced.accessToken, first.accessToken);
    assert.notEqual(refreshTokenOf(client), before);
    assert.equal((await me(forced.accessToken)).displayName, adele.name);
  });

  test("redeems a refresh token that it is given", async () => {
    const refreshToken = refreshTokenOf((await signedIn()).client);
    const { accessToken, account } = await publicClient(tenant).acquireTokenByRefreshToken({ ...READ_PROFILE, refreshToken });
    assert.equal(account.username, adele.username);
    assert.equal((await me(accessToken)).displayName, adele.name);
    const withAnother = publicClient(tenant).acquireTokenByRefreshToken({ ...READ_PROFILE, refreshToken: `${refreshToken}x` });
    await refused(withAnother, ServerError, { errorCode: "invalid_grant", errorNo: 70000 });
  });

  test("is refused for an API without consent; with it, the same refresh token is good for that API", async () => {
    const { client, silently } = await signedIn();
    const before = refreshTokenOf(client);
    await refused(silently(readOrders()), InteractionRequiredAuthError, { errorCode: "invalid_grant", subError: "consent_required", errorNo: 65001 });
    assert.equal(refreshTokenOf(client), before);

    const { clientId } = fieldKit;
    await tenant.grantConsent({ clientId, resource: orders, permissions: ["Orders.Read"], user: adele.username });
    const { accessToken, scopes, fromCache } = await silently(readOrders());
    assert.deepEqual([scopes, fromCache], [[`${orders}/Orders.Read`], false]);
    assert.equal(claimsOf(accessToken).scp, "Orders.Read");
    assert.equal((await call(calls.orders, accessToken)).status, 200);
    assert.equal((await silently(READ_PROFILE)).fromCache, true, "the token for Graph is still there");
  });

  test("is told what Conditional Access wants, and gets it with a code", async () => {
    const { client, silently } = await signedIn();
    await tenant.requireMfa(adele.username);
    const { claims } = await refused(silently(RENEW), InteractionRequiredAuthError, { subError: "basic_action", errorNo: 50076 });
    const { accessToken } = await signIn(client, adele, { ...READ_PROFILE, claims }, ["approve"]);
    assert.equal((await me(accessToken)).displayName, adele.name);
    assert.equal((await silently(RENEW)).fromCache, false);
  });

  test("has nothing that tells it to sign in again when the sign-in no longer counts", async () => {
    const { silently } = await signedIn();
    await tenant.limitSignIn(adele.username, { seconds: 3600 });
    await tenant.travel(3601);
    // `token_expired` is no suberror that MSAL knows; without a hidden frame to try, the app is left with a ServerError.
    await refused(silently(RENEW), ServerError, { errorCode: "invalid_grant", subError: "token_expired", errorNo: 70043 });
  });

  test("is refused when the user is disabled", async () => {
    const { silently } = await signedIn();
    await tenant.disableUser(adele.username);
    await refused(silently(RENEW), ServerError, { errorCode: "invalid_grant", errorNo: 50057 });
    assert.equal((await silently(READ_PROFILE)).fromCache, true);
    await tenant.disableUser(adele.username, false);
    assert.equal((await silently(RENEW)).fromCache, false);
  });

  test("lives on a refresh token for as long as it uses it within 90 days", async () => {
    const { client, silently } = await signedIn();
    const first = refreshTokenOf(client);
    await tenant.travel(89 * DAY);
    await silently(RENEW);
    await tenant.travel(89 * DAY);
    const withTheFirst = publicClient(tenant).acquireTokenByRefreshToken({ ...READ_PROFILE, refreshToken: first });
    await refused(withTheFirst, InteractionRequiredAuthError, { subError: "bad_token", errorNo: 700082 });
    const { accessToken } = await silently(RENEW);
    assert.equal((await me(accessToken)).displayName, adele.name);

    await tenant.travel(91 * DAY);
    await refused(silently(RENEW), InteractionRequiredAuthError, { subError: "bad_token", errorNo: 700082 });
    // MSAL throws such a token away.
    await refused(silently(RENEW), InteractionRequiredAuthError, { errorCode: "no_tokens_found" });
  });

  test("can sign out", async () => {
    const { client, account, silently } = await signedIn();
    await client.signOut({ account });
    assert.deepEqual(await client.getAllAccounts(), []);
    await refused(silently(READ_PROFILE), InteractionRequiredAuthError, { errorCode: "no_tokens_found" });
  });
});

describe("a confidential client", () => {
  const server = (clientSecret) => new ConfidentialClientApplication({
    auth: { ...authorityOf(tenant, tenant.tenantId), clientId: payroll.clientId, clientSecret },
  });
  const request = { ...READ_PROFILE, redirectUri: "http://localhost:3000/signin-oidc" };

  test("redeems a code with its secret", async () => {
    const client = server("payroll-secret");
    const { account, accessToken } = await signIn(client, carla, request);
    assert.equal(account.username, carla.username);
    assert.equal((await me(accessToken)).displayName, carla.name);
    const { fromCache } = await client.acquireTokenSilent({ account, ...RENEW });
    assert.equal(fromCache, false);
  });

  test("is refused with another secret", async () => {
    await refused(signIn(server("guessed"), carla, request), ServerError, { errorCode: "invalid_client", errorNo: 7000215 });
  });

  test("is for the users who are assigned to it: for others there is a page, and no answer", async () => {
    const { url } = await authorizationRequest(server("payroll-secret"), request);
    const visit = new Browser();
    const page = await visit.submit(await visit.open(url), { username: adele.username, password: adele.password, action: "sign-in" });
    assert.match(page.text, /AADSTS50105/);
    assert.deepEqual(responseOf(page), {});
  });
});
