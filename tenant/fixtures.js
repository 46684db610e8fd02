/**
 * Who and what lives in the tenant, as data. The ids are fixed, so that they can be written into an app's configuration.
 *
 * @typedef {{ id: string, domain: string, displayName: string }} TenantFixture
 * @typedef {{ id: string, receivedDateTime: string, subject: string, from: string, bodyPreview: string, isRead: boolean }} Message
 * @typedef {{ id: string, subject: string, start: string, end: string, location: string, organizer: string }} CalendarEvent
 * @typedef {{ id: string, item: string, quantity: number, status: string }} Order
 * @typedef {object} UserFixture
 * @property {string} oid
 * @property {string} username the user principal name
 * @property {string} password
 * @property {string} name
 * @property {string} givenName
 * @property {string} familyName
 * @property {string} jobTitle
 * @property {boolean} [isAdmin] may consent for the whole tenant, and to permissions of type Admin
 * @property {string[]} [mailboxReaders] user names of the others who may read this user's mail
 * @property {Message[]} messages
 * @property {CalendarEvent[]} events
 * @property {Order[]} orders
 * @typedef {object} PermissionFixture
 * @property {string} title
 * @property {string} explanation
 * @property {"User" | "Admin"} [type] who can consent to a delegated permission. Default: User
 * @typedef {object} ApiFixture
 * @property {string} key the name in `start().apis`
 * @property {string} clientId
 * @property {string} applicationIdUri
 * @property {string} name
 * @property {1 | 2} tokenVersion requestedAccessTokenVersion: chosen by the API, not by the endpoint
 * @property {Record<string, PermissionFixture>} permissions the delegated permissions it exposes
 * @property {Record<string, PermissionFixture>} [appRoles] the application permissions it exposes
 * @property {Record<string, string[]>} [preAuthorizedApplications] by client id: delegated permissions that need no consent
 * @typedef {{ type: "spa" | "web", uri: string }} RedirectUri
 * @typedef {object} AppFixture
 * @property {string} clientId
 * @property {string} name
 * @property {RedirectUri[]} redirectUris a loopback URI is written without a port: ports are ignored in matching
 * @property {string[]} optionalClaims optional ID token claims
 * @property {Record<string, string[]>} registeredPermissions by Application ID URI: what `.default` stands for at the first consent
 * @property {Record<string, string[]>} [registeredAppRoles] by Application ID URI: the same for application permissions
 */

export const GRAPH = "https://graph.microsoft.com";
export const ORDERS = "api://9c1f6b52-3d0e-4a87-b6a4-51e0c8f7d2a9";
const DESK = "b47e9a35-1c68-4f0d-9e72-8d3a5c06f1b4";

/** @type {TenantFixture} */
export const tenant = {
  id: "3b6e1f0a-7c52-4d9b-8f14-e2a5d07c9b36",
  domain: "contoso.example",
  displayName: "Contoso",
};

/** @type {UserFixture[]} */
export const users = [
  {
    oid: "a1f4c7d2-58be-4f03-9c6d-0b7e93a2d511",
    username: "adele@contoso.example",
    password: "local-tenant",
    name: "Adele Vance",
    givenName: "Adele",
    familyName: "Vance",
    jobTitle: "Retail Manager",
    messages: [
      {
        id: "m-adele-1", receivedDateTime: "2026-11-19T08:12:00Z", subject: "Shelf plan for December",
        from: "bo@contoso.example", bodyPreview: "The new plan is on the share. Two aisles change places.", isRead: false,
      },
      {
        id: "m-adele-2", receivedDateTime: "2026-11-18T15:40:00Z", subject: "Invoice 20931",
        from: "billing@fabrikam.example", bodyPreview: "Please find the invoice for the delivery of 12 November.", isRead: true,
      },
    ],
    events: [
      {
        id: "e-adele-1", subject: "Weekly stock review", start: "2026-11-23T09:00:00Z", end: "2026-11-23T09:30:00Z",
        location: "Room Alder", organizer: "adele@contoso.example",
      },
      {
        id: "e-adele-2", subject: "Supplier visit", start: "2026-11-24T13:00:00Z", end: "2026-11-24T14:30:00Z",
        location: "Front desk", organizer: "bo@contoso.example",
      },
    ],
    orders: [
      { id: "1001", item: "Oak shelf, 120 cm", quantity: 14, status: "delivered" },
      { id: "1002", item: "Price rail", quantity: 60, status: "shipped" },
    ],
  },
  {
    oid: "d82b5e64-0f9a-4c31-a7e8-64c15f3b7d20",
    username: "bo@contoso.example",
    password: "local-tenant",
    name: "Bo Lindgren",
    givenName: "Bo",
    familyName: "Lindgren",
    jobTitle: "Buyer",
    mailboxReaders: ["adele@contoso.example"],
    messages: [
      {
        id: "m-bo-1", receivedDateTime: "2026-11-20T07:05:00Z", subject: "Re: Shelf plan for December",
        from: "adele@contoso.example", bodyPreview: "Looks good. Can we keep the end caps as they are?", isRead: false,
      },
    ],
    events: [
      {
        id: "e-bo-1", subject: "Call with Fabrikam", start: "2026-11-23T10:00:00Z", end: "2026-11-23T10:45:00Z",
        location: "Phone", organizer: "bo@contoso.example",
      },
    ],
    orders: [
      { id: "2001", item: "Checkout scanner", quantity: 3, status: "open" },
    ],
  },
  {
    oid: "5c90e7b3-62f1-4d8a-b05e-f3a7184c6d92",
    username: "carla@contoso.example",
    password: "local-tenant",
    name: "Carla Núñez",
    givenName: "Carla",
    familyName: "Núñez",
    jobTitle: "IT Administrator",
    isAdmin: true,
    messages: [
      {
        id: "m-carla-1", receivedDateTime: "2026-11-20T06:30:00Z", subject: "Apps waiting for approval",
        from: "adele@contoso.example", bodyPreview: "Could you have a look at Contoso Workday?", isRead: false,
      },
    ],
    events: [
      {
        id: "e-carla-1", subject: "Access review", start: "2026-11-25T08:00:00Z", end: "2026-11-25T09:00:00Z",
        location: "Room Birch", organizer: "carla@contoso.example",
      },
    ],
    orders: [
      { id: "3001", item: "Badge printer", quantity: 1, status: "open" },
    ],
  },
];

/** @type {ApiFixture[]} */
export const apis = [
  {
    key: "graph",
    clientId: "00000003-0000-0000-c000-000000000000",
    applicationIdUri: GRAPH,
    name: "Microsoft Graph",
    tokenVersion: 1,
    permissions: {
      "User.Read": { title: "Read your profile", explanation: "See your name, job title and e-mail address." },
      "Mail.Read": { title: "Read your mail", explanation: "Read the messages in your mailbox." },
      "Mail.Read.Shared": {
        title: "Read mail that you have access to", explanation: "Read your messages, and those in mailboxes that are shared with you.",
      },
      "Mail.Send": { title: "Send mail as you", explanation: "Send messages in your name." },
      "Calendars.Read": { title: "Read your calendar", explanation: "See the events in your calendar." },
      "User.Read.All": { title: "Read all users' profiles", explanation: "See the profile of everyone in the organization.", type: "Admin" },
      "Directory.Read.All": { title: "Read directory data", explanation: "See users, groups and the organization itself.", type: "Admin" },
    },
  },
  {
    key: "orders",
    clientId: "9c1f6b52-3d0e-4a87-b6a4-51e0c8f7d2a9",
    applicationIdUri: ORDERS,
    name: "Orders API",
    tokenVersion: 2,
    permissions: {
      "Orders.Read": { title: "Read your orders", explanation: "See the orders that you have placed." },
      "Orders.Write": { title: "Place orders for you", explanation: "Place new orders in your name." },
      "Orders.Manage": { title: "Manage everyone's orders", explanation: "See the orders of the whole organization.", type: "Admin" },
    },
    appRoles: {
      "Orders.Read.All": { title: "Read all orders", explanation: "See the orders of the whole organization." },
    },
    preAuthorizedApplications: { [DESK]: ["Orders.Read", "Orders.Write"] },
  },
];

/** @type {RedirectUri[]} */
const SPA_REDIRECT_URIS = ["/", "/index.html", "/redirect.html", "/callback"].map((path) => ({ type: "spa", uri: `http://localhost${path}` }));

/** @type {AppFixture[]} */
export const apps = [
  {
    clientId: "6f0d2c1b-94a3-4e7f-8b25-7a1c3e5d9f48",
    name: "Contoso Workday",
    redirectUris: SPA_REDIRECT_URIS,
    optionalClaims: ["login_hint"],
    registeredPermissions: { [GRAPH]: ["User.Read", "Mail.Read"], [ORDERS]: ["Orders.Read"] },
    registeredAppRoles: { [ORDERS]: ["Orders.Read.All"] },
  },
  {
    clientId: DESK,
    name: "Contoso Order Desk",
    redirectUris: SPA_REDIRECT_URIS,
    optionalClaims: [],
    registeredPermissions: { [GRAPH]: ["User.Read"] },
  },
];
