/** What an error says about the request it answers. */
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * @param {import("./index.js").TenantContext} tenant
 * @returns {{ traceId: string, correlationId: string, milliseconds: number, origin: string }}
 */
export function traceOf(tenant, ctx) {
  ctx.state.traceId ??= tenant.random.guid("trace");
  ctx.state.correlationId ??= [ctx.query["client-request-id"], ctx.get("client-request-id"), ctx.oidc?.params?.["client-request-id"]]
    .find((id) => GUID.test(id)) ?? tenant.random.guid("correlation");
  return {
    traceId: ctx.state.traceId,
    correlationId: ctx.state.correlationId,
    milliseconds: tenant.clock.milliseconds(),
    origin: tenant.origin,
  };
}
