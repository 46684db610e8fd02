/** The client for the installed MSAL.js, as its wrappers and apps meet it: what must compile, and what must not. */

import type * as Peer from "@azure/msal-browser";
import { EventMessageUtils, InteractionRequiredAuthError, type IPublicClientApplication, type Logger, LogLevel } from "@azure/msal-browser";
import type { AuthenticationResult, PublicClientApplication as Own } from "consentry";
import { AdminConsentRequiredError, ConsentRequiredError, PublicClientApplication } from "consentry/msal";

const pca = new PublicClientApplication({
  auth: { clientId: "00000000-0000-0000-0000-000000000001", pushedAuthorizationRequests: "advertised" },
  cache: { cacheLocation: "localStorage" },
});
export const client: IPublicClientApplication = pca;
export const logging: IPublicClientApplication = new PublicClientApplication({
  auth: { clientId: "00000000-0000-0000-0000-000000000001", clientCapabilities: ["CP1"] },
  system: { loggerOptions: { logLevel: LogLevel.Verbose, loggerCallback: (level: LogLevel) => void level, piiLoggingEnabled: false } },
});

/** That the interface is no mere claim: what the client brings fits it by itself. `aud` may be a list (OpenID Connect Core section 2), which MSAL leaves out. */
declare const result: AuthenticationResult;
declare const own: Own;
export const fittingAccount: Omit<Peer.AccountInfo, "idTokenClaims"> = result.account;
export const fittingResult: Omit<Peer.AuthenticationResult, "account" | "idTokenClaims"> = result;

// @ts-expect-error the client of the main entry has a logger of its own
export const refused: IPublicClientApplication = own;

export async function use(): Promise<string> {
  const logger: Logger = pca.getLogger().clone("app", "1.0.0");
  logger.info("started", "");
  pca.addEventCallback((message) => EventMessageUtils.getInteractionStatusFromEvent(message));
  const account = pca.getActiveAccount() ?? pca.getAllAccounts()[0];
  const same: Peer.AccountInfo | undefined = account;
  const answer: Peer.AuthenticationResult | null = await pca.handleRedirectPromise();
  pca.setActiveAccount(answer?.account ?? same ?? null);
  const { interaction } = await pca.plan({ "api://orders": ["Orders.Read"] });
  const { tokens } = await pca.acquireTokens({ scopes: ["User.Read"] });
  try {
    const { missingScopes, accessToken } = await pca.acquireTokenSilent({ scopes: ["User.Read"], ...(account && { account }) });
    return [accessToken, ...missingScopes, interaction, ...Object.keys(tokens)].join();
  } catch (error) {
    if (error instanceof ConsentRequiredError) return Object.keys(error.missingScopes).join();
    if (error instanceof InteractionRequiredAuthError) await pca.acquireTokenRedirect({ scopes: ["User.Read"], claims: error.claims });
    if (error instanceof AdminConsentRequiredError) return error.outcome;
    throw error;
  }
}
