/** The device code flow: a code for a device without a browser, which the user enters in theirs (RFC 8628). */
import { AadstsError, injectedError } from "./errors.js";
import { readParameters, replaceForm } from "./forms.js";
import { deviceCodePage, deviceConfirmPage, deviceDonePage } from "./pages/device.js";
import { parseScope, toEngine } from "./scopes.js";
import { appObstacle } from "./segments.js";

export const DEVICE_ROUTES = {
  device_authorization: "/oauth2/v2.0/devicecode",
  code_verification: "/oauth2/v2.0/deviceauth",
};
/** The standard's name of the grant, and the platform's own from before there was one, which MSAL for Node sends. */
export const DEVICE_GRANTS = ["urn:ietf:params:oauth:grant-type:device_code", "device_code"];
const SHORT_PATH = "/devicelogin";
const POLL_SECONDS = 5;

/** The address that a person can type. */
export async function deviceLogin(ctx, next) {
  if (ctx.path.toLowerCase() !== SHORT_PATH) return next();
  ctx.redirect(`/common${DEVICE_ROUTES.code_verification}`);
}

/** The engine's part of it. @param {import("./index.js").TenantContext} tenant */
export function deviceFlow(tenant) {
  return {
    enabled: true,
    // As it was drawn, see engine.js.
    mask: "*********",
    userCodeInputSource: (ctx, form, out, error) => deviceCodePage(tenant, ctx, { isRefused: error !== undefined }),
    userCodeConfirmSource: (ctx, form, client, device, userCode) => deviceConfirmPage(tenant, ctx, { app: tenant.directory.app(client.clientId), userCode }),
    successSource: (ctx) => deviceDonePage(tenant, ctx, { app: tenant.directory.app(ctx.oidc.client.clientId) }),
  };
}

/** @param {import("./index.js").TenantContext} tenant */
export function deviceCodeEndpoint(tenant) {
  return async (ctx, next) => {
    if (ctx.path !== DEVICE_ROUTES.device_authorization || ctx.method !== "POST") return next();
    try {
      const injected = injectedError(ctx);
      if (injected) throw injected;
      replaceForm(ctx, toDeviceRequest(tenant, ctx, await readParameters(ctx)));
      await next();
      if (ctx.status === 200) ctx.body = deviceResponse(tenant, ctx);
    } catch (error) {
      if (!(error instanceof AadstsError)) throw error;
      ctx.state.error = error;
    }
  };
}

function toDeviceRequest({ directory }, { state: { segment } }, { client_id: clientId, scope, claims, resource }) {
  const app = directory.app(clientId);
  if (!app) throw new AadstsError(clientId === undefined ? 900144 : 700016);
  const obstacle = appObstacle(directory, segment, app);
  if (obstacle) throw new AadstsError(obstacle);
  if (!app.isFallbackPublicClient) throw new AadstsError(7000218);
  if (resource !== undefined) throw new AadstsError(901002);
  return { client_id: clientId, ...toEngine(parseScope(scope, directory, clientId, segment.tenant)), segment: segment.name, wanted_claims: claims };
}

function deviceResponse({ origin }, { body, oidc: { entities: { DeviceCode: code } } }) {
  const address = `${origin}${SHORT_PATH}`;
  return {
    user_code: code.userCode,
    device_code: body.device_code,
    verification_uri: address,
    expires_in: body.expires_in,
    interval: POLL_SECONDS,
    message: `To sign in, open ${address} in a browser and enter the code ${code.userCode}.`,
  };
}
