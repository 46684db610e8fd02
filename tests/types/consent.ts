/** The types of permissions and consent: what compiles, and what must not. */

import {
  AccessBlockedError,
  type AccountInfo,
  AdminConsentRequiredError,
  AuthError,
  ConsentDeclinedError,
  type ConsentPlan,
  ConsentRequiredError,
  type ForbiddenExplanation,
  InteractionRequiredAuthError,
  MisconfiguredError,
  type Outcome,
  type PublicClientApplication,
  type Scopes,
  type ScopesByResource,
  ServerError,
  type ScopeWarning,
} from "consentry";

declare const client: PublicClientApplication;
declare const account: AccountInfo;

const byResource: ScopesByResource = { "https://graph.microsoft.com": ["Mail.Read"], "api://orders": ["Orders.Read"] };
export const both: Scopes[] = [byResource, ["Mail.Read", "api://orders/Orders.Read"]];

export async function everything(): Promise<string> {
  const plan: ConsentPlan = await client.plan(byResource, account);
  if (plan.interaction === "login" && plan.request) await client.loginRedirect(plan.request);
  const since: Date | undefined = plan.resources["api://orders"]?.declined[0]?.on;
  const { tokens, errors } = await client.acquireTokens({ scopes: byResource, account, interaction: "none", askAgain: true });
  const outcome: Outcome | undefined = errors["api://orders"]?.outcome;
  await client.acquireTokenRedirect({ scopes: byResource, extraScopesToConsent: byResource, claims: undefined });
  return `${since?.toISOString()} ${outcome} ${tokens["api://orders"]?.accessToken} ${plan.authorizeScope ?? ""}`;
}

export async function asAdministrator(): Promise<ScopesByResource | undefined> {
  const link: string = await client.getAdminConsentUrl({ scopes: byResource, account });
  await client.adminConsentRedirect({ scopes: ["api://orders/.default"], state: link });
  const answer = (await client.handleAdminConsentPromise()) ?? (await client.adminConsentPopup({ scopes: byResource }));
  return answer.scopes;
}

export function meaning(error: AuthError): ScopesByResource | string {
  if (error instanceof ConsentRequiredError) return error.missingScopes;
  if (error instanceof ConsentDeclinedError || error instanceof AdminConsentRequiredError) return error.missingScopes;
  if (error instanceof MisconfiguredError) return error.remedy;
  return error instanceof AccessBlockedError ? error.outcome : (error.outcome ?? "");
}

/** Each is one of MSAL's. */
export const extended: [InteractionRequiredAuthError, ServerError, ServerError] = [
  new ConsentRequiredError("consent_required"),
  new ConsentDeclinedError("access_denied"),
  new MisconfiguredError("invalid_client"),
];

export async function forbidden(response: Response): Promise<ForbiddenExplanation> {
  const token = await client.acquireTokenSilent({ scopes: byResource });
  return client.explainForbidden({ token, scopes: byResource, wwwAuthenticate: response.headers.get("WWW-Authenticate") });
}

export const smaller = (warning: ScopeWarning): string => warning.instead?.join(" ") ?? warning.message;
export const warnings: Promise<ScopeWarning[]> = client.reviewScopes(byResource, true);

// @ts-expect-error Names come in a list.
export const nameAlone = client.plan({ "api://orders": "Orders.Read" });

// @ts-expect-error Several APIs have to be named.
export const nothing = client.acquireTokens({});

// @ts-expect-error Not a way to ask.
export const inPopup = client.acquireTokens({ scopes: byResource, interaction: "popup" });

// @ts-expect-error An administrator is asked for something.
export const noScopes = client.getAdminConsentUrl({});

// @ts-expect-error The tenant of an answer is not told.
export const tenant = client.adminConsentPopup({ scopes: byResource }).then((answer) => answer.tenant);

// @ts-expect-error There may be no request to make.
export const request = client.plan(byResource).then((plan) => plan.request.scopes);

// @ts-expect-error Where nobody can tell there is no smaller request.
export const instead = (warning: ScopeWarning): number => warning.instead.length;

// @ts-expect-error A plan is not there at once.
export const atOnce = client.plan(byResource).interaction;
