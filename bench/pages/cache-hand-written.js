/** The token cache of the hand-written client. */
import { drive, scopeOf } from "./cache-page.js";
import { HandWritten } from "./hand-written.js";
import { settings } from "./page.js";

await drive(() => {
  const client = new HandWritten(settings().client);
  return {
    initialize: async () => client.load(),
    handle: () => client.handleAnswer(),
    isSignedIn: async () => client.tokens.size > 0,
    signIn: async () => client.signIn(scopeOf(0)),
    acquire: (at) => client.acquire(scopeOf(at)),
    renew: (at) => client.acquire(scopeOf(at), true),
  };
});
