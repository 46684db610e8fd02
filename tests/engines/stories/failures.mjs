/** Requests that nothing comes of: each engine has its own words for them, the package has one for each cause. */
import assert from "node:assert/strict";
import { READ, signIn } from "../support/app.mjs";

const FORCED = { ...READ, forceRefresh: true };
/** By the code that they are told by: what the server does. */
const FAULTS = {
  post_request_failed: { drop: "before" },
  cors_blocked: { cors: false },
  request_redirected: { status: 307, headers: { Location: "http://localhost:9/" } },
};

/** A request of somebody who is signed in fails so. @param {import("../support/engines.mjs").App} app @param {string} code */
async function assertFails(app, code) {
  const { error } = await app.call("acquireTokenSilent", FORCED);
  assert.deepEqual([error?.name, error?.errorCode], ["BrowserAuthError", code], error?.message);
}

/** @type {import("../support/engines.mjs").Stories} */
export default {
  "a server that drops connections, keeps its answers from the app's origin, or redirects; and it works again after each": async (app) => {
    await app.open();
    await signIn(app);
    for (const [code, fault] of Object.entries(FAULTS)) {
      await app.tenant.injectFault({ endpoint: "token", ...fault });
      await assertFails(app, code);
      await app.tenant.clearFaults();
      assert.equal((await app.brought("acquireTokenSilent", FORCED)).fromCache, false, code);
    }
  },

  "a browser that says that it is offline": async (app) => {
    await app.open();
    await signIn(app);
    await app.browser.run(() => Object.defineProperty(navigator, "onLine", { value: false }) && null);
    await app.tenant.injectFault({ endpoint: "token", drop: "before" });
    await assertFails(app, "no_network_connectivity");
    assert.equal((await app.brought("acquireTokenSilent", READ)).fromCache, true, "what is kept is served");
  },

  "a policy of the page that forbids the server": async (app) => {
    await app.open();
    await signIn(app);
    await app.browser.run(() => {
      const policy = document.createElement("meta");
      policy.httpEquiv = "Content-Security-Policy";
      policy.content = "connect-src 'self'";
      document.head.append(policy);
    });
    await assertFails(app, "csp_blocked");
  },
};
