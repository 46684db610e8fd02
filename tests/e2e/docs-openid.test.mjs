/** The code of docs/openid-providers.md, taken from the page, does what it says at a strict server. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { documentedBlocks } from "../docs/blocks.mjs";
import { launch as launchServer } from "../openid/launch.mjs";
import { serve } from "./consent/serve.mjs";
import { launch as launchBrowser, newPage } from "./support/browser.mjs";
import { giveCredentials } from "./support/story.mjs";

const PAGE = "docs/openid-providers.md";

let server, site, browser, noor;
before(async () => {
  server = await launchServer();
  [noor] = server.users;
  site = await serve({ script: "/docs.js", modules: await documentedModules() });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await server?.stop();
});

/** The page's blocks that have a file name, with the reader's own values filled in, and a script that imports them all. */
async function documentedModules() {
  const blocks = (await documentedBlocks()).filter(({ page, file }) => page === PAGE && file);
  assert.deepEqual(blocks.map(({ file }) => file), ["client.js", "silent.js", "name.js", "notes.js"]);
  const modules = blocks.map(({ file, code }) => [`/docs/${file}`, code
    .replace("<client ID>", server.clients.plain)
    .replace("https://id.example", server.issuer)
    .replace("https://api.notes.example", server.resources.one.identifier)]);
  const imports = modules.map(([path]) => `import(${JSON.stringify(path)})`).join(", ");
  return { ...Object.fromEntries(modules), "/docs.js": `window.docs = Object.assign({}, ...(await Promise.all([${imports}])));\ndocument.title = "ready";\n` };
}

const isReady = (page) => page.waitForFunction(() => window.docs && document.title === "ready");
const run = (page, name) => page.evaluate((called) => window.docs[called](), name);
/** Calls what leaves the page. */
const press = (page, name) => page.evaluate((called) => {
  document.title = "leaving";
  window.docs[called]();
}, name);

test("sign in, the user's name, a token for an API, sign out", async (t) => {
  const page = await newPage(browser, { allow: [/status of 400/] });
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  await page.goto(site.origin);
  await isReady(page);
  assert.equal(await run(page, "nameOfUser"), "nobody");
  assert.equal(await run(page, "whoIsThere"), null);
  await press(page, "signIn");
  await giveCredentials(page, noor);
  await page.getByRole("button", { name: "Accept" }).click();
  await isReady(page);
  assert.equal(await run(page, "nameOfUser"), noor.name);
  assert.equal((await run(page, "whoIsThere")).localAccountId, noor.sub);

  await press(page, "tokenForNotes");
  await page.getByRole("button", { name: "Accept" }).click();
  await isReady(page);
  const token = await run(page, "tokenForNotes");
  assert.equal(JSON.parse(Buffer.from(token.split(".")[1], "base64url")).aud, server.resources.one.identifier);

  await press(page, "signOut");
  await page.getByRole("button", { name: "Sign out" }).click();
  await isReady(page);
  assert.equal(await run(page, "nameOfUser"), "nobody");
  assert.equal(await run(page, "whoIsThere"), null);
});
