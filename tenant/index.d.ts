/** A local Entra-like tenant, see README.md. Times are in seconds where a name says no other. */

/** In process: needs Node 22 or later. Opens ports on the loopback interface; rejects with `EADDRINUSE` where one is taken. */
export function start(options?: StartOptions & { now?: () => number }): Promise<Tenant>;

export interface StartOptions extends Partial<Settings> {
  /** Of the tenant; the APIs take the next ones. 0: any free ports. Default: 4401. */
  port?: number;
  tenants?: TenantFixture[];
  users?: UserFixture[];
  apps?: AppFixture[];
  apis?: ApiFixture[];
  /** Repeats keys, subjects, codes, tokens and ids. */
  seed?: string;
}

export interface Settings {
  userConsent: boolean;
  granularConsent: boolean;
  /** `null`: as on the platform. */
  accessTokenSeconds: number | null;
  silentConsentError: "interaction_required" | "consent_required";
  /** 0: none. */
  loopLimit: number;
  thirdPartyCookies: boolean;
  openerPolicy: "same-origin" | "same-origin-allow-popups" | null;
}

export interface Tenant extends Control {
  origin: string;
  /** `<origin>/<tenant id>` */
  authority: string;
  tenantId: string;
  /** Of the first app. */
  clientId: string;
  apps: { clientId: string; name: string }[];
  /** By key: `graph`, `orders`. */
  apis: Record<string, { origin: string; resource: string }>;
  users: { oid: string; tenantId: string; username: string; password: string; name: string }[];
  stop(): Promise<void>;
}

/** Users go by user name or object id, APIs by Application ID URI. Each rejects with an `Error` that names what does not exist or fit. */
export interface Control {
  travel(seconds: number): Promise<void>;
  /** ISO 8601. */
  now(): Promise<string>;
  grantConsent(consent: { clientId: string; resource: string; permissions: string[]; user?: string; tenant?: string }): Promise<void>;
  revokeConsent(user: string, resource?: string): Promise<void>;
  revokeAdminConsent(resource?: string): Promise<void>;
  permissionGrants(): Promise<PermissionGrant[]>;
  changeSettings(settings: Partial<Settings>): Promise<void>;
  requireMfa(user?: string, rule?: { resource?: string; maxAgeSeconds?: number }): Promise<void>;
  block(user?: string, rule?: { resource?: string }): Promise<void>;
  limitSignIn(user: string | undefined, rule: { resource?: string; seconds: number }): Promise<void>;
  liftPolicies(user?: string): Promise<void>;
  forgetSecondFactor(user: string): Promise<void>;
  disableUser(user: string, isDisabled?: boolean): Promise<void>;
  changePassword(user: string, password: string): Promise<void>;
  revokeSessions(user: string): Promise<void>;
  challengeTokens(user: string): Promise<void>;
  expireRefreshTokens(user?: string): Promise<void>;
  rotateKeys(options?: { retire?: boolean }): Promise<void>;
  injectFault(fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  mutateResponses(mutation: Mutation): Promise<void>;
  restoreResponses(): Promise<void>;
  requests(): Promise<TimelineEntry[]>;
  timeline(): Promise<string>;
  reset(): Promise<void>;
}

export interface PermissionGrant {
  clientId: string;
  consentType: "AllPrincipals" | "Principal";
  principalId?: string;
  resource: string;
  /** Separated by spaces. */
  scope?: string;
  appRoles?: string;
}

export interface Fault {
  endpoint: "authorize" | "token" | "devicecode" | "logout" | "adminconsent" | "metadata" | "keys" | "instance" | `api:${string}`;
  status?: number;
  code?: number;
  /** JSON, with `code`. */
  claims?: string;
  body?: string;
  contentType?: string;
  headers?: Record<string, string>;
  delayMilliseconds?: number;
  drop?: "before" | "after";
  truncate?: boolean;
  cors?: boolean;
  skip?: number;
  times?: number;
}

export interface Mutation {
  target: "idToken" | "accessToken" | "clientInfo" | "tokenResponse" | "tokenError" | "authorizationResponse" | "metadata" | "keys";
  set?: Record<string, unknown>;
  remove?: string[];
  header?: Record<string, unknown>;
  signature?: "broken" | "none" | "foreign" | "hs256";
  times?: number;
}

export interface TimelineEntry {
  number: number;
  /** ISO 8601, the tenant's. */
  time: string;
  /** `tenant`, or `api:<key>`. */
  server: string;
  method: string;
  path: string;
  parameters: Record<string, string>;
  origin?: string;
  /** Absent where the connection was cut. */
  status?: number;
  answer: string;
}

export interface TenantFixture {
  id: string;
  domain?: string;
  displayName: string;
  isPersonal?: boolean;
}

export interface UserFixture {
  oid: string;
  tenant?: string;
  /** By id of the other tenant: the object id there. */
  guestIn?: Record<string, string>;
  username: string;
  password: string;
  name: string;
  givenName: string;
  familyName: string;
  jobTitle: string;
  email?: string | null;
  groups?: string[];
  isAdmin?: boolean;
  hasSecondFactor?: boolean;
  mailboxReaders?: string[];
  messages: { id: string; receivedDateTime: string; subject: string; from: string; bodyPreview: string; isRead: boolean }[];
  events: { id: string; subject: string; start: string; end: string; location: string; organizer: string }[];
  orders: { id: string; item: string; quantity: number; status: string }[];
}

export interface AppFixture {
  clientId: string;
  name: string;
  tenant?: string;
  signInAudience?: "AzureADMyOrg" | "AzureADMultipleOrgs" | "AzureADandPersonalMicrosoftAccount";
  /** A loopback URI is written without a port. */
  redirectUris: { type: "spa" | "web" | "native"; uri: string }[];
  isFallbackPublicClient?: boolean;
  secrets?: string[];
  mayIssueIdTokens?: boolean;
  assignedUsers?: string[];
  optionalClaims: ("login_hint" | "sid" | "auth_time" | "groups")[];
  /** By Application ID URI. */
  registeredPermissions: Record<string, string[]>;
  registeredAppRoles?: Record<string, string[]>;
}

export interface ApiFixture {
  key: string;
  clientId: string;
  applicationIdUri: string;
  name: string;
  tenants?: string[];
  tokenVersion: 1 | 2;
  permissions: Record<string, Permission>;
  appRoles?: Record<string, Permission>;
  preAuthorizedApplications?: Record<string, string[]>;
}

export interface Permission {
  title: string;
  explanation: string;
  type?: "User" | "Admin";
}
