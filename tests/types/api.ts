/** The public types as an app meets them: what must compile, and what must not. */

import {
  type AccountInfo,
  AuthError,
  type AuthenticationResult,
  BrowserAuthError,
  ClientAuthError,
  ClientConfigurationError,
  type CustomStorage,
  type EventMessage,
  EventType,
  InteractionRequiredAuthError,
  Logger,
  LogLevel,
  NavigationClient,
  type NavigationOptions,
  PublicClientApplication,
  type ScopesByResource,
  ServerError,
  type UserInfo,
  version,
} from "consentry";

declare const module: WebAssembly.Module;

export const client = new PublicClientApplication({
  auth: {
    clientId: "00000000-0000-0000-0000-000000000001",
    authority: "https://login.example/tenant",
    redirectUri: "/",
    OIDCOptions: { defaultScopes: ["openid", "profile"] },
    pushedAuthorizationRequests: "advertised",
  },
  cache: { cacheLocation: "memoryStorage" },
  system: {
    tokenRenewalOffsetSeconds: 60,
    allowSilentFrame: false,
    allowRedirectInIframe: true,
    redirectNavigationTimeout: 10_000,
    navigationClient: new NavigationClient(),
    loggerOptions: { logLevel: LogLevel.Verbose, piiLoggingEnabled: false, loggerCallback: (level, message, containsPii) => console.log(level, message, containsPii) },
  },
});

export async function start(): Promise<AccountInfo | null> {
  await client.initialize();
  await client.initialize({ wasm: module });
  await client.initialize({ wasm: fetch("/core.wasm") });
  const result: AuthenticationResult | null = await client.handleRedirectPromise({ navigateToLoginRequestUrl: false });
  if (result) client.setActiveAccount(result.account);
  client.setActiveAccount(null);
  return client.getActiveAccount() ?? client.getAccount({ username: "adele@contoso.example" }) ?? client.getAllAccounts()[0] ?? null;
}

export async function tokenFor(scopes: string[], account: AccountInfo): Promise<string> {
  try {
    const { accessToken, expiresOn, refreshOn, fromCache } = await client.acquireTokenSilent({ scopes, account, forceRefresh: false, state: "mine" });
    const milliseconds: number = (expiresOn ?? refreshOn)?.getTime() ?? 0;
    const told: boolean = fromCache;
    return told && milliseconds > 0 ? accessToken : "";
  } catch (error) {
    if (error instanceof InteractionRequiredAuthError) {
      await client.acquireTokenRedirect({ scopes, account, claims: error.claims, prompt: "consent", state: "mail" });
    }
    throw error;
  }
}

export async function whoIsThere(account: AccountInfo): Promise<string> {
  const result: AuthenticationResult = await client.ssoSilent();
  await client.ssoSilent({ scopes: ["User.Read"], account, loginHint: "adele", sid: "s", prompt: "none", state: "mine", correlationId: "c" });
  // The request of a sign-in can be passed on.
  await client.ssoSilent({ prompt: "login" });
  return result.account.username;
}

export async function inWindows(account: AccountInfo): Promise<string> {
  const look = { popupSize: { width: 483, height: 600 }, popupPosition: { top: 0, left: 0 } };
  const result: AuthenticationResult = await client.loginPopup();
  await client.loginPopup({ scopes: ["User.Read"], popupWindowAttributes: look, popupWindowParent: window, overrideInteractionInProgress: true });
  const { accessToken } = await client.acquireTokenPopup({ scopes: ["Mail.Read"], account, prompt: "consent", state: "mail" });
  await client.logoutPopup({ account: client.getActiveAccount(), mainWindowRedirectUri: "/", popupWindowAttributes: look, postLogoutRedirectUri: null });
  await client.handleFrontChannelLogout();
  // @ts-expect-error A window does not go back to a page.
  await client.loginPopup({ redirectStartPage: "/" });
  // @ts-expect-error The request is required.
  await client.acquireTokenPopup();
  // @ts-expect-error Nothing comes back to this page from a window.
  await client.logoutPopup({ state: "mine" });
  return result.account.username + accessToken;
}

export function listen(): void {
  const heard = ({ eventType, interactionType, payload, error, correlationId, timestamp }: EventMessage): void => {
    const isPopup: boolean = interactionType === "popup";
    if (eventType === EventType.LOGIN_SUCCESS) console.log(isPopup, payload.username, error?.message, correlationId, timestamp.toFixed());
  };
  const id: string | null = client.addEventCallback(heard, [EventType.LOGIN_SUCCESS, "msal:logoutSuccess"]);
  if (id !== null) client.removeEventCallback(id);
  // @ts-expect-error There is no broker.
  client.addEventCallback(heard, ["msal:brokeredRequestStart"]);
}

class Router extends NavigationClient {
  override async navigateInternal(url: string, { noHistory, timeout }: NavigationOptions): Promise<boolean> {
    return noHistory || timeout > 0 ? url.length === 0 : true;
  }
}

export function settings(): boolean {
  client.setNavigationClient(new Router());
  client.setLogger(new Logger({ logLevel: LogLevel.Error }, "app", "1"));
  client.getLogger().clone("app", "2").info("ready", "c0ffee");
  client.initializeWrapperLibrary("@azure/msal-react", "5");
  // @ts-expect-error It has to go to the server, too.
  client.setNavigationClient({ navigateInternal: async () => true });
  return client.removePerformanceCallback(client.addPerformanceCallback(() => {})) && client.getConfiguration().system.allowRedirectInIframe;
}

export const cached = client.acquireTokenSilent({ scopes: [], cacheLookupPolicy: 1, authenticationScheme: "Bearer", authority: "https://login.example/tenant" });
// @ts-expect-error There are six of them.
export const nowhere = client.acquireTokenSilent({ scopes: [], cacheLookupPolicy: 6 });
// @ts-expect-error A token of another scheme is not given.
export const bound = client.acquireTokenSilent({ scopes: [], authenticationScheme: "pop" });
// @ts-expect-error Each request has one of its own.
export const named = client.loginRedirect({ nonce: "n" });

export function explain(error: AuthError): string {
  if (error instanceof ServerError) return `${error.errorNo ?? ""} ${error.status ?? 0}`;
  const ours = error instanceof ClientAuthError || error instanceof ClientConfigurationError || error instanceof BrowserAuthError;
  return `${version} ${ours} ${error.errorCode} ${error.errorMessage} ${error.correlationId} ${error.stack ?? ""}`;
}

export function orderScopes(account: AccountInfo): string[] {
  const granted: ScopesByResource = client.getGrantedScopes(account);
  return granted["api://orders"] ?? [];
}

export const nameOf = async (account: AccountInfo): Promise<string> => {
  const { sub, email, ...claims }: UserInfo = await client.loadUserInfo({ account, correlationId: "c0ffee" });
  return claims.name ?? email ?? sub;
};

// @ts-expect-error Any other claim can be anything.
export const city = async (): Promise<string> => (await client.loadUserInfo()).city;

export const signOut = (): Promise<void> => client.logoutRedirect({ postLogoutRedirectUri: "/", logoutHint: "adele" });
export const forget = (account: AccountInfo): Promise<void> => client.clearCache({ account });

export async function fromElsewhere(result: AuthenticationResult, code: string): Promise<string> {
  await client.hydrateCache(result, { scopes: ["User.Read"], prompt: "login" });
  await client.hydrateCache({ idToken: result.idToken });
  // @ts-expect-error The ID token says who it is.
  await client.hydrateCache({ accessToken: "opaque" });
  // @ts-expect-error A code is required.
  await client.acquireTokenByCode({ scopes: ["User.Read"] });
  return (await client.acquireTokenByCode({ code, scopes: ["User.Read"], redirectUri: "/server" })).accessToken;
}

// @ts-expect-error The client ID is required.
export const withoutClientId = new PublicClientApplication({ auth: { authority: "https://login.example/tenant" } });

// @ts-expect-error A place that does not exist.
export const elsewhere = new PublicClientApplication({ auth: { clientId: "1" }, cache: { cacheLocation: "cookie" } });

// @ts-expect-error A misspelt option.
export const misspelt = new PublicClientApplication({ auth: { clientId: "1" }, system: { tokenRenewalOffset: 60 } });

// @ts-expect-error A resource is of one API.
export const ofMany = client.acquireTokens({ scopes: ["notes.read"], resource: "https://api.example/" });
export const ofOne = client.acquireTokenSilent({ scopes: ["notes.read"], resource: "https://api.example/" });

// @ts-expect-error A scope is a string in a list.
export const scopeAsText = client.acquireTokenSilent({ scopes: "https://graph.microsoft.com/User.Read" });

// @ts-expect-error Tokens come by promise.
export const tokenAtOnce: string = client.acquireTokenSilent({ scopes: [] }).accessToken;

// @ts-expect-error The request is required.
export const withoutRequest = client.acquireTokenRedirect();

// @ts-expect-error Not a value that the platform knows.
export const unknownPrompt = client.loginRedirect({ prompt: "always" });

// @ts-expect-error There may be no account.
export const username: string = client.getActiveAccount().username;

// @ts-expect-error There may be no result.
export const token: Promise<string> = client.handleRedirectPromise().then((result) => result.accessToken);

// @ts-expect-error `null` where the server did not say.
export const expiry = (result: AuthenticationResult): number => result.expiresOn.getTime();

// @ts-expect-error An account is taken from the client, not made up.
client.setActiveAccount({ username: "adele@contoso.example" });

// @ts-expect-error An unknown claim has no type.
export const group = (account: AccountInfo): string => account.idTokenClaims?.["groups"];

const entries = new Map<string, string>();
export const inMemory: CustomStorage = {
  getItem: (key) => entries.get(key),
  setItem: (key, value) => entries.set(key, value),
  removeItem: (key) => entries.delete(key),
  keys: () => entries.keys(),
};
declare const database: { read(key: string): Promise<string | null>; write(key: string, value: string): Promise<void>; remove(key: string): Promise<void>; list(): Promise<string[]> };
export const inDatabase: CustomStorage = {
  getItem: (key) => database.read(key),
  setItem: (key, value) => database.write(key, value),
  removeItem: (key) => database.remove(key),
  keys: () => database.list(),
};

// @ts-expect-error The browser's own storage does not list its keys.
export const browsers: CustomStorage = localStorage;

// @ts-expect-error An entry is a text.
export const ofNumbers: CustomStorage = { ...inMemory, getItem: (key: string) => key.length };
