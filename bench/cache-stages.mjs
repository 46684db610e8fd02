/** What is measured with caches of several sizes. They are filled by asking for as many tokens, a size at a time, and measured on the way. */
import { KEEPERS } from "./cache-clients.mjs";
import { appOf, arrived, ask, inOrder, inTurns, signedInTab, weigh } from "./cache-world.mjs";
import { digits, median, spread } from "./figures.mjs";
import { table } from "./world.mjs";

/** @typedef {import("./cache-clients.mjs").Keeper} Keeper */
/** @typedef {import("./cache-world.mjs").CacheWorld} CacheWorld */
/** @typedef {import("./cache-world.mjs").Tab} Tab */
/** @typedef {import("./cache-goals.mjs").Figures} Figures */
/** @typedef {Tab & { only?: Tab }} Filled `only`: a page of the same client that has one token, for what is said of the others in times of that. */
/** @typedef {Map<Keeper, Filled>} Tabs */
/** @typedef {Map<Keeper, Map<number, Record<string, number[]>>>} Samples By client and size. */

const SIZES = [1, 10, 100, 1000, 10_000];
const BATCH = { most: 2000, milliseconds: 60 };
/** Calls before each batch. */
const WARM = 200;
const RENEWALS = 3;
/** For some it takes longer the more there are. */
const FILL_MILLISECONDS = 240_000;
const MICROSECONDS = 1000;

/** @param {Samples} samples @param {Keeper} keeper @param {number} size @param {Record<string, number>} values */
function note(samples, keeper, size, values) {
  const sizes = samples.get(keeper) ?? new Map();
  samples.set(keeper, sizes);
  const kept = sizes.get(size) ?? {};
  sizes.set(size, kept);
  for (const [name, value] of Object.entries(values)) (kept[name] ??= []).push(value);
}

/** @param {Tabs} tabs @param {Keeper} keeper */
function tabOf(tabs, keeper) {
  const tab = tabs.get(keeper);
  if (!tab) throw new Error(`${keeper.name} has no tab`);
  return tab;
}

/** Cached tokens, the same or each in turn: microseconds a call. @param {Tab} tab @param {number} size @param {boolean} inTurn */
async function hit(tab, size, inTurn) {
  await ask(tab, "hit", { size, inTurn: false, ...BATCH, most: WARM }); // so that who comes later in a page finds no more ready than who comes first
  const { result, task } = await weigh(tab, "hit", { size, inTurn, ...BATCH });
  return { clock: (result.milliseconds / result.calls) * MICROSECONDS, processor: (task / result.calls) * MICROSECONDS };
}

/** Beside the page that has one token, as the machine is another from one minute to the next. @param {CacheWorld} world @param {Tabs} tabs @param {number} size @param {Samples} samples */
async function measureHits(world, tabs, size, samples) {
  await inTurns(world, [...tabs.keys()], async (keeper, isCounted) => {
    const { only, ...tab } = tabOf(tabs, keeper);
    const one = only && size > 1 ? await hit(only, 1, false) : undefined;
    for (const [kind, inTurn] of /** @type {const} */ ([["same", false], ["turn", true]])) {
      if (inTurn && size === 1) continue;
      const { clock, processor } = await hit(tab, size, inTurn);
      if (isCounted) note(samples, keeper, size, { [kind]: clock, [`${kind}Processor`]: processor, ...(one && { [`${kind}Times`]: processor / one.processor }) });
    }
  });
}

/** The same token again and again, so that the size stays. @param {CacheWorld} world @param {Tabs} tabs @param {number} size @param {Samples} samples */
async function measureWrites(world, tabs, size, samples) {
  await inTurns(world, [...tabs.keys()], async (keeper, isCounted) => {
    const tab = tabOf(tabs, keeper);
    const network = await weigh(tab, "network", { count: RENEWALS });
    const renewal = await weigh(tab, "renew", { size, count: RENEWALS });
    if (isCounted) note(samples, keeper, size, { write: median(renewal.result) - median(network.result), writeProcessor: (renewal.task - network.task) / RENEWALS });
  });
}

/** New pages, which find what is stored. @param {CacheWorld} world @param {Tabs} tabs @param {number} size @param {Samples} samples */
async function measureStarts(world, tabs, size, samples) {
  const lasting = [...tabs.keys()].filter(({ isLasting }) => isLasting);
  await inTurns(world, lasting, async (keeper, isCounted) => {
    const tab = tabOf(tabs, keeper);
    await tab.page.goto(`${appOf(world, keeper).origin}/waiting`);
    const { task } = await weigh(tab, "begin");
    const { initialized, first } = await arrived(tab.page);
    if (isCounted) note(samples, keeper, size, { initialized, first, startProcessor: task });
  });
}

/** Fills all caches at once, since some wait meanwhile. Who holds less, or takes too long, is done. @param {number} size @param {number} filled so far @param {Tabs} tabs */
async function growTo(size, filled, tabs) {
  await Promise.all([...tabs].map(async ([keeper, tab]) => {
    const { count } = keeper.most < size ? { count: 0 } : await ask(tab, "fill", filled, size, FILL_MILLISECONDS);
    if (count === size - filled) return;
    if (keeper.most >= size) process.stderr.write(`  ${keeper.name}, ${keeper.keeps}: ${filled + count} tokens in place of ${size}, for want of time\n`);
    await close(tab);
    tabs.delete(keeper);
  }));
}

/** @param {Filled} tab */
async function close({ page, only }) {
  await page.context().close();
  await only?.page.context().close();
}

/** @typedef {"hit" | "write" | "initialize"} Part */
/** @type {Record<Part, { sizes: number[], measure: (world: CacheWorld, tabs: Tabs, size: number, samples: Samples) => Promise<void> }>} */
const STAGES = {
  hit: { sizes: SIZES, measure: measureHits },
  write: { sizes: [1, 1000, 10_000], measure: measureWrites },
  initialize: { sizes: [1, 1000], measure: measureStarts },
};

export const STAGE_NAMES = /** @type {Part[]} */ (Object.keys(STAGES));

/** @param {CacheWorld} world @param {Part[]} parts @param {Figures} figures */
export async function measureStages(world, parts, figures) {
  /** @type {Samples} */
  const samples = new Map();
  /** @type {Tabs} */
  const tabs = new Map();
  for (const keeper of KEEPERS) tabs.set(keeper, { ...(await signedInTab(world, keeper)), ...(parts.includes("hit") && { only: await signedInTab(world, keeper) }) });
  let filled = 1;
  for (const size of SIZES) {
    const due = parts.filter((part) => STAGES[part].sizes.includes(size));
    if (due.length === 0) continue;
    await growTo(size, filled, tabs);
    filled = size;
    process.stderr.write(`  ${size} stored\n`);
    for (const part of due) {
      await STAGES[part].measure(world, tabs, size, samples);
      process.stderr.write(`  ${size} stored: ${part}\n`);
    }
  }
  for (const tab of tabs.values()) await close(tab);
  for (const part of parts) REPORTS[part](world, samples);
  for (const [keeper, sizes] of samples) for (const [size, values] of sizes) figures.add(keeper, size, values);
}

/** @param {CacheWorld} world @param {Samples} samples @param {string} title @param {number[]} sizes @param {string} name of the figures */
function print(world, samples, title, sizes, name) {
  const rows = inOrder(samples).map(([keeper, values]) => [appOf(world, keeper).name, ...sizes.map((size) => spread(values.get(size)?.[name] ?? [], digits))]);
  const known = rows.filter(([, ...cells]) => cells.some((cell) => cell !== "–"));
  console.log(`\n${table([[title, ...sizes.map((size) => `${size.toLocaleString("en")} stored`)], ...known])}`);
}

/** @type {Record<Part, (world: CacheWorld, samples: Samples) => void>} */
const REPORTS = {
  hit: (world, samples) => {
    print(world, samples, "a cached token, the same each time, µs", SIZES, "same");
    print(world, samples, "the same, processor time of the main thread, µs", SIZES, "sameProcessor");
    print(world, samples, "a cached token, each in turn, µs", SIZES.slice(1), "turn");
    print(world, samples, "the same, processor time of the main thread, µs", SIZES.slice(1), "turnProcessor");
    print(world, samples, "the same token each time, processor time in times of the only one's", SIZES.slice(1), "sameTimes");
    print(world, samples, "each in turn, processor time in times of the only one's", SIZES.slice(1), "turnTimes");
  },
  write: (world, samples) => {
    print(world, samples, "one token renewed, without the network, ms", STAGES.write.sizes, "write");
    print(world, samples, "the same, processor time of the main thread, ms", STAGES.write.sizes, "writeProcessor");
  },
  initialize: (world, samples) => {
    print(world, samples, "`initialize()` on a new page, ms", STAGES.initialize.sizes, "initialized");
    print(world, samples, "from there to the first token, with `initialize()`, ms", STAGES.initialize.sizes, "first");
    print(world, samples, "the same, processor time of the main thread, ms", STAGES.initialize.sizes, "startProcessor");
  },
};
