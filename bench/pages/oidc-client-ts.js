/** An app as its authors write it, with oidc-client-ts. */
import { UserManager } from "oidc-client-ts";
import { run, settings } from "./page.js";

await run(async () => {
  const manager = new UserManager({ ...settings(), redirect_uri: `${location.origin}/` });
  const isAnswer = /[?&](?:code|error|state)=/.test(location.search);
  return {
    handle: async () => (isAnswer ? manager.signinCallback() : undefined),
    isSignedIn: async () => (await manager.getUser()) !== null,
    signIn: () => manager.signinRedirect(),
  };
});
