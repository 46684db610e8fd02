/** The unmodified msal-react lives with this package: by the client for the installed MSAL.js, and by the package of its name. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { answerConsent, giveCredentials, watchVisits } from "./support/story.mjs";
import { click, openWindow, openWorld, settled, textOf, visit, WAYS } from "./support/wrappers.mjs";

const JSX = { jsx: "automatic", loader: { ".js": "jsx" } };

for (const [way, alias] of Object.entries(WAYS)) {
  describe(way, () => {
    /** @type {Awaited<ReturnType<typeof openWorld>>} */
    let world;
    let adele;
    before(async () => {
      world = await openWorld("react", alias, { bundling: JSX });
      ({ adele } = world);
    });
    after(() => world?.stop());
    beforeEach(() => world.tenant.reset());

    test("the app is made of what it says", () => {
      const isMsal = world.site.inputs.some((path) => path.includes("/@azure/msal-browser/"));
      assert.equal(isMsal, !Object.hasOwn(alias, "@azure/msal-browser"));
      assert.ok(world.site.inputs.some((path) => path.endsWith("pkg/client.js")));
    });

    test("signs in in a window, falls back to a window for a permission, calls the API, signs out in a window", async (t) => {
      const page = await visit(t, world);
      const popup = await openWindow(page, "Sign in in a window");
      assert.equal(await textOf(page, "status"), "acquireToken");
      await giveCredentials(popup, adele);
      await answerConsent(popup, "Accept");
      await page.getByTestId("user").waitFor();
      assert.equal(await textOf(page, "user"), adele.username);
      await settled(page);

      const asking = await openWindow(page, "Orders in a window");
      await answerConsent(asking, "Accept");
      await page.getByTestId("granted").getByText(/Orders\.Read/).waitFor();
      await click(page, "Read");
      await page.getByTestId("orders").getByText("2").waitFor();

      await openWindow(page, "Sign out in a window");
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
      await settled(page);
    });

    test("signs in by redirect, falls back to a redirect for a permission, signs out by redirect", async (t) => {
      const page = await visit(t, world);
      await click(page, "Sign in");
      await giveCredentials(page, adele);
      await answerConsent(page, "Accept");
      await page.getByTestId("user").waitFor();
      await settled(page);

      const visits = watchVisits(page);
      await click(page, "Orders");
      await answerConsent(page, "Accept");
      await page.getByTestId("user").waitFor();
      await settled(page);
      assert.equal(visits.length, 1);
      await click(page, "Orders");
      await page.getByTestId("granted").getByText(/Orders\.Read/).waitFor();
      assert.equal(visits.length, 1, "the second time the token is there");
      await click(page, "Read");
      await page.getByTestId("orders").getByText("2").waitFor();

      await click(page, "Sign out");
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
      await settled(page);
    });

    test("a window that is closed leaves nothing under way", async (t) => {
      const page = await visit(t, world);
      const popup = await openWindow(page, "Sign in in a window");
      await popup.getByLabel("User name").waitFor();
      await popup.close();
      await settled(page);
      assert.equal(await page.evaluate(() => window.refusal), "user_cancelled");
    });
  });
}
