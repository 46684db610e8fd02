/** The pages that the engine asks for, and what their forms decide. */
import { ACCESS_STEP } from "./access-step.js";
import { continueWith, signedIn } from "./accounts.js";
import { decideConsent, showConsent } from "./consent.js";
import { AadstsError } from "./errors.js";
import { readParameters } from "./forms.js";
import { errorPage } from "./pages/error.js";
import { selectAccountPage, signInPage } from "./pages/sign-in.js";
import { memberFor, segmentOf } from "./segments.js";

const INTERACTION = "/interaction/";

/** One step for each prompt of the policy: show the page, or read its form. */
const STEPS = {
  select_account: { show: showAccounts, decide: decideAccount },
  login: { show: showSignIn, decide: decideSignIn },
  access: ACCESS_STEP,
  consent: { show: showConsent, decide: decideConsent },
};

/** @param {import("./index.js").TenantContext} tenant */
export function interactionEndpoint(tenant) {
  return async (ctx, next) => {
    if (!ctx.path.startsWith(INTERACTION)) return next();
    const interaction = await currentInteraction(tenant, ctx);
    if (!interaction) return errorPage(tenant, ctx, new AadstsError(90023, "The sign-in has expired or was completed in another window."));
    const step = STEPS[interaction.prompt.name];
    if (ctx.method === "GET") return step.show(tenant, ctx, interaction);
    ctx.assert(ctx.method === "POST", 405);
    const result = await step.decide(tenant, ctx, interaction, await readParameters(ctx));
    // A step without a result has shown its page again.
    if (result) ctx.redirect(await tenant.engine.interactionResult(ctx.req, ctx.res, result));
  };
}

async function currentInteraction({ engine }, ctx) {
  try {
    return await engine.interactionDetails(ctx.req, ctx.res);
  } catch (error) {
    if (error.name !== "SessionNotFound") throw error;
    return undefined;
  }
}

/** What every page of a sign-in tells: which app it is for, and where. */
function placeOf({ directory }, { params }) {
  return { app: directory.app(params.client_id), segment: segmentOf(directory, params) };
}

function showAccounts(tenant, ctx, interaction) {
  const users = signedIn(tenant, ctx).map(({ accountId }) => tenant.directory.user(accountId));
  selectAccountPage(tenant, ctx, { ...placeOf(tenant, interaction), users });
}

async function decideAccount(tenant, ctx, interaction, { account }) {
  const chosen = signedIn(tenant, ctx).find(({ accountId }) => accountId === account);
  if (chosen) await continueWith(tenant, ctx, interaction, chosen);
  return { select_account: { other: chosen === undefined } };
}

function showSignIn(tenant, ctx, interaction) {
  const hinted = tenant.directory.user(interaction.params.login_hint)?.username ?? interaction.params.login_hint ?? "";
  const username = [ctx.query.username ?? hinted].flat()[0];
  signInPage(tenant, ctx, { ...placeOf(tenant, interaction), username, refusal: undefined });
}

async function decideSignIn(tenant, ctx, interaction, { username = "", password = "" }) {
  const user = tenant.directory.users.find((known) => known.username === username.trim().toLowerCase());
  const refusal = signInRefusal(tenant, interaction, user, password);
  if (refusal) return signInPage(tenant, ctx, { ...placeOf(tenant, interaction), username, refusal });
  const session = signedIn(tenant, ctx).find(({ accountId }) => accountId === user.oid);
  if (interaction.session || session) await continueWith(tenant, ctx, interaction, session);
  tenant.revocations.renew(session?.uid);
  return { login: { accountId: user.oid, amr: ["pwd"], ts: tenant.clock.seconds() } };
}

/** @returns {number | undefined} the number of the error that the page tells */
function signInRefusal({ directory }, { params }, user, password) {
  if (!user) return 50034;
  if (user.password !== password) return 50126;
  return memberFor(directory, segmentOf(directory, params), user) ? undefined : 50020;
}
