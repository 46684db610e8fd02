/** What a person sees while a command works: one line a step, alive on a terminal. */

const HEARTBEAT_MILLISECONDS = 30_000;
const TICK_MILLISECONDS = 200;

/** The names of the steps under way, one inside the other: only the innermost shows that it is alive. @type {string[]} */
const underWay = [];

/** @param {number} since */
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * Runs `work` as one named step. It gets a function that takes the program's output, the last line of which
 * is shown on a terminal.
 * @template T
 * @param {string} name
 * @param {(onOutput: (text: string) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const began = performance.now();
  const terminal = process.stdout.isTTY;
  let last = "";
  const clear = terminal ? "\r\x1b[2K" : "";
  const tick = () => {
    if (underWay.at(-1) !== name) return;
    const line = `${name} … ${seconds(began)}  ${last}`;
    process.stdout.write(terminal ? clear + line.slice(0, (process.stdout.columns ?? 80) - 1) : `${name} … ${seconds(began)}\n`);
  };
  underWay.push(name);
  const timer = setInterval(tick, terminal ? TICK_MILLISECONDS : HEARTBEAT_MILLISECONDS);
  if (terminal) tick();
  try {
    const result = await work((text) => {
      last = text.trimEnd().split("\n").at(-1)?.trim() ?? "";
    });
    process.stdout.write(`${clear}${name}  ${seconds(began)}\n`);
    return result;
  } catch (error) {
    process.stdout.write(`${clear}${name}  failed after ${seconds(began)}\n`);
    throw error;
  } finally {
    underWay.pop();
    clearInterval(timer);
  }
}
