/**
 * `npm test`: every check of the project, stopping at the first that fails.
 * `npm test -- --only types,e2e` runs some of them; their names are in checks.mjs.
 */

import { parseArgs } from "node:util";
import { CHECKS } from "./checks.mjs";
import { CommandError, program, Refusal } from "./process.mjs";
import { step } from "./progress.mjs";

/** @typedef {import("./checks.mjs").Check} Check */
/** @typedef {import("./checks.mjs").Counts} Counts */

function chosenChecks() {
  const { values } = parseArgs({ options: { only: { type: "string" } } });
  if (values.only === undefined) return CHECKS.filter(({ isApart }) => !isApart);
  const names = values.only.split(",");
  const unknown = names.find((name) => !CHECKS.some((check) => check.name === name));
  if (unknown !== undefined) {
    throw new Refusal(`No check is named "${unknown}". There are: ${CHECKS.map(({ name }) => name).join(", ")}.`);
  }
  return CHECKS.filter(({ name }) => names.includes(name));
}

/** A check that ran nothing, or left something out, has shown nothing. @param {Counts} counts */
function complaint({ passed, failed, skipped }) {
  if (failed > 0) return `${failed} failed`;
  if (skipped > 0) return `${skipped} skipped: a skipped test shows nothing`;
  return passed > 0 ? undefined : "no test was run";
}

/** @param {Check} check */
async function output({ title, prepare, run, isQuiet, tells }) {
  const arranged = await prepare?.();
  const text = await step(title, (onOutput) => run(onOutput, arranged));
  if (!isQuiet) process.stdout.write(text);
  else if (tells) for (const [line] of text.matchAll(tells)) console.log(line.trim());
  return text;
}

/** @param {Check} check @returns {Promise<Counts>} */
async function carryOut(check) {
  const { name, count } = check;
  try {
    const text = await output(check);
    const counts = count ? count(text) : { passed: 1, failed: 0, skipped: 0 };
    const trouble = complaint(counts);
    if (trouble) console.error(`${text}\n${name}: ${trouble}`);
    return trouble ? { ...counts, failed: Math.max(1, counts.failed) } : counts;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const text = error instanceof CommandError ? error.output.trimEnd() : "";
    console.error(`\n${text}\n\n${name}: ${error.message}`);
    const counts = count?.(text) ?? { passed: 0, failed: 0, skipped: 0 };
    return { ...counts, failed: Math.max(1, counts.failed) };
  }
}

async function test() {
  let passed = 0;
  for (const check of chosenChecks()) {
    const counts = await carryOut(check);
    passed += counts.passed;
    if (counts.failed > 0) {
      console.log(`${passed} passed, ${counts.failed} failed`);
      process.exitCode = 1;
      return;
    }
  }
  console.log(`${passed} passed, 0 failed`);
}

await program(test);
