/** The token cache of MSAL.js. */
import { PublicClientApplication } from "@azure/msal-browser";
import { driveClient } from "./cache-msal-shape.js";

await driveClient(PublicClientApplication);
