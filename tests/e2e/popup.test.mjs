/** Tokens and sign-out in a window of its own. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { brought, call, openApp, openWorld } from "./support/consent.mjs";
import { giveCredentials } from "./support/story.mjs";

/** @type {import("./support/consent.mjs").World} */
let world;
let tenant;
let adele;
before(async () => {
  world = await openWorld();
  ({ tenant, adele } = world);
});
beforeEach(() => tenant.reset());
after(() => world?.stop());

/** A window that never answers is not waited for longer, in milliseconds. */
const PATIENCE = { timeout: 60_000 };
const MAIL = { scopes: ["User.Read"] };

/** Begins in a window. @returns {Promise<{ popup: import("playwright-core").Page, result: Promise<any> }>} */
async function openPopup(page, method, request = MAIL) {
  const opened = page.waitForEvent("popup");
  const result = call(page, method, request);
  result.catch(() => {}); // where the page is loaded again, nobody waits for it
  return { popup: await opened, result };
}

/** Adele signs in in a window. */
async function signInByPopup(page, request = MAIL) {
  const { popup, result } = await openPopup(page, "loginPopup", request);
  const closed = popup.waitForEvent("close");
  await giveCredentials(popup, adele);
  await popup.getByRole("button", { name: "Accept" }).click();
  const { value, error } = await result;
  assert.equal(error, undefined);
  await closed;
  return value;
}

for (const path of ["/", "/callback"]) {
  test(`a sign-in in a window that comes back to ${path}`, PATIENCE, async (t) => {
    const page = await openApp(t, world, { path });
    const value = await signInByPopup(page, { ...MAIL, state: "window" });
    assert.deepEqual([value.account.username, value.state, value.fromCache], [adele.username ?? value.account.username, "window", false]);
    assert.equal((await brought(page, "acquireTokenSilent", MAIL)).fromCache, true);
    assert.equal(page.url(), `${world.site.origin}${path}`);
    const { popup, result } = await openPopup(page, "logoutPopup", {});
    const closed = popup.waitForEvent("close");
    assert.equal((await result).error, undefined);
    await closed;
    assert.deepEqual(await brought(page, "getAllAccounts"), []);
  });
}
