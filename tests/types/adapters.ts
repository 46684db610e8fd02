/** The adapters are what the other packages' interfaces ask for, by those packages' own types. */

import type { TokenCredential } from "@azure/core-auth";
import { type AccessTokenProvider, AllowedHostsValidator, BaseBearerTokenAuthenticationProvider } from "@microsoft/kiota-abstractions";
import { type AuthenticationProvider, Client } from "@microsoft/microsoft-graph-client";
import { type AccountInfo, PublicClientApplication } from "consentry";
import { accessTokenProvider, graphAuthenticationProvider, type Interaction, tokenCredential } from "consentry/adapters";
import { PublicClientApplication as ForMsal } from "consentry/msal";

declare const client: PublicClientApplication;
declare const forMsal: ForMsal;
declare const account: AccountInfo;

const authProvider: AuthenticationProvider = graphAuthenticationProvider(client, { scopes: ["User.Read"] });
export const graph = Client.initWithMiddleware({ authProvider });

export const credential: TokenCredential = tokenCredential(client);

const allowedHosts = new AllowedHostsValidator(new Set(["orders.contoso.example"]));
const provider: AccessTokenProvider = accessTokenProvider(client, { scopes: ["a"], allowedHosts });
export const bearer = new BaseBearerTokenAuthenticationProvider(provider);

const ways: Interaction[] = ["none", "popup", "redirect"];
export const credentials: TokenCredential[] = ways.map((interaction) => tokenCredential(forMsal, { account, interaction }));

// @ts-expect-error A token is for permissions: the Graph client may name none of its own.
graphAuthenticationProvider(client, {});

// @ts-expect-error Not one of the ways.
tokenCredential(client, { interaction: "frame" });

// @ts-expect-error A list of names can't say whether a URL is allowed.
accessTokenProvider(client, { scopes: ["a"], allowedHosts: ["orders.contoso.example"] });
