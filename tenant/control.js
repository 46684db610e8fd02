/** What a test does to the tenant over HTTP. Not for browsers: a page of any site could send these requests. */
import { readText } from "./forms.js";

const CONTROL = "/control/";

/**
 * @param {import("./index.js").TenantContext} tenant
 * @param {{ revokeConsent(user: string, resource?: string): Promise<void>, reset(): Promise<void> }} control
 */
export function controlEndpoint(tenant, control) {
  const actions = {
    "revoke-consent": ({ user, resource }) => control.revokeConsent(user, resource),
    "reset": () => control.reset(),
  };
  return async (ctx, next) => {
    if (!ctx.path.startsWith(CONTROL)) return next();
    const action = Object.hasOwn(actions, ctx.path.slice(CONTROL.length)) && actions[ctx.path.slice(CONTROL.length)];
    const isAllowed = ctx.get("Origin") === "" && ctx.host === new URL(tenant.origin).host;
    ctx.assert(action && ctx.method === "POST", 404);
    ctx.assert(isAllowed, 403, "The control endpoint is not for browsers.");
    try {
      await action(JSON.parse((await readText(ctx.req)) || "{}"));
      ctx.status = 204;
    } catch (error) {
      ctx.throw(400, error.message);
    }
  };
}
