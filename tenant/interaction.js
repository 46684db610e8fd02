/** The pages that the engine asks for, and what their forms decide. */
import { AadstsError } from "./errors.js";
import { readParameters } from "./forms.js";
import { consent, findGrant, grantedPermissions } from "./grants.js";
import { consentPage } from "./pages/consent.js";
import { errorPage } from "./pages/error.js";
import { selectAccountPage, signInPage } from "./pages/sign-in.js";
import { DEFAULT, engineScope } from "./scopes.js";

const INTERACTION = "/interaction/";

/** One step for each prompt of the policy: show the page, or read its form. */
const STEPS = {
  select_account: { show: showAccounts, decide: decideAccount },
  login: { show: showSignIn, decide: decideSignIn },
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

function appOf({ directory }, interaction) {
  return directory.app(interaction.params.client_id);
}

function showAccounts(tenant, ctx, interaction) {
  selectAccountPage(tenant, ctx, { app: appOf(tenant, interaction), user: tenant.directory.user(interaction.session.accountId) });
}

function decideAccount(tenant, ctx, interaction, { action }) {
  return { select_account: { other: action === "use-other" } };
}

function showSignIn(tenant, ctx, interaction) {
  const hinted = tenant.directory.user(interaction.params.login_hint)?.username ?? interaction.params.login_hint ?? "";
  const username = [ctx.query.username ?? hinted].flat()[0];
  signInPage(tenant, ctx, { app: appOf(tenant, interaction), username, refused: false });
}

async function decideSignIn(tenant, ctx, interaction, { username = "", password = "" }) {
  const user = tenant.directory.users.find((known) => known.username === username.trim().toLowerCase());
  if (user?.password !== password) {
    return signInPage(tenant, ctx, { app: appOf(tenant, interaction), username, refused: true });
  }
  if (interaction.session && interaction.session.accountId !== user.oid) await endSession(tenant, interaction);
  return { login: { accountId: user.oid, amr: ["pwd"] } };
}

/** A session has one user: another one begins a new session. */
async function endSession({ engine }, interaction) {
  const session = await engine.Session.findByUid(interaction.session.uid);
  await session.destroy();
  interaction.session = undefined;
  await interaction.persist();
}

async function showConsent(tenant, ctx, interaction) {
  const app = appOf(tenant, interaction);
  const grant = await findGrant(tenant.engine, interaction.session.accountId, app.clientId);
  consentPage(tenant, ctx, {
    app,
    user: tenant.directory.user(interaction.session.accountId),
    isFirst: grant?.openid === undefined,
    permissions: permissionsToConsent(tenant, interaction, grant),
  });
}

async function decideConsent(tenant, ctx, interaction, { action }) {
  if (action !== "accept") return { error: "access_denied", error_description: "declined" };
  const { accountId } = interaction.session;
  const { clientId } = appOf(tenant, interaction);
  const grant = await findGrant(tenant.engine, accountId, clientId);
  const grantId = await consent(tenant.engine, accountId, clientId, permissionsToConsent(tenant, interaction, grant));
  return { consent: { grantId } };
}

/** What is missing; with `prompt=consent` all that is asked for; for `.default` all that is registered for the app. */
function permissionsToConsent(tenant, interaction, grant) {
  const { params } = interaction;
  const again = params.prompt?.split(" ").includes("consent");
  const wanted = wantedPermissions(tenant, params);
  const missing = [...wanted].map(([api, names]) => {
    const granted = again ? [] : grantedPermissions(grant, api);
    return [api, names.filter((name) => !granted.includes(name))];
  });
  return new Map(missing.filter(([, names]) => names.length > 0));
}

function wantedPermissions({ directory }, params) {
  const scopes = new Set(params.scope.split(" "));
  const isDefault = directory.apis.some((api) => scopes.has(engineScope(api, DEFAULT)));
  const { registeredPermissions } = directory.app(params.client_id);
  return new Map(directory.apis.map((api) => [api, Object.keys(api.permissions).filter((name) => (isDefault
    ? registeredPermissions[api.applicationIdUri]?.includes(name)
    : scopes.has(engineScope(api, name))))]));
}
