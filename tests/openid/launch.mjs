/** Starts the server as a child process, from any Node 20 or later. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { engineNode } from "../../tenant/launch.js";

const CLI = fileURLToPath(new URL("./cli.js", import.meta.url));

/**
 * @param {import("./provider.js").Options} [options]
 * @returns {ReturnType<typeof import("./provider.js").start>} the same facts
 */
export async function launch(options = {}) {
  const child = spawn(engineNode(), [CLI, JSON.stringify(options)], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const failed = exited.then(([code]) => { throw new Error(`The server ended with code ${code}.`); });
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), failed]);
  return {
    ...JSON.parse(line),
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
