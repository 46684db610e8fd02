/** How fast the token caches are: `npm run bench -- cache`, or parts of it: `npm run bench -- cache hit start`. */
import { Refusal } from "../scripts/process.mjs";
import { ALONE } from "./cache-alone.mjs";
import { KEEPERS } from "./cache-clients.mjs";
import { collectFigures, complaints, printGoals } from "./cache-goals.mjs";
import { measureStages, STAGE_NAMES } from "./cache-stages.mjs";
import { openCacheWorld } from "./cache-world.mjs";
import { circumstances } from "./world.mjs";

/** @param {string} name @returns {name is keyof typeof ALONE} */
const isAlone = (name) => Object.hasOwn(ALONE, name);

const PARTS = [...STAGE_NAMES, ...Object.keys(ALONE)];

/** What is not met. @param {{ rounds: number, parts: string[] }} options @returns {Promise<string[]>} */
export async function compareCaches({ rounds, parts }) {
  const chosen = parts.length > 0 ? parts : PARTS;
  const unknown = chosen.find((part) => !PARTS.includes(part));
  if (unknown !== undefined) throw new Refusal(`No part of the comparison of caches is named "${unknown}". There are: ${PARTS.join(", ")}.`);
  const figures = collectFigures();
  const world = await openCacheWorld(KEEPERS, rounds);
  try {
    const staged = STAGE_NAMES.filter((name) => chosen.includes(name));
    if (staged.length > 0) await measureStages(world, staged, figures);
    for (const name of chosen) if (isAlone(name)) await ALONE[name](world, figures);
    printGoals(figures, chosen);
    console.log(`\n${circumstances(world)}; ${rounds} rounds`);
  } finally {
    await world.stop();
  }
  return complaints(figures, chosen);
}
