import { read } from "./api.js";
import { explain, isDeclined } from "./explain.js";
import { stepsOf } from "./steps.js";
import { find } from "./view/dom.js";
import { setAccount, setStatus } from "./view/page.js";
import { isGranted, showPermissions } from "./view/permissions.js";
import { noticeOf, onPress, setBusy, stepView } from "./view/step.js";
import { addTrace, howSilent } from "./view/trace.js";

/** The story: what a click does, and what the page does when the server opens it. */
export class Story {
  #signOutButton = find("#sign-out");
  /** Names of the steps that the user declined since the page was loaded. */
  #declined = new Set();

  /**
   * @param {typeof import("./auth.js")} auth
   * @param {typeof import("/config.js").default} config
   * @param {(part: string) => void} turnTo  Shows one part of the source.
   */
  constructor(auth, config, turnTo) {
    this.auth = auth;
    this.turnTo = turnTo;
    this.steps = stepsOf(config);
    this.profile = this.steps[0];
    this.views = new Map(this.steps.map((step) => [step, stepView(step)]));
    for (const [step, { button }] of this.views) onPress(button, () => this.press(step));
    onPress(this.#signOutButton, () => this.signOut());
  }

  async begin() {
    const [answer] = await Promise.allSettled([this.auth.takeAnswer()]);
    this.#render();
    this.turnTo(this.auth.account() ? "A token for one API" : "Sign in");
    if (this.auth.account()) await this.goOn(answer.status === "fulfilled" ? answer.value : null);
    else setStatus("Signed out. This page holds no permission.");
    if (answer.status === "rejected") this.#fail(this.#stepNamed(answer.reason.state), answer.reason);
  }

  /** Goes on where the server's answer says, with the token that came with it. */
  async goOn(result) {
    if (!result) return this.open(this.profile);
    const step = this.#stepNamed(result.state);
    const isSignIn = step === this.profile;
    addTrace(step, isSignIn ? "after sign-in" : "after consent", result);
    if (!isSignIn) await this.open(this.profile);
    await this.open(step, { result });
    if (!isSignIn) this.#view(step).focus();
  }

  async press(step) {
    if (!this.auth.account()) return this.signIn();
    this.turnTo("A token for one API");
    return this.open(step, { mayAsk: true });
  }

  /** Gets the step's token, calls its API and shows the answer. Nobody is asked unless a click began it. */
  async open(step, { mayAsk = false, result = null } = {}) {
    const view = this.#view(step);
    setBusy(view.button, true);
    view.notice(null);
    try {
      const token = result ?? await this.auth.tokenFor([step.scope], mayAsk ? step.name : undefined);
      if (!token) return setStatus("Leaving to ask you…");
      if (!result) addTrace(step, howSilent(token), token);
      const content = step.view(await read(step.url, token.accessToken));
      view.show(content);
      this.#declined.delete(step.name);
      this.#settle(view.button);
      setStatus(content.summary);
    } catch (error) {
      this.#fail(step, error);
    }
  }

  async signIn() {
    const view = this.#view(this.profile);
    setBusy(view.button, true);
    view.notice(null);
    setStatus("Leaving to sign you in…");
    await this.auth.signIn([this.profile.scope], this.profile.name).catch((error) => this.#fail(this.profile, error));
  }

  async signOut() {
    setBusy(this.#signOutButton, true);
    setStatus("Signing you out…");
    await this.auth.signOut().catch((error) => {
      setBusy(this.#signOutButton, false);
      this.#fail(this.profile, error, () => this.signOut());
    });
  }

  #fail(step, error, retry = () => this.press(step)) {
    if (isDeclined(error)) this.#declined.add(step.name);
    this.#settle(this.#view(step).button);
    const explanation = explain(error, isGranted(this.auth.granted(), step));
    this.#view(step).notice(noticeOf(explanation, retry));
    setStatus(explanation.title);
  }

  #settle(button) {
    setBusy(button, false);
    this.#render();
  }

  #render() {
    const granted = this.auth.granted();
    setAccount(this.auth.account());
    showPermissions(this.steps, granted, this.#declined);
    for (const [step, view] of this.views) view.mark(isGranted(granted, step));
  }

  #stepNamed(name) {
    return this.steps.find((step) => step.name === name) ?? this.profile;
  }

  #view(step) {
    return /** @type {ReturnType<typeof stepView>} */ (this.views.get(step));
  }
}
