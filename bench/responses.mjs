/**
 * Who refuses what: every client signs in while the tenant changes one thing in its responses, as the end-to-end tests have it. Each
 * begins in a browser profile of its own.
 */
import { CONSENTRY, REFUSING, versionOf } from "./clients.mjs";
import { arrival, circumstances, depart, openApp, openWorld, support, table } from "./world.mjs";

/** @typedef {import("./clients.mjs").Client} Client */
/** @typedef {import("./world.mjs").World} World */
/** @typedef {{ mutation: (tenant: World["tenant"]) => object | object[], rule: string, isFree?: boolean, tells?: string }} Row */
/** @typedef {{ name: string, isGood: boolean } & Row} Case A response, and whether Consentry takes it. */
/** @typedef {{ isTaken: boolean, error: string }} Outcome */

/** @type {Case} */
const UNCHANGED = { name: "nothing", isGood: true, mutation: () => [], rule: "Core 3.1" };

/** @returns {Promise<Case[]>} */
async function cases() {
  const { REFUSED, TAKEN } = await support("responses");
  const listed = (/** @type {Record<string, Row>} */ rows, /** @type {boolean} */ isGood) =>
    Object.entries(rows).filter(([, { rule }]) => rule).map(([name, row]) => ({ ...row, name, isGood }));
  return [UNCHANGED, ...listed(REFUSED, false), ...listed(TAKEN, true)];
}

/** @param {World} world @param {Client} client @param {Case} response @returns {Promise<Outcome>} */
async function signIn(world, client, { name, mutation }) {
  await world.tenant.restoreResponses();
  for (const one of [mutation(world.tenant)].flat()) await world.tenant.mutateResponses(/** @type {any} */ (one));
  const page = await openApp(world, client);
  try {
    // A client that reads the metadata as it starts has refused it by now.
    const { error } = await arrival(page);
    if (error) return { isTaken: false, error };
    await depart(page);
    const told = await arrival(page);
    return { isTaken: told.isSignedIn, error: told.error };
  } catch (cause) {
    throw new Error(`${client.name} with "${name}" came to no end`, { cause });
  } finally {
    await page.context().close();
  }
}

/** Whether it is what the specifications want; `undefined` where they leave it to the client. @param {Case} response @param {Outcome} outcome */
function isRight({ isGood, isFree, tells }, { isTaken, error }) {
  if (isFree) return undefined;
  return isTaken === isGood && (tells === undefined || error.includes(tells));
}

/** @param {Case} response @param {Outcome} outcome */
function cell(response, outcome) {
  const word = outcome.isTaken ? "takes" : "refuses";
  return isRight(response, outcome) === false ? `**${word}**` : word;
}

/** @param {{ why: boolean }} options */
export async function compareResponses({ why }) {
  const all = await cases();
  const world = await openWorld(REFUSING);
  /** @type {Outcome[][]} */
  const outcomes = [];
  try {
    console.log(`\n${circumstances(world)}\n`);
    for (const response of all) {
      /** @type {Outcome[]} */
      const row = [];
      for (const client of REFUSING) row.push(await signIn(world, client, response));
      // What a client refuses says nothing where it can't sign in at all.
      const unable = response === UNCHANGED ? row.findIndex(({ isTaken }) => !isTaken) : -1;
      if (unable >= 0) throw new Error(`${REFUSING[unable]?.name} does not sign in: ${row[unable]?.error}`);
      outcomes.push(row);
      process.stderr.write(`  ${outcomes.length} of ${all.length}: ${response.name}\n`);
      if (why) for (const [at, { error }] of row.entries()) process.stderr.write(`      ${REFUSING[at]?.name}: ${error || "no error"}\n`);
    }
  } finally {
    await world.stop();
  }
  return report(all, outcomes);
}

/** @param {Case[]} all @param {Outcome[][]} outcomes @returns {Promise<string[]>} what is wrong with Consentry */
async function report(all, outcomes) {
  const heads = await Promise.all(REFUSING.map(async ({ name }) => `${name} ${await versionOf(name)}`));
  const counted = all.filter(({ isFree }) => !isFree).length;
  const right = REFUSING.map((_, at) => all.filter((response, row) => isRight(response, outcomeOf(outcomes, row, at))).length);
  console.log(table([
    ["what is changed", "the specifications", ...heads],
    ...all.map((response, row) => {
      const wanted = response.isFree ? "either" : response.isGood ? "take" : "refuse";
      return [response.name, `${wanted} (${response.rule})`, ...REFUSING.map((_, at) => cell(response, outcomeOf(outcomes, row, at)))];
    }),
    [`right, of ${counted}`, "", ...right.map(String)],
  ]));
  // Where the specifications leave a choice, Consentry has still made its own.
  const own = REFUSING.indexOf(CONSENTRY);
  return all.filter((response, row) => {
    const outcome = outcomeOf(outcomes, row, own);
    return isRight({ ...response, isFree: false }, outcome) === false;
  }).map(({ name, isGood }) => `Consentry ${isGood ? "does not take" : "does not refuse"} a response with this change: ${name}`);
}

/** @param {Outcome[][]} outcomes @param {number} row @param {number} client */
function outcomeOf(outcomes, row, client) {
  return /** @type {Outcome} */ (outcomes[row]?.[client]);
}
