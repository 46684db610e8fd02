/** `npm start`: builds what changed, then serves the sample page with a local tenant to sign in to, until Ctrl-C. */

import { once } from "node:events";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { interrupted, program, Refusal } from "./process.mjs";
import { step } from "./progress.mjs";
import { LOOPBACK, ownUsers, serve } from "./serve.mjs";
import { launcher } from "./tenant.mjs";

const DEFAULT_PORT = 4400;
/** The page's own, then those of the tenant and of its two APIs. */
const PORTS = 4;

function chosenPort() {
  const { values } = parseArgs({ options: { port: { type: "string" } } });
  const text = values.port ?? process.env.CONSENTRY_PORT ?? String(DEFAULT_PORT);
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port + PORTS > 65_536) throw new Refusal(`Not a port that can be used: ${text}`);
  return port;
}

/** @param {number} port */
async function isFree(port) {
  const server = createServer();
  try {
    server.listen(port, LOOPBACK);
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** @param {number} first */
async function refuseTakenPorts(first) {
  for (let port = first; port < first + PORTS; port += 1) {
    if (await isFree(port)) continue;
    throw new Refusal(`Port ${port} is taken: choose others with "npm start -- --port ${first + 100}" or CONSENTRY_PORT.`);
  }
}

async function start() {
  const port = chosenPort();
  await refuseTakenPorts(port);
  await build();
  const { launch } = await launcher();
  const tenant = await step("Local tenant", () => launch({ port: port + 1 }));
  const page = await serve({ port, config: tenant });
  const names = ownUsers(tenant).map(({ username, password }) => `${username}, password ${password}`);
  console.log(`\n  ${page.origin}/    the sample page; Ctrl-C ends it\n  Sign in as ${names.join("; or ")}\n`);
  await interrupted();
  await Promise.all([page.stop(), tenant.stop()]);
}

await program(start);
