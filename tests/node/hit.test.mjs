/** What is said again without the core being asked: always what the core would say now to the same request. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { brief, Hits, recall } from "../../pkg/hit.js";

const KEYS = { environment: "e", homeAccountId: "h", tenantId: "t", localAccountId: "l" };
/** Some of which are accounts, and some filters, of which the core makes more. */
const ACCOUNTS = [
  undefined, null, KEYS, { ...KEYS, name: "another object" }, { ...KEYS, tenantId: "t2" }, { ...KEYS, homeAccountId: "h2" }, { ...KEYS, environment: "e2" },
  { ...KEYS, localAccountId: undefined }, { ...KEYS, environment: "" }, { environment: undefined, localAccountId: "l" }, { ...KEYS, tenantId: "t\n" }, {}, "", false, "e",
];
const SCOPES = [["a"], ["b"], ["a", "b"], ["b", "a"], ["a\nb"], ["a", "b\nc"], ["a\nb", "c"], ["a", "b", "c"], [], [""], [1], [1, "a"], ["1"], ["1", "a"], ["a b"], "a", undefined, { a: ["b"] }];
const ROUNDS = 20_000;

/** Says to whom and for what, at which revision, and until when; and what the app's own storage says as long as nobody else changes it. */
class PlayedCore {
  stamp = "1";
  area = /** @type {any} */ ({ read: () => this.stamp });
  revision = 1;
  time = 0;
  asked = 0;
  /** @type {Map<string, object>} */
  accounts = new Map();

  recall(lines) {
    this.asked += 1;
    const [environment, home, tenant, ...scopes] = lines.split("\n");
    const whom = [environment, home, tenant].join("\n");
    // Each change makes the views of accounts anew.
    const account = this.accounts.get(whom) ?? { localAccountId: whom, idToken: `${whom} ${this.revision}`, idTokenClaims: { sub: "s", roles: ["reader"], address: { lines: ["x"] } } };
    this.accounts.set(whom, account);
    return [{ accessToken: JSON.stringify([lines, this.revision, this.time, this.stamp]), scopes, authority: "https://a", tokenType: "Bearer" }, account, this.revision, this.revision, this.time + 5, this.area, "key", this.stamp];
  }

  holds(revision, until) {
    return revision === this.revision && this.time < until;
  }

  change() {
    this.revision += 1;
    this.accounts.clear();
  }
}

test("whatever is asked in whatever order, it is what the core says to that request", () => {
  const [core, hits, next] = [new PlayedCore(), new Hits(), draws(7)];
  let again = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (next(500) === 0) core.change();
    if (next(100) === 0) core.time += 1;
    const request = { scopes: SCOPES[next(SCOPES.length)], account: ACCOUNTS[next(ACCOUNTS.length)] };
    const { asked } = core;
    const result = recall(core, hits, request, (lines) => assert.equal(lines, brief(request)));
    again += result && core.asked === asked ? 1 : 0;
    compare(result, request, core);
  }
  assert.ok(again > ROUNDS / 10, `${again} were said again`);
});

/** @param {any} result @param {any} request @param {PlayedCore} core */
function compare(result, request, core) {
  const lines = brief(request);
  const told = JSON.stringify(request);
  if (lines === undefined) return assert.equal(result, undefined, told);
  const [of, revision, time] = JSON.parse(result.accessToken);
  const [environment, home, tenant, ...scopes] = lines.split("\n");
  const whom = [environment, home, tenant].join("\n");
  assert.deepEqual([of, revision, core.time < time + 5], [lines, core.revision, true], told);
  assert.deepEqual([result.scopes, result.uniqueId, result.idToken, Number(result.refreshTokenExpiresOn)], [scopes, whom, `${whom} ${revision}`, revision * 1000], told);
}

test("after a change the core is asked once for each token", () => {
  const others = (/** @type {PlayedCore} */ core) => { core.stamp += "1"; };
  /** What is asked for first: what was said before, or another. @type {[name: string, order: string, change: (core: PlayedCore) => void][]} */
  const changes = [
    ["of what is known", "abab", (core) => core.change()],
    ["of a token alone", "baba", (core) => { core.revision += 1; }],
    ["of who is meant", "baba", (core) => core.accounts.clear()],
    ["by others", "abab", others],
    ["by others", "baba", others],
  ];
  for (const [name, order, change] of changes) {
    const [core, hits] = [new PlayedCore(), new Hits()];
    const ask = (/** @type {string} */ scope) => /** @type {any} */ (recall(core, hits, { scopes: [scope] }, () => {}));
    ask("a");
    change(core);
    for (const scope of order) assert.deepEqual(JSON.parse(ask(scope).accessToken).slice(1), [core.revision, core.time, core.stamp], name);
    assert.deepEqual([core.asked, hits.size], [3, 2], name);
  }
});

test("where the storage can't be read any more, the core says what stands", () => {
  const [core, hits] = [new PlayedCore(), new Hits()];
  const ask = () => recall(core, hits, { scopes: ["a"] }, () => {});
  ask();
  core.area.read = () => { throw new DOMException("denied", "SecurityError"); };
  ask();
  assert.equal(core.asked, 2);
});

test("there is an end to what is kept", () => {
  const [core, hits] = [new PlayedCore(), new Hits()];
  for (let at = 0; at < 25_000; at += 1) recall(core, hits, { scopes: [`${at}`] }, () => {});
  assert.equal(hits.size, 5000);
});

test("a token whose time has come takes no other along", () => {
  const [core, hits] = [new PlayedCore(), new Hits()];
  const ask = (/** @type {string} */ scope) => /** @type {any} */ (recall(core, hits, { scopes: [scope] }, () => {}));
  ask("a");
  core.time = 3;
  ask("b");
  core.time = 5;
  for (const scope of "abab") ask(scope);
  assert.deepEqual([core.asked, hits.size], [3, 2]);
});

test("what is gone is not kept", () => {
  const [core, hits] = [new PlayedCore(), new Hits()];
  const ask = () => recall(core, hits, { scopes: ["a"] }, () => {});
  assert.ok(ask());
  core.revision += 1;
  core.recall = () => /** @type {any} */ (undefined);
  assert.deepEqual([ask(), hits.size, hits.shelves], [undefined, 0, []]);
});

test("who changes a result changes no other", () => {
  const [core, hits] = [new PlayedCore(), new Hits()];
  for (const scopes of [["a"], ["a", "b"]]) {
    const ask = () => /** @type {any} */ (recall(core, hits, { scopes }, () => {}));
    const changed = ask();
    const before = structuredClone(changed);
    changed.scopes.push("c");
    changed.scopes[0] = "d";
    changed.account.localAccountId = "another";
    changed.missingScopes.push("e");
    changed.idTokenClaims.roles.push("admin");
    changed.account.idTokenClaims.address.lines.length = 0;
    assert.deepEqual({ ...ask(), correlationId: before.correlationId }, before);
  }
});

test("an account is remembered by what it was when it was asked for", () => {
  const [core, hits] = [new PlayedCore(), new Hits()];
  const account = { ...KEYS };
  const ask = () => /** @type {any} */ (recall(core, hits, { scopes: ["a"], account }, () => {}));
  ask();
  account.homeAccountId = "another";
  assert.equal(ask().uniqueId, "e\nanother\nt");
});

/** Numbers below a limit, the same for the same seed. @param {number} seed */
function draws(seed) {
  let state = seed;
  return (/** @type {number} */ limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
