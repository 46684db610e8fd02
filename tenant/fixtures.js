/**
 * Who and what lives in the tenant, as data. The ids are fixed, so that they can be written into an app's configuration.
 *
 * @typedef {object} TenantFixture
 * @property {string} id
 * @property {string} [domain] verified domain
 * @property {string} displayName
 * @property {boolean} [isPersonal] the tenant of the personal accounts: `consumers`
 * @typedef {{ id: string, receivedDateTime: string, subject: string, from: string, bodyPreview: string, isRead: boolean }} Message
 * @typedef {{ id: string, subject: string, start: string, end: string, location: string, organizer: string }} CalendarEvent
 * @typedef {{ id: string, item: string, quantity: number, status: string }} Order
 * @typedef {object} UserFixture
 * @property {string} oid in the home tenant
 * @property {string} [tenant] id of the home tenant. Default: the first tenant
 * @property {Record<string, string>} [guestIn] by id of another tenant: the object id there
 * @property {string} username the user principal name
 * @property {string} password
 * @property {string} name
 * @property {string} givenName
 * @property {string} familyName
 * @property {string} jobTitle
 * @property {string | null} [email] `null`: there is none, and no claim. Default: the user name
 * @property {string[]} [groups] object ids, for the optional claim
 * @property {boolean} [isAdmin] may consent for the whole home tenant, and to permissions of type Admin
 * @property {boolean} [hasSecondFactor] whether one is registered. Default: true
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
 * @property {string[]} [tenants] ids of the tenants that have it. Default: all
 * @property {1 | 2} tokenVersion requestedAccessTokenVersion: chosen by the API, not by the endpoint
 * @property {Record<string, PermissionFixture>} permissions the delegated permissions it exposes
 * @property {Record<string, PermissionFixture>} [appRoles] the application permissions it exposes
 * @property {Record<string, string[]>} [preAuthorizedApplications] by client id: delegated permissions that need no consent
 * @typedef {{ type: "spa" | "web" | "native", uri: string }} RedirectUri
 * @typedef {object} AppFixture
 * @property {string} clientId
 * @property {string} name
 * @property {string} [tenant] id of the tenant it is registered in. Default: the first tenant
 * @property {"AzureADMyOrg" | "AzureADMultipleOrgs" | "AzureADandPersonalMicrosoftAccount"} [signInAudience] whose accounts may sign in.
 *   Default: AzureADandPersonalMicrosoftAccount
 * @property {RedirectUri[]} redirectUris a loopback URI is written without a port: ports are ignored in matching
 * @property {boolean} [isFallbackPublicClient] may use the device code flow
 * @property {string[]} [secrets] for codes of a `web` redirect URI
 * @property {boolean} [mayIssueIdTokens] whether the authorization endpoint gives it ID tokens
 * @property {string[]} [assignedUsers] user names: only they may sign in
 * @property {string[]} optionalClaims optional ID token claims: login_hint, sid, auth_time, groups
 * @property {Record<string, string[]>} registeredPermissions by Application ID URI: what `.default` stands for at the first consent
 * @property {Record<string, string[]>} [registeredAppRoles] by Application ID URI: the same for application permissions
 */
export { apis } from "./fixtures/apis.js";
export { apps } from "./fixtures/apps.js";
export * from "./fixtures/ids.js";
export { tenants } from "./fixtures/tenants.js";
export { users } from "./fixtures/users.js";
