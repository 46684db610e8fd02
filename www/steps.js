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
 * @property {"profile" | "mail" | "colleague" | "orders" | "all-orders"} name
 * @property {string} title
 * @property {Api} api
 * @property {string} permission
 * @property {string} scope  Application ID URI and permission.
 * @property {string} why
 * @property {boolean} [forAdmins]  Only an administrator can grant it, as the API's documentation says: the user is not asked along with other things.
 * @property {boolean} [isToldByApi]  The call goes with a token that the page has anyway: the API says what is missing.
 * @property {(choice: string) => string} url
 * @property {{ permission: string, scope: string, why: string, url: (id: string) => string }} [cancel]  What is shown can be taken back.
 * @property {(answer: any, cancel?: (id: string, button: HTMLElement) => unknown) => { nodes: Node[], summary: string }} view
 */

/**
 * What the page can open, and the one permission that each needs.
 * @param {typeof import("/config.js").default} config
 * @returns {Step[]}
 */
export function stepsOf(config) {
  const graph = callsOf("Microsoft Graph", config.graph);
  const ordersApi = callsOf("Orders API", config.orders);
  return [
    { name: "profile", title: "Profile", why: "To show who you are.", view: profile, ...graph("User.Read", () => "/v1.0/me") },
    { name: "mail", title: "Mail", why: "To list your messages, when you open them.", view: mail, ...graph("Mail.Read", () => "/v1.0/me/messages") },
    {
      name: "colleague", title: "A colleague’s mail", why: "To list a colleague’s messages, if they let you.", view: mail, isToldByApi: true,
      ...graph("Mail.Read.Shared", (username) => `/v1.0/users/${encodeURIComponent(username)}/messages`),
    },
    {
      name: "orders", title: "Orders", why: "To list your orders, when you open them.", view: orders,
      cancel: { why: "To cancel an order, when you do.", ...ordersApi("Orders.Write", (id) => `/orders/${encodeURIComponent(id)}`) },
      ...ordersApi("Orders.Read", () => "/orders"),
    },
    { name: "all-orders", title: "All orders", why: "To list everyone’s orders.", view: orders, forAdmins: true, ...ordersApi("Orders.Manage", () => "/orders/all") },
  ];
}

/** What a step needs to know of its API. */
function callsOf(name, { origin, resource }) {
  const api = { name, origin, resource };
  return (permission, path) => ({ api, permission, scope: `${resource}/${permission}`, url: (choice) => origin + path(choice) });
}

/**
 * The permissions of some steps, by Application ID URI.
 * @param {Step[]} steps
 */
export function scopesOf(steps) {
  /** @type {import("consentry").ScopesByResource} */
  const scopes = {};
  for (const { api, permission } of steps) (scopes[api.resource] ??= []).push(permission);
  return scopes;
}

/**
 * The API that a token is for: Graph's permissions may come without its name.
 * @param {Pick<import("consentry").AuthenticationResult, "scopes">} token
 * @param {Step[]} steps
 */
export function apiOf({ scopes }, steps) {
  const apis = steps.map(({ api }) => api);
  return apis.find(({ resource }) => scopes.some((scope) => scope.startsWith(`${resource}/`))) ?? apis[0];
}
