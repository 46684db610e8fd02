/** The local tenant's launcher, as far as the commands use it. */

/** @typedef {import("./serve.mjs").Tenant} Tenant */
/**
 * @typedef {object} Launcher
 * @property {(options: { port: number }) => Promise<Tenant & { stop: () => Promise<void> }>} launch
 * @property {() => string} engineNode The Node that is new enough for the tenant.
 */

const LAUNCHER = new URL("../tenant/launch.js", import.meta.url).href;

/** Its packages must be there. @returns {Promise<Launcher>} */
export const launcher = () => import(LAUNCHER);
