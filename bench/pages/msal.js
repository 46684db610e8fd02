/** An app as its authors write it, with MSAL.js. */
import { PublicClientApplication } from "@azure/msal-browser";
import { run, settings } from "./page.js";
import { standInForTls } from "./tls.js";

await run(async () => {
  const { origin, ...configuration } = settings();
  if (origin) standInForTls(origin);
  const client = new PublicClientApplication(configuration);
  await client.initialize();
  return {
    handle: () => client.handleRedirectPromise(),
    isSignedIn: () => client.getAllAccounts().length > 0,
    signIn: () => client.loginRedirect({ scopes: ["User.Read"] }),
  };
});
