/** The first part of the path names the tenant; the engine sees the rest, with the segment as its mount path, and nothing else. */
import { AadstsError, errorBody } from "./errors.js";
import { traceOf } from "./trace.js";

const TENANT_PATH = /^\/([^/]+)(\/(?:oauth2|discovery|v2\.0)\/.*)$/;

/** @param {import("./index.js").TenantContext} tenant */
export function tenantSegments(tenant) {
  return async (ctx, next) => {
    const [, segment, rest] = ctx.path.match(TENANT_PATH) ?? [];
    if (segment === undefined) return undefined;
    const known = Object.keys(tenant.directory.segments()).find((name) => name === segment.toLowerCase());
    if (known === undefined) return unknownTenant(tenant, ctx, segment);
    ctx.state.segment = known;
    ctx.req.baseUrl = `/${segment}`;
    ctx.path = rest;
    return next();
  };
}

function unknownTenant(tenant, ctx, segment) {
  const { status, body } = errorBody(new AadstsError(90002, `Tenant: '${segment}'.`), traceOf(tenant, ctx));
  ctx.status = status;
  ctx.set("Access-Control-Allow-Origin", "*");
  ctx.body = body;
}
