import { explain } from "./explain.js";
import { missingCount, withinReach } from "./plan.js";
import { apiOf, scopesOf } from "./steps.js";
import { approvalView } from "./view/approval.js";
import { askAllView } from "./view/ask-all.js";
import { counted } from "./view/dom.js";
import { setStatus } from "./view/page.js";
import { noticeOf, onPress, setBusy } from "./view/step.js";
import { addTrace, howSilent } from "./view/trace.js";

/** What the plan means for the user. */
const inWords = {
  none: () => "All that you can grant is granted.",
  login: () => "You are not signed in. One sign-in can ask for everything at once; a step asks for its own.",
  consent: (plan) => `${counted(missingCount(plan), "permission", "permissions")} not asked yet. Each step asks for its own; one page can ask for all.`,
  admin: () => "All that you can grant is granted. The rest is for an administrator.",
  declined: () => "You declined the rest. A step asks again when you open it.",
};

/** What brings the user back here; the second when what was refused before was part of the question. */
const once = "all";
const again = "all again";

/** Whether an answer is to this question. @param {{ state?: string } | null} answer */
export const isAskedForAll = (answer) => answer?.state === once || answer?.state === again;

/** Everything that the user can grant, of all APIs, in one interaction. */
export class AskAll {
  #view = askAllView();

  /** @param {import("./story.js").Story} story */
  constructor(story) {
    this.story = story;
    this.auth = story.auth;
    // What only an administrator can grant would stop the whole request.
    this.steps = story.steps.filter(({ forAdmins }) => !forAdmins);
    onPress(this.#view.button, () => this.ask());
  }

  /**
   * @param {import("consentry").ConsentPlan} plan  Of all steps.
   * @param {import("consentry").ConsentPlan} own  Of those that can be asked for together.
   */
  render(plan, own) {
    const interaction = own.interaction === "none" && plan.interaction === "admin" ? "admin" : own.interaction;
    this.#view.show(interaction, inWords[interaction](own), Boolean(own.request));
  }

  /** @param {{ withRefused?: boolean, askAgain?: boolean }} [how] */
  async ask({ withRefused = false, askAgain = false } = {}) {
    this.story.turnTo("Several APIs at once");
    this.#view.notice(null);
    setBusy(this.#view.button, true);
    setStatus("Asking for all at once…");
    const state = withRefused ? again : once;
    try {
      const { interaction, request } = await this.plan();
      if (interaction === "login") await this.auth.signIn(request, state);
      else await this.#take(withRefused, { state, askAgain });
    } catch (error) {
      await this.fail(error);
    }
  }

  /** The user is back: the first token came with the answer, the others follow without a question. */
  async goOn(result) {
    this.story.turnTo("Several APIs at once");
    addTrace({ title: "All at once", api: apiOf(result, this.steps) }, "after consent", result);
    await this.story.open(this.story.profile);
    await this.#take(result.state === again).catch((error) => this.fail(error));
    this.#view.focus();
  }

  /** @param {boolean} withRefused @param {{ state?: string, askAgain?: boolean }} [ask]  Without `state` nobody is asked. */
  async #take(withRefused, ask) {
    const scopes = withRefused ? scopesOf(this.steps) : withinReach(await this.plan());
    const { tokens, errors } = await this.auth.tokensFor(scopes, ask);
    for (const token of Object.values(tokens)) {
      addTrace({ title: "All at once", api: apiOf(token, this.steps) }, howSilent(token), token);
    }
    const causes = Object.values(errors);
    if (causes.length > 0) return this.fail(causes[0], causes);
    await this.#settle();
    setStatus(`A token for ${counted(Object.keys(tokens).length, "API", "APIs")}.`);
  }

  /** @param {any} error  The one to show. @param {any[]} [errors]  Of all APIs. */
  async fail(error, errors = [error]) {
    const explanation = explain(error);
    const isDeclined = error.outcome === "declined";
    const retry = () => this.ask({ withRefused: isDeclined || explanation.needsAdmin, askAgain: isDeclined });
    const approval = explanation.needsAdmin ? approvalView(await this.auth.adminLink(forAdmins(errors))) : [];
    await this.#settle();
    this.#view.notice(noticeOf(explanation, retry, approval));
    setStatus(explanation.title);
  }

  async #settle() {
    setBusy(this.#view.button, false);
    await this.story.render();
  }

  plan() {
    return this.auth.plan(scopesOf(this.steps));
  }
}

/** What an administrator has to grant: each API's error names its own part. */
function forAdmins(errors) {
  const parts = errors.filter(({ outcome }) => outcome === "admin_consent_required").map(({ missingScopes }) => missingScopes);
  return Object.assign({}, ...parts);
}
