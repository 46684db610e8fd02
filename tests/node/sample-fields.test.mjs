/** What the sample page's timeline may show: a list of what is harmless decides, not one of what is secret. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { explainClaims, payloadOf } from "../../www/claims.js";
import { harmless, isKeptBack, keptUnder, shownOf, whyOf } from "../../www/watch/fields.js";

const SECRET = "a-verifier-of-43-letters-or-more-0123456789";

test("of a secret there is nothing but its name, of a marker its beginning, of what is not known only how much there is", () => {
  const secrets = ["code", "code_verifier", "access_token", "refresh_token", "id_token", "client_info", "id_token_hint", "Authorization"];
  const { fields, others } = shownOf([...secrets, "state", "nonce", "code_challenge", SECRET, "constructor", "assertion"].map((name) => [name, SECRET]));
  assert.deepEqual(fields, [...secrets.map((name) => [name, ""]), ["state", "a-ve…"], ["nonce", "a-ve…"], ["code_challenge", "a-ve…"]]);
  assert.equal(others, 3);
  for (const name of secrets) assert.ok(isKeptBack(name) && whyOf(name), name);
});

test("a harmless field that repeats a secret does not tell it, and none is long", () => {
  const { fields } = shownOf([["error_description", `the code ${SECRET} was used`], ["scope", "openid ".repeat(200)]]);
  assert.equal(fields[0][1], "the code a-ve… was used");
  assert.ok(fields[1][1].length <= 400);
  assert.equal(harmless("3b6e1f0a-7c52-4d9b-8f14-e2a5d07c9b36"), "3b6e1f0a-7c52-4d9b-8f14-e2a5d07c9b36", "a GUID is no secret");
});

test("a key of the storage is told by its kind and API, never as it is", () => {
  const apis = [{ name: "Orders", resource: "api://Orders" }];
  assert.equal(keptUnder("consentry|2|app|access|host|user|tenant|api%3A%2F%2Forders|x", apis), "access token for Orders");
  assert.equal(keptUnder("consentry|2|app|access|host|user|tenant|%|x", apis), "access token for another API");
  assert.match(keptUnder(`consentry|2|app|pending|${SECRET}`, apis) ?? "", /^pending request/);
  assert.equal(keptUnder(`consentry|2|app|constructor|${SECRET}`, apis), "something else of the client");
  assert.equal(keptUnder("sample.timeline", apis), null);
});

test("of a token's claims those with a meaning have values, times are dates, and a token that can't be read is none", () => {
  const payload = { aud: "orders", exp: 1_800_000_000, acrs: ["c1", "c2"], nonce: SECRET };
  const { claims, others } = explainClaims(payload);
  assert.deepEqual(claims.map(({ name, value }) => [name, value]), [["aud", "orders"], ["exp", ""], ["acrs", "c1 c2"]]);
  assert.equal(claims[1]?.date?.getTime(), 1_800_000_000_000);
  assert.deepEqual(others, ["nonce"]);
  const token = ["{}", JSON.stringify({ name: "Zoë" }), ""].map((text) => Buffer.from(text).toString("base64url")).join(".");
  assert.deepEqual(payloadOf(token), { name: "Zoë" });
  for (const text of ["", "opaque", "a.b.c", `a.${Buffer.from("7").toString("base64url")}.c`]) assert.equal(payloadOf(text), null);
});
