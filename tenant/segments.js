/** The first part of the path says whose sign-in it is; the engine sees the rest, with that part as its mount path, and nothing else. */
import { AadstsError, errorBody } from "./errors.js";
import { traceOf } from "./trace.js";

const TENANT_PATH = /^\/([^/]+)(\/(?:oauth2|discovery|v2\.0|\.well-known\/openid-configuration|adminconsent)(?:\/.*)?)$/i;
/** What of a path is one of the tenant's own; an id can follow it, which is the engine's. */
const ENDPOINT = /^\/(?:oauth2\/v2\.0\/[a-z]+|discovery\/(?:v2\.0\/)?[a-z]+|(?:v2\.0\/)?(?:\.well-known\/openid-configuration|adminconsent))/i;
/** Whose accounts the segments take that name no tenant. */
const ALIASES = ["common", "organizations"];
const CONSUMERS = "consumers";

/**
 * @typedef {object} Segment
 * @property {string} name a tenant's id, `common` or `organizations`
 * @property {string} path as the endpoints are named: the same, or `consumers`
 * @property {import("./directory.js").Tenant | undefined} tenant
 */

/** @param {import("./index.js").TenantContext} tenant */
export function tenantSegments(tenant) {
  return async (ctx, next) => {
    const [, text, rest] = ctx.path.match(TENANT_PATH) ?? [];
    if (text === undefined) return undefined;
    const segment = findSegment(tenant.directory, text.toLowerCase());
    if (segment === undefined) return unknownTenant(tenant, ctx, text);
    ctx.state.segment = segment;
    ctx.req.baseUrl = `/${text}`;
    // The platform does not mind the case of a path, the engine minds that of its ids.
    ctx.path = rest.replace(ENDPOINT, (path) => path.toLowerCase());
    return next();
  };
}

/** @returns {Segment | undefined} */
function findSegment({ tenants }, text) {
  if (ALIASES.includes(text)) return { name: text, path: text, tenant: undefined };
  const found = tenants.find(({ id, domain, isPersonal }) => text === id || text === domain || (isPersonal && text === CONSUMERS));
  return found && { name: found.id, path: text === CONSUMERS ? text : found.id, tenant: found };
}

/**
 * Of a request that the engine keeps: the parameter that authorize.js adds to it. An app for organizations means no others at `common`.
 * @returns {Segment}
 */
export function segmentOf(directory, { segment, client_id: clientId }) {
  const isForOrganizations = segment === "common" && audienceOf(directory.app(clientId)) === "AzureADMultipleOrgs";
  return findSegment(directory, isForOrganizations ? "organizations" : segment);
}

function audienceOf({ signInAudience = "AzureADandPersonalMicrosoftAccount" }) {
  return signInAudience;
}

/**
 * The user as the segment means them: in its tenant, or, where it names none, at home.
 * @param {import("./directory.js").Directory} directory
 * @param {Segment} segment
 * @param {import("./directory.js").User} user
 * @returns {import("./directory.js").Member | undefined} nothing where the user may not sign in here
 */
export function memberFor(directory, { name, tenant }, user) {
  if (tenant) return directory.member(user, tenant);
  const member = directory.atHome(user);
  return name === "organizations" && member.tenant.isPersonal ? undefined : member;
}

/** Everyone who may sign in here. @param {Segment} segment */
export function usersOf(directory, segment) {
  return directory.users.filter((user) => memberFor(directory, segment, user));
}

/** What the pages are headed with. @param {Segment | undefined} segment */
export function nameOf(directory, segment) {
  if (segment === undefined) return directory.tenant.displayName;
  if (segment.tenant) return segment.tenant.displayName;
  return segment.name === "common" ? "All accounts" : "All organizations";
}

/**
 * Why an app can't be used here at all.
 * @returns {number | undefined} the number of the error
 */
export function appObstacle(directory, { tenant }, app) {
  const audience = audienceOf(app);
  if (audience === "AzureADMyOrg") {
    if (!tenant) return 50194;
    return directory.isHomeOf(app, tenant) ? undefined : 700016;
  }
  return tenant?.isPersonal && audience !== "AzureADandPersonalMicrosoftAccount" ? 700016 : undefined;
}

function unknownTenant(tenant, ctx, text) {
  const { status, body } = errorBody(new AadstsError(90002, `Tenant: '${text}'.`), traceOf(tenant, ctx));
  ctx.status = status;
  ctx.set("Access-Control-Allow-Origin", "*");
  ctx.body = body;
}
