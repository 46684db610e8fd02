/** The token cache of a client with MSAL's class. */
import { drive, permissionsOf, scopeOf, spell } from "./cache-page.js";
import { settings } from "./page.js";

/** @param {new (configuration: any) => any} PublicClientApplication */
export function driveClient(PublicClientApplication) {
  return drive(() => {
    const { client: configuration } = settings();
    const client = new PublicClientApplication({ ...configuration, auth: { ...configuration.auth, redirectUri: `${location.origin}/` } });
    /** @type {any} */
    let account;
    const find = () => {
      [account] = client.getAllAccounts();
    };
    return {
      initialize: () => client.initialize(),
      handle: async () => {
        await client.handleRedirectPromise();
        find();
      },
      isSignedIn: async () => account !== undefined,
      signIn: () => client.loginRedirect({ scopes: [scopeOf(0)] }),
      acquire: (at) => client.acquireTokenSilent({ scopes: [scopeOf(at)], account }),
      renew: (at) => client.acquireTokenSilent({ scopes: [scopeOf(at)], account, forceRefresh: true }),
      acquireSpelled: (spelling) => client.acquireTokenSilent({ scopes: spell(permissionsOf(0), spelling), account }),
      accounts: () => client.getAllAccounts(),
      // `onRedirectNavigate` is MSAL's; Consentry leaves for an address that has no content, and so stays as well.
      add: async (user) => {
        const leaving = client.loginRedirect({
          scopes: [scopeOf(0)],
          loginHint: user,
          askAgain: true,
          onRedirectNavigate: (/** @type {string} */ url) => {
            void fetch(url);
            return false;
          },
        });
        const failed = leaving.then(() => new Promise(() => {}));
        await client.handleRedirectPromise({ hash: await Promise.race([answerFor(user), failed]) });
      },
    };
  });
}

/** What the server will say to somebody's sign-in. @param {string} user @returns {Promise<string>} */
async function answerFor(user) {
  const { hash } = await (await fetch(`${settings().origin}/answer?${new URLSearchParams({ user })}`)).json();
  return hash;
}
