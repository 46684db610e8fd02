/** What Consentry's token cache is meant to do, beside what it does. */
import { CONSENTRY, CONSENTRY_MEMORY, HAND_WRITTEN, MSAL } from "./cache-clients.mjs";
import { digits, median } from "./figures.mjs";
import { table } from "./world.mjs";

/** @typedef {import("./cache-clients.mjs").Keeper} Keeper */
/** @typedef {{ add: (keeper: Keeper, size: number, values: Record<string, number[]>) => void, of: (keeper: Keeper, name: string, size: number) => number }} Figures */
/** @typedef {{ goal: string, figure: (of: Figures["of"]) => number, limit: number, isFloor?: boolean, unit?: string }} Goal `figure` is not a number where nothing was measured. */

/** The medians of what was measured. @returns {Figures} */
export function collectFigures() {
  /** @type {Map<string, number>} */
  const medians = new Map();
  const keyOf = (/** @type {Keeper} */ { name, keeps }, /** @type {string} */ figure, /** @type {number} */ size) => `${name} ${keeps} ${figure} ${size}`;
  return {
    add: (keeper, size, values) => {
      for (const [name, list] of Object.entries(values)) medians.set(keyOf(keeper, name, size), median(list));
    },
    of: (keeper, name, size) => medians.get(keyOf(keeper, name, size)) ?? NaN,
  };
}

/** @type {Goal[]} */
const GOALS = [
  { goal: "a cached token, the only one", figure: (of) => of(CONSENTRY, "same", 1), limit: 8, unit: "µs" },
  { goal: "the same of 10,000 in memory, times that of one there", figure: (of) => of(CONSENTRY_MEMORY, "same", 10_000) / of(CONSENTRY_MEMORY, "same", 1), limit: 1.2 },
  { goal: "each of 10,000 in turn, times that of one", figure: (of) => of(CONSENTRY_MEMORY, "turn", 10_000) / of(CONSENTRY_MEMORY, "same", 1), limit: 1.2 },
  { goal: "the same of 1,000, times that of one", figure: (of) => of(CONSENTRY, "same", 1000) / of(CONSENTRY, "same", 1), limit: 1.2 },
  { goal: "MSAL's time for the only token, in times of Consentry's", figure: (of) => of(MSAL, "same", 1) / of(CONSENTRY, "same", 1), limit: 25, isFloor: true },
  { goal: "MSAL's time for one of 1,000, in times of Consentry's", figure: (of) => of(MSAL, "same", 1000) / of(CONSENTRY, "same", 1000), limit: 130, isFloor: true },
  { goal: "`getAllAccounts()` of 1,000", figure: (of) => of(CONSENTRY, "accounts", 1000) / 1000, limit: 1, unit: "ms" },
  { goal: "the same, for each account, times that of 100", figure: (of) => of(CONSENTRY, "accounts", 1000) / of(CONSENTRY, "accounts", 100) / 10, limit: 1.5 },
  { goal: "start with 1,000 stored, processor time, in parts of MSAL's", figure: (of) => of(CONSENTRY, "startProcessor", 1000) / of(MSAL, "startProcessor", 1000), limit: 0.1 },
  { goal: "`initialize()` with 1,000 stored, in parts of MSAL's", figure: (of) => of(CONSENTRY, "initialized", 1000) / of(MSAL, "initialized", 1000), limit: 0.1 },
  { goal: "1,000 acquired one after another, times the hand-written client's", figure: (of) => of(CONSENTRY, "acquire", 1000) / of(HAND_WRITTEN, "acquire", 1000), limit: 1.3 },
  { goal: "a write beside 1,000 stored, processor time, times that beside one", figure: (of) => of(CONSENTRY, "writeProcessor", 1000) / of(CONSENTRY, "writeProcessor", 1), limit: 1.2 },
  { goal: "a write beside 10,000 in memory, processor time, times that beside one", figure: (of) => of(CONSENTRY_MEMORY, "writeProcessor", 10_000) / of(CONSENTRY_MEMORY, "writeProcessor", 1), limit: 1.2 },
  { goal: "token requests for 100 calls at once", figure: (of) => of(CONSENTRY, "togetherRequests", 100), limit: 1 },
  { goal: "the same, with the permissions in two orders", figure: (of) => of(CONSENTRY, "orderedRequests", 100), limit: 1 },
  { goal: "the same, in two cases", figure: (of) => of(CONSENTRY, "casedRequests", 100), limit: 1 },
  { goal: "token requests for two tabs at once", figure: (of) => of(CONSENTRY, "tabsRequests", 2), limit: 1 },
  { goal: "cold start, main thread over a blank page, in parts of MSAL's", figure: (of) => of(CONSENTRY, "coldProcessor", 1) / of(MSAL, "coldProcessor", 1), limit: 0.5 },
  { goal: "the same with all in the HTTP cache", figure: (of) => of(CONSENTRY, "warmProcessor", 1) / of(MSAL, "warmProcessor", 1), limit: 0.5 },
];

/** Whether a figure is on the right side of its limit. @param {Goal} goal @param {number} value */
function isMet({ limit, isFloor }, value) {
  return isFloor ? value >= limit : value <= limit;
}

/** @param {Goal} goal @param {number} value */
function lineOf({ goal, limit, isFloor, unit = "" }, value) {
  return { goal, figure: `${digits(value)} ${unit}`.trim(), wanted: `${isFloor ? "at least" : "at most"} ${limit} ${unit}`.trim() };
}

/** @param {Figures} figures */
function measured(figures) {
  return GOALS.map((goal) => ({ goal, value: goal.figure(figures.of) })).filter(({ value }) => Number.isFinite(value));
}

/** @param {Figures} figures */
export function printGoals(figures) {
  const rows = measured(figures).map(({ goal, value }) => {
    const { goal: name, figure, wanted } = lineOf(goal, value);
    return [name, figure, wanted, isMet(goal, value) ? "yes" : "**no**"];
  });
  if (rows.length > 0) console.log(`\n${table([["what is wanted of Consentry", "it is", "wanted", "met"], ...rows])}`);
}

/** What is not met. @param {Figures} figures @returns {string[]} */
export function complaints(figures) {
  return measured(figures).filter(({ goal, value }) => !isMet(goal, value)).map(({ goal, value }) => {
    const { goal: name, figure, wanted } = lineOf(goal, value);
    return `Consentry's token cache: ${name}: ${figure}, wanted ${wanted}.`;
  });
}
