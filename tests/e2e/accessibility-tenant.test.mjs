/** The tenant's pages, by axe, light and dark, wide and narrow. */
import { after, before, test } from "node:test";
import { LOOKS, check } from "./support/axe.mjs";
import { answerConsent, giveCredentials, openWorld, visit } from "./support/story.mjs";

/** @type {import("./support/story.mjs").World} */
let world;

before(async () => {
  world = await openWorld();
});
after(() => world.stop());

for (const [colorScheme, width] of LOOKS) {
  test(`the tenant's pages beside the story, ${colorScheme}, ${width} px`, async (t) => {
    await world.tenant.reset();
    const [user] = world.tenant.users;
    const page = await visit(t, world, { allow: [/status of 40[03] /], colorScheme, width });
    await world.tenant.forgetSecondFactor(user.username);
    await world.tenant.requireMfa(user.username);
    await page.getByTestId("sign-in").click();
    await giveCredentials(page, user);
    await page.getByRole("heading", { name: "More information required" }).waitFor();
    await check(page, "a second factor to register");
    await world.tenant.block(user.username);
    await page.goto(world.url);
    await page.getByTestId("sign-in").click();
    await page.getByRole("heading", { name: "You cannot access this right now" }).waitFor();
    await check(page, "blocked by Conditional Access");
    await page.goto(`${world.tenant.authority}/oauth2/v2.0/authorize?client_id=${world.tenant.clientId}&redirect_uri=https://elsewhere.example`);
    await page.getByRole("heading", { name: "We can't sign you in" }).waitFor();
    await check(page, "an error that goes nowhere else");
  });

  test(`the tenant's choice of an account, ${colorScheme}, ${width} px`, async (t) => {
    await world.tenant.reset();
    const page = await visit(t, world, { colorScheme, width });
    const { authority, clientId, users: [adele, bo] } = world.tenant;
    const query = new URLSearchParams({
      client_id: clientId, response_type: "code", redirect_uri: `${world.url}callback`, scope: "openid", code_challenge: "x".repeat(43),
      code_challenge_method: "S256",
    });
    for (const user of [adele, bo]) {
      await page.goto(`${authority}/oauth2/v2.0/authorize?${query}&prompt=login`);
      await giveCredentials(page, user);
      await page.getByRole("button", { name: "Accept" }).waitFor();
    }
    await page.goto(`${authority}/oauth2/v2.0/authorize?${query}`);
    await page.getByRole("button", { name: bo.name }).waitFor();
    await check(page, "a choice of accounts");
  });

  test(`the tenant's pages for a device, ${colorScheme}, ${width} px`, async (t) => {
    await world.tenant.reset();
    const [user] = world.tenant.users;
    const page = await visit(t, world, { allow: [/status of 400 /], colorScheme, width });
    await page.goto(`${world.tenant.origin}/devicelogin`);
    await check(page, "a code to enter");
    await page.getByLabel("Code").fill("WRONGCODE");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("alert").waitFor();
    await check(page, "a wrong code");
    await page.getByLabel("Code").fill(await deviceCodeFor(world.tenant));
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("button", { name: "Continue" }).waitFor();
    await check(page, "a device to confirm");
    await page.getByRole("button", { name: "Continue" }).click();
    await giveCredentials(page, user);
    await answerConsent(page, "Accept");
    await page.getByRole("heading", { name: "You are signed in on the other device" }).waitFor();
    await check(page, "a device that is signed in");
  });
}

/** What the device shows its user. */
async function deviceCodeFor({ authority, apps: [, , { clientId }] }) {
  const form = new URLSearchParams({ client_id: clientId, scope: "openid User.Read" });
  const response = await fetch(`${authority}/oauth2/v2.0/devicecode`, { method: "POST", body: form });
  return (await response.json()).user_code;
}
