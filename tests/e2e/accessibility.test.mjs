/** Every page of the sample that a user meets on the way, by axe, light and dark, wide and narrow. */
import { after, before, test } from "node:test";
import { LOOKS, check } from "./support/axe.mjs";
import { answerConsent, assertFitsWidth, giveCredentials, leaveApproval, noticeIn, openTab, openWorld, signIn, unfold, visit } from "./support/story.mjs";

/** @type {import("./support/story.mjs").World} */
let world;

before(async () => {
  world = await openWorld();
});
after(() => world.stop());

/** The token endpoint says 400 where consent is missing, and an API 403; Chromium writes that to the console. */
const CONSENT_IS_MISSING = [/status of 400 .*\/oauth2\/v2\.0\/token/, /status of 403 .*\/messages\)$/];

const tabs = /** @type {const} */ (["permissions", "timeline", "accounts", "tokens", "break"]);

for (const [colorScheme, width] of LOOKS) {
  test(`all pages of the story, ${colorScheme}, ${width} px`, async (t) => {
    await world.tenant.reset();
    const [user] = world.tenant.users;
    const page = await visit(t, world, { allow: CONSENT_IS_MISSING, colorScheme, width });
    await check(page, "signed out");
    await page.getByTestId("sign-in").click();
    await page.getByLabel("Password").waitFor();
    await check(page, "the tenant's sign-in page");
    await giveCredentials(page, { ...user, password: "wrong" });
    await page.getByRole("alert").waitFor();
    await check(page, "a wrong password");
    await giveCredentials(page, user);
    await page.getByRole("button", { name: "Accept" }).waitFor();
    await check(page, "the tenant's consent page");
    await answerConsent(page, "Accept");
    await page.getByTestId("profile").getByText(user.name).waitFor();
    await check(page, "signed in");
    await page.getByTestId("show-mail").click();
    await answerConsent(page, "Cancel");
    await page.getByTestId("error").waitFor();
    await check(page, "declined");
    await page.getByTestId("retry").click();
    await answerConsent(page, "Accept");
    await page.getByTestId("mail-list").waitFor();
    await check(page, "with mail");
  });

  test(`the plan and the composer, ${colorScheme}, ${width} px`, async (t) => {
    await world.tenant.reset();
    const [user, , admin] = world.tenant.users;
    const page = await visit(t, world, { allow: CONSENT_IS_MISSING, colorScheme, width });
    await page.getByRole("button", { name: "One too many" }).click();
    await check(page, "a request that could be smaller");
    await page.getByRole("button", { name: "Only an ID" }).click();
    await check(page, "a request that can't be made");
    await signIn(page, user);
    await page.getByTestId("show-mail").click();
    await answerConsent(page, "Cancel");
    await page.getByTestId("show-all-orders").click();
    await page.getByRole("button", { name: "Back to app" }).waitFor();
    await check(page, "the tenant's page where an administrator is needed");
    await leaveApproval(page, "Back to app");
    await page.getByTestId("admin-link").waitFor();
    await check(page, "all four states, and the link for an administrator");
    await page.getByTestId("show-colleague").click();
    await noticeIn(page, "colleague").waitFor();
    await check(page, "a refusal that consent cures");
    await noticeIn(page, "colleague").getByTestId("retry").click();
    await answerConsent(page, "Accept");
    await page.getByTestId("colleague-list").waitFor();
    await page.getByTestId("colleague").selectOption(admin.username);
    await page.getByTestId("show-colleague").click();
    await noticeIn(page, "colleague").waitFor();
    await check(page, "a refusal that no consent cures");
    await page.getByTestId("ask-all").click();
    await answerConsent(page, "Cancel");
    await page.getByTestId("permissions").getByTestId("error").waitFor();
    await check(page, "all declined at once");
  });

  test(`the tour and each tab of the inspector, ${colorScheme}, ${width} px`, async (t) => {
    await world.tenant.reset();
    const [user] = world.tenant.users;
    const page = await visit(t, world, { allow: CONSENT_IS_MISSING, colorScheme, width });
    for (const tab of tabs) {
      await openTab(page, tab);
      await check(page, `${tab}, signed out`);
    }
    await page.getByTestId("tour-begin").click();
    await check(page, "the tour begins");
    await page.getByTestId("tour-on").click();
    await page.getByTestId("tour-show").click();
    await check(page, "taken to a step of the tour");
    await signIn(page, user);
    for (const tab of tabs) {
      await openTab(page, tab);
      await unfold(page);
      await check(page, `${tab}, with all that it has`);
      await assertFitsWidth(page);
    }
    await page.getByTestId("bad-signature").click();
    await page.getByTestId("attempt").waitFor();
    await check(page, "something is broken");
    await page.getByTestId("attempt").click();
    await page.getByTestId("break").getByTestId("error").waitFor();
    await check(page, "a wrong answer, explained");
    await page.getByTestId("attempt").click();
    await page.getByTestId("attempt-outcome").waitFor();
    await check(page, "it is mended");
  });

  test(`what APIs demand, ${colorScheme}, ${width} px`, async (t) => {
    await world.tenant.reset();
    const [user] = world.tenant.users;
    const demanded = [...CONSENT_IS_MISSING, /status of 401 /, /^Framing .*"frame-src 'none'"/];
    const page = await visit(t, world, { allow: demanded, colorScheme, width });
    await signIn(page, user);
    await page.getByTestId("show-orders").click();
    await answerConsent(page, "Accept");
    await page.getByTestId("cancel-1001").waitFor();
    await openTab(page, "break");
    await page.getByTestId("challenge-tokens").click();
    await page.getByTestId("status").getByText("Your tokens are challenged.").waitFor();
    await page.getByTestId("show-orders").click();
    await openTab(page, "tokens");
    await page.getByTestId("demand").getByText("answered silently").waitFor();
    await check(page, "orders to cancel, and a demand that was answered");
    const opening = page.waitForEvent("popup");
    await page.getByTestId("cancel-1001").click();
    const popup = await opening;
    await popup.getByRole("button", { name: "Accept" }).waitFor();
    await check(page, "while a window asks");
    await popup.close();
    await noticeIn(page, "orders").waitFor();
    await check(page, "the window was closed");
    await openTab(page, "break");
    await page.getByTestId("revoke-sessions").click();
    await page.getByTestId("status").getByText("Your session is revoked.").waitFor();
    await page.reload();
    await noticeIn(page, "profile").waitFor();
    await check(page, "a demand that needs the user");
  });
}
