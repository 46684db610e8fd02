/** When the engine must show a page: choice of an account, sign-in, consent, in this order. */
import { interactionPolicy } from "oidc-provider";

const { Check, Prompt, base } = interactionPolicy;

/** @param {import("./directory.js").Directory} directory */
export function createPolicy(directory) {
  const policy = base();
  const login = policy.get("login");
  login.checks.add(new Check("other_account", "another account is wanted", "login_required", ({ oidc }) =>
    oidc.result?.select_account?.other === true && !oidc.result.login));
  login.checks.add(new Check("login_hint", "another account is meant", "login_required", ({ oidc }) =>
    meansSomeoneElse(directory, oidc) && !oidc.result?.login && !oidc.result?.select_account));
  // The engine asks again and again for consent to a native app; its loopback redirect URIs are all that is native here.
  policy.get("consent").checks.remove("native_client_prompt");
  policy.add(selectAccount(), 0);
  return policy;
}

/** With nobody signed in there is nothing to choose from: the sign-in page follows at once. */
function selectAccount() {
  const prompt = new Prompt({ name: "select_account", requestable: true });
  prompt.checks.clear();
  prompt.checks.add(new Check("select_account_prompt", "an account has to be chosen", "interaction_required", ({ oidc }) =>
    oidc.session.accountId !== undefined && oidc.promptPending("select_account")));
  return prompt;
}

function meansSomeoneElse(directory, oidc) {
  const hinted = directory.user(oidc.params.login_hint);
  return oidc.session.accountId !== undefined && hinted !== undefined && hinted.oid !== oidc.session.accountId;
}
