/** README.md and docs/getting-started.md: who copies what they say has a page that signs people in. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch as launchTenant } from "../../tenant/launch.js";
import { documentedBlocks } from "../docs/blocks.mjs";
import { launch as launchBrowser, newPage } from "./support/browser.mjs";
import { GRAPH, REFUSED } from "./support/consent.mjs";
import { direct } from "./support/documented.mjs";
import { answerConsent, askedPermissions, giveCredentials } from "./support/story.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const GUIDE = "docs/getting-started.md";

let tenant, browser, adele, blocks;
before(async () => {
  tenant = await launchTenant({ port: 0 });
  [adele] = tenant.users;
  blocks = await documentedBlocks();
  browser = await launchBrowser();
});
beforeEach(() => tenant.reset());
after(async () => {
  await browser?.close();
  await tenant?.stop();
});

/** A block with the reader's own values filled in. */
const block = (page, file) => {
  const { code } = blocks.find((one) => one.page === page && one.file === file);
  return code.replace("<application (client) ID>", tenant.clientId).replace("https://login.microsoftonline.com/<tenant>", tenant.authority);
};

/** A port that nobody has. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

/** The reader's folder, served as the guide says. @param {import("node:test").TestContext} t @param {Record<string, string>} files */
async function served(t, files) {
  const folder = await mkdtemp(join(tmpdir(), "consentry-start-"));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "node_modules"));
  await symlink(join(ROOT, "pkg"), join(folder, "node_modules/consentry"), "junction");
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const command = blocks.find(({ page, code }) => page === GUIDE && code.startsWith("npx ")).code.trim();
  const port = await freePort();
  const [, program, ...args] = command.replace(":3000", `:${port}`).split(" ");
  // It ends with its input.
  const server = spawn(join(ROOT, "node_modules/.bin", program), args, { cwd: folder, stdio: ["pipe", "ignore", "pipe"] });
  t.after(() => server.kill());
  await new Promise((resolve, reject) => {
    server.stderr.setEncoding("utf8").on("data", (text) => text.includes("Local:") && resolve(undefined));
    server.on("exit", () => reject(new Error(`${command} ended`)));
  });
  return `http://localhost:${port}/`;
}

/** @param {import("node:test").TestContext} t @param {string} url */
async function opened(t, url) {
  const page = await newPage(browser, { allow: [REFUSED] });
  t.after(() => page.close());
  page.setDefaultTimeout(15_000);
  await direct(page, GRAPH, tenant.apis.graph.origin);
  await page.goto(url);
  return page;
}

test("getting started: sign in, one permission more in a window, reload, sign out", async (t) => {
  const page = await opened(t, await served(t, { "index.html": block(GUIDE, "index.html"), "app.js": block(GUIDE, "app.js") }));
  await page.getByRole("button", { name: "Sign in" }).click();
  await giveCredentials(page, adele);
  assert.deepEqual(await askedPermissions(page), [`${GRAPH} User.Read`]);
  await answerConsent(page, "Accept");
  await page.getByText(`Hello, ${adele.name}.`).waitFor();

  const opening = page.waitForEvent("popup");
  await page.getByRole("button", { name: "Show my mail" }).click();
  const popup = await opening;
  assert.deepEqual(await askedPermissions(popup), [`${GRAPH} Mail.Read`]);
  await answerConsent(popup, "Accept");
  await page.getByText("Shelf plan for December").waitFor();

  await page.reload();
  await page.getByText(`Hello, ${adele.name}.`).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
});

test("getting started: who declines reads why, and can sign in again", async (t) => {
  const page = await opened(t, await served(t, { "index.html": block(GUIDE, "index.html"), "app.js": block(GUIDE, "app.js") }));
  await page.getByRole("button", { name: "Sign in" }).click();
  await giveCredentials(page, adele);
  await answerConsent(page, "Cancel");
  await page.getByText("ServerError access_denied").waitFor();
  await page.getByRole("button", { name: "Sign in" }).click();
  await answerConsent(page, "Accept");
  await page.getByText(`Hello, ${adele.name}.`).waitFor();
});

test("the README's first code signs in and calls an API", async (t) => {
  const page = await opened(t, await served(t, { "index.html": block(GUIDE, "index.html"), "app.js": block("README.md", "app.js") }));
  const said = page.waitForEvent("console", (message) => message.text().includes(adele.name));
  await giveCredentials(page, adele);
  await answerConsent(page, "Accept");
  await said;
});

test("the README's other way signs in by window, and asks for one permission more", async (t) => {
  const script = `${block("README.md", "windows.js")}\nimport * as steps from "./windows.js";\nObject.assign(window, { steps });\ndocument.title = "ready";\n`;
  const page = await opened(t, await served(t, {
    "index.html": block(GUIDE, "index.html"),
    "client.js": block("README.md", "client.js"),
    "windows.js": block("README.md", "windows.js"),
    "app.js": script.slice(script.indexOf("import * as steps")),
  }));
  await page.waitForFunction(() => document.title === "ready");
  const inWindow = async (name, answer) => {
    const opening = page.waitForEvent("popup");
    const result = page.evaluate((called) => window.steps[called](), name);
    await answer(await opening);
    return result;
  };
  await inWindow("signIn", async (popup) => {
    await giveCredentials(popup, adele);
    await answerConsent(popup, "Accept");
  });
  const mail = await inWindow("readMail", (popup) => answerConsent(popup, "Accept"));
  assert.equal(mail[0].subject, "Shelf plan for December");
});
