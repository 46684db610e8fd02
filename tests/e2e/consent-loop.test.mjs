/** A page that asks on every load, without a click, is stopped before the user is. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { openApp, openWorld, refuseAll, signIn, watchVisits } from "./support/consent.mjs";
import { giveCredentials } from "./support/story.mjs";

/** @type {import("./support/consent.mjs").World} */
let world;
before(async () => {
  world = await openWorld();
});
beforeEach(() => world.tenant.reset());
after(() => world?.stop());

/** As often as the client sends the user to the server for a page that nobody clicks in. */
const MOST_VISITS = 5;
/** So that a page that nobody stops ends, too. */
const ROUNDS = MOST_VISITS + 1;

/**
 * Each is a page's own script: asked in round `round` (from 0), it sends the user away, or is refused. The user is signed in,
 * has granted User.Read, and declines everything else.
 */
const PAGES = {
  "asks again after each decline": ({ client }) =>
    client.acquireTokenRedirect({ scopes: ["Mail.Read"], askAgain: true }),
  "asks with `prompt: consent`": ({ client }) =>
    client.acquireTokenRedirect({ scopes: ["Mail.Read"], prompt: "consent" }),
  "asks for something else each time": ({ client, round }) =>
    client.acquireTokenRedirect({ scopes: [["Mail.Read"], ["Mail.Send"], ["Calendars.Read"], ["Mail.Read.Shared"]][round % 4], askAgain: true }),
  "writes the same in other ways": ({ client, round }) => {
    const ways = [["Mail.Read", "Mail.Send"], ["mail.send", "MAIL.READ"], ["Mail.Read", "Mail.Read", "Mail.Send"], ["https://graph.microsoft.com/Mail.Send", "Mail.Read"]];
    return client.acquireTokenRedirect({ scopes: ways[round % 4], askAgain: true });
  },
  "asks for it as an extra": ({ client }) =>
    client.acquireTokenRedirect({ scopes: ["User.Read"], extraScopesToConsent: ["Mail.Read"], askAgain: true }),
  "signs in for it": ({ client }) => client.loginRedirect({ scopes: ["Mail.Read"], askAgain: true }),
  "signs in with what it has": ({ client }) => client.loginRedirect({ scopes: ["User.Read"] }),
  "asks for what it has": ({ client }) => client.acquireTokenRedirect({ scopes: ["User.Read"] }),
  "asks silently by redirect": ({ client }) => client.loginRedirect({ scopes: ["Mail.Read"], prompt: "none", askAgain: true }),
  "takes all ways in turn": ({ client, round }) => {
    const method = ["acquireTokenRedirect", "loginRedirect"][round % 2];
    return client[method]({ scopes: [["Mail.Read"], ["Mail.Send"], ["Mail.Send", "Mail.Read"]][round % 3], askAgain: true });
  },
  "asks for several APIs": ({ client }) =>
    client.acquireTokens({ scopes: { "https://graph.microsoft.com": ["Mail.Read"] }, askAgain: true }).then(({ errors }) => {
      throw errors["https://graph.microsoft.com"];
    }),
  "asks with a new client": async ({ consentry, configuration }) => {
    const client = new consentry.PublicClientApplication(structuredClone(configuration));
    await client.initialize();
    return client.acquireTokenRedirect({ scopes: ["Mail.Read"], askAgain: true });
  },
  "asks with a client that keeps nothing": async ({ consentry, configuration }) => {
    const client = new consentry.PublicClientApplication({ ...configuration, cache: { cacheLocation: "memoryStorage" } });
    await client.initialize();
    return client.loginRedirect({ scopes: ["User.Read"] });
  },
  "forgets everything first": async ({ client }) => {
    await client.clearCache();
    return client.loginRedirect({ scopes: ["User.Read"] });
  },
  "asks on another page each time": ({ client, round }) =>
    client.acquireTokenRedirect({ scopes: ["Mail.Read"], askAgain: true, redirectStartPage: `/?round=${round}`, state: String(round) }),
  "wants an administrator": ({ client }) => client.adminConsentRedirect({ scopes: ["User.Read.All"] }),
};

/** What a page does on every load, if `ask` is all that it knows. When it is refused it loads itself again, and starts over. */
const untilRefused = (ask, rounds) => `async ({ client, consentry, configuration }) => {
  const round = Number(sessionStorage.getItem("round") ?? -1);
  if (round < 0) return new Promise(() => {}); // the test signs in first
  if (round >= ${rounds}) return;
  sessionStorage.setItem("round", round + 1);
  try {
    await (${ask})({ client, consentry, configuration, round });
    await new Promise(() => {}); // leaving
  } catch (error) {
    sessionStorage.setItem("refusal", JSON.stringify(describe(error)));
    location.reload();
    await new Promise(() => {});
  }
}`;

/** Whoever is asked declines at once: a script's click is not the user's. */
const declineAll = () => addEventListener("DOMContentLoaded", () => document.querySelector("button[value=cancel]")?.click());

/**
 * Lets a page ask until it gives up. Nothing is evaluated in it meanwhile: to the browser that is a user who clicks.
 * @param {import("node:test").TestContext} t
 * @param {(page: any) => Promise<unknown>} ask
 * @param {{ isSignedIn?: boolean, rounds?: number, prepare?: (page: any) => Promise<unknown> }} [options]
 * @returns {Promise<{ visits: string[], refusal: any }>} what it was told last
 */
async function letAsk(t, ask, { isSignedIn = true, rounds = ROUNDS, prepare } = {}) {
  const page = await openApp(t, world, { onReady: untilRefused(ask, rounds) });
  if (isSignedIn) await signIn(page, world.adele);
  await prepare?.(page);
  await page.evaluate(() => sessionStorage.setItem("round", "0"));
  await page.goto("about:blank");
  await page.addInitScript(declineAll);
  const visits = watchVisits(page);
  const ended = page.waitForEvent("console", { predicate: (message) => message.text() === "ended", timeout: 30_000 });
  await page.goto(world.site.origin, { waitUntil: "commit" });
  if (!isSignedIn) await giveCredentials(page, world.adele);
  await ended;
  return { visits, refusal: await page.evaluate(() => JSON.parse(sessionStorage.getItem("refusal"))) };
}

function assertStopped({ visits, refusal }) {
  assert.ok(refusal, "nobody stopped the page");
  assert.ok(refusal.classes.includes("AuthError"), JSON.stringify(refusal));
  assert.equal(refusal.errorCode, "interaction_loop");
  assert.ok(visits.length >= 1 && visits.length <= MOST_VISITS, `${visits.length} visits`);
}

for (const [name, ask] of Object.entries(PAGES)) {
  test(`a page that ${name}`, async (t) => assertStopped(await letAsk(t, ask)));
}

test("a page that signs out before each question", async (t) => {
  const ask = ({ client, round }) => (round % 2 ? client.loginRedirect({ scopes: ["User.Read"], prompt: "none" }) : client.logoutRedirect());
  assertStopped(await letAsk(t, ask, { rounds: 2 * ROUNDS }));
});

for (const [name, ask] of Object.entries({
  "asks": ({ client }) => client.acquireTokenRedirect({ scopes: ["Mail.Read"] }),
  "asks, beside something it has,": ({ client }) => client.acquireTokenRedirect({ scopes: ["User.Read"], extraScopesToConsent: ["Mail.Read"] }),
  "signs in": ({ client }) => client.loginRedirect({ scopes: ["Mail.Read"] }),
})) {
  test(`a page that ${name} for what the user declines, without \`askAgain\`, does so once`, async (t) => {
    const { visits, refusal } = await letAsk(t, ask);
    assert.equal(refusal.outcome, "declined");
    assert.deepEqual(visits, ["authorize"]);
  });
}

test("a page that signs in on load asks a user who declines once", async (t) => {
  const { visits, refusal } = await letAsk(t, ({ client }) => client.loginRedirect({ scopes: ["User.Read"] }), { isSignedIn: false });
  assert.equal(refusal.outcome, "declined");
  assert.deepEqual(visits, ["authorize"]);
});

test("what a policy refuses is asked once, and stands in the way of nothing else", async (t) => {
  const ask = ({ client, round }) => client.acquireTokenRedirect({ scopes: [round === 0 ? "Mail.Read" : "Calendars.Read"] });
  const policy = "AADSTS53003: Access has been blocked by Conditional Access policies.";
  const { visits, refusal } = await letAsk(t, ask, { prepare: (page) => refuseAll(page, policy) });
  assert.equal(refusal.outcome, "blocked");
  assert.deepEqual(visits, ["authorize", "authorize"]);
});

test("whoever clicks is not stopped", async (t) => {
  const page = await openApp(t, world);
  await signIn(page, world.adele);
  const visits = watchVisits(page);
  for (let round = 0; round <= MOST_VISITS + 1; round += 1) {
    await page.evaluate(() => {
      document.title = "leaving";
      document.body.innerHTML = "<button>Ask again</button>";
      document.querySelector("button").onclick = () => client.acquireTokenRedirect({ scopes: ["Mail.Read"], askAgain: true });
    });
    await page.getByRole("button", { name: "Ask again" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.waitForFunction(() => window.client && document.title === "ready");
  }
  assert.equal(visits.length, MOST_VISITS + 2);
});
