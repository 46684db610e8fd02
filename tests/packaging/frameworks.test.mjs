/** Frameworks that render on a server first: it imports the package, the browser starts the client. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertShipsModules, assertStarts, served, server, tool } from "./support/consumer.mjs";

const assertRendered = async (address) => assert.match(await (await fetch(address)).text(), /data-version="\d/, "the server has rendered");

test("Next.js", async (t) => {
  await tool("next", "next/dist/bin/next", ["build"]);
  await assertShipsModules("next", ".next/static");
  const origin = await server(t, "next", "next/dist/bin/next", ["start", "--port", "0", "--hostname", "127.0.0.1"]);
  await assertRendered(origin);
  await assertStarts(`${origin}/`);
});

test("SvelteKit", async (t) => {
  await tool("sveltekit", "vite/bin/vite.js", ["build"]);
  await assertShipsModules("sveltekit", "dist");
  const origin = await served(t, "sveltekit/dist");
  await assertRendered(`${origin}/`);
  await assertStarts(`${origin}/`);
});
