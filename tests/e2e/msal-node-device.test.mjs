/** The proof for devices: the unmodified MSAL for Node shows a code, which a person enters in a browser. Each test waits for MSAL to ask again. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { AuthError } from "@azure/msal-node";
import { launch as launchTenant } from "@consentry/tenant/launch.js";
import { Browser, call } from "../../tenant/test/client.js";
import { publicClient, refused } from "./support/msal-node.mjs";
import { tokenAnswers } from "./support/msal.mjs";

let tenant, adele;
before(async () => {
  tenant = await launchTenant({ port: 0 });
  [adele] = tenant.users;
});
after(() => tenant?.stop());
beforeEach(() => tenant.reset());

/** Begins the flow. @returns {Promise<{ shown: object, result: Promise<object> }>} what the device shows, and what comes of it */
async function showCode(client = publicClient(tenant)) {
  let result;
  const shown = await new Promise((deviceCodeCallback, reject) => {
    result = client.acquireTokenByDeviceCode({ scopes: ["User.Read"], deviceCodeCallback });
    result.catch(reject);
  });
  return { shown, result };
}

/** A person with a browser who has entered the code: sends the form of a page, with what the page hid in it. */
async function personAt({ verificationUri, userCode }) {
  const browser = new Browser();
  let page = await browser.open(verificationUri);
  const send = async (fields) => {
    const hidden = [...page.text.matchAll(/<input type="hidden" name="(.*?)" value="(.*?)">/g)].map(([, name, value]) => [name, value]);
    page = await browser.submit(page, { ...Object.fromEntries(hidden), ...fields });
    return page.text;
  };
  assert.match(await send({ user_code: userCode }), /Contoso Field Kit.*on another device\?[^]*/);
  return send;
}

test("waits for the user, who signs in and consents", async () => {
  const client = publicClient(tenant);
  const { shown, result } = await showCode(client);
  assert.ok(shown.message.includes(shown.userCode) && shown.message.includes(shown.verificationUri));
  const send = await personAt(shown);
  await send({ confirm: "yes" });
  await send({ username: adele.username, password: adele.password, action: "sign-in" });
  assert.match(await send({ action: "accept" }), /You are signed in on the other device/);

  const { account, accessToken } = await result;
  assert.deepEqual([account.homeAccountId, account.username], [`${adele.oid}.${tenant.tenantId}`, adele.username]);
  assert.equal((await call(`${tenant.apis.graph.origin}/v1.0/me`, accessToken)).status, 200);
  const answers = await tokenAnswers(tenant);
  assert.match(answers[0], /70016/);
  assert.match(answers.at(-1), /access_token/);
  assert.equal((await client.acquireTokenSilent({ account, scopes: ["User.Read"], forceRefresh: true })).fromCache, false);
});

test("learns that the user declined", async () => {
  const { shown, result } = await showCode();
  const send = await personAt(shown);
  await send({ abort: "yes" });
  // All that MSAL says of it is the server's word.
  const { message } = await refused(result, AuthError, { errorCode: "post_request_failed" });
  assert.match(message, /authorization_declined/);
});

test("learns that the code has expired", async () => {
  const { shown, result } = await showCode();
  await tenant.travel(shown.expiresIn + 1);
  const { message } = await refused(result, AuthError, { errorCode: "post_request_failed" });
  assert.match(message, /expired_token/);
});
