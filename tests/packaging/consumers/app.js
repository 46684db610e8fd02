/** What each consumer does with the package; the runner copies this file into their folders. */

import { PublicClientApplication } from "consentry";
import { tokenCredential } from "consentry/adapters";
import { explain } from "consentry/explain";

/** Starts a client, and tells what came of it as plain values. @param {any} [wasm] @param {string} [cacheLocation] */
export async function run(wasm, cacheLocation = "sessionStorage") {
  try {
    const client = new PublicClientApplication({
      auth: { clientId: "5d2c1b6e-8f0a-4c3d-9e7b-6a1f0b2c3d4e", authority: "https://login.microsoftonline.com/common", redirectUri: "https://app.example/" },
      cache: { cacheLocation },
    });
    await client.initialize(wasm === undefined ? undefined : { wasm });
    return { accounts: client.getAllAccounts(), adapted: typeof tokenCredential(client).getToken };
  } catch (error) {
    const { name, errorCode, message } = error;
    return { name, errorCode, message, cause: String(error.cause), remedy: explain(error).remedy };
  }
}

/** Where the tests look. @param {Promise<any>} outcome @param {string} [name] */
export async function show(outcome, name = "page") {
  document.documentElement.dataset[name] = JSON.stringify(await outcome);
}
