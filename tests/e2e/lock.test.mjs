/** One tab at a time: by the browser's locks, and by the lease in the storage where there are none. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openScripts } from "./support/scripts.mjs";

const NAME = "lock|one";

let world;
before(async () => {
  world = await openScripts("lock");
});
after(() => world?.stop());

const withoutLocks = () => Object.defineProperty(navigator, "locks", { value: undefined });
const WAYS = { "locks": [], "leases": [withoutLocks] };

/** Takes it, and says how long that took, in milliseconds. @param {import("playwright-core").Page} page */
const take = (page, name = NAME) => page.evaluate(async (name) => {
  const begun = performance.now();
  window.letGo = await script.acquire(name);
  return performance.now() - begun;
}, name);
const letGo = (page) => page.evaluate(() => letGo());

/** Counts up under the lock, in steps that others can come between. Returns how often. */
const hammer = (page, milliseconds) => page.evaluate(async ([name, milliseconds]) => {
  const pause = (most) => new Promise((resolve) => { setTimeout(resolve, Math.random() * most); });
  const end = performance.now() + milliseconds;
  const loop = async () => {
    let rounds = 0;
    while (performance.now() < end) {
      const letGo = await script.acquire(name);
      const count = Number(localStorage.getItem("count"));
      await pause(20);
      localStorage.setItem("count", count + 1);
      letGo();
      rounds += 1;
      await pause(Math.random() < 0.5 ? 5 : 300);
    }
    return rounds;
  };
  const rounds = await Promise.all([loop(), loop()]);
  return rounds[0] + rounds[1];
}, [NAME, milliseconds]);

for (const [way, changes] of Object.entries(WAYS)) {
  test(`${way}: three tabs, twice each, lose no count`, async (t) => {
    const first = await world.open(t, changes);
    const pages = [first, await world.beside(first), await world.beside(first)];
    const rounds = await Promise.all(pages.map((page) => hammer(page, 3000)));
    assert.ok(rounds.every((count) => count > 0), `each had its turn: ${rounds}`);
    await new Promise((resolve) => { setTimeout(resolve, 500); }); // until the storage is the same everywhere
    const count = await first.evaluate(() => Number(localStorage.getItem("count")));
    assert.equal(count, rounds.reduce((sum, of) => sum + of), `${rounds}`);
  });

  test(`${way}: what a page has can be taken back, and others do not wait for it`, async (t) => {
    const page = await world.open(t, changes);
    const other = await world.beside(page);
    await take(page);
    await page.evaluate(() => script.takeBack());
    assert.ok((await take(other)) < 2000);
    await letGo(page);
    assert.ok((await take(page, `${NAME} more`)) < 1000, "to give back what was taken back is nothing");
  });

  test(`${way}: a page that takes it again does not wait, and calls of one page exclude each other`, async (t) => {
    const page = await world.open(t, changes);
    const { elapsed, most } = await page.evaluate(async (name) => {
      const begun = performance.now();
      let inside = 0;
      let most = 0;
      const turn = async () => {
        const letGo = await script.acquire(name);
        inside += 1;
        most = Math.max(most, inside);
        await Promise.resolve();
        inside -= 1;
        letGo();
      };
      for (let count = 0; count < 1000; count += 1) await turn();
      const elapsed = performance.now() - begun;
      await Promise.all([turn(), turn(), turn()]);
      return { elapsed, most };
    }, NAME);
    assert.ok(elapsed < 1500, `1000 turns took ${elapsed} ms`);
    assert.equal(most, 1);
    t.diagnostic(`1000 turns: ${Math.round(elapsed)} ms`);
  });

  if (way === "locks") test("a page for which nobody waits keeps it, however long it takes it again and again", async (t) => {
    const page = await world.open(t);
    const asked = await page.evaluate(async (name) => {
      const { request } = navigator.locks;
      let asked = 0;
      navigator.locks.request = (...values) => {
        asked += 1;
        return request.apply(navigator.locks, values);
      };
      const end = performance.now() + 2500;
      while (performance.now() < end) {
        const letGo = await script.acquire(name);
        await new Promise((resolve) => { setTimeout(resolve, 5); });
        letGo();
      }
      return asked;
    }, NAME);
    assert.equal(asked, 1);
  });

  test(`${way}: to let go twice takes nothing from who has it then`, async (t) => {
    const page = await world.open(t, changes);
    const isTaken = await page.evaluate(async (name) => {
      const letGo = await script.acquire(name);
      letGo();
      letGo();
      const again = await script.acquire(name);
      letGo();
      let isTaken = false;
      const taking = script.acquire(name).then((third) => {
        isTaken = true;
        return third;
      });
      await new Promise((resolve) => { setTimeout(resolve, 800); });
      const before = isTaken;
      again();
      (await taking)();
      return [before, isTaken];
    }, NAME);
    assert.deepEqual(isTaken, [false, true]);
  });

  test(`${way}: another page gets its turn from one that takes it again and again`, async (t) => {
    const page = await world.open(t, changes);
    const other = await world.beside(page);
    await page.evaluate((name) => {
      (async () => {
        window.isBusy = true;
        while (window.isBusy) {
          const letGo = await script.acquire(name);
          await new Promise((resolve) => { setTimeout(resolve, 5); });
          letGo();
        }
      })();
    }, NAME);
    for (let count = 0; count < 2; count += 1) {
      const waited = await take(other);
      assert.ok(waited < 3000, `waited for ${waited} ms`);
      await letGo(other);
    }
    await page.evaluate(() => { window.isBusy = false; });
  });

  test(`${way}: what was stored is seen by the next page`, async (t) => {
    const page = await world.open(t, changes);
    const other = await world.beside(page);
    for (let count = 0; count < 5; count += 1) {
      await take(page);
      const taking = other.evaluate(async (name) => {
        window.letGo = await script.acquire(name);
        return localStorage.getItem("stored");
      }, NAME);
      await page.evaluate((text) => { localStorage.setItem("stored", text); letGo(); }, `${count}`);
      assert.equal(await taking, `${count}`);
      await letGo(other);
    }
  });

  test(`${way}: two names are two`, async (t) => {
    const page = await world.open(t, changes);
    await take(page);
    assert.ok((await take(await world.beside(page), "lock|two")) < 1000);
  });
}

const LEASES = [withoutLocks];

/** What waits for the most part. */
describe("patience", { concurrency: 4 }, () => {
  for (const [way, changes] of Object.entries(WAYS)) {
    test(`${way}: a page that is closed leaves it to the next`, async (t) => {
      const page = await world.open(t, changes);
      const other = await world.beside(page);
      await take(other);
      const taking = take(page);
      await other.close();
      assert.ok((await taking) < 6500);
    });

    test(`${way}: who waits too long is refused`, async (t) => {
      const page = await world.open(t, changes);
      const other = await world.beside(page);
      await take(other);
      // Less patience than the script has, for the test's sake.
      await page.evaluate((name) => {
        const { timeout } = AbortSignal;
        AbortSignal.timeout = (milliseconds) => timeout(milliseconds / 40);
        const now = performance.now.bind(performance);
        const begun = now();
        performance.now = () => begun + (now() - begun) * 40;
        window.taking = script.acquire(name).then(() => "taken", () => "refused");
      }, NAME);
      assert.equal(await page.evaluate(() => window.taking), "refused");
      await letGo(other);
    });
  }

  test("leases: it is renewed as long as the page has it, and no longer", async (t) => {
    const page = await world.open(t, LEASES);
    const other = await world.beside(page);
    await take(page);
    let isTaken = false;
    const taking = take(other).then((waited) => {
      isTaken = true;
      return waited;
    });
    await new Promise((resolve) => { setTimeout(resolve, 6500); });
    assert.equal(isTaken, false);
    await letGo(page);
    assert.ok((await taking) < 8500);
    await letGo(other);
    await page.waitForFunction((name) => localStorage.getItem(name) === null, NAME);
  });

  test("leases: a text that is none, or would end too late, keeps nobody out", async (t) => {
    const page = await world.open(t, LEASES);
    const texts = ["", "null", "x", "x y", "x Infinity", "x -Infinity", "x NaN", " ", "x 1", `x ${Number.MAX_SAFE_INTEGER}`, "x 1e999", `x ${Date.now() + 3_600_000}`, `x ${Date.now() - 1}`, "x ".repeat(100_000), "{}"];
    for (const text of texts) {
      await page.evaluate(([name, text]) => localStorage.setItem(name, text), [NAME, text]);
      const waited = await take(page);
      assert.ok(waited < 1000, `${text.slice(0, 40)}: ${waited} ms`);
      await letGo(page);
      await page.waitForFunction((name) => localStorage.getItem(name) === null, NAME);
    }
  });

  test("leases: one that nobody renews lasts as long as a lease, whatever it says", async (t) => {
    const page = await world.open(t, LEASES);
    await page.evaluate((name) => localStorage.setItem(name, `somebody ${Date.now() + 1500} ${" ".repeat(1000)}`), NAME);
    const waited = await take(page);
    assert.ok(waited > 1000 && waited < 3500, `${waited} ms`);
  });

  test("leases: who lost it while it slept takes nothing from the next one", async (t) => {
    const page = await world.open(t, LEASES);
    await take(page);
    await page.evaluate((name) => localStorage.setItem(name, `somebody ${Date.now() + 4000}`), NAME);
    await letGo(page);
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    assert.match(await page.evaluate((name) => localStorage.getItem(name), NAME), /^somebody /);
  });
});

test("without locks and without storage nothing is waited for", async (t) => {
  const denied = () => Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } });
  const full = () => { Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); }; };
  for (const change of [denied, full]) {
    const page = await world.open(t, [withoutLocks, change]);
    assert.ok((await take(page)) < 1000);
    assert.equal(await page.evaluate(() => window.letGo), undefined);
  }
});
