/** What Consentry's token cache is meant to do, beside what it does. */
import { CONSENTRY, CONSENTRY_MEMORY, MSAL } from "./cache-clients.mjs";
import { digits, median } from "./figures.mjs";
import { table } from "./world.mjs";

/** @typedef {import("./cache-clients.mjs").Keeper} Keeper */
/** @typedef {{ add: (keeper: Keeper, size: number, values: Record<string, number[]>) => void, of: (keeper: Keeper, name: string, size: number) => number }} Figures */
/** @typedef {{ part: string, goal: string, figure: (of: Figures["of"]) => number, limit: number, isFloor?: boolean, unit?: string }} Goal `figure` is not a number where somebody did not get that far. */

/** The medians of what was measured; of requests the most, since none may be too many. @returns {Figures} */
export function collectFigures() {
  /** @type {Map<string, number>} */
  const known = new Map();
  const keyOf = (/** @type {Keeper} */ { name, keeps }, /** @type {string} */ figure, /** @type {number} */ size) => `${name} ${keeps} ${figure} ${size}`;
  return {
    add: (keeper, size, values) => {
      for (const [name, list] of Object.entries(values)) known.set(keyOf(keeper, name, size), name.endsWith("Requests") ? Math.max(...list) : median(list));
    },
    of: (keeper, name, size) => known.get(keyOf(keeper, name, size)) ?? NaN,
  };
}

/** Of the times the processor's, where the machine is shared: who waits for a core is not slow. @type {Goal[]} */
const GOALS = [
  { part: "hit", goal: "a cached token, the only one", figure: (of) => of(CONSENTRY, "sameProcessor", 1), limit: 8, unit: "µs" },
  { part: "hit", goal: "the same of 10,000 in memory, times that of one there", figure: (of) => of(CONSENTRY_MEMORY, "sameTimes", 10_000), limit: 1.2 },
  { part: "hit", goal: "each of 10,000 in turn, times that of one", figure: (of) => of(CONSENTRY_MEMORY, "turnTimes", 10_000), limit: 1.2 },
  { part: "hit", goal: "the same of 1,000, times that of one", figure: (of) => of(CONSENTRY, "sameTimes", 1000), limit: 1.2 },
  { part: "hit", goal: "MSAL's time for the only token, in times of Consentry's", figure: (of) => of(MSAL, "sameProcessor", 1) / of(CONSENTRY, "sameProcessor", 1), limit: 25, isFloor: true },
  { part: "hit", goal: "MSAL's time for one of 1,000, in times of Consentry's", figure: (of) => of(MSAL, "sameProcessor", 1000) / of(CONSENTRY, "sameProcessor", 1000), limit: 130, isFloor: true },
  { part: "accounts", goal: "`getAllAccounts()` of 1,000, processor time", figure: (of) => of(CONSENTRY_MEMORY, "accountsProcessor", 1000) / 1000, limit: 1, unit: "ms" },
  { part: "accounts", goal: "the same, for each account, times that of 100", figure: (of) => of(CONSENTRY_MEMORY, "accountsTimes", 1000), limit: 1.5 },
  { part: "initialize", goal: "`initialize()` with 1,000 stored, and the first token, processor time, in parts of MSAL's", figure: (of) => of(CONSENTRY, "startProcessor", 1000) / of(MSAL, "startProcessor", 1000), limit: 0.1 },
  { part: "initialize", goal: "`initialize()` with 1,000 stored, by the clock, in parts of MSAL's", figure: (of) => of(CONSENTRY, "initialized", 1000) / of(MSAL, "initialized", 1000), limit: 0.1 },
  { part: "acquire", goal: "1,000 acquired one after another, times the hand-written client's", figure: (of) => of(CONSENTRY, "acquireTimes", 1000), limit: 1.3 },
  { part: "write", goal: "a write beside 1,000 stored, processor time, times that beside one", figure: (of) => of(CONSENTRY, "writeProcessor", 1000) / of(CONSENTRY, "writeProcessor", 1), limit: 1.2 },
  { part: "write", goal: "a write beside 10,000 in memory, processor time, times that beside one", figure: (of) => of(CONSENTRY_MEMORY, "writeProcessor", 10_000) / of(CONSENTRY_MEMORY, "writeProcessor", 1), limit: 1.2 },
  { part: "together", goal: "token requests for 100 calls at once", figure: (of) => of(CONSENTRY, "togetherRequests", 100), limit: 1 },
  { part: "together", goal: "the same, with the permissions in two orders", figure: (of) => of(CONSENTRY, "orderedRequests", 100), limit: 1 },
  { part: "together", goal: "the same, in two cases", figure: (of) => of(CONSENTRY, "casedRequests", 100), limit: 1 },
  { part: "together", goal: "five APIs at once, by the clock, in parts of MSAL's", figure: (of) => of(CONSENTRY, "several", 100) / of(MSAL, "several", 100), limit: 1 },
  { part: "tabs", goal: "token requests for two tabs at once", figure: (of) => of(CONSENTRY, "tabsRequests", 2), limit: 1 },
  { part: "start", goal: "cold start, main thread over a blank page, in parts of MSAL's", figure: (of) => of(CONSENTRY, "coldProcessor", 1) / of(MSAL, "coldProcessor", 1), limit: 0.5 },
  { part: "start", goal: "the same with all in the HTTP cache", figure: (of) => of(CONSENTRY, "warmProcessor", 1) / of(MSAL, "warmProcessor", 1), limit: 0.5 },
];

/** Whether a figure is on the right side of its limit. @param {Goal} goal @param {number} value */
function isMet({ limit, isFloor }, value) {
  return isFloor ? value >= limit : value <= limit;
}

/** @param {Goal} goal @param {number} value */
function lineOf({ goal, limit, isFloor, unit = "" }, value) {
  return { goal, figure: Number.isFinite(value) ? `${digits(value)} ${unit}`.trim() : "not known: too slow to measure", wanted: `${isFloor ? "at least" : "at most"} ${limit} ${unit}`.trim() };
}

/** @param {Figures} figures @param {string[]} parts that were measured */
function valued(figures, parts) {
  return GOALS.filter(({ part }) => parts.includes(part)).map((goal) => ({ goal, value: goal.figure(figures.of) }));
}

/** @param {Figures} figures @param {string[]} parts that were measured */
export function printGoals(figures, parts) {
  const rows = valued(figures, parts).map(({ goal, value }) => {
    const { goal: name, figure, wanted } = lineOf(goal, value);
    return [name, figure, wanted, isMet(goal, value) ? "yes" : "**no**"];
  });
  if (rows.length > 0) console.log(`\n${table([["what is wanted of Consentry", "it is", "wanted", "met"], ...rows])}`);
}

/** What is not met. @param {Figures} figures @param {string[]} parts that were measured @returns {string[]} */
export function complaints(figures, parts) {
  return valued(figures, parts).filter(({ goal, value }) => !isMet(goal, value)).map(({ goal, value }) => {
    const { goal: name, figure, wanted } = lineOf(goal, value);
    return `Consentry's token cache: ${name}: ${figure}, wanted ${wanted}.`;
  });
}
