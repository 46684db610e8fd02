/** What an app's own tests write against the tenant. */
import { launch } from "@consentry/tenant/launch.js";
import { start, type Fault, type Tenant } from "@consentry/tenant";

export async function story(): Promise<string> {
  const tenant: Tenant = await launch({ port: 0, seed: "story", userConsent: false });
  await tenant.changeSettings({ accessTokenSeconds: 60, openerPolicy: "same-origin" });
  await tenant.requireMfa("adele@contoso.example", { resource: "https://graph.microsoft.com" });
  await tenant.limitSignIn(undefined, { seconds: 3600 });
  const fault: Fault = { endpoint: "api:orders", status: 503, headers: { "Retry-After": "5" }, times: 2 };
  await tenant.injectFault(fault);
  await tenant.mutateResponses({ target: "idToken", set: { nonce: "another" }, signature: "foreign" });
  const [first] = await tenant.requests();
  const status: number | undefined = first?.status;
  await tenant.stop();
  return `${status} ${tenant.apis["graph"]?.origin} ${tenant.users[0]?.tenantId}`;
}

export const inProcess = () => start({ now: () => 0 });

// @ts-expect-error a child process takes no function
void launch({ now: () => 0 });
// @ts-expect-error there is no such endpoint
export const wrong: Fault = { endpoint: "tokens" };
