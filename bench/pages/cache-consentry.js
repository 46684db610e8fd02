/** The token cache of Consentry. */
import { PublicClientApplication } from "consentry";
import { driveClient } from "./cache-msal-shape.js";

await driveClient(PublicClientApplication);
