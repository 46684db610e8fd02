/**
 * A page with nothing but a client. `settings` is set by the test before any script runs: the configuration, and what the page
 * does by itself as soon as it is ready. What came of everything is left on `window`.
 */
import * as consentry from "consentry";

const { configuration, isHasty, onReady } = window.settings;

/** What a promise brought, in a form that can leave the page. */
async function told(promise) {
  try {
    return { value: await promise };
  } catch (error) {
    return { error: describe(error) };
  }
}

function describe(error) {
  const classes = Object.keys(consentry).filter((name) => typeof consentry[name] === "function" && error instanceof consentry[name]);
  const { name, message, errorCode, subError, errorNo, outcome, missingScopes, remedy, state } = error;
  return { classes: classes.sort(), name, message, errorCode, subError, errorNo, outcome, missingScopes, remedy, state };
}

const client = new consentry.PublicClientApplication(configuration);
if (window.hear) client.addEventCallback(window.hear);
await client.initialize();
Object.assign(window, { consentry, client, told, describe });
window.coming = client.handleRedirectPromise();
const answering = told(window.coming).then((answer) => { window.answer = answer; });
if (!isHasty) await answering;
window.adminAnswer = await told(client.handleAdminConsentPromise());
await answering;
document.title = "ready";
if (onReady) {
  await onReady({ client, consentry, configuration });
  console.info("ended");
}
