/**
 * The fuzz targets of fuzz/, each for a while, two at a time. A find is printed whole, so that it can be played again anywhere.
 * `node scripts/fuzz.mjs` runs all of them, `node scripts/fuzz.mjs stored id_token` some; with an input in hex after one name, that input
 * alone. `CONSENTRY_FUZZ_SECONDS` says for how long each.
 */

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError, isProgram, program, Refusal, ROOT, run } from "./process.mjs";
import { step } from "./progress.mjs";
import { ensureCargoFuzz, ensureRust } from "./toolchain.mjs";

/** @typedef {(text: string) => void} OnOutput */
/** @typedef {{ target: string, isPassed: boolean, text: string }} Report */

const SECONDS = 30;
const AT_A_TIME = 2;
/** An input that takes longer than this is a find too; in seconds. */
const SLOWEST = 25;
/** All that a target reads is short. */
const LONGEST_INPUT = 4096;

/** Panics in the standard library would print pages of the runner's own stack. */
const ENVIRONMENT = { CARGO_TERM_COLOR: "never", RUST_BACKTRACE: "0", RUSTFLAGS: undefined };

/** How long each target runs. */
function seconds() {
  const text = process.env.CONSENTRY_FUZZ_SECONDS ?? String(SECONDS);
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Refusal(`CONSENTRY_FUZZ_SECONDS is "${text}", which is no number of seconds.`);
  return text;
}

async function allTargets() {
  const names = (await readdir(join(ROOT, "fuzz/fuzz_targets"))).filter((name) => name.endsWith(".rs"));
  return names.map((name) => name.slice(0, -".rs".length)).sort();
}

/** Builds all targets. @returns {Promise<string>} The folder of the programs. */
export async function buildTargets() {
  const host = (await ensureRust()).match(/^host: (\S+)$/m)?.[1];
  if (!host) throw new Refusal("rustc does not say which machine it is for.");
  const folder = await ensureCargoFuzz();
  // No sanitizer and no tracing of comparisons: fuzz/README.md has the measurements. What libFuzzer needs of rustc is unstable.
  const args = ["build", "--sanitizer", "none", "--no-trace-compares", "--target", host];
  const env = { ...ENVIRONMENT, RUSTC_BOOTSTRAP: "1" };
  await step("Build of the fuzz targets", (onOutput) => run(join(folder, "cargo-fuzz"), args, { onOutput, env }));
  return join("fuzz/target", host, "release");
}

/** What became of a run, from what libFuzzer printed. @param {string} target @param {string} output */
function passed(target, output) {
  const [, runs = "0"] = output.match(/^stat::number_of_executed_units: *(\d+)/m) ?? [];
  const [, rate = "0"] = output.match(/^stat::average_exec_per_sec: *(\d+)/m) ?? [];
  return { target, isPassed: true, text: `fuzz ${target}: passed, ${runs} runs, ${rate} a second` };
}

/** @param {string} target @param {CommandError} error @returns {Promise<Report>} */
async function found(target, error) {
  const file = error.output.match(/Test unit written to (\S+)/)?.[1];
  const failed = `fuzz ${target}: failed`;
  if (!file) return { target, isPassed: false, text: `${failed}\n${error.output.trimEnd()}\n${error.message}` };
  const input = await readFile(join(ROOT, file));
  const reasons = error.output.match(/^thread .* panicked at [^]*?(?=^note: |^==)|^ALARM:.*|^==\d+== ?ERROR: libFuzzer: .*/gm) ?? [];
  const text = [
    failed,
    ...reasons.map((reason) => reason.trimEnd()),
    `input: ${JSON.stringify(input.toString("utf8"))}`,
    `play it again: node scripts/fuzz.mjs ${target} ${input.toString("hex")}`,
  ];
  return { target, isPassed: false, text: text.join("\n") };
}

/**
 * Runs one target; what it learns goes to fuzz/corpus, the seeds stay as they are.
 * @param {string} programs @param {string} target @param {string[]} args @param {OnOutput} onOutput
 */
async function runTarget(programs, target, args, onOutput) {
  const artifacts = `fuzz/artifacts/${target}/`;
  await mkdir(join(ROOT, artifacts), { recursive: true });
  const limits = [`-timeout=${SLOWEST}`, `-artifact_prefix=${artifacts}`, "-print_final_stats=1"];
  try {
    const { output } = await run(join(ROOT, programs, target), [...limits, ...args], { onOutput, env: ENVIRONMENT });
    return passed(target, output);
  } catch (error) {
    if (error instanceof CommandError) return found(target, error);
    throw error;
  }
}

/** @param {string} programs @param {string} target @param {OnOutput} onOutput */
async function explore(programs, target, onOutput) {
  const corpus = `fuzz/corpus/${target}`;
  await mkdir(join(ROOT, corpus), { recursive: true });
  const args = [`-max_total_time=${seconds()}`, `-max_len=${LONGEST_INPUT}`, `-dict=fuzz/dictionaries/${target}.dict`, corpus, `fuzz/seeds/${target}`];
  return runTarget(programs, target, args, onOutput);
}

/** @param {Report[]} reports What is printed of a run; an error if one failed. */
function told(reports) {
  const failed = reports.filter(({ isPassed }) => !isPassed);
  const text = `${reports.map((report) => report.text).join("\n")}\n`;
  if (failed.length > 0) throw new CommandError("fuzz", failed.map(({ target }) => target), "a find", text);
  return text;
}

/**
 * Runs targets: all, or those that are named.
 * @param {string} programs @param {OnOutput} onOutput @param {string[]} [targets]
 */
export async function fuzz(programs, onOutput, targets) {
  const waiting = [...(targets ?? (await allTargets()))];
  /** @type {Report[]} */
  const reports = [];
  const work = async () => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      reports.push(await explore(programs, target, onOutput));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return told(reports);
}

/** @param {string} output */
export const fuzzCounts = (output) => ({
  passed: [...output.matchAll(/^fuzz \w+: passed/gm)].length,
  failed: [...output.matchAll(/^fuzz \w+: failed/gm)].length,
  skipped: 0,
});

/** Plays one input. @param {string} programs @param {string} target @param {string} hex */
async function play(programs, target, hex) {
  const input = Buffer.from(hex, "hex");
  const file = `fuzz/artifacts/${target}/given-${createHash("sha1").update(input).digest("hex")}`;
  await mkdir(join(ROOT, "fuzz/artifacts", target), { recursive: true });
  await writeFile(join(ROOT, file), input);
  const { isPassed, text } = await runTarget(programs, target, [file], (output) => process.stderr.write(output));
  if (!isPassed) throw new Refusal(text);
}

async function main() {
  const words = process.argv.slice(2);
  const known = await allTargets();
  const [target = "", hex] = words;
  const isInput = words.length === 2 && hex !== undefined && known.includes(target) && !known.includes(hex);
  const unknown = isInput ? undefined : words.find((word) => !known.includes(word));
  if (unknown !== undefined) throw new Refusal(`No target is named "${unknown}". There are: ${known.join(", ")}.`);
  if (isInput && !/^(?:[\da-f]{2})*$/i.test(hex)) throw new Refusal(`An input is given in hex, not as "${hex}".`);
  const programs = await buildTargets();
  if (isInput) return play(programs, target, hex);
  const text = await step("Fuzzing", (onOutput) => fuzz(programs, onOutput, words.length > 0 ? words : undefined));
  process.stdout.write(text);
}

if (isProgram(import.meta.url)) await program(main);
