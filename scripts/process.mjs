/** Programs that the commands run: no shell, output kept, nothing left behind. */

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The folder of the repository. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/** What the user must do before the command can go on; printed without a stack. */
export class Refusal extends Error {}

/** A program ended with an error; `output` is everything it printed. */
export class CommandError extends Refusal {
  /** @param {string} command @param {string[]} args @param {string} reason @param {string} output */
  constructor(command, args, reason, output) {
    super(`${[command, ...args].join(" ")}: ${reason}`);
    this.output = output;
  }
}

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/**
 * Runs a program, from the root of the repository if no other folder is named.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, onOutput?: (text: string) => void }} [options]
 *   A variable of `env` that is `undefined` is taken out of the program's environment.
 * @returns {Promise<{ stdout: string, output: string }>} `output`: both streams, in the order of arrival.
 */
export function run(command, args, { cwd = ROOT, env, onOutput } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    let stdout = "";
    let output = "";
    const keep = (/** @type {string} */ text) => {
      output += text;
      onOutput?.(text);
    };
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      keep(text);
    });
    child.stderr.setEncoding("utf8").on("data", keep);
    child.on("error", (error) => {
      running.delete(child);
      reject(new CommandError(command, args, error.message, output));
    });
    child.on("close", (code, signal) => {
      running.delete(child);
      if (code === 0) resolve({ stdout, output });
      else reject(new CommandError(command, args, signal ? `ended by ${signal}` : `exit status ${code}`, output));
    });
  });
}

/**
 * Whether a program can be started and answers without an error; what it prints, or `undefined`.
 * @param {string} command @param {string[]} args
 */
export async function answer(command, args) {
  try {
    return (await run(command, args)).stdout.trim();
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

const exit = (/** @type {"SIGINT" | "SIGTERM"} */ signal) => process.exit(128 + constants.signals[signal]);
/** @type {(signal: "SIGINT" | "SIGTERM") => void} */
let onSignal = exit;

/** Resolves at the next Ctrl-C in place of ending the program; the one after that ends it. */
export function interrupted() {
  return new Promise((resolve) => {
    onSignal = (signal) => {
      onSignal = exit;
      resolve(signal);
    };
  });
}

/** Whether the module is the program that was started. @param {string} moduleUrl Its `import.meta.url`. */
export function isProgram(moduleUrl) {
  return process.argv[1] !== undefined && pathToFileURL(process.argv[1]).href === moduleUrl;
}

/**
 * The frame of a command: errors become one message and exit status 1, a signal ends what is still running.
 * @param {() => Promise<void>} work
 */
export async function program(work) {
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    process.on(signal, () => onSignal(signal));
  }
  process.on("exit", () => running.forEach((child) => child.kill()));
  try {
    await work();
  } catch (error) {
    if (error instanceof CommandError) process.stderr.write(`\n${error.output.trimEnd()}\n`);
    console.error(error instanceof Refusal ? error.message : error);
    process.exitCode = 1;
  }
}
