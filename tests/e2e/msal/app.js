/** An app as its authors write it, with MSAL.js; the test reaches it through `app`. */
import { InteractionRequiredAuthError, PublicClientApplication } from "@azure/msal-browser";

const client = new PublicClientApplication(await (await fetch("/config.json")).json());
if (globalThis.hear) client.addEventCallback(globalThis.hear);
await client.initialize();
let redirectError;
const redirectResult = await client.handleRedirectPromise().catch((error) => { redirectError = error; });
if (redirectResult) client.setActiveAccount(redirectResult.account);

/** What a promise brings, or what an app learns of its error, in a form that can leave the page. */
async function told(promise) {
  try {
    return await promise ?? {};
  } catch (error) {
    const { name, errorCode, subError, errorNo, claims, message } = error;
    return { error: { isInteractionRequired: error instanceof InteractionRequiredAuthError, name, errorCode, subError, errorNo, claims, message } };
  }
}

globalThis.app = { client, redirectResult, redirectError, told };
document.title = "ready";
