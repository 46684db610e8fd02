/**
 * What a sign-in costs, and what part of it is the check of the ID token's signature. The clients take turns, each time in a browser
 * profile of its own, in which the user signs in twice.
 */
import { fileURLToPath } from "node:url";
import { CONSENTRY, TIMED, versionOf } from "./clients.mjs";
import { median, spread } from "./figures.mjs";
import { arrival, circumstances, depart, openApp, openWorld, table } from "./world.mjs";

/** @typedef {import("./clients.mjs").Client} Client */
/** @typedef {import("./world.mjs").World} World */
/** @typedef {import("./world.mjs").Page} Page */
/** @typedef {Record<typeof KINDS[number], number>} Requests */
/** @typedef {{ importKey: number, verify: number }} Cryptography Milliseconds. */
/** @typedef {{ handling: number, arrival: number, processor: number, requests: Requests, cryptography: Cryptography | undefined }} SignIn Times in milliseconds. */

const WARM_UPS = 2;
const BUDGET_MILLISECONDS = 3;
const KINDS = /** @type {const} */ (["metadata", "keys", "token", "other"]);
/** In milliseconds, as median, minimum and maximum. */
const TIMES = /** @type {const} */ ([["handling", "handling the answer, ms"], ["arrival", "page load to signed in, ms"], ["processor", "processor time, ms"]]);
const WATCH_CRYPTO = fileURLToPath(new URL("./pages/watch-crypto.js", import.meta.url));

/** @param {string} url @returns {typeof KINDS[number]} */
function kindOf(url) {
  const { pathname } = new URL(url);
  if (pathname.includes("/.well-known/")) return "metadata";
  if (pathname.endsWith("/keys")) return "keys";
  return pathname.endsWith("/token") ? "token" : "other";
}

/**
 * What the client asks of other origins than the app's, from now on; pages do not count.
 * @param {Page} page @param {string} origin
 */
function countRequests(page, origin) {
  /** @type {Requests} */
  const requests = { metadata: 0, keys: 0, token: 0, other: 0 };
  const count = (/** @type {import("playwright-core").Request} */ request) => {
    if (!request.isNavigationRequest() && /^https?:/.test(request.url()) && new URL(request.url()).origin !== origin) requests[kindOf(request.url())] += 1;
  };
  page.on("request", count);
  return { requests, stop: () => page.off("request", count) };
}

/** The processor's time that the page's process has taken, all threads of it, in milliseconds. @param {import("playwright-core").CDPSession} session */
async function processorTime(session) {
  const { metrics } = await session.send("Performance.getMetrics");
  return (metrics.find(({ name }) => name === "ProcessTime")?.value ?? NaN) * 1000;
}

/** @param {World} world @param {Page} page @param {string} origin @param {import("playwright-core").CDPSession} session @returns {Promise<SignIn>} */
async function signIn({ tenant }, page, origin, session) {
  const counter = countRequests(page, origin);
  const before = await processorTime(session);
  await depart(page);
  const told = await arrival(page);
  const processor = (await processorTime(session)) - before;
  counter.stop();
  if (!told.isSignedIn || told.error) throw new Error(`no sign-in at ${tenant.authority}: ${told.error}`);
  const cryptography = await page.evaluate("globalThis.cryptoMilliseconds");
  return { handling: told.handling, arrival: told.arrival, processor, requests: counter.requests, cryptography };
}

/** @param {World} world @param {Client} client @returns {Promise<[SignIn, SignIn]>} */
async function signInTwice(world, client) {
  const page = await openApp(world, client, client === CONSENTRY ? [WATCH_CRYPTO] : []);
  try {
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const { origin } = new URL(page.url());
    return [await signIn(world, page, origin, session), await signIn(world, page, origin, session)];
  } finally {
    await page.context().close();
  }
}

/** @param {{ rounds: number }} options @returns {Promise<string[]>} what is wrong */
export async function compareSignIns({ rounds }) {
  /** @type {Map<Client, [SignIn, SignIn][]>} */
  const all = new Map(TIMED.map((client) => [client, []]));
  const world = await openWorld(TIMED);
  try {
    for (let round = 0; round < WARM_UPS + rounds; round += 1) {
      // Everyone is first, and last, as often as the others.
      const order = TIMED.map((_, at) => /** @type {Client} */ (TIMED[(at + round) % TIMED.length]));
      for (const client of order) {
        const both = await signInTwice(world, client);
        if (round >= WARM_UPS) all.get(client)?.push(both);
      }
      if (round + 1 === WARM_UPS + rounds) console.log(`\n${circumstances(world)}; ${rounds} rounds`);
      process.stderr.write(`  round ${round + 1} of ${WARM_UPS + rounds}\n`);
    }
  } finally {
    await world.stop();
  }
  return report(all);
}

/** Every round asks for as much, or the figure is a range. @param {SignIn[]} signIns */
function requestsOf(signIns) {
  return KINDS.map((kind) => {
    const counts = [...new Set(signIns.map(({ requests }) => requests[kind]))].sort();
    return `${counts.join(" to ")} ${kind}`;
  }).filter((text) => !text.startsWith("0 ")).join(", ") || "none";
}

/** @param {Map<Client, [SignIn, SignIn][]>} all @returns {Promise<string[]>} what is wrong */
async function report(all) {
  const names = await Promise.all(TIMED.map(async ({ name }) => `${name} ${await versionOf(name)}`));
  for (const [at, title] of /** @type {const} */ ([[0, "first sign-in"], [1, "second sign-in"]])) {
    const rows = [...all.values()].map((rounds, client) => {
      const signIns = rounds.map((both) => both[at]);
      const times = TIMES.map(([member]) => spread(signIns.map((one) => one[member])));
      return [names[client] ?? "", ...times, requestsOf(signIns)];
    });
    console.log(`\n${table([[title, ...TIMES.map(([, heading]) => heading), "requests"], ...rows])}`);
  }
  return checkBudget(all.get(CONSENTRY) ?? []);
}

/** @param {[SignIn, SignIn][]} rounds @returns {string[]} */
function checkBudget(rounds) {
  const parts = (/** @type {0 | 1} */ at) => rounds.map((both) => both[at].cryptography ?? { importKey: NaN, verify: NaN });
  const sums = (/** @type {0 | 1} */ at) => parts(at).map(({ importKey, verify }) => importKey + verify);
  console.log(`\n${table([
    ["the signature check alone, median (min to max), ms", "first sign-in", "second"],
    ["import of the key", ...[parts(0), parts(1)].map((both) => spread(both.map(({ importKey }) => importKey)))],
    ["verification", ...[parts(0), parts(1)].map((both) => spread(both.map(({ verify }) => verify)))],
    ["both", spread(sums(0)), spread(sums(1))],
  ])}`);
  const complaints = [];
  for (const [name, time] of /** @type {const} */ ([["first", median(sums(0))], ["second", median(sums(1))]])) {
    // A check that was not seen has a time of nothing, which is no time within the budget.
    if (!(time > 0 && time < BUDGET_MILLISECONDS)) complaints.push(`The check of the signature takes ${time.toFixed(1)} ms at the ${name} sign-in; the budget is ${BUDGET_MILLISECONDS} ms, and more than none.`);
  }
  const again = rounds.filter(([, { requests }]) => requests.keys + requests.metadata > 0).length;
  if (again > 0) complaints.push(`${again} of ${rounds.length} second sign-ins asked for keys or metadata; the budget is none.`);
  return complaints;
}
