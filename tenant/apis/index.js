/** The APIs that are served, by key; an API without routes exists in the directory only. */
import { graphRoutes } from "./graph.js";
import { ordersRoutes } from "./orders.js";

export { createApi } from "./api.js";

/** @type {Record<string, import("./api.js").ApiRoutes>} */
export const API_ROUTES = { graph: graphRoutes, orders: ordersRoutes };
