/** An app as its authors write it, with MSAL.js; the test reaches it through `app`. */
import { InteractionRequiredAuthError, PublicClientApplication } from "@azure/msal-browser";

const client = new PublicClientApplication(await (await fetch("/config.json")).json());
await client.initialize();
const redirectResult = await client.handleRedirectPromise();
if (redirectResult) client.setActiveAccount(redirectResult.account);

globalThis.app = { client, redirectResult, InteractionRequiredAuthError };
document.title = "ready";
