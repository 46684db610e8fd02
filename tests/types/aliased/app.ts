/** An app and a wrapper that import MSAL.js, where that is the package of its name. */

import type { MsalGuardConfiguration, MsalInterceptorConfiguration, MsalService } from "@azure/msal-angular";
import {
  type AccountInfo,
  type AuthenticationResult,
  BrowserAuthErrorCodes,
  BrowserCacheLocation,
  BrowserUtils,
  CacheLookupPolicy,
  type Configuration,
  ConsentRequiredError,
  createStandardPublicClientApplication,
  type EventMessage,
  EventMessageUtils,
  EventType,
  InteractionRequiredAuthError,
  InteractionStatus,
  InteractionType,
  type IPublicClientApplication,
  LogLevel,
  PromptValue,
  ProtocolMode,
  PublicClientApplication,
} from "@azure/msal-browser";

const configuration: Configuration = {
  auth: { clientId: "00000000-0000-0000-0000-000000000001" },
  cache: { cacheLocation: BrowserCacheLocation.LocalStorage },
  system: {
    protocolMode: ProtocolMode.AAD,
    loggerOptions: { logLevel: LogLevel.Warning, loggerCallback: (level, message) => console.info(LogLevel[level], message) },
  },
};
export const client: IPublicClientApplication = new PublicClientApplication(configuration);
export const guard: MsalGuardConfiguration = { interactionType: InteractionType.Redirect, authRequest: { scopes: ["User.Read"] } };
export const interceptor: MsalInterceptorConfiguration = { interactionType: InteractionType.Popup, protectedResourceMap: new Map([["/me", ["User.Read"]]]) };

export async function use(service: MsalService): Promise<string> {
  const ready: IPublicClientApplication = await createStandardPublicClientApplication(configuration);
  let status: InteractionStatus | null = InteractionStatus.Startup;
  ready.addEventCallback((message: EventMessage) => {
    if (message.eventType === EventType.LOGIN_SUCCESS && message.interactionType === InteractionType.Popup) ready.setActiveAccount(message.payload as AccountInfo);
    status = EventMessageUtils.getInteractionStatusFromEvent(message, status ?? InteractionStatus.None);
  }, [EventType.LOGIN_SUCCESS]);
  service.instance = ready;
  const correlationId = BrowserUtils.createGuid();
  try {
    const result: AuthenticationResult = await ready.acquireTokenSilent({ scopes: ["User.Read"], correlationId, cacheLookupPolicy: CacheLookupPolicy.Default });
    return result.accessToken;
  } catch (error) {
    if (error instanceof ConsentRequiredError) return Object.keys(error.missingScopes).join();
    if (error instanceof InteractionRequiredAuthError) await ready.loginPopup({ scopes: ["User.Read"], prompt: PromptValue.SELECT_ACCOUNT });
    return BrowserAuthErrorCodes.userCancelled ?? "";
  }
}
