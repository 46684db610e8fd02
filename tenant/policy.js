/** When the engine must show a page: choice of an account, sign-in, what Conditional Access wants, consent, in this order. */
import { interactionPolicy } from "oidc-provider";
import { parseClaims } from "./claims.js";
import { ACCESS_CODES, decide } from "./conditional-access.js";
import { ERRORS } from "./errors-table.js";
import { memberFor, segmentOf } from "./segments.js";
import { sessionId } from "./tokens.js";

const { Check, Prompt, base } = interactionPolicy;
/** Answered by giving the password again. */
const SIGN_IN_TOO_OLD = 70043;

/** None of the accounts can be used without asking: there are several, or it is not of this tenant. */
const NO_ACCOUNT = 16000;

/** @param {import("./index.js").TenantContext} tenant */
export function createPolicy(tenant) {
  const policy = base();
  addSignInChecks(policy.get("login").checks, tenant);
  // The engine asks again and again for consent to a native app; its loopback redirect URIs are all that is native here.
  policy.get("consent").checks.remove("native_client_prompt");
  policy.add(selectAccount(), 0);
  policy.add(access(tenant), 2);
  return policy;
}

/** With prompt=none a check that fails is told by its number, as the description: errors.js knows it by that. */
function numbered(reason, code, isFailed) {
  const { silent, authorize, error } = ERRORS[code];
  return new Check(reason, String(code), silent ?? authorize ?? error, isFailed);
}

function addSignInChecks(checks, tenant) {
  const { directory, revocations } = tenant;
  checks.add(new Check("other_account", "another account is wanted", "login_required", ({ oidc }) =>
    oidc.result?.select_account?.other === true && !oidc.result.login));
  checks.add(new Check("login_hint", "another account is meant", "login_required", ({ oidc }) =>
    meansSomeoneElse(directory, oidc) && !oidc.result?.login && !oidc.result?.select_account));
  checks.add(new Check("sid", "another session is meant", "login_required", ({ oidc }) =>
    oidc.session.accountId !== undefined && oidc.params.sid !== undefined && oidc.params.sid !== sessionId(oidc.session.uid) && !oidc.result?.login));
  for (const code of [50132, 50133]) checks.add(numbered(`session_${code}`, code, ({ oidc }) => revocations.sessionCode(oidc.session.uid) === code));
  checks.add(numbered("account_not_in_tenant", NO_ACCOUNT, ({ oidc }) => oidc.session.accountId !== undefined && !memberOf(tenant, oidc)));
  checks.add(numbered("sign_in_frequency", SIGN_IN_TOO_OLD, (ctx) => refusalOf(tenant, ctx)?.code === SIGN_IN_TOO_OLD));
}

/** With nobody signed in there is nothing to choose from: the sign-in page follows at once. */
function selectAccount() {
  const prompt = new Prompt({ name: "select_account", requestable: true });
  prompt.checks.clear();
  prompt.checks.add(new Check("select_account_prompt", "an account has to be chosen", "interaction_required", ({ oidc }) =>
    oidc.session.accountId !== undefined && oidc.promptPending("select_account")));
  prompt.checks.add(numbered("several_accounts", NO_ACCOUNT, (ctx) => ctx.state.isAmbiguous === true));
  return prompt;
}

function access(tenant) {
  const prompt = new Prompt({ name: "access", requestable: false });
  prompt.checks.clear();
  for (const code of ACCESS_CODES.filter((number) => number !== SIGN_IN_TOO_OLD)) {
    prompt.checks.add(numbered(`access_${code}`, code, (ctx) => {
      const refusal = refusalOf(tenant, ctx);
      if (refusal?.code !== code) return false;
      ctx.state.refusal = refusal;
      return true;
    }));
  }
  return prompt;
}

function memberOf({ directory }, { params, session }) {
  const user = directory.user(session.accountId);
  return user && memberFor(directory, segmentOf(directory, params), user);
}

/** What keeps the user who is signed in from the app. */
function refusalOf(tenant, { oidc }) {
  const { directory } = tenant;
  const member = oidc.session.accountId !== undefined && memberOf(tenant, oidc);
  if (!member) return undefined;
  const { amr, acr } = oidc.session;
  return decide(tenant, {
    member,
    app: directory.app(oidc.params.client_id),
    apis: Object.keys(oidc.resourceServers).map((uri) => directory.api(uri)),
    signIn: { amr, acr, authTime: oidc.session.authTime() },
    claims: parseClaims(oidc.params.wanted_claims),
  });
}

function meansSomeoneElse(directory, oidc) {
  const hinted = directory.user(oidc.params.login_hint);
  return oidc.session.accountId !== undefined && hinted !== undefined && hinted.oid !== oidc.session.accountId;
}
