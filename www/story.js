import { read } from "./api.js";
import { AskAll, isAskedForAll } from "./ask-all.js";
import { Breaking } from "./break.js";
import { Cancel } from "./cancel.js";
import { Composer } from "./composer.js";
import { Demands } from "./demands.js";
import { explain } from "./explain.js";
import { Inspector } from "./inspector.js";
import { stateOf } from "./plan.js";
import { scopesOf, stepsOf } from "./steps.js";
import { approvalView } from "./view/approval.js";
import { find } from "./view/dom.js";
import { setAccount, setStatus } from "./view/page.js";
import { setLooking, showPermissions } from "./view/permissions.js";
import { noticeOf, onPress, setBusy, stepView } from "./view/step.js";
import { addTrace } from "./view/trace.js";

/** @typedef {import("./steps.js").Step} Step */

/** The story: what a click does, and what the page does when the server opens it. */
export class Story {
  #signOutButton = find("#sign-out");
  /** Of the last look at what is known: one that comes later than a newer one is not shown. */
  #look = 0;

  /**
   * @param {typeof import("./auth.js")} auth
   * @param {typeof import("/config.js").default} config
   * @param {(part: string) => void} turnTo  Shows one part of the source.
   * @param {ReturnType<typeof import("./view/tabs.js").tabsView>} tabs
   */
  constructor(auth, config, turnTo, tabs) {
    this.auth = auth;
    this.tabs = tabs;
    this.turnTo = turnTo;
    this.colleagues = config.colleagues;
    this.steps = stepsOf(config);
    this.profile = this.steps[0];
    this.views = new Map(this.steps.map((step) => [step, stepView(step)]));
    this.askAll = new AskAll(this);
    this.cancel = new Cancel(this, this.steps.find(({ cancel }) => cancel));
    this.composer = new Composer(auth, config);
    this.demands = new Demands(auth, this.steps);
    this.inspector = new Inspector(auth, this.steps);
    if (config.actions.length > 0) this.breaking = new Breaking(this, config.actions);
    else tabs.remove("break");
    for (const [step, { button }] of this.views) onPress(button, () => this.press(step));
    onPress(this.#signOutButton, () => this.signOut());
  }

  async begin() {
    const [answer, adminAnswer] = await Promise.allSettled([this.auth.takeAnswer(), this.auth.takeAdminAnswer()]);
    const wasDemanded = this.demands.comeBack(Boolean(valueOf(answer)));
    const hasFollowed = hasFollowedLink();
    await this.render();
    this.turnTo(this.auth.account() ? "A token for one API" : "Sign in");
    if (this.auth.account()) await this.#goOnAfter(valueOf(answer), valueOf(adminAnswer), wasDemanded);
    else setStatus(hasFollowed ? "You followed a link for administrators. Whoever sent it can go on now." : "Signed out. This page holds no permission.");
    if (answer.status === "rejected") await this.#failWhereAsked(answer.reason);
    if (adminAnswer.status === "rejected") await this.#failWhereAsked(adminAnswer.reason, { isFromAdmin: true });
    // Another tab, or a window that was open beside this one, may have changed what is known.
    for (const event of ["focus", "visibilitychange"]) addEventListener(event, () => this.render());
  }

  /** Goes on where the server's answer says; what an administrator's grants is in no token yet. */
  async #goOnAfter(result, adminResult, wasDemanded) {
    if (isAskedForAll(result)) return this.askAll.goOn(result);
    const order = this.cancel.orderOf(result);
    if (order) return this.cancel.goOn(order, result);
    const { step, choice } = this.#placeOf(result ?? adminResult);
    const isAsked = Boolean(result || adminResult) && step !== this.profile;
    if (isAsked) this.#view(step).choose(choice);
    if (result) addTrace(step, wasDemanded ? "as the API demanded" : isAsked ? "after consent" : "after sign-in", result);
    if (isAsked) await this.open(this.profile);
    await this.open(step, { renew: Boolean(adminResult) });
    if (isAsked) this.focus(step);
  }

  /** @param {Step} step @param {{ isTold?: boolean, renew?: boolean }} [how]  As for `open`. */
  async press(step, how = {}) {
    if (!this.auth.account()) return this.signIn();
    this.turnTo("Call an API");
    return this.open(step, { mayAsk: true, ...how });
  }

  /**
   * Calls the step's API and shows the answer. Nobody is asked unless a click began it.
   * @param {Step} step
   * @param {object} [how]
   * @param {boolean} [how.mayAsk]
   * @param {boolean} [how.isTold]  It has been said already what is missing, by the API or the user.
   * @param {boolean} [how.renew]  What is cached is too old.
   */
  async open(step, how = {}) {
    const view = this.#view(step);
    setBusy(view.button, true);
    view.notice(null);
    try {
      const isHere = await this.#prepare(step, how);
      const answer = isHere && await read(this.auth, this.auth.call(step.url(view.choice()), this.#reachOf(step, how)));
      if (!answer) return setStatus("Leaving to ask you…");
      const content = step.view(answer, step.cancel && ((id, button) => this.cancel.press(id, button)));
      await this.#settle(view.button);
      view.show(content);
      setStatus(content.summary);
    } catch (error) {
      await this.fail(step, error);
    }
  }

  /** What a call does not do by itself: ask again who declined, and renew what is old. @returns {Promise<boolean>}  Whether the page stays. */
  async #prepare(step, { mayAsk = false, isTold = false, renew = false }) {
    const known = stateOf(await this.#plan(), step.api.resource, step.permission).name;
    const mayHaveChanged = !step.isToldByApi && (known === "adminOnly" || (mayAsk && known === "declined"));
    if (!renew && !isTold && !mayHaveChanged) return true;
    const token = await this.auth.tokenFor([step.scope], {
      state: mayAsk ? this.#stateFor(step) : undefined,
      askAgain: mayAsk && known === "declined",
      // An administrator may have granted it meanwhile.
      forceRefresh: renew || known === "adminOnly",
    });
    return Boolean(token);
  }

  /** How far the call goes for what is demanded. What consent an API wants, the page says first. */
  #reachOf(step, { mayAsk = false }) {
    if (!mayAsk) return {};
    return { onChallenge: ({ kind }) => (kind === "scope" ? "silent" : "redirect"), state: this.#stateFor(step) };
  }

  async signIn() {
    const view = this.#view(this.profile);
    setBusy(view.button, true);
    view.notice(null);
    setStatus("Leaving to sign you in…");
    await this.auth.signIn({ scopes: [this.profile.scope] }, this.profile.name).catch((error) => this.fail(this.profile, error));
  }

  async signOut() {
    setBusy(this.#signOutButton, true);
    setStatus("Signing you out…");
    await this.auth.signOut().catch((error) => {
      setBusy(this.#signOutButton, false);
      this.fail(this.profile, error, { retry: () => this.signOut() });
    });
  }

  /** In a window beside this one where the browser lets it open, so that the step can go on. */
  async #askAdmin(step, scope) {
    this.turnTo("Ask an administrator");
    setStatus("Asking an administrator…");
    try {
      const consented = await this.auth.askAdmin([scope], this.#stateFor(step));
      if (consented) await this.open(step, { isTold: true, renew: true });
    } catch (error) {
      await this.fail(step, error, { scope, isFromAdmin: true });
    }
  }

  /**
   * @param {Step} step
   * @param {any} error
   * @param {object} [circumstances]
   * @param {string} [circumstances.scope]  What was wanted, where it is not the step's own permission.
   * @param {boolean} [circumstances.isFromAdmin]  An administrator was asked, not the user.
   * @param {(button: HTMLElement) => Promise<unknown>} [circumstances.retry]
   */
  async fail(step, error, { scope = step.scope, isFromAdmin = false, retry } = {}) {
    const forbidden = error.answer?.forbidden;
    const explanation = explain(error, { isFromAdmin });
    const again = () => this.press(step, { isTold: Boolean(forbidden) || error.outcome === "declined" });
    const approval = explanation.needsAdmin || isFromAdmin ? await this.#approval(step, scope) : [];
    await this.#settle(this.#view(step).button);
    this.#view(step).notice(noticeOf(explanation, retry ?? again, approval));
    if (explanation.needsAdmin) this.turnTo("Ask an administrator");
    else if (forbidden) this.turnTo("A refusal, explained");
    setStatus(explanation.title);
  }

  async #approval(step, scope) {
    return approvalView(await this.auth.adminLink([scope]), () => this.#askAdmin(step, scope));
  }

  #failWhereAsked(error, circumstances) {
    if (isAskedForAll(error)) return this.askAll.fail(error);
    const order = this.cancel.orderOf(error);
    if (order) return this.cancel.fail(order, error);
    const { step, choice } = this.#placeOf(error);
    this.#view(step).choose(choice);
    this.fail(step, error, circumstances);
  }

  async #settle(button) {
    setBusy(button, false);
    await this.render();
  }

  /** Shows what is known now. */
  async render() {
    const look = (this.#look += 1);
    setLooking(true);
    const [plan, forAll] = await Promise.all([this.#plan(), this.askAll.plan(), this.composer.render()]);
    if (look !== this.#look) return;
    const account = this.auth.account();
    setAccount(account);
    showPermissions(this.steps, plan, this.auth.granted());
    for (const [{ api, permission }, view] of this.views) view.mark(stateOf(plan, api.resource, permission).name === "granted");
    const others = this.colleagues.filter(({ username }) => username !== account?.username);
    for (const view of this.views.values()) view.offer(others);
    this.askAll.render(plan, forAll);
    this.inspector.render();
    setLooking(false);
  }

  #plan() {
    return this.auth.plan(scopesOf(this.steps));
  }

  /** What brings the user back to the step. */
  #stateFor(step) {
    return [step.name, this.#view(step).choice()].join(" ").trim();
  }

  #placeOf(answer) {
    const [name, choice = ""] = (answer?.state ?? "").split(" ");
    return { step: this.steps.find((step) => step.name === name) ?? this.profile, choice };
  }

  /** @param {Step} step */
  focus(step) {
    this.#view(step).focus();
  }

  #view(step) {
    return /** @type {ReturnType<typeof stepView>} */ (this.views.get(step));
  }
}

/** Where an administrator arrives who was sent a link. What they decided, only the server can tell. */
function hasFollowedLink() {
  const isAnswer = new URLSearchParams(location.search).has("admin_consent");
  if (isAnswer) history.replaceState(null, "", location.pathname);
  return isAnswer;
}

const valueOf = (outcome) => (outcome.status === "fulfilled" ? outcome.value : null);
