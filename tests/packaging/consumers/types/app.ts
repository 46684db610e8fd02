import { type AccountInfo, type Configuration, PublicClientApplication } from "consentry";
import { tokenCredential } from "consentry/adapters";
import { explain } from "consentry/explain";
import { PublicClientApplication as Msal } from "consentry/msal";

const configuration: Configuration = { auth: { clientId: "a client" } };
const client = new PublicClientApplication(configuration);
export const accounts: AccountInfo[] = client.getAllAccounts();
export const credential = tokenCredential(client);
export const remedy: string = explain(new Error()).remedy;
export const msal = new Msal(configuration);
// @ts-expect-error what is imported is not `any`
client.getAllAcounts();
