/** What is measured with a cache of its own each time. */
import { brotliCompressSync } from "node:zlib";
import { CONSENTRY_MEMORY, HAND_WRITTEN, KEEPERS } from "./cache-clients.mjs";
import { appOf, arrived, ask, inOrder, inTurns, openTab, processor, signedInTab, visit, weigh } from "./cache-world.mjs";
import { digits, median, spread } from "./figures.mjs";
import { table } from "./world.mjs";

/** @typedef {import("./cache-clients.mjs").Keeper} Keeper */
/** @typedef {import("./cache-world.mjs").CacheWorld} CacheWorld */
/** @typedef {import("./cache-world.mjs").Tab} Tab */
/** @typedef {import("./cache-goals.mjs").Figures} Figures */
/** @typedef {Map<Keeper, Record<string, number[]>>} Samples */

const MANY = 1000;
/** Asked at once, for a token that has to be renewed, of a server that takes its time: all are there before the answer is. */
const TOGETHER = 100;
const DELAY_MILLISECONDS = 50;
/** APIs that a page may need as soon as it begins. */
const SEVERAL = 5;
const SHORT_SECONDS = 5;
const DAY_SECONDS = 86_400;
/** Tokens that one acquires before it is another's turn. */
const TURN = 100;
const ACQUIRING_MILLISECONDS = 45_000;
/** Who takes longer to acquire as many is measured once. */
const LONG_MILLISECONDS = 10_000;
const MOST_ROUNDS = 3;
const ACCOUNTS = [1, 100, 1000];
/** Signing many in takes some clients longer the more there are. */
const ACCOUNTS_MILLISECONDS = 45_000;
const FEW = 25;
const BATCH = { most: 2000, milliseconds: 60 };
const MICROSECONDS = 1000;

/** @param {Samples} samples @param {Keeper} keeper @param {Record<string, number>} values */
function note(samples, keeper, values) {
  const kept = samples.get(keeper) ?? {};
  samples.set(keeper, kept);
  for (const [name, value] of Object.entries(values)) (kept[name] ??= []).push(value);
}

/** @param {CacheWorld} world @param {Samples} samples @param {string} title @param {[name: string, heading: string][]} columns */
function print(world, samples, title, columns) {
  const rows = inOrder(samples).map(([keeper, values]) => [appOf(world, keeper).name, ...columns.map(([name]) => spread(values[name] ?? [], digits))]);
  console.log(`\n${table([[title, ...columns.map(([, heading]) => heading)], ...rows])}`);
}

/** What becomes of one who acquires many. @typedef {{ tab: Tab, count: number, clock: number, task: number, requests: number, network: number[] }} Acquiring */

/** The next few. Whether there is time for more. @param {CacheWorld} world @param {Acquiring} acquiring */
async function acquireFew({ instant }, acquiring) {
  const { tab, count, clock } = acquiring;
  const before = instant.state.tokenRequests;
  const { result, task } = await weigh(tab, "fill", 1 + count, 1 + count + TURN, ACQUIRING_MILLISECONDS - clock);
  acquiring.requests += instant.state.tokenRequests - before;
  acquiring.count += result.count;
  acquiring.clock += result.milliseconds;
  acquiring.task += task;
  acquiring.network.push(...(await ask(tab, "network", { count: FEW })));
  return result.count === TURN && acquiring.count < MANY;
}

/** All take turns, since a machine that is busy for a while is to be so for everybody. @param {CacheWorld} world @param {Keeper[]} keepers Who begins first. @param {Samples} samples */
async function acquireMany(world, keepers, samples) {
  /** @type {Map<Keeper, Acquiring>} */
  const all = new Map();
  for (const keeper of keepers) all.set(keeper, { tab: await signedInTab(world, keeper), count: 0, clock: 0, task: 0, requests: 0, network: [] });
  let busy = keepers;
  // Each time another begins: what one leaves to be done is not always for the same one to bear.
  while (busy.length > 0) {
    const going = [];
    for (const keeper of busy) if (await acquireFew(world, /** @type {Acquiring} */ (all.get(keeper)))) going.push(keeper);
    busy = [...going.slice(1), ...going.slice(0, 1)];
  }
  for (const [keeper, { tab, count, clock, task, requests, network }] of all) {
    const whole = count === MANY ? { acquire: clock, acquireProcessor: task } : {};
    note(samples, keeper, { acquireCount: count, acquireRequests: requests, acquireNetwork: median(network) * MANY, ...whole });
    await tab.page.context().close();
  }
}

/** @param {CacheWorld} world @param {Figures} figures */
async function measureAcquiring(world, figures) {
  /** @type {Samples} */
  const samples = new Map();
  let keepers = KEEPERS.filter(({ most, isShared }) => most > MANY || (most === MANY && isShared));
  for (let round = 0; round < world.rounds; round += 1) {
    // Who begins does so beside browser processes that are just starting.
    const first = round % keepers.length;
    await acquireMany(world, [...keepers.slice(first), ...keepers.slice(0, first)], samples);
    // Of those who take long one round is enough. What the others take differs by less than one round differs from the next.
    keepers = keepers.filter((keeper) => (samples.get(keeper)?.["acquire"]?.at(-1) ?? Infinity) < LONG_MILLISECONDS);
    process.stderr.write(`  ${MANY} one after another: round ${round + 1}\n`);
  }
  // By rounds: how busy the machine is changes more from one to the next than between those who take turns.
  const hand = samples.get(HAND_WRITTEN)?.["acquire"] ?? [];
  for (const values of samples.values()) values["acquireTimes"] = (values["acquire"] ?? []).map((clock, round) => clock / (hand[round] ?? NaN));
  print(world, samples, "1,000 tokens acquired one after another", [["acquireCount", `got in ${ACQUIRING_MILLISECONDS / 1000} s`], ["acquireRequests", "token requests"], ["acquire", "ms for all"], ["acquireTimes", "the same, times the hand-written client's of that round"], ["acquireProcessor", "processor time of the main thread, ms"], ["acquireNetwork", "as many requests alone, ms"]]);
  for (const [keeper, values] of samples) figures.add(keeper, MANY, values);
}

/** Signs in more, as long as it is worth waiting for. @param {Tab} tab @param {number} from @param {number} to */
async function addAccounts(tab, from, to) {
  const until = performance.now() + ACCOUNTS_MILLISECONDS;
  for (let at = from; at < to && performance.now() < until; at += FEW) await ask(tab, "add", at, Math.min(at + FEW, to));
  return (await ask(tab, "countAccounts")) === to;
}

/** @param {CacheWorld} world @param {Figures} figures */
async function measureAccounts(world, figures) {
  const { state } = world.instant;
  /** @type {Map<Keeper, Tab>} */
  const tabs = new Map();
  for (const keeper of KEEPERS.filter(({ hasManyAccounts }) => hasManyAccounts)) tabs.set(keeper, await signedInTab(world, keeper));
  const rows = [...tabs.keys()].map((keeper) => [appOf(world, keeper).name]);
  // A page with a hundred, beside that with more: the machine is another from one minute to the next.
  const hundred = await signedInTab(world, CONSENTRY_MEMORY);
  state.staysOnPage = true;
  await ask(hundred, "add", 10_001, 10_100); // others than those who sign in below
  let added = 1;
  for (const size of ACCOUNTS) {
    state.staysOnPage = true;
    /** @type {boolean[]} */
    const reached = [];
    for (const tab of tabs.values()) reached.push(await addAccounts(tab, added, size));
    state.staysOnPage = false;
    added = size;
    process.stderr.write(`  ${size} accounts\n`);
    const keepers = [...tabs.keys()];
    /** @type {Samples} */
    const samples = new Map();
    await inTurns(world, keepers.filter((_, at) => reached[at]), async (keeper, isCounted) => {
      const { result, task } = await weigh(/** @type {Tab} */ (tabs.get(keeper)), "accounts", BATCH);
      const beside = await weigh(hundred, "accounts", BATCH);
      const accountsTimes = task / result.calls / size / (beside.task / beside.result.calls / 100);
      if (isCounted) note(samples, keeper, { accountsTimes, accounts: (result.milliseconds / result.calls) * MICROSECONDS, accountsProcessor: (task / result.calls) * MICROSECONDS });
    });
    for (const [at, keeper] of keepers.entries()) {
      rows[at]?.push(reached[at] ? spread(samples.get(keeper)?.["accounts"] ?? [], digits) : "not reached in time");
      figures.add(keeper, size, samples.get(keeper) ?? {});
    }
  }
  for (const { page } of [...tabs.values(), hundred]) await page.context().close();
  console.log(`\n${table([["`getAllAccounts()`, µs", ...ACCOUNTS.map((size) => `${size.toLocaleString("en")} accounts`)], ...rows])}`);
}

/** Signed in with a token that has to be renewed; the next ones live, and take their time. @param {CacheWorld} world @param {Keeper} keeper @param {boolean} [hasTwo] */
async function expiredTabs(world, keeper, hasTwo = false) {
  const { state } = world.instant;
  Object.assign(state, { lifetimeSeconds: SHORT_SECONDS, delayMilliseconds: 0 });
  const tab = await signedInTab(world, keeper);
  const tabs = [tab];
  if (hasTwo) {
    const other = await openTab(world, keeper, "/", tab.page.context());
    await arrived(other.page);
    tabs.push(other);
  }
  Object.assign(state, { lifetimeSeconds: DAY_SECONDS, delayMilliseconds: DELAY_MILLISECONDS });
  return tabs;
}

/** @param {CacheWorld} world @param {Keeper} keeper @param {boolean} hasTwo @param {number} count @param {number[]} spellings */
async function renewTogether(world, keeper, hasTwo, count, spellings) {
  const { state } = world.instant;
  const tabs = await expiredTabs(world, keeper, hasTwo);
  const before = state.tokenRequests;
  const times = await Promise.all(tabs.map((tab) => ask(tab, "together", count, spellings)));
  const requests = state.tokenRequests - before;
  state.delayMilliseconds = 0;
  await tabs[0]?.page.context().close();
  return { requests, milliseconds: Math.max(...times) };
}

/** Tokens of several APIs at once, which are not there yet. @param {CacheWorld} world @param {Keeper} keeper */
async function acquireSeveral(world, keeper) {
  const { state } = world.instant;
  const tab = await signedInTab(world, keeper);
  state.delayMilliseconds = DELAY_MILLISECONDS;
  const before = state.tokenRequests;
  const milliseconds = await ask(tab, "several", 1, SEVERAL);
  state.delayMilliseconds = 0;
  await tab.page.context().close();
  return { several: milliseconds, severalRequests: state.tokenRequests - before };
}

/** @param {CacheWorld} world @param {Figures} figures */
async function measureTogether(world, figures) {
  /** @type {Samples} */
  const samples = new Map();
  await inTurns({ ...world, rounds: Math.min(world.rounds, MOST_ROUNDS) }, KEEPERS, async (keeper, isCounted) => {
    if (!isCounted) return;
    const { requests, milliseconds } = await renewTogether(world, keeper, false, TOGETHER, []);
    note(samples, keeper, { togetherRequests: requests, together: milliseconds });
    if (keeper.hasSeveral ?? keeper.most > 1) note(samples, keeper, await acquireSeveral(world, keeper));
    if (!keeper.takesSpellings) return;
    const ordered = await renewTogether(world, keeper, false, TOGETHER, [0, 1]);
    const cased = await renewTogether(world, keeper, false, TOGETHER, [0, 2]);
    note(samples, keeper, { orderedRequests: ordered.requests, casedRequests: cased.requests });
  });
  print(world, samples, "100 silent requests at once", [["togetherRequests", "token requests"], ["together", `ms, of which the server takes ${DELAY_MILLISECONDS}`], ["orderedRequests", "two permissions in two orders: token requests"], ["casedRequests", "in two cases: token requests"], ["severalRequests", `${SEVERAL} APIs at once: token requests`], ["several", "ms"]]);
  for (const [keeper, values] of samples) figures.add(keeper, TOGETHER, values);
}

/** @param {CacheWorld} world @param {Figures} figures */
async function measureTabs(world, figures) {
  /** @type {Samples} */
  const samples = new Map();
  const keepers = KEEPERS.filter(({ isShared }) => isShared);
  await inTurns({ ...world, rounds: Math.min(world.rounds, MOST_ROUNDS) }, keepers, async (keeper, isCounted) => {
    if (!isCounted) return;
    const { requests, milliseconds } = await renewTogether(world, keeper, true, 1, []);
    note(samples, keeper, { tabsRequests: requests, tabs: milliseconds });
  });
  print(world, samples, "two tabs at once, one expired token", [["tabsRequests", "token requests"], ["tabs", `ms, of which the server takes ${DELAY_MILLISECONDS}`]]);
  for (const [keeper, values] of samples) figures.add(keeper, 2, values);
}

/** A visit to a page by one who is signed in. @param {CacheWorld} world @param {Keeper} keeper @param {Tab} tab @param {"/" | "/blank"} path */
async function visitOnce(world, keeper, tab, path) {
  const before = await processor(tab);
  await visit(tab, `${appOf(world, keeper).origin}${path}`, path === "/");
  const after = await processor(tab);
  // The main thread is counted from the start of each page, the process from its own.
  return { task: after.task, process: after.process - before.process };
}

/** @param {CacheWorld} world @param {Figures} figures */
async function measureColdStart(world, figures) {
  /** @type {Samples} */
  const samples = new Map();
  const keepers = KEEPERS.filter(({ isLasting }) => isLasting);
  /** @type {Map<Keeper, Tab>} */
  const tabs = new Map();
  for (const keeper of keepers) tabs.set(keeper, await signedInTab(world, keeper));
  await inTurns(world, keepers, async (keeper, isCounted) => {
    const tab = /** @type {Tab} */ (tabs.get(keeper));
    for (const kind of ["cold", "warm"]) {
      await tab.page.goto(`${appOf(world, keeper).origin}/blank`);
      const blank = await visitOnce(world, keeper, tab, "/blank");
      if (kind === "cold") await tab.session.send("Network.clearBrowserCache");
      const app = await visitOnce(world, keeper, tab, "/");
      const { arrival } = await arrived(tab.page);
      if (isCounted) note(samples, keeper, { [kind]: arrival, [`${kind}Processor`]: app.task - blank.task, [`${kind}Process`]: app.process - blank.process });
    }
  });
  for (const { page } of tabs.values()) await page.context().close();
  for (const [kind, title] of /** @type {const} */ ([["cold", "from navigation to the first cached token, nothing in the HTTP cache"], ["warm", "from navigation to the first cached token, all in the HTTP cache"]])) {
    print(world, samples, title, [[kind, "ms"], [`${kind}Processor`, "main thread over a blank page, ms"], [`${kind}Process`, "all threads over a blank page, ms"]]);
  }
  for (const [keeper, values] of samples) figures.add(keeper, 1, values);
}

/** What a page of somebody who is signed in has loaded when it has its token. @param {CacheWorld} world @param {Figures} figures */
async function weighDownloads(world, figures) {
  const rows = [];
  for (const keeper of KEEPERS.filter(({ isLasting, page }, at) => isLasting && KEEPERS.findIndex((other) => other.isLasting && other.page === page) === at)) {
    const { name, files, origin } = appOf(world, keeper);
    const tab = await signedInTab(world, keeper);
    await visit(tab, `${origin}/`, true);
    await arrived(tab.page);
    const paths = await tab.page.evaluate(() => performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname));
    await tab.page.context().close();
    const bytes = (/** @type {RegExp} */ kind) => paths.reduce((sum, path) => sum + (kind.test(path) && files[path] ? brotliCompressSync(files[path].body).length : 0), 0);
    const [script, module] = [bytes(/\.js$/), bytes(/\.wasm$/)];
    rows.push([name.replace(/, [^,]*$/, ""), String(script), String(module), String(script + module)]);
    figures.add(keeper, 1, { bytes: [script + module] });
  }
  console.log(`\n${table([["download before a cached token, bytes of brotli", "script", "module", "both"], ...rows])}`);
}

export const ALONE = /** @type {const} */ ({
  acquire: measureAcquiring,
  accounts: measureAccounts,
  together: measureTogether,
  tabs: measureTabs,
  start: measureColdStart,
  bytes: weighDownloads,
});
