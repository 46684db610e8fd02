/** Encryption at rest, in real tabs and over restarts of the browser: what is sealed, who can open it, and how long. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchProfile } from "./support/browser.mjs";
import { openScripts, run } from "./support/scripts.mjs";

const OWNER = "00000000-0000-0000-0000-000000000001";
const NAMES = ["one", "two"];
const TEXTS = ["a token, and another", "\ufeffümläute 🔑"];
const STAYS = [OWNER, true];
const OF_SESSION = [OWNER, false];
const DENIED = "rejected: The browser keeps no key.";

let world;
before(async () => {
  world = await openScripts("vault");
});
after(() => world?.stop());

const seal = (page, policy = STAYS) => run(page, "seal", ...policy, NAMES, TEXTS);
const open = (page, sealed, policy = STAYS, names = NAMES) => run(page, "open", ...policy, names, sealed);
const keyOf = (sealed) => sealed.split(".")[0];
const cookies = async (page) => (await page.context().cookies()).map(({ name, value }) => ({ name, value }));

/** What the browser's database has. @param {import("playwright-core").Page} page */
const kept = (page) => page.evaluate(() => new Promise((resolve) => {
  indexedDB.open("consentry").onsuccess = ({ target: { result } }) => {
    result.transaction("keys").objectStore("keys").getAll().onsuccess = async (event) => {
      result.close();
      const entries = event.target.result;
      resolve(await Promise.all(entries.map(async ({ id, key }) => ({
        id,
        length: key.algorithm.length,
        exported: await Promise.all(["raw", "jwk"].map((format) => crypto.subtle.exportKey(format, key).then(() => "told", () => "refused"))),
      }))));
    };
  };
}));

/** What other browsers don't have. */
const withoutBase64 = () => {
  delete Uint8Array.prototype.toBase64;
  delete Uint8Array.fromBase64;
};

for (const [what, changes] of Object.entries({ "": [], ", by an older browser": [withoutBase64] })) {
  test(`what is sealed has no plain text, and opens here, in another tab and after a reload${what}`, async (t) => {
    const page = await world.open(t, changes);
    const sealed = await seal(page);
    assert.equal(sealed.length, 2);
    for (const text of sealed) assert.match(text, /^~[\w-]{11}\.[\w-]{38,}$/);
    assert.ok(!sealed.some((text) => [text, atob(text.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))].some((plain) => plain.includes("token"))));
    assert.deepEqual(await open(page, sealed), TEXTS);
    assert.deepEqual(await open(await world.beside(page), sealed), TEXTS);
    assert.deepEqual(await open(await world.load(page), sealed), TEXTS);
  });
}

test("the same text is never sealed alike, and a long one is sealed too", async (t) => {
  const page = await world.open(t, [withoutBase64]);
  const [one] = await seal(page);
  const [other] = await seal(page);
  assert.equal(keyOf(one), keyOf(other));
  assert.notEqual(one, other);
  const long = "ä".repeat(100_000);
  const sealed = await run(page, "seal", ...STAYS, ["long"], [long]);
  assert.equal((await open(page, sealed, STAYS, ["long"]))[0], long);
});

test("what was moved, changed, cut, or never sealed does not open", async (t) => {
  const page = await world.open(t);
  const [one, two] = await seal(page);
  const at = one.indexOf(".") + 1;
  const other = (position) => one.slice(0, position) + (one[position] === "A" ? "B" : "A") + one.slice(position + 1);
  const broken = [
    other(at), other(at + 20), other(one.length - 4), // vector, text, tag
    other(1), `${keyOf(two)}.`, one.slice(0, at), one.slice(0, at + 10), one.slice(0, -4), `${one}AAAA`, one.slice(1),
    "", "~", "~.", "plain", '{"secret":"plain"}', `~${"A".repeat(11)}.${one.slice(at)}`, `${one} `, `${one}=`, `\n${one}`, `~${"A".repeat(11)}.${"A".repeat(100_000)}`,
  ];
  assert.deepEqual(await open(page, broken, STAYS, broken.map(() => "one")), broken.map(() => null));
  assert.deepEqual(await open(page, [two, one]), [null, null], "moved");
  assert.deepEqual(await open(page, [one, two], ["another owner", true]), [null, null], "another owner's");
  assert.deepEqual(await open(page, [one, two]), TEXTS);
});

for (const policy of [STAYS, OF_SESSION]) {
  test(`tabs that start at once have one key: ${policy[1] ? "it stays" : "it goes"}`, async (t) => {
    for (let round = 0; round < 2; round += 1) {
      const first = await world.open(t);
      const pages = [first, await world.beside(first), await world.beside(first)];
      const sealed = await Promise.all(pages.map((page) => seal(page, policy)));
      assert.equal(new Set(sealed.flat().map(keyOf)).size, 1);
      assert.equal((await kept(first)).length, 1);
      for (const page of pages) for (const texts of sealed) assert.deepEqual(await open(page, texts, policy), TEXTS);
    }
  });
}

test("no script can read the key", async (t) => {
  const page = await world.open(t);
  const sealed = await seal(page);
  const id = keyOf(sealed[0]).slice(1);
  assert.deepEqual(await kept(page), [{ id, length: 256, exported: ["refused", "refused"] }]);
});

test("a key that others have put there is not used", async (t) => {
  const page = await world.open(t);
  await seal(page);
  for (const what of ["extractable", "text", "id"]) {
    await page.evaluate(async ([owner, what]) => {
      const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, what === "extractable", ["encrypt", "decrypt"]);
      const entry = { id: what === "id" ? "x; Domain=example" : "AAAAAAAAAAA", key: what === "text" ? "text" : key };
      await new Promise((resolve) => {
        indexedDB.open("consentry").onsuccess = ({ target: { result } }) => {
          const transaction = result.transaction("keys", "readwrite");
          transaction.objectStore("keys").put(entry, owner);
          transaction.oncomplete = () => resolve(result.close());
        };
      });
    }, [OWNER, what]);
    await world.load(page);
    const [sealed] = await seal(page);
    assert.ok(!["~AAAAAAAAAAA", "~x; Domain=example"].includes(keyOf(sealed)), what);
    assert.deepEqual((await kept(page)).map(({ exported }) => exported[0]), ["refused"], what);
  }
});

/** Seals, and opens after the browser was closed and started again. @param {import("node:test").TestContext} t @param {unknown[]} policy */
async function overRestart(t, policy) {
  const folder = await mkdtemp(join(tmpdir(), "profile-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const session = async (act) => {
    const context = await launchProfile(folder);
    try {
      return await act(await world.load(await context.newPage()));
    } finally {
      await context.close();
    }
  };
  const sealed = await session(async (page) => {
    const texts = await seal(page, policy);
    assert.deepEqual(await open(await world.beside(page), texts, policy), TEXTS);
    return texts;
  });
  return session(async (page) => {
    const opened = await open(page, sealed, policy);
    return { opened, before: keyOf(sealed[0]).slice(1), now: (await kept(page)).map(({ id }) => id) };
  });
}

test("after a restart of the browser: a key that stays opens what it sealed", async (t) => {
  const { opened, before, now } = await overRestart(t, STAYS);
  assert.deepEqual(opened, TEXTS);
  assert.deepEqual(now, [before]);
});

test("after a restart of the browser: a key of the session is gone", async (t) => {
  const { opened, before, now } = await overRestart(t, OF_SESSION);
  assert.deepEqual(opened, [null, null]);
  assert.equal(now.length, 1);
  assert.notEqual(now[0], before);
});

test("the cookie of a session tells which key, and nothing else; without a session there is none", async (t) => {
  const page = await world.open(t);
  await seal(page);
  assert.deepEqual(await cookies(page), []);
  const id = keyOf((await seal(page, OF_SESSION))[0]).slice(1);
  const [{ name, value, expires, path, sameSite, domain }] = await page.context().cookies();
  assert.match(name, /^consentry\.[\w-]{11}$/);
  assert.deepEqual({ value, expires, path, sameSite, domain }, { value: id, expires: -1, path: "/", sameSite: "Strict", domain: "localhost" });
  assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);
});

test("a session goes on where another site leads back, and beside a cookie of a neighbour", async (t) => {
  const page = await world.open(t);
  const sealed = await seal(page, OF_SESSION);
  const [{ name }] = await cookies(page);
  // A longer path comes first.
  await page.context().addCookies([{ name, value: "AAAAAAAAAAA", domain: "localhost", path: "/index.html" }]);
  await page.goto(`${world.site.origin.replace("localhost", "127.0.0.1")}/`);
  await page.evaluate((url) => { location.href = url; }, `${world.site.origin}/index.html`);
  await page.waitForURL(/localhost.*index\.html$/);
  await page.waitForFunction(() => window.script);
  assert.deepEqual(await open(page, sealed, OF_SESSION), TEXTS);
});

test("where the cookie is lost while the page lives, its session goes on; once the page is gone too, it ends", async (t) => {
  const page = await world.open(t);
  const sealed = await seal(page, OF_SESSION);
  await page.context().clearCookies();
  assert.equal(keyOf((await seal(page, OF_SESSION))[0]), keyOf(sealed[0]));
  assert.equal((await cookies(page)).length, 1);
  await page.context().clearCookies();
  assert.deepEqual(await open(await world.load(page), sealed, OF_SESSION), [null, null]);
});

test("without cookies, a tab's reloads are of its session", async (t) => {
  const page = await world.open(t, [() => {
    Object.defineProperty(document, "cookie", { get() { throw new DOMException("denied", "SecurityError"); }, set() { throw new DOMException("denied", "SecurityError"); } });
  }]);
  const sealed = await seal(page, OF_SESSION);
  assert.deepEqual(await open(await world.load(page), sealed, OF_SESSION), TEXTS);
  // Another tab can't know that: it begins a session, which the first one joins.
  const other = await world.beside(page);
  assert.deepEqual(await open(other, sealed, OF_SESSION), [null, null]);
  const later = await seal(page, OF_SESSION);
  assert.deepEqual(await open(other, later, OF_SESSION), TEXTS);
});

/** As the user does it in the browser's settings. */
async function clearData(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Storage.clearDataForOrigin", { origin: world.site.origin, storageTypes: "all" });
  await session.detach();
}

for (const policy of [STAYS, OF_SESSION]) {
  test(`the site's data cleared while pages live: what is sealed next opens everywhere (${policy[1] ? "it stays" : "it goes"})`, async (t) => {
    const page = await world.open(t);
    const early = await world.beside(page);
    const sealed = await seal(page, policy);
    assert.deepEqual(await open(early, sealed, policy), TEXTS);
    await clearData(page);
    assert.deepEqual(await open(page, sealed, policy), TEXTS, "the page goes on with what it has");
    const later = await seal(page, policy);
    assert.deepEqual(await open(early, later, policy), TEXTS);
    assert.deepEqual(await open(await world.beside(page), later, policy), TEXTS);
    // This time another tab is the first to seal.
    await clearData(page);
    const fresh = await world.beside(page);
    const others = await seal(fresh, policy);
    assert.notEqual(keyOf(others[0]), keyOf(later[0]));
    assert.deepEqual(await open(early, others, policy), TEXTS);
    const last = await seal(page, policy);
    assert.equal(keyOf(last[0]), keyOf(others[0]));
    assert.deepEqual(await open(fresh, last, policy), TEXTS);
  });
}

test("a database that a script deletes is not in its way, and is made again", async (t) => {
  const page = await world.open(t);
  const sealed = await seal(page);
  const other = await world.beside(page);
  const outcome = await other.evaluate(() => new Promise((resolve) => {
    const request = indexedDB.deleteDatabase("consentry");
    request.onsuccess = () => resolve("deleted");
    request.onblocked = () => resolve("blocked");
  }));
  assert.equal(outcome, "deleted");
  const later = await seal(page);
  assert.equal(keyOf(later[0]), keyOf(sealed[0]));
  assert.deepEqual(await open(other, later), TEXTS);
});

test("a connection that has died without a word is replaced", async (t) => {
  const page = await world.open(t);
  const [sealed] = await seal(page);
  await page.evaluate(() => {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...rest) {
      IDBDatabase.prototype.transaction = transaction;
      this.close();
      return transaction.apply(this, rest);
    };
  });
  assert.equal(keyOf((await seal(page))[0]), keyOf(sealed));
});

for (const [what, change] of Object.entries({
  "is not there": () => Object.defineProperty(window, "indexedDB", { value: undefined }),
  "throws": () => { IDBFactory.prototype.open = () => { throw new DOMException("denied", "SecurityError"); }; },
  "fails": () => {
    IDBFactory.prototype.open = () => {
      const request = new EventTarget();
      setTimeout(() => request.onerror());
      return request;
    };
  },
  "keeps no keys": () => { IDBObjectStore.prototype.put = () => { throw new DOMException("not that", "DataCloneError"); }; },
  "has no room": () => { IDBObjectStore.prototype.put = function () { this.transaction.abort(); }; },
  "has no cryptography beside it": () => Object.defineProperty(crypto, "subtle", { value: undefined }),
})) {
  test(`a database that ${what}: one plain error, and what is not sealed needs none`, async (t) => {
    const page = await world.open(t, [change]);
    assert.equal(await seal(page), DENIED);
    assert.equal(await open(page, ["~AAAAAAAAAAA.AAAA", ""]), DENIED);
    assert.deepEqual(await open(page, ["plain", ""]), [null, null]);
    assert.equal(await seal(page), DENIED, "again");
  });
}

for (const [what, silences, outcome] of [["never answers is waited for ten seconds", 9, "The browser keeps no key."], ["does not answer once is asked again after five", 1, undefined]]) {
  test(`a database that ${what}`, async (t) => {
    const page = await world.open(t);
    await page.evaluate((count) => {
      const { open } = IDBFactory.prototype;
      window.asked = 0;
      IDBFactory.prototype.open = function (...args) {
        window.asked += 1;
        return window.asked > count ? open.apply(this, args) : new EventTarget();
      };
    }, silences);
    // It stands still but for what the test adds: a busy machine is not to spend the tenth of a second that is left here.
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(1_000);
    await page.evaluate(([owner]) => {
      window.sealing = script.seal(owner, true, ["one"], ["text"]).then(() => undefined, (error) => error.message);
    }, [OWNER]);
    const now = () => page.evaluate(() => Promise.race([window.sealing, "waiting"]));
    const asked = (times) => page.waitForFunction((times) => window.asked === times, times, { polling: 20 });
    await asked(1);
    await page.clock.fastForward(4_900);
    assert.equal(await now(), "waiting");
    await page.clock.fastForward(200);
    await asked(2);
    if (outcome) {
      await page.clock.fastForward(4_800);
      assert.equal(await now(), "waiting");
      await page.clock.fastForward(400);
    }
    assert.equal(await page.evaluate(() => window.sealing), outcome);
  });
}

test("a worker opens and seals with the page's key, and neither makes one of a session nor ends one", async (t) => {
  const page = await world.open(t);
  const ask = (...call) => page.evaluate((call) => new Promise((resolve) => {
    const worker = new Worker("/worker.js", { type: "module", name: "vault" });
    worker.onmessage = ({ data }) => (data === "ready" ? worker.postMessage(call) : resolve(data));
  }), call);
  assert.equal(await ask("seal", ...OF_SESSION, NAMES, TEXTS), "rejected: A worker makes no key.");
  assert.deepEqual(await ask("open", ...OF_SESSION, NAMES, ["~AAAAAAAAAAA.AAAA", ""]), [null, null]);
  assert.deepEqual(await kept(page), []);
  const sealed = await seal(page, OF_SESSION);
  assert.deepEqual(await ask("open", ...OF_SESSION, NAMES, sealed), TEXTS);
  assert.deepEqual(await open(page, await ask("seal", ...OF_SESSION, NAMES, TEXTS), OF_SESSION), TEXTS);
  await page.context().clearCookies();
  assert.deepEqual(await ask("open", ...OF_SESSION, NAMES, sealed), TEXTS);
  assert.deepEqual(await open(page, await ask("seal", ...STAYS, NAMES, TEXTS)), TEXTS);
});

test("to open costs one look at the database for each page, and not one for what is not sealed", async (t) => {
  const page = await world.open(t);
  const sealed = await seal(page);
  await world.load(page);
  const looks = await page.evaluate(async ([owner, names, sealed]) => {
    let count = 0;
    const { get } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.get = function (...rest) {
      count += 1;
      return get.apply(this, rest);
    };
    const open = (texts) => script.open(owner, true, names, texts);
    const counts = [];
    for (const texts of [["", "plain"], sealed, sealed]) {
      await Promise.all([open(texts), open(texts)]);
      counts.push(count);
    }
    return counts;
  }, [OWNER, NAMES, sealed]);
  assert.deepEqual(looks, [0, 1, 1]);
});
