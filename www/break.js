import { ApiError, read } from "./api.js";
import { groups } from "./breaks.js";
import { explain } from "./explain.js";
import { breakView } from "./view/break.js";
import { setStatus } from "./view/page.js";

/** What the page's own server lets the page do to the local tenant, and the call that meets it. */
export class Breaking {
  /**
   * @param {import("./story.js").Story} story
   * @param {string[]} actions  That the page's server offers.
   */
  constructor(story, actions) {
    this.story = story;
    this.auth = story.auth;
    const offered = groups.map(({ title, breaks }) => ({ title, breaks: breaks.filter(({ action }) => actions.includes(action)) }));
    this.view = breakView(offered.filter(({ breaks }) => breaks.length > 0), (one) => this.#break(one), (one) => this.#attempt(one, false));
  }

  /** @param {import("./breaks.js").Break} one */
  async #break(one) {
    try {
      await order(one.action, this.auth.account().username);
      this.view.showDone(one);
      setStatus(one.done);
    } catch (error) {
      this.view.showError(explain(error), () => this.#break(one));
    }
  }

  /** @param {import("./breaks.js").Break} one @param {boolean} mayAsk  Whether the page may leave for it. */
  async #attempt(one, mayAsk) {
    const { profile, steps } = this.story;
    const renewProfile = () => this.#renew(profile, mayAsk);
    const attempts = {
      call: () => this.#call(profile),
      renew: renewProfile,
      together: () => Promise.all([renewProfile(), renewProfile(), renewProfile()]).then(([outcome]) => outcome),
      orders: () => this.#renew(steps.find(({ name }) => name === "orders"), mayAsk),
      "sign-in": () => this.auth.signIn({ scopes: [profile.scope] }, profile.name),
    };
    try {
      const outcome = await attempts[one.attempt]();
      const text = outcome ?? "Leaving to ask you…";
      this.view.showOutcome(text);
      setStatus(text);
    } catch (error) {
      const { retryAfter } = error;
      setStatus(explain(error).title);
      this.view.showError(explain(error), () => this.#attempt(one, true), retryAfter && `The server wants to be left alone for ${retryAfter} s.`);
    }
    this.story.render();
  }

  async #call(step) {
    const answer = await read(this.auth, this.auth.call(step.url(""), { onChallenge: "redirect", state: step.name }));
    return answer && `${step.api.name} answered. The timeline has the way there.`;
  }

  async #renew({ name, api, scope }, mayAsk) {
    const token = await this.auth.tokenFor([scope], { forceRefresh: true, state: mayAsk ? name : undefined });
    return token && `There is a new token for ${api.name}. The timeline has the way there.`;
  }
}

async function order(action, user) {
  const body = JSON.stringify({ user });
  const response = await fetch(`/tenant/${action}`, { method: "POST", headers: { "content-type": "application/json" }, body }).catch(() => null);
  if (!response) throw new ApiError("no_answer", "No answer from the page’s server.");
  if (!response.ok) throw new ApiError(`http_${response.status}`, (await response.text()).trim());
}
