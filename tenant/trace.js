/** What an error says about the request it answers. */
import { randomUUID } from "node:crypto";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * @param {import("./index.js").TenantContext} tenant
 * @returns {{ traceId: string, correlationId: string, milliseconds: number, origin: string }}
 */
export function traceOf(tenant, ctx) {
  ctx.state.traceId ??= randomUUID();
  ctx.state.correlationId ??= [ctx.query["client-request-id"], ctx.get("client-request-id"), ctx.oidc?.params?.["client-request-id"]]
    .find((id) => GUID.test(id)) ?? randomUUID();
  return {
    traceId: ctx.state.traceId,
    correlationId: ctx.state.correlationId,
    milliseconds: tenant.clock.milliseconds(),
    origin: tenant.origin,
  };
}
