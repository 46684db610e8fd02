#!/usr/bin/env node
/** Starts the server, prints what `start()` returns as one line of JSON, and ends when its standard input does. Needs Node 22 or later. */
import { start } from "./provider.js";

const server = await start(JSON.parse(process.argv[2] ?? "{}"));
process.stdout.write(`${JSON.stringify(server)}\n`);
process.stdin.once("end", async () => {
  await server.stop();
  process.exit(0);
}).resume();
