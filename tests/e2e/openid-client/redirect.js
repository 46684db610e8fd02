/** The page that popups and frames come back to: it tells the page that waits. */
import { UserManager } from "oidc-client-ts";
import { settingsOf } from "./settings.js";

await new UserManager(settingsOf(globalThis.settings)).signinCallback();
