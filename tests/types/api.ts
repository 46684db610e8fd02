/** The public types as an app meets them: what must compile, and what must not. */

import {
  type AccountInfo,
  AuthError,
  type AuthenticationResult,
  BrowserAuthError,
  ClientAuthError,
  ClientConfigurationError,
  type CustomStorage,
  InteractionRequiredAuthError,
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
  system: { tokenRenewalOffsetSeconds: 60, allowSilentFrame: false },
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
    const { accessToken, expiresOn, refreshOn, fromCache } = await client.acquireTokenSilent({ scopes, account, forceRefresh: false });
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
  // @ts-expect-error nothing is shown
  await client.ssoSilent({ prompt: "login" });
  return result.account.username;
}

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
