/** Two pages that change something at once: the later stamp does not hide what the other one has changed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openScripts } from "./support/scripts.mjs";

const KEY = "consentry|2|client|stamp";

let world;
before(async () => {
  world = await openScripts("storage");
});
after(() => world?.stop());

/** What is there after another page's stamp is heard of: one that was overtaken is heard of late. */
const hear = (page, { own, stored = own, told, key = KEY }) => page.evaluate(async ([key, own, stored, told]) => {
  let heard = 0;
  script.onChange(() => { heard += 1; });
  if (own) script.write(1, key, own);
  if (stored) localStorage.setItem(key, stored);
  dispatchEvent(new StorageEvent("storage", { key, newValue: told, storageArea: localStorage }));
  dispatchEvent(new StorageEvent("storage", { key, newValue: told, storageArea: localStorage }));
  const stamp = localStorage.getItem(key);
  localStorage.clear();
  return { stamp, heard };
}, [key, own, stored, told]);

for (const [name, told] of [["says what it was", "there first some.key ."], ["says nothing of it", "there"]]) {
  test(`a stamp of another page that ${name}, and that this page has overtaken: everybody looks at everything, once`, async (t) => {
    const { stamp, heard } = await hear(await world.open(t), { own: "here first other.key .", told });
    assert.match(stamp, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    assert.equal(heard, 2);
  });
}

test("a stamp that this page's follows, one that follows it, its own, and one of another client change nothing", async (t) => {
  const own = "here there some.key .";
  const last = { "follows": "there first some.key .", "is followed": "here", "its own": own };
  for (const [name, told] of Object.entries(last)) assert.equal((await hear(await world.open(t), { own, told })).stamp, own, name);
  const next = "there here some.key .";
  assert.equal((await hear(await world.open(t), { own, stored: next, told: next })).stamp, next);
  assert.equal((await hear(await world.open(t), { own: "", stored: "other", told: "another" })).stamp, "other");
});
