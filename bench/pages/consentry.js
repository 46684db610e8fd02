/** An app as its authors write it, with Consentry. */
import { PublicClientApplication } from "consentry";
import { run, settings } from "./page.js";

await run(async () => {
  const client = new PublicClientApplication(settings());
  await client.initialize();
  return {
    handle: () => client.handleRedirectPromise(),
    isSignedIn: () => client.getAllAccounts().length > 0,
    signIn: () => client.loginRedirect({ scopes: ["User.Read"] }),
  };
});
