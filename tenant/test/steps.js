/** Steps and questions of the tests about control: second factors, silent requests, what a refusal or a challenge says, runs that repeat. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { App, responseOf } from "./client.js";

/** A client without a random number: what it sends repeats, so that with a seed and a fixed time the answers repeat too. */
export class RepeatableApp extends App {
  authorizationUrl(parameters) {
    const url = new URL(super.authorizationUrl({ state: "a-state", nonce: "a-nonce", ...parameters }));
    Object.assign(this, { verifier: "v".repeat(43), state: url.searchParams.get("state"), nonce: url.searchParams.get("nonce") });
    if (url.searchParams.has("code_challenge")) url.searchParams.set("code_challenge", createHash("sha256").update(this.verifier).digest("base64url"));
    return url.href;
  }
}

/** The response to a request that may show no page. */
export async function silently(app, parameters) {
  return responseOf(await app.authorize({ prompt: "none", ...parameters }));
}

/** The form of the page that asks for a second factor. */
export function approve(app, page) {
  return app.browser.submit(page, { action: "approve" });
}

/** In the browser of a person: the code of a device, and that it is theirs. The page that comes next. */
export async function enterUserCode({ browser }, { user_code: userCode, verification_uri: address }) {
  const submit = (page, form) => browser.submit(page, { xsrf: /name="xsrf" value="(\w+)"/.exec(page.text)[1], user_code: userCode, ...form });
  return submit(await submit(await browser.open(address)), { confirm: "yes" });
}

/** The number that an error description begins with, in JSON or in a redirect. */
export function numberIn({ error_description: text }) {
  return Number(/^AADSTS(\d+): /.exec(text)?.[1]);
}

/** That a response, in JSON or in a redirect, is this refusal. */
export function assertError(response, error, code) {
  assert.deepEqual({ error: response.error, code: numberIn(response) }, { error, code });
}

/** What an API's refusal says in `WWW-Authenticate`, with the claims as they were before base64. */
export function challengeIn(response) {
  const header = response.headers.get("www-authenticate");
  assert.match(header, /^Bearer /);
  const members = Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  return members.claims === undefined ? members : { ...members, claims: JSON.parse(Buffer.from(members.claims, "base64")) };
}

/** The parameter `claims` for an authentication context. */
export function contextClaims(value) {
  return JSON.stringify({ access_token: { acrs: { essential: true, value } } });
}

/** The parameter `claims` of a client that answers claims challenges. */
export const CP1 = JSON.stringify({ access_token: { xms_cc: { values: ["cp1"] } } });
