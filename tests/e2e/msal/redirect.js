/** The page that MSAL.js 5 wants at the redirect URI. */
import { broadcastResponseToMainFrame } from "@azure/msal-browser/redirect-bridge";

await broadcastResponseToMainFrame();
