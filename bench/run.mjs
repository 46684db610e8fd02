/**
 * `npm run bench`: Consentry beside its peers, in one run, in Chromium, at the local tenant. `npm run bench -- responses` compares what
 * they refuse, `npm run bench -- sign-in` what a sign-in costs, `npm run bench -- cache` the token caches, or parts of that: `npm run bench -- cache
 * hit`. README.md says what the figures mean.
 */
import { parseArgs } from "node:util";
import { ensureBrowser } from "../scripts/browser.mjs";
import { build } from "../scripts/build.mjs";
import { program, Refusal } from "../scripts/process.mjs";

/** The clients' packages may have to be installed first. @type {Record<string, (options: { rounds: number, why: boolean, parts: string[] }) => Promise<string[]>>} */
const BENCHES = {
  responses: async (options) => (await import("./responses.mjs")).compareResponses(options),
  "sign-in": async (options) => (await import("./sign-in.mjs")).compareSignIns(options),
  cache: async (options) => (await import("./cache.mjs")).compareCaches(options),
};

async function bench() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: "string", default: "15" }, why: { type: "boolean", default: false } },
  });
  // What follows `cache` are parts of it.
  const [first, ...rest] = positionals;
  const parts = first === "cache" ? rest : [];
  const named = parts.length > 0 ? ["cache"] : positionals;
  const names = named.length > 0 ? named : Object.keys(BENCHES);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Refusal(`"${values.rounds}" is no number of rounds.`);
  const unknown = names.find((name) => !Object.hasOwn(BENCHES, name));
  if (unknown !== undefined) throw new Refusal(`Nothing to compare is named "${unknown}". There are: ${Object.keys(BENCHES).join(", ")}.`);

  await build();
  process.env.CHROME = (await ensureBrowser()).browser;
  /** @type {string[]} */
  const complaints = [];
  for (const name of names) complaints.push(...((await BENCHES[name]?.({ rounds, why: values.why, parts })) ?? []));
  if (complaints.length > 0) throw new Refusal(`\n${complaints.join("\n")}`);
}

await program(bench);
