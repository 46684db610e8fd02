/** The unmodified msal-angular lives with this package: its guard and its interceptor, by the client for the installed MSAL.js, and by the package of its name. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { answerConsent, giveCredentials, watchVisits } from "./support/story.mjs";
import { click, openWindow, openWorld, settled, textOf, visit, WAYS } from "./support/wrappers.mjs";

const BUNDLING = { loader: { ".js": "ts" }, tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: true } } };

for (const [way, alias] of Object.entries(WAYS)) {
  describe(way, () => {
    /** @type {Awaited<ReturnType<typeof openWorld>>} */
    let world;
    let adele;
    before(async () => {
      world = await openWorld("angular", alias, { pages: ["/", "/orders"], bundling: BUNDLING });
      ({ adele } = world);
    });
    after(() => world?.stop());
    beforeEach(() => world.tenant.reset());

    test("a guarded page and a call to an API, in windows", async (t) => {
      const page = await visit(t, world, { way: "popup" });
      const popup = await openWindow(page, "Orders");
      assert.equal(await textOf(page, "status"), "acquireToken");
      await giveCredentials(popup, adele);
      await answerConsent(popup, "Accept");
      await page.getByTestId("user").getByText(adele.username).waitFor();
      assert.equal(page.url(), `${world.url}orders`);

      const asking = await openWindow(page, "Read");
      await answerConsent(asking, "Accept");
      await page.getByTestId("orders").getByText("2").waitFor();
      await settled(page);

      await openWindow(page, "Sign out in a window");
      await page.getByTestId("user").getByText(adele.username).waitFor({ state: "detached" });
      await settled(page);
    });

    test("a guarded page and a call to an API, by redirect", async (t) => {
      const page = await visit(t, world, { way: "redirect" });
      await click(page, "Orders");
      await giveCredentials(page, adele);
      await answerConsent(page, "Accept");
      await page.getByTestId("user").getByText(adele.username).waitFor();
      await settled(page);
      assert.equal(page.url(), `${world.url}orders`);

      const visits = watchVisits(page);
      await click(page, "Read");
      await answerConsent(page, "Accept");
      await page.getByTestId("user").getByText(adele.username).waitFor();
      await settled(page);
      assert.equal(page.url(), `${world.url}orders`);
      await click(page, "Read");
      await page.getByTestId("orders").getByText("2").waitFor();
      assert.equal(visits.length, 1, "the second time the token is there");

      await click(page, "Sign out");
      await page.getByTestId("user").getByText(adele.username).waitFor({ state: "detached" });
      await settled(page);
    });
  });
}
