/** Debian's packages, which only root may install. */

import { answer, run } from "./process.mjs";
import { step } from "./progress.mjs";

/** Installs packages where that is possible; whoever needs them looks whether they are there. @param {string} title @param {string[]} packages */
export async function installPackages(title, packages) {
  if (process.getuid?.() !== 0 || !(await answer("apt-get", ["--version"]))) return;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const apt = ["-q", "-o", "DPkg::Lock::Timeout=300"];
  await step(title, async (onOutput) => {
    await run("apt-get", [...apt, "update"], { env, onOutput });
    await run("apt-get", [...apt, "install", "-y", "--no-install-recommends", ...packages], { env, onOutput });
  });
}
