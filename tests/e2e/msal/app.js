/** An app as its authors write it, with MSAL.js; the test reaches it through `app`. */
import * as library from "@azure/msal-browser";

const client = new library.PublicClientApplication(await (await fetch("/config.json")).json());
if (globalThis.hear) client.addEventCallback(globalThis.hear);
await client.initialize();
let redirectError;
const coming = client.handleRedirectPromise();
const redirectResult = await coming.catch((error) => { redirectError = error; });
if (redirectResult) client.setActiveAccount(redirectResult.account);

/** What a promise brings, or what an app learns of its error, in a form that can leave the page. */
async function told(promise) {
  try {
    return await promise ?? {};
  } catch (error) {
    const { name, errorCode, subError, errorNo, claims, message } = error;
    return { error: { isInteractionRequired: error instanceof library.InteractionRequiredAuthError, name, errorCode, subError, errorNo, claims, message } };
  }
}

globalThis.app = { client, library, coming, redirectResult, redirectError, told };
document.title = "ready";
