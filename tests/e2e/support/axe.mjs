/** What axe finds wrong with a page: WCAG 2.2 AA and best practice. */
import assert from "node:assert/strict";
import axe from "axe-core";

/** How a page is looked at: light and wide, dark and narrow. */
export const LOOKS = /** @type {const} */ ([["light", 1280], ["dark", 360]]);

/** @param {import("playwright-core").Page} page @param {string} name */
export async function check(page, name) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
  });
  assert.deepEqual(found, [], name);
}
