/** An app as its authors write it, with oidc-client-ts; the test reaches it through `app`. */
import { UserManager } from "oidc-client-ts";
import { settingsOf } from "./settings.js";

const manager = new UserManager(settingsOf(globalThis.settings));
const parameters = new URLSearchParams(location.search);
const isAnswer = parameters.has("code") || parameters.has("error");
const isSignedOut = !isAnswer && parameters.has("state");

globalThis.app = { manager };
try {
  if (isAnswer) app.user = await manager.signinRedirectCallback();
  if (isSignedOut) app.signedOut = await manager.signoutRedirectCallback();
} catch (error) {
  app.error = { name: error.name, message: error.message, error: error.error };
}
if (isAnswer || isSignedOut) history.replaceState(null, "", "/");
document.title = "ready";
