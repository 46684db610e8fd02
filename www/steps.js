import { mail } from "./view/mail.js";
import { orders } from "./view/orders.js";
import { profile } from "./view/profile.js";

/**
 * @typedef {object} Api
 * @property {string} name
 * @property {string} origin
 * @property {string} resource  The Application ID URI.
 *
 * @typedef {object} Step
 * @property {"profile" | "mail" | "orders"} name
 * @property {string} title
 * @property {Api} api
 * @property {string} permission
 * @property {string} scope  Application ID URI and permission.
 * @property {string} why
 * @property {string} url
 * @property {(answer: any) => { nodes: Node[], summary: string }} view
 */

/**
 * What the page can open, and the one permission that each needs.
 * @param {typeof import("/config.js").default} config
 * @returns {Step[]}
 */
export function stepsOf(config) {
  const graph = { name: "Microsoft Graph", ...config.graph };
  const ordersApi = { name: "Orders API", ...config.orders };
  /** @param {Api} api */
  const need = (api, permission, path) => ({
    api,
    permission,
    scope: `${api.resource}/${permission}`,
    url: api.origin + path,
  });
  return [
    { name: "profile", title: "Profile", why: "To show who you are.", view: profile, ...need(graph, "User.Read", "/v1.0/me") },
    { name: "mail", title: "Mail", why: "To list your messages, when you open them.", view: mail, ...need(graph, "Mail.Read", "/v1.0/me/messages") },
    { name: "orders", title: "Orders", why: "To list your orders, when you open them.", view: orders, ...need(ordersApi, "Orders.Read", "/orders") },
  ];
}
