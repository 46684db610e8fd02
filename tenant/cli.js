#!/usr/bin/env node
/** Starts a tenant and prints, as one line of JSON, what `start()` returns. Needs Node 22 or later. */
import { parseArgs } from "node:util";
import { start } from "./index.js";

const { values } = parseArgs({
  options: {
    /** The options of `start()` as JSON. */
    options: { type: "string", default: "{}" },
    /** For a parent process: the tenant ends when its standard input does. */
    "until-stdin-closes": { type: "boolean", default: false },
  },
});

const tenant = await start(JSON.parse(values.options));
process.stdout.write(`${JSON.stringify(tenant)}\n`);

const stop = async () => {
  await tenant.stop();
  process.exit(0);
};
process.once("SIGINT", stop).once("SIGTERM", stop);
if (values["until-stdin-closes"]) process.stdin.once("end", stop).resume();
