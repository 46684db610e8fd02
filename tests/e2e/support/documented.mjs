/** Serves the code of a page of the documentation, bundled with the npm packages that it imports. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { documentedBlocks } from "../../docs/blocks.mjs";
import { serve } from "./bundled.mjs";

/**
 * A page with all named blocks of the documentation's page, whose exports are on `window.docs`.
 * @param {string} page
 * @param {string[]} files the names of its blocks, in order
 * @param {{ clientId: string, authority: string }} tenant the reader's own values
 * @param {string} [more] further exports, by code that knows the blocks and is loaded before them
 */
export async function serveDocumented(page, files, { clientId, authority }, more = "") {
  const blocks = (await documentedBlocks()).filter((block) => block.page === page && block.file);
  assert.deepEqual(blocks.map(({ file }) => file), files);
  const folder = await mkdtemp(join(tmpdir(), "consentry-documented-"));
  try {
    for (const { file, code } of blocks) {
      await writeFile(join(folder, file), code
        .replace("<application (client) ID>", clientId)
        .replace("https://login.microsoftonline.com/<tenant>", authority));
    }
    await writeFile(join(folder, "more.js"), more);
    const imports = ["more.js", ...files].map((file, index) => [`import * as part${index} from ${JSON.stringify(`./${file}`)};`, `...part${index}`]);
    await writeFile(join(folder, "docs.js"), `${imports.map(([line]) => line).join("\n")}\nwindow.docs = { ${imports.map(([, part]) => part).join(", ")} };\ndocument.title = "ready";\n`);
    return await serve({
      folder: pathToFileURL(`${folder}/`),
      pages: { "/": "docs" },
      bundling: { nodePaths: [fileURLToPath(new URL("../../../node_modules", import.meta.url))], target: "es2022", define: { "process.env.NODE_ENV": '"development"' } },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @param {import("playwright-core").Page} page */
export const isReady = (page) => page.waitForFunction(() => window.docs && document.title === "ready");

/** Calls an export. @param {import("playwright-core").Page} page @param {string} name @param {...unknown} args */
export const run = (page, name, ...args) => page.evaluate(([called, values]) => window.docs[called](...values), [name, args]);

/** Calls an export that opens a window, and answers there. */
export async function inWindow(page, name, args, answer) {
  const opened = page.waitForEvent("popup");
  const result = run(page, name, ...args);
  result.catch(() => {}); // told below, once the window is gone
  const popup = await opened;
  const closed = popup.waitForEvent("close");
  await answer(popup);
  await closed;
  return result;
}

/** Has an API of the documentation answered by one of the tenant. @param {import("playwright-core").Page} page */
export const direct = (page, address, origin) => page.route(`${address}/**`, async (route) => {
  const response = await route.fetch({ url: route.request().url().replace(address, origin) });
  await route.fulfill({ response });
});
