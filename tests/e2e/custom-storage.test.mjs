/** A storage of the app's own behind a face that answers at once: order, failures, silence, and what it should not have. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openScripts } from "./support/scripts.mjs";

let world;
let page;
let close;
before(async () => {
  world = await openScripts("store");
  page = await world.open({ after: (end) => { close = end; } }, [storages]);
});
after(async () => {
  await close?.();
  await world?.stop();
});

/** In the page: a storage that takes its time, notes its calls, and can be told what to do with one. */
function storages() {
  window.slowStore = (entries = {}) => {
    const map = new Map(Object.entries(entries));
    const calls = [];
    /** By call: what happens in its place. */
    const instead = {};
    const act = async (name, key, answer) => {
      calls.push(key === undefined ? name : `${name} ${key}`);
      await new Promise((resolve) => { setTimeout(resolve, Math.random() * 5); });
      return instead[`${name} ${key}`] ? instead[`${name} ${key}`]() : answer();
    };
    return {
      map,
      calls,
      instead,
      getItem: (key) => act("getItem", key, () => map.get(key)),
      setItem: (key, text) => act("setItem", key, () => { map.set(key, text); }),
      removeItem: (key) => act("removeItem", key, () => { map.delete(key); }),
      keys: () => act("keys", undefined, () => map.keys()),
    };
  };
  window.seen = (mirror, prefix = "") => mirror.keys(prefix).map((key) => `${key}=${mirror.read(key)}`);
  window.refusal = (promise) => promise.then(() => "through", (error) => error.message);
}

test("what it has under the prefix is read, and told by key", async () => {
  const told = await page.evaluate(async () => {
    const store = slowStore({ "our|a": "1", "our|b": "", "other": "2" });
    const mirror = script.mirror(store, "our|");
    const before = seen(mirror);
    await mirror.pull();
    return { before, after: seen(mirror), part: mirror.keys("our|b"), absent: mirror.read("our|c") === undefined, foreign: mirror.read("other") === undefined, calls: store.calls };
  });
  assert.deepEqual(told, { before: [], after: ["our|a=1", "our|b="], part: ["our|b"], absent: true, foreign: true, calls: ["keys", "getItem our|a", "getItem our|b"] });
});

test("a storage that answers at once, with an iterator or a list of keys", async () => {
  const told = await page.evaluate(async () => {
    class Direct {
      #map = new Map([["our|a", "1"]]);
      getItem(key) { return this.#map.get(key) ?? null; }
      setItem(key, text) { this.#map.set(key, text); }
      removeItem(key) { this.#map.delete(key); }
      keys() { return [...this.#map.keys()]; }
    }
    const store = new Direct();
    const mirror = script.mirror(store, "our|");
    await mirror.pull();
    const first = seen(mirror);
    mirror.write("our|a");
    mirror.write("our|b", "2");
    const now = seen(mirror);
    await mirror.settle();
    return { first, now, stored: store.keys() };
  });
  assert.deepEqual(told, { first: ["our|a=1"], now: ["our|b=2"], stored: ["our|b"] });
});

test("writes are there at once, and go out one after the other, in order", async () => {
  const told = await page.evaluate(async () => {
    const store = slowStore({ "our|gone": "1" });
    const mirror = script.mirror(store, "our|");
    await mirror.pull();
    store.calls.length = 0;
    const expected = [];
    for (let count = 0; count < 20; count += 1) {
      mirror.write("our|a", `${count}`);
      mirror.write(`our|${count}`, "x");
      expected.push("setItem our|a", `setItem our|${count}`);
    }
    mirror.write("our|gone");
    expected.push("removeItem our|gone");
    const now = [mirror.read("our|a"), mirror.read("our|gone"), store.map.size];
    await mirror.settle();
    return { now: [...now, mirror.keys("").length], last: store.map.get("our|a"), gone: store.map.has("our|gone"), isOrdered: JSON.stringify(store.calls) === JSON.stringify(expected) };
  });
  assert.deepEqual(told, { now: ["19", undefined, 1, 21], last: "19", gone: false, isOrdered: true });
});

test("a write that fails is told once, to whom it concerns; the others go through, and memory stays", async () => {
  const told = await page.evaluate(async () => {
    const store = slowStore();
    const mirror = script.mirror(store, "our|");
    const fail = (text) => () => { throw new Error(text); };
    store.instead["setItem our|b"] = fail("first");
    store.instead["removeItem our|c"] = fail("second");
    mirror.write("our|a", "1");
    const fine = refusal(mirror.settle());
    mirror.write("our|b", "2");
    mirror.write("our|c");
    mirror.write("our|d", "4");
    const [before, failed, after] = await Promise.all([fine, refusal(mirror.settle()), refusal(mirror.settle())]);
    const memory = seen(mirror);
    mirror.write("our|b");
    return { before, failed, after, memory, undone: await refusal(mirror.settle()), stored: [...store.map.keys()] };
  });
  assert.deepEqual(told, { before: "through", failed: "first", after: "through", memory: ["our|a=1", "our|b=2", "our|d=4"], undone: "through", stored: ["our|a", "our|d"] });
});

test("methods that throw, reject with nothing, or are not there", async () => {
  const told = await page.evaluate(async () => {
    const thrown = script.mirror({ setItem() { throw new Error("thrown"); }, keys() { throw new Error("no keys"); } }, "our|");
    const empty = script.mirror({ setItem: () => Promise.reject(), keys: () => Promise.reject(new Error("rejected")) }, "our|");
    const nothing = script.mirror({ keys: () => null }, "our|");
    const results = [];
    for (const mirror of [thrown, empty, nothing]) {
      mirror.write("our|a", "1");
      results.push([await refusal(mirror.settle()), await refusal(mirror.settle()), await refusal(mirror.pull()), mirror.read("our|a")]);
    }
    return results;
  });
  assert.deepEqual(told.slice(0, 2), [["thrown", "through", "no keys", "1"], ["The storage failed.", "through", "rejected", "1"]]);
  const [written, again, pulled, text] = told[2];
  assert.match(written, /not a function/);
  assert.match(pulled, /not iterable/);
  assert.deepEqual([again, text], ["through", "1"]);
});

test("keys and values that are no texts are left alone", async () => {
  const told = await page.evaluate(async () => {
    const values = { "our|text": "1", "our|number": 5, "our|null": null, "our|object": { toString: () => "x" }, "our|undefined": undefined, "our|boxed": new String("x"), "our|list": ["x"] };
    const asked = [];
    const store = {
      keys: () => ["our|text", 7, null, { startsWith: () => true }, ["our|list"], undefined, Symbol("our|"), ...Object.keys(values)],
      getItem(key) { asked.push(typeof key); return values[key]; },
    };
    const mirror = script.mirror(store, "our|");
    await mirror.pull();
    return { entries: seen(mirror), asked: [...new Set(asked)] };
  });
  assert.deepEqual(told, { entries: ["our|text=1"], asked: ["string"] });
});

test("what is written while it is read stays written", async () => {
  const told = await page.evaluate(async () => {
    const store = slowStore({ "our|a": "old", "our|b": "old", "our|c": "old" });
    const mirror = script.mirror(store, "our|");
    mirror.write("our|a", "before");
    const pulling = mirror.pull();
    await new Promise((resolve) => { store.instead["getItem our|c"] = () => { resolve(); return "old"; }; });
    mirror.write("our|b", "meanwhile");
    mirror.write("our|c");
    mirror.write("our|d", "new");
    const meanwhile = seen(mirror);
    await pulling;
    const pulled = seen(mirror).sort();
    await mirror.settle();
    // Another page's change is taken over, once nothing is on its way.
    store.map.set("our|b", "another page's");
    store.instead = {};
    await mirror.pull();
    return { meanwhile, pulled, stored: Object.fromEntries(store.map), last: mirror.read("our|b") };
  });
  const entries = ["our|a=before", "our|b=meanwhile", "our|d=new"];
  assert.deepEqual(told, { meanwhile: entries, pulled: entries, stored: { "our|a": "before", "our|b": "another page's", "our|d": "new" }, last: "another page's" });
});

test("a read that fails leaves memory as it is", async () => {
  const told = await page.evaluate(async () => {
    const store = slowStore({ "our|a": "1", "our|b": "2" });
    const mirror = script.mirror(store, "our|");
    await mirror.pull();
    store.map.delete("our|a");
    store.instead["getItem our|b"] = () => { throw new Error("unread"); };
    return { failed: await refusal(mirror.pull()), memory: seen(mirror) };
  });
  assert.deepEqual(told, { failed: "unread", memory: ["our|a=1", "our|b=2"] });
});

test("a call that is not answered is given up after ten seconds, and with it what waits behind it; then it is tried again", async () => {
  await page.clock.install();
  await page.evaluate(() => {
    window.calls = [];
    let isSilent = true;
    const store = { setItem: (key) => { calls.push(key); return isSilent ? new Promise(() => {}) : undefined; }, keys: () => new Promise(() => {}) };
    window.mirror = script.mirror(store, "our|");
    for (const key of ["our|a", "our|b", "our|c"]) mirror.write(key, "1");
    window.settled = refusal(mirror.settle());
    window.pulled = refusal(mirror.pull());
    window.answer = () => { isSilent = false; };
  });
  const settled = () => page.evaluate(() => Promise.race([settled, new Promise((resolve) => { queueMicrotask(() => queueMicrotask(() => resolve("waiting"))); })]));
  await page.clock.fastForward(9_000);
  assert.equal(await settled(), "waiting");
  await page.clock.fastForward(1_500);
  assert.equal(await page.evaluate(() => settled), "The storage does not answer.");
  assert.equal(await page.evaluate(() => pulled), "The storage does not answer.");
  assert.deepEqual(await page.evaluate(() => calls), ["our|a"]);
  assert.equal(await page.evaluate(() => {
    answer();
    mirror.write("our|a", "2");
    return refusal(mirror.settle());
  }), "through");
  await page.evaluate(() => { window.pulled = refusal(mirror.pull()); });
  await page.clock.fastForward(10_500);
  assert.equal(await page.evaluate(() => pulled), "The storage does not answer.");
});

test("a store that falls silent is waited for ten seconds in all, and as long again once it has answered", async () => {
  await page.clock.install();
  await page.evaluate(() => {
    window.held = [];
    const store = {
      setItem: () => new Promise((resolve) => { held.push(resolve); }),
      keys: () => new Promise((resolve) => { setTimeout(() => resolve(["our|a"]), 6_000); }),
      getItem: () => new Promise(() => {}),
    };
    window.mirror = script.mirror(store, "our|");
    // A change that fails is undone.
    window.write = () => { mirror.write("our|a", "1"); return refusal(mirror.settle()); };
    window.undone = write().then(write);
  });
  await page.clock.runFor(11_000);
  assert.equal(await page.evaluate(() => undone), "The storage does not answer.");
  assert.equal(await page.evaluate(() => held.length), 2);
  // However late an answer comes: it is not silent, but slow.
  await page.evaluate(async () => {
    for (const answer of held) answer();
    await undone;
    window.isOver = false;
    window.next = write().finally(() => { isOver = true; });
  });
  await page.clock.runFor(9_000);
  assert.equal(await page.evaluate(() => isOver), false);
  await page.clock.runFor(1_500);
  assert.equal(await page.evaluate(() => next), "The storage does not answer.");
  // Keys and texts are one call.
  await page.evaluate(() => {
    for (const answer of held) answer();
    window.pulled = refusal(mirror.pull());
  });
  await page.clock.runFor(11_000);
  assert.equal(await page.evaluate(() => pulled), "The storage does not answer.");
});
